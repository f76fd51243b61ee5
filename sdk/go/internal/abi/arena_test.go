package abi

import (
	"testing"
	"unsafe"
)

func TestArenaGivesDisjointAlignedMemoryAndReusesIt(t *testing.T) {
	var arena Arena
	take := func() (seen []uintptr) {
		for _, size := range []uintptr{1, 9, chunk - 8, 3 * chunk, 8, 0} {
			at := arena.Alloc(size)
			if uintptr(at)%8 != 0 {
				t.Fatalf("%v is not aligned", at)
			}
			bytes := unsafe.Slice((*byte)(at), size)
			for i := range bytes {
				bytes[i] = 1
			}
			seen = append(seen, uintptr(at))
		}
		return seen
	}
	first := take()
	if first[1]-first[0] != 8 {
		t.Fatal("small pieces do not follow each other")
	}
	arena.Reset()
	for i, at := range take() {
		if at != first[i] {
			t.Fatal("memory was not reused")
		}
	}
}
