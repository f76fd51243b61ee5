//go:build wasm

package abi

import (
	"lockflight/internal/contract"
	"runtime"
	"unsafe"
)

// Lower makes values of the ABI in an arena. What it points to outside of the arena it keeps alive.
type Lower struct {
	Arena  *Arena
	pinner runtime.Pinner
}

// Done lets go of what was kept alive.
func (l *Lower) Done() { l.pinner.Unpin() }

// Put copies a value into the arena.
func Put[T any](l *Lower, value T) *T {
	at := (*T)(l.Arena.Alloc(unsafe.Sizeof(value)))
	*at = value
	return at
}

// PutList copies a list into the arena.
func PutList[T, U any](l *Lower, values []T, convert func(T) U) List {
	if len(values) == 0 {
		return List{}
	}
	var one U
	at := l.Arena.Alloc(unsafe.Sizeof(one) * uintptr(len(values)))
	into := unsafe.Slice((*U)(at), len(values))
	for i, value := range values {
		into[i] = convert(value)
	}
	return List{address(at), uint32(len(values))}
}

// Text copies a text into the arena.
func (l *Lower) Text(text string) List {
	if text == "" {
		return List{}
	}
	at := l.Arena.Alloc(uintptr(len(text)))
	copy(unsafe.Slice((*byte)(at), len(text)), text)
	return List{address(at), uint32(len(text))}
}

// MaybeText is Text for an optional one; empty is none.
func (l *Lower) MaybeText(text string) MaybeList {
	if text == "" {
		return MaybeList{}
	}
	return MaybeList{true, l.Text(text)}
}

// Bytes lends bytes, without a copy.
func (l *Lower) Bytes(bytes []byte) List {
	if len(bytes) == 0 {
		return List{}
	}
	l.pinner.Pin(&bytes[0])
	return List{address(unsafe.Pointer(&bytes[0])), uint32(len(bytes))}
}

func (l *Lower) maybeBytes(bytes []byte) MaybeList {
	if bytes == nil {
		return MaybeList{}
	}
	return MaybeList{true, l.Bytes(bytes)}
}

// Pairs lowers key-value pairs.
func (l *Lower) Pairs(pairs []contract.Pair) List {
	return PutList(l, pairs, func(pair contract.Pair) Pair { return Pair{l.Text(pair.Key), l.Text(pair.Value)} })
}

// Schema lowers a schema.
func (l *Lower) Schema(schema contract.Schema) Schema {
	fields := PutList(l, schema.Fields, func(f contract.Field) Field {
		return Field{l.Text(f.Name), l.Text(f.Format), f.Nullable, f.Children, l.Pairs(f.Metadata)}
	})
	return Schema{fields, l.Pairs(schema.Metadata)}
}

// Columns lowers columns; their buffers are lent.
func (l *Lower) Columns(columns []contract.Column) List {
	return PutList(l, columns, func(c contract.Column) Column {
		return Column{uint32(c.Length), l.maybeBytes(c.Validity), l.maybeBytes(c.Offsets), l.Bytes(c.Values)}
	})
}

func address(at unsafe.Pointer) uint32 { return uint32(uintptr(at)) }
