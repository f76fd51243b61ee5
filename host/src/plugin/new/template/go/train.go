// Centres a column: learns its mean from the rows that have a value, and gives the column without it.
package main

import (
	"encoding/binary"
	"errors"
	"math"

	"lockflight"
)

// Config is what a manifest says.
type Config struct {
	Column string `json:"column" lockflight:"nonempty"`
}

func init() {
	lockflight.Train(check, fit)
	lockflight.Score(load)
}

func main() {}

// A centre is the step: what the trainer learns and the scorer applies.
type centre struct{ mean float64 }

func numbers(column string) lockflight.Schema {
	return lockflight.Schema{Fields: []lockflight.Field{{Name: column, Format: lockflight.FormatFloat64, Nullable: true}}}
}

func (c centre) save() []byte { return binary.LittleEndian.AppendUint64(nil, math.Float64bits(c.mean)) }

// load reads a state. The host hands over the column without its name, so the scorer has one of its own for it.
func load(state []byte) (lockflight.Scorer, lockflight.Schema, error) {
	if len(state) != 8 {
		return nil, lockflight.Schema{}, errors.New("the state is not the one that this plugin writes")
	}
	return centre{math.Float64frombits(binary.LittleEndian.Uint64(state))}, numbers("value"), nil
}

// Score answers the column without its mean.
func (c centre) Score(rows *lockflight.Batch) ([]lockflight.NewColumn, error) {
	column, err := rows.Float64("value")
	if err != nil {
		return nil, err
	}
	centred, nulls := make([]float64, rows.Rows), make([]bool, rows.Rows)
	for row := range centred {
		value, ok := column.At(row)
		centred[row], nulls[row] = value-c.mean, !ok
	}
	return []lockflight.NewColumn{lockflight.Float64s(centred, nulls)}, nil
}

// learned is the schema of the table that shows what was learned.
func learned() lockflight.Schema {
	return lockflight.Schema{Fields: []lockflight.Field{
		{Name: "column", Format: lockflight.FormatText, Nullable: true}, {Name: "mean", Format: lockflight.FormatFloat64, Nullable: true},
	}}
}

func check(job *lockflight.Job, config Config) ([]lockflight.Port, error) {
	table, err := job.TableInput("table")
	if err != nil {
		return nil, err
	}
	if table.Schema != nil {
		field := lockflight.FindField(*table.Schema, config.Column)
		if field == nil {
			problem := lockflight.ConfigProblem("/column", "the table has no column %q", config.Column)
			return nil, lockflight.Problems{problem.Suggest(config.Column, lockflight.Names(*table.Schema))}
		}
		if field.Format != lockflight.FormatFloat64 {
			return nil, lockflight.Problems{lockflight.ConfigProblem("/column", "column %q does not hold float64", config.Column)}
		}
	}
	takes, gives, means := numbers(config.Column), numbers(config.Column+"_centred"), learned()
	return []lockflight.Port{
		lockflight.TablePort("takes", &takes), lockflight.TablePort("gives", &gives), lockflight.TablePort("learned", &means),
	}, nil
}

func fit(job *lockflight.Job, config Config) (lockflight.Fitted, error) {
	var count, total float64
	for batch := range job.Table("table").Scan(config.Column) {
		column, err := batch.Float64(config.Column)
		if err != nil {
			return lockflight.Fitted{}, lockflight.DataErrorf("%v", err)
		}
		for row := range batch.Rows {
			if value, ok := column.At(row); ok {
				count, total = count+1, total+value
			}
		}
	}
	if count == 0 {
		return lockflight.Fitted{}, lockflight.DataErrorf("column %q has no value, and so no mean", config.Column)
	}
	step, state, means := centre{total / count}, job.NewBlob(), job.NewTable(learned())
	state.Write(step.save())
	if err := means.Append(config.Column, step.mean); err != nil {
		return lockflight.Fitted{}, err
	}
	return lockflight.Fitted{
		State:   state,
		Takes:   numbers(config.Column),
		Gives:   numbers(config.Column + "_centred"),
		Outputs: []lockflight.Output{lockflight.Table("learned", means)},
	}, nil
}
