package main

import (
	"reflect"
	"testing"

	"lockflight"
	"lockflight/lockflighttest"
)

// decided is what becomes of the versions when the figure of version 2 has a value that rests on so many observations.
func decided(t *testing.T, value, count float64, versions ...string) lockflight.Action {
	t.Helper()
	field := func(name, format string) lockflight.Field {
		return lockflight.Field{Name: name, Format: format, Nullable: true}
	}
	arms := lockflight.Schema{Fields: []lockflight.Field{field("version", "u")}}
	figures := lockflight.Schema{Fields: []lockflight.Field{
		field("version", "u"), field("metric", "u"), field("slice", "u"), field("value", "g"), field("count", "g"),
	}}
	text := func(text string) lockflight.NewColumn { return lockflight.Texts([]string{text}, nil) }
	number := func(number float64) lockflight.NewColumn { return lockflight.Float64s([]float64{number}, nil) }
	host := lockflighttest.New(t).Config(`{"metric": "latency", "maximum": 0.05}`)
	host.Table("arms", arms, lockflight.Texts(versions, nil))
	host.Table("figures", figures, text("2"), text("latency"), lockflight.Texts([]string{""}, []bool{true}), number(value), number(count))
	decision, err := lockflighttest.Run(host, run)
	if err != nil {
		t.Fatal(err)
	}
	return decision.Action
}

func TestTheFigureDecides(t *testing.T) {
	half := lockflight.Shift(lockflight.Arm{Version: "1", Weight: 0.5}, lockflight.Arm{Version: "2", Weight: 0.5})
	for _, test := range []struct {
		value, count float64
		wanted       lockflight.Action
	}{{0.04, 100, lockflight.Promote("2")}, {0.04, 99, half}, {0.2, 1, lockflight.RollBack("2")}} {
		if found := decided(t, test.value, test.count, "1", "2"); !reflect.DeepEqual(found, test.wanted) {
			t.Error(test, found)
		}
	}
}

func TestTheFirstVersionGetsEverything(t *testing.T) {
	if found := decided(t, 0.2, 1, "1"); !reflect.DeepEqual(found, lockflight.Promote("1")) {
		t.Error(found)
	}
}
