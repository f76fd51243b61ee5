package main

import (
	"testing"

	"lockflight"
	"lockflight/lockflighttest"
)

// failed is how many of three values fail, the second of which is null.
func failed(t *testing.T, values ...float64) uint64 {
	t.Helper()
	schema := lockflight.Schema{Fields: []lockflight.Field{{Name: "mass", Format: "g", Nullable: true}}}
	mass := lockflight.Float64s(values, []bool{false, true, false})
	host := lockflighttest.New(t).Config(`{"column": "mass"}`).Table("table", schema, mass)
	report, err := lockflighttest.Run(host, run)
	if err != nil {
		t.Fatal(err)
	}
	return report.Findings[0].Failed
}

func TestNegativeValuesFailAndNullsDoNot(t *testing.T) {
	if n := failed(t, 1, -9, -1); n != 1 {
		t.Error(n)
	}
	if n := failed(t, 1, -9, 0); n != 0 {
		t.Error(n)
	}
}
