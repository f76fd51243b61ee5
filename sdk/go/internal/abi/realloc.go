//go:build wasm

package abi

import "unsafe"

// Call is the memory of what the host hands over during a call, but for batches.
var Call Arena

// into is where the host's allocations go.
var into = &Call

// Into makes the host allocate in an arena while a function runs.
func Into(arena *Arena, function func()) {
	before := into
	into = arena
	function()
	into = before
}

// The host allocates here what it hands over. It never makes anything longer later.
//
//go:wasmexport cabi_realloc
func cabiRealloc(old, oldSize, align, size uint32) uint32 {
	if size == 0 {
		return align
	}
	at := into.Alloc(uintptr(size))
	if oldSize > 0 {
		copy(unsafe.Slice((*byte)(at), size), Elements[byte](List{old, min(oldSize, size)}))
	}
	return address(at)
}
