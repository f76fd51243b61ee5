//go:build wasm

package abi

import (
	"lockflight/internal/contract"
	"unsafe"
)

// Elements is the list's memory itself.
func Elements[T any](list List) []T {
	if list.Length == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(uintptr(list.At))), list.Length)
}

// Text copies a text out of linear memory.
func (list List) Text() string { return string(Elements[byte](list)) }

func pairs(list List) (made []contract.Pair) {
	for _, pair := range Elements[Pair](list) {
		made = append(made, contract.Pair{Key: pair.Key.Text(), Value: pair.Value.Text()})
	}
	return made
}

// Lift copies a schema out of linear memory.
func (schema Schema) Lift() (made contract.Schema) {
	for _, f := range Elements[Field](schema.Fields) {
		made.Fields = append(made.Fields, contract.Field{Name: f.Name.Text(), Format: f.Format.Text(), Nullable: f.Nullable,
			Children: f.Children, Metadata: pairs(f.Metadata)})
	}
	made.Metadata = pairs(schema.Metadata)
	return made
}

func (bytes MaybeList) lift() []byte {
	if !bytes.Is {
		return nil
	}
	if bytes.Value.Length == 0 {
		return []byte{}
	}
	return Elements[byte](bytes.Value)
}

// Lift answers a batch's columns, whose buffers are the memory itself.
func (batch Batch) Lift(into []contract.Column) []contract.Column {
	into = into[:0]
	for _, c := range Elements[Column](batch.Columns) {
		into = append(into, contract.Column{Length: int(c.Length), Validity: c.Validity.lift(), Offsets: c.Offsets.lift(),
			Values: Elements[byte](c.Values)})
	}
	return into
}
