package lockflight

import (
	"fmt"
	"iter"

	"lockflight/internal/contract"
)

// A TableReader is a table that can be read as often as wanted.
type TableReader struct {
	host   contract.Table
	schema Schema
}

// Schema is the table's.
func (t *TableReader) Schema() Schema { return t.schema }

// Rows is how many rows the table has.
func (t *TableReader) Rows() uint64 { return t.host.Rows() }

// Close closes the table.
func (t *TableReader) Close() error {
	t.host.Close()
	return nil
}

// Scan reads the named top-level columns, all if none is named, from the first row to the last:
//
//	for batch := range table.Scan("mass") {
//		mass, err := batch.Float64("mass")
//		…
//	}
//
// A batch and all that is got from it live until the loop goes on. A column that the table does not have ends the stage.
func (t *TableReader) Scan(columns ...string) iter.Seq[*Batch] { return t.ScanRows(0, columns...) }

// ScanRows is Scan with at most so many rows at a time; 0 leaves it to the host (at most 65,536 rows and 16 MiB).
func (t *TableReader) ScanRows(maxRows uint32, columns ...string) iter.Seq[*Batch] {
	return func(yield func(*Batch) bool) {
		batches := t.host.Scan(columns, maxRows)
		defer batches.Close()
		fields := t.schema.Fields
		if columns != nil {
			fields = nil
			for _, name := range columns {
				from, behind := find(t.schema.Fields, name)
				fields = append(fields, t.schema.Fields[from:behind]...)
			}
		}
		batch := Batch{fields: fields}
		for {
			rows, columns, more := batches.Next()
			if !more {
				return
			}
			batch.Rows, batch.columns = rows, columns
			if !yield(&batch) {
				return
			}
		}
	}
}

// find is where a top-level field and its children are; nothing if there is none.
func find(fields []Field, name string) (from, behind int) {
	for from < len(fields) {
		behind = end(fields, from)
		if fields[from].Name == name {
			return from, behind
		}
		from = behind
	}
	return 0, 0
}

func end(fields []Field, at int) int {
	behind := at + 1
	for range fields[at].Children {
		behind = end(fields, behind)
	}
	return behind
}

// FindField is a top-level field of a schema; nil if there is none of this name.
func FindField(schema Schema, name string) *Field {
	from, behind := find(schema.Fields, name)
	if from == behind {
		return nil
	}
	return &schema.Fields[from]
}

// Names are the names of a schema's top-level fields.
func Names(schema Schema) (names []string) {
	for at := 0; at < len(schema.Fields); at = end(schema.Fields, at) {
		names = append(names, schema.Fields[at].Name)
	}
	return names
}

// A Batch is some rows of a table.
type Batch struct {
	// Rows is how many.
	Rows    int
	fields  []Field
	columns []contract.Column
}

// Fields are the fields of the batch's columns, in pre-order.
func (b *Batch) Fields() []Field { return b.fields }

// column finds a column and holds its format against those that a reader takes.
func (b *Batch) column(name string, formats ...string) (*contract.Column, *Field, error) {
	from, behind := find(b.fields, name)
	if from == behind {
		return nil, nil, fmt.Errorf("the batch has no column %q", name)
	}
	field := &b.fields[from]
	for _, format := range formats {
		// A time's format ends in its zone.
		if field.Format == format || (len(format) == 4 && len(field.Format) > 4 && field.Format[:4] == format) {
			return &b.columns[from], field, nil
		}
	}
	return nil, nil, fmt.Errorf("the column %q has the format %s, not %v", name, field.Format, formats)
}
