// A step of a model: the straight line through the points x, y by least squares, as tests/plugins/line-c.
package main

import (
	"encoding/binary"
	"fmt"
	"math"

	"lockflight"
)

func init() {
	lockflight.Train(check, fit)
	lockflight.Score(load)
}

func main() {}

var (
	takes = lockflight.Schema{Fields: []lockflight.Field{{Name: "x", Format: lockflight.FormatFloat64, Nullable: true}}}
	gives = lockflight.Schema{Fields: []lockflight.Field{{Name: "line", Format: lockflight.FormatFloat64, Nullable: true}}}
)

// Config has nothing to set.
type Config struct{}

func check(job *lockflight.Job, _ Config) ([]lockflight.Port, error) {
	_, err := job.TableInput("table")
	return []lockflight.Port{lockflight.TablePort("takes", &takes), lockflight.TablePort("gives", &gives)}, err
}

func fit(job *lockflight.Job, _ Config) (lockflight.Fitted, error) {
	var count, x, y, xx, xy float64
	for batch := range job.Table("table").Scan("x", "y") {
		xs, err := batch.Float64("x")
		if err != nil {
			return lockflight.Fitted{}, err
		}
		ys, err := batch.Float64("y")
		if err != nil {
			return lockflight.Fitted{}, err
		}
		for row := range batch.Rows {
			px, knownX := xs.At(row)
			py, knownY := ys.At(row)
			if knownX && knownY {
				count, x, y, xx, xy = count+1, x+px, y+py, xx+px*px, xy+px*py
			}
		}
	}
	spread := count*xx - x*x
	if !(spread > 0) {
		return lockflight.Fitted{}, lockflight.DataErrorf("%g points are on no one line", count)
	}
	slope := (count*xy - x*y) / spread
	job.Metric("slope", slope)
	state := job.NewBlob()
	for _, number := range []float64{(y - slope*x) / count, slope} {
		state.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(number)))
	}
	return lockflight.Fitted{State: state, Takes: takes, Gives: gives}, nil
}

type line struct{ intercept, slope float64 }

func load(state []byte) (lockflight.Scorer, lockflight.Schema, error) {
	if len(state) != 16 {
		return nil, takes, fmt.Errorf("the state has %d bytes, not 16", len(state))
	}
	number := func(at int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(state[at:])) }
	return line{number(0), number(8)}, takes, nil
}

// Score answers a point on the line for each x.
func (l line) Score(rows *lockflight.Batch) ([]lockflight.NewColumn, error) {
	x, err := rows.Float64("x")
	if err != nil {
		return nil, err
	}
	y, nulls := make([]float64, rows.Rows), make([]bool, rows.Rows)
	for row := range y {
		at, known := x.At(row)
		y[row], nulls[row] = l.intercept+l.slope*at, !known
	}
	return []lockflight.NewColumn{lockflight.Float64s(y, nulls)}, nil
}
