package lockflighttest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"lockflight"
	"lockflight/internal/contract"
)

// A Table is a table in memory, in the batches it was written in.
type Table struct {
	// Schema is the table's.
	Schema  lockflight.Schema
	handle  int32
	batches [][]contract.Column
}

// Handle is the host's number of the table.
func (t *Table) Handle() int32 { return t.handle }

// Write appends rows, copied.
func (t *Table) Write(_ int, columns []contract.Column) {
	copied := make([]contract.Column, len(columns))
	for i, column := range columns {
		copied[i] = contract.Column{Length: column.Length, Validity: bytes.Clone(column.Validity),
			Offsets: bytes.Clone(column.Offsets), Values: bytes.Clone(column.Values)}
	}
	t.batches = append(t.batches, copied)
}

// Rows is how many rows there are.
func (t *Table) Rows() (rows int) {
	for _, batch := range t.batches {
		rows += batch[0].Length
	}
	return rows
}

// Batches is how many writes the table was made by.
func (t *Table) Batches() int { return len(t.batches) }

// Row is a row's values as texts: 1.5, true, null, or the text itself.
func (t *Table) Row(row int) (cells []string) {
	for _, batch := range t.batches {
		if row < batch[0].Length {
			for i, column := range batch {
				cells = append(cells, cell(column, t.Schema.Fields[i].Format, row))
			}
			return cells
		}
		row -= batch[0].Length
	}
	panic(fmt.Sprintf("the table has no row %d more than it has", row))
}

func cell(column contract.Column, format string, row int) string {
	if column.Validity != nil && !bit(column.Validity, row) {
		return "null"
	}
	if column.Offsets != nil {
		return string(column.Values[offset(column, row):offset(column, row+1)])
	}
	switch format {
	case "b":
		return fmt.Sprint(bit(column.Values, row))
	case "g":
		return fmt.Sprint(math.Float64frombits(binary.LittleEndian.Uint64(column.Values[row*8:])))
	case "f":
		return fmt.Sprint(math.Float32frombits(binary.LittleEndian.Uint32(column.Values[row*4:])))
	}
	if width(format) == 4 {
		return fmt.Sprint(int32(binary.LittleEndian.Uint32(column.Values[row*4:])))
	}
	return fmt.Sprint(int64(binary.LittleEndian.Uint64(column.Values[row*8:])))
}

func offset(column contract.Column, row int) uint32 {
	return binary.LittleEndian.Uint32(column.Offsets[row*4:])
}

func bit(bits []byte, at int) bool { return bits[at>>3]>>(at&7)&1 == 1 }

// width is how many bytes a value has, in the formats that the SDK writes.
func width(format string) int {
	switch format {
	case "i", "f", "tdD":
		return 4
	}
	return 8
}

type batches struct {
	table       *Table
	columns     []int
	most        int
	block, next int
}

func (b *batches) Close() {}

func (b *batches) Next() (int, []contract.Column, bool) {
	for b.block < len(b.table.batches) {
		whole := b.table.batches[b.block]
		rows := min(whole[0].Length-b.next, b.most)
		if rows > 0 {
			var columns []contract.Column
			for _, at := range b.columns {
				columns = append(columns, part(whole[at], b.table.Schema.Fields[at].Format, b.next, rows))
			}
			b.next += rows
			return rows, columns, true
		}
		b.block, b.next = b.block+1, 0
	}
	return 0, nil, false
}

func part(from contract.Column, format string, first, rows int) contract.Column {
	made := contract.Column{Length: rows}
	if from.Validity != nil {
		made.Validity = bits(from.Validity, first, rows)
	}
	switch {
	case from.Offsets != nil:
		start := offset(from, first)
		for row := range rows + 1 {
			made.Offsets = binary.LittleEndian.AppendUint32(made.Offsets, offset(from, first+row)-start)
		}
		made.Values = from.Values[start:offset(from, first+rows)]
	case format == "b":
		made.Values = bits(from.Values, first, rows)
	default:
		made.Values = from.Values[first*width(format) : (first+rows)*width(format)]
	}
	return made
}

// bits are some bits at the start of bytes of their own.
func bits(from []byte, first, count int) []byte {
	made := make([]byte, (count+7)/8)
	for i := range count {
		if bit(from, first+i) {
			made[i>>3] |= 1 << (i & 7)
		}
	}
	return made
}
