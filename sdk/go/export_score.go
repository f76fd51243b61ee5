//go:build wasm && lockflight_score

package lockflight

import (
	"fmt"
	"unsafe"

	"lockflight/internal/abi"
	"lockflight/internal/contract"
)

var (
	state   []byte
	scorer  Scorer
	takes   Schema
	columns []contract.Column
	// answers is what the host reads after a call; the next call makes it anew.
	answers = abi.Lower{Arena: new(abi.Arena)}
)

type loadResult struct {
	IsError bool
	Error   abi.List
}

type scoreResult struct {
	IsError bool
	Payload abi.Batch
}

type scoreError struct {
	IsError bool
	Payload abi.List
}

// guarded turns a panic into an error: a scorer has no log.
func guarded(function func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return function()
}

func begin() {
	answers.Done()
	answers.Arena.Reset()
}

//go:wasmexport lockflight:model/scorer@0.1.0#load
func exportLoad(part, length uint32, rest uint64) unsafe.Pointer {
	begin()
	if state == nil {
		state = make([]byte, 0, uint64(length)+rest)
	}
	state = append(state, abi.Elements[byte](abi.List{At: part, Length: length})...)
	abi.Call.Reset()
	if rest > 0 {
		return unsafe.Pointer(abi.Put(&answers, loadResult{}))
	}
	err := guarded(func() (err error) {
		if registeredScore == nil {
			return fmt.Errorf("no scorer is registered in an init function of package main")
		}
		scorer, takes, err = registeredScore(state)
		return err
	})
	if err != nil {
		return unsafe.Pointer(abi.Put(&answers, loadResult{true, answers.Text(err.Error())}))
	}
	return unsafe.Pointer(abi.Put(&answers, loadResult{}))
}

//go:wasmexport lockflight:model/scorer@0.1.0#score
func exportScore(rows, at, count uint32) unsafe.Pointer {
	begin()
	columns = abi.Batch{Columns: abi.List{At: at, Length: count}}.Lift(columns)
	var made []contract.Column
	err := guarded(func() error {
		if scorer == nil {
			return fmt.Errorf("it was asked to score before its state was loaded")
		}
		if len(columns) != len(takes.Fields) {
			return fmt.Errorf("there are %d columns, and the step takes %d", len(columns), len(takes.Fields))
		}
		given, err := scorer.Score(&Batch{Rows: int(rows), fields: takes.Fields, columns: columns})
		for _, column := range given {
			if column.column.Length != int(rows) {
				return fmt.Errorf("a column of the answer has %d values for %d rows", column.column.Length, rows)
			}
			made = append(made, column.column)
		}
		return err
	})
	// The columns may be part of the answer, so their memory stays as it is until the next call.
	abi.Call.Reset()
	if err != nil {
		return unsafe.Pointer(abi.Put(&answers, scoreError{true, answers.Text(err.Error())}))
	}
	return unsafe.Pointer(abi.Put(&answers, scoreResult{false, abi.Batch{Rows: rows, Columns: answers.Columns(made)}}))
}
