package main

import (
	"testing"

	"lockflight"
	"lockflight/lockflighttest"
)

// fitted is the step of some values, the second of which is null, after its state went through bytes.
func fitted(t *testing.T, values []float64, nulls []bool) (lockflight.Scorer, error) {
	t.Helper()
	host := lockflighttest.New(t).Config(`{"column": "mass"}`).Table("table", numbers("mass"), lockflight.Float64s(values, nulls))
	made, err := lockflighttest.Run(host, fit)
	if err != nil {
		return nil, err
	}
	step, _, err := load(host.Bytes(made.State))
	return step, err
}

func TestTheMeanIsThatOfTheValues(t *testing.T) {
	step, err := fitted(t, []float64{1, 9, 4}, []bool{false, true, false})
	if err != nil {
		t.Fatal(err)
	}
	if step != (centre{2.5}) {
		t.Error(step)
	}
}

func TestOfNoValueThereIsNoMean(t *testing.T) {
	if _, err := fitted(t, []float64{9}, []bool{true}); err == nil {
		t.Error("it has a mean")
	}
}

func TestAStateThatIsCutOffIsRefused(t *testing.T) {
	if _, _, err := load([]byte{1, 2}); err == nil {
		t.Error("it is taken")
	}
}
