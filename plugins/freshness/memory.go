package main

import (
	"fmt"
	"strconv"
	"strings"

	"lockflight"
)

// memory is what one window leaves for the next: a text of one line each, `newest NS` and `rows N N …`.
type memory struct {
	// Newest is the newest time of all windows before; nil if none had one.
	Newest *int64
	// Rows are the numbers of rows of the last windows, the oldest first.
	Rows []uint64
}

// recall reads the state; empty for the first window.
func recall(job *lockflight.Job) (made memory, err error) {
	state := job.State()
	if state == nil {
		return made, nil
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(state.All()), "\n"), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && words[0] == "newest":
			newest, err := strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				return made, lockflight.DataErrorf("the state is damaged: %v", err)
			}
			made.Newest = &newest
		case len(words) > 0 && words[0] == "rows":
			for _, word := range words[1:] {
				rows, err := strconv.ParseUint(word, 10, 64)
				if err != nil {
					return made, lockflight.DataErrorf("the state is damaged: %v", err)
				}
				made.Rows = append(made.Rows, rows)
			}
		default:
			return made, lockflight.DataErrorf("the state is damaged: it has a line %q", line)
		}
	}
	return made, nil
}

// next is the memory after a window, with at most so many numbers of rows.
func (m memory) next(now measured, remember int) memory {
	made := memory{Newest: m.Newest}
	if now.times.rows > 0 && (m.Newest == nil || now.times.newest > *m.Newest) {
		made.Newest = &now.times.newest
	}
	if remember > 0 {
		made.Rows = append(append(made.Rows, m.Rows...), now.rows)
		made.Rows = made.Rows[max(0, len(made.Rows)-remember):]
	}
	return made
}

// baseline is the mean of the windows before; nil if none is remembered.
func (m memory) baseline(remember int) *expected {
	rows := m.Rows[max(0, len(m.Rows)-remember):]
	if len(rows) == 0 {
		return nil
	}
	sum := 0.0
	for _, count := range rows {
		sum += float64(count)
	}
	of := fmt.Sprintf("the mean of the last %d windows", len(rows))
	if len(rows) == 1 {
		of = "the window before"
	}
	return &expected{rows: sum / float64(len(rows)), of: of}
}

func (m memory) write(job *lockflight.Job) *lockflight.BlobWriter {
	var text strings.Builder
	if m.Newest != nil {
		fmt.Fprintf(&text, "newest %d\n", *m.Newest)
	}
	text.WriteString("rows")
	for _, rows := range m.Rows {
		fmt.Fprintf(&text, " %d", rows)
	}
	blob := job.NewBlob()
	blob.WriteString(text.String() + "\n")
	return blob
}
