package abi

import "unsafe"

// chunk is how many bytes an arena takes at a time.
const chunk = 1 << 20

// An Arena is memory that is given out piece by piece and taken back at once. It keeps what it took from the runtime, so that the
// buffers of one batch serve for the next, and the collector has nothing to do.
type Arena struct {
	chunks [][]uint64
	at     int     // the chunk in use
	used   uintptr // bytes of it
}

// Alloc gives memory of a size, aligned for every type of the ABI. It is not zeroed.
func (a *Arena) Alloc(size uintptr) unsafe.Pointer {
	size = (size + 7) &^ 7
	for ; a.at < len(a.chunks); a.at, a.used = a.at+1, 0 {
		if here := a.chunks[a.at]; uintptr(len(here))*8-a.used >= size && len(here) > 0 {
			at := unsafe.Add(unsafe.Pointer(&here[0]), a.used)
			a.used += size
			return at
		}
	}
	made := make([]uint64, max(size, chunk)/8)
	a.chunks = append(a.chunks, made)
	a.used = size
	return unsafe.Pointer(&made[0])
}

// Reset takes everything back.
func (a *Arena) Reset() { a.at, a.used = 0, 0 }
