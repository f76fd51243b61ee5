package main

import (
	"testing"

	"lockflight"
	"lockflight/lockflighttest"
)

// verdict is that of a window with so many rows, some of which have no value.
func verdict(t *testing.T, nulls ...bool) lockflight.Verdict {
	t.Helper()
	schema := lockflight.Schema{Fields: []lockflight.Field{{Name: "mass", Format: "g", Nullable: true}}}
	mass := lockflight.Float64s(make([]float64, len(nulls)), nulls)
	host := lockflighttest.New(t).Config(`{"column": "mass", "limit": 0.25}`).Table("window", schema, mass)
	seen, err := lockflighttest.Run(host, run)
	if err != nil {
		t.Fatal(err)
	}
	return seen.Verdict
}

func TestAShareAboveTheLimitFails(t *testing.T) {
	if found := verdict(t, false, true, true, false); found != lockflight.Fail {
		t.Error(found)
	}
	if found := verdict(t, false, true, false, false); found != lockflight.Pass {
		t.Error(found)
	}
}

func TestOfNoRowsNothingIsKnown(t *testing.T) {
	if found := verdict(t); found != lockflight.Inconclusive {
		t.Error(found)
	}
}
