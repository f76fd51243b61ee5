package lockflight

import (
	"fmt"
	"unsafe"

	"lockflight/internal/contract"
)

// A TableWriter is a table being written. Columns are given whole, by Write, or row by row, by Append.
type TableWriter struct {
	host    contract.TableWriter
	schema  Schema
	waiting []builder
	rows    int
	bytes   int // of the waiting texts
}

// Into makes the writer one of a table in memory; for lockflighttest.
func (w *TableWriter) Into(host contract.TableWriter, schema Schema) *TableWriter {
	*w = TableWriter{host: host, schema: schema}
	return w
}

// A NewColumn is a column to write. Make one with Float64s and its like.
type NewColumn struct {
	format string
	column contract.Column
}

func fixed[T number](format string, values []T, nulls []bool) NewColumn {
	column := contract.Column{Length: len(values), Validity: validity(nulls)}
	if len(values) > 0 {
		var one T
		column.Values = unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*int(unsafe.Sizeof(one)))
	}
	return NewColumn{format, column}
}

// validity makes Arrow's bitmap, nil if there is no null.
func validity(nulls []bool) []byte {
	var bits []byte
	for row, isNull := range nulls {
		if isNull && bits == nil {
			bits = make([]byte, (len(nulls)+7)/8)
			for i := range bits {
				bits[i] = 0xFF
			}
		}
		if isNull {
			bits[row>>3] &^= 1 << (row & 7)
		}
	}
	return bits
}

// Float64s is a column of 64 bit floats; nulls is nil, or says for each row whether it has no value.
func Float64s(values []float64, nulls []bool) NewColumn { return fixed(FormatFloat64, values, nulls) }

// Float32s is a column of 32 bit floats.
func Float32s(values []float32, nulls []bool) NewColumn { return fixed(FormatFloat32, values, nulls) }

// Int64s is a column of 64 bit integers, or of times, under the field's format.
func Int64s(values []int64, nulls []bool) NewColumn { return fixed(FormatInt64, values, nulls) }

// Int32s is a column of 32 bit integers, or of dates.
func Int32s(values []int32, nulls []bool) NewColumn { return fixed(FormatInt32, values, nulls) }

// Bools is a column of booleans.
func Bools(values []bool, nulls []bool) NewColumn {
	bits := make([]byte, (len(values)+7)/8)
	for row, value := range values {
		if value {
			bits[row>>3] |= 1 << (row & 7)
		}
	}
	return NewColumn{FormatBool, contract.Column{Length: len(values), Validity: validity(nulls), Values: bits}}
}

// Texts is a column of texts.
func Texts(values []string, nulls []bool) NewColumn {
	offsets := make([]int32, len(values)+1)
	var bytes []byte
	for row, value := range values {
		bytes = append(bytes, value...)
		offsets[row+1] = int32(len(bytes))
	}
	raw := fixed(FormatInt32, offsets, nil).column.Values
	return NewColumn{FormatText, contract.Column{Length: len(values), Validity: validity(nulls), Offsets: raw, Values: bytes}}
}

// suits says whether a column made as `made` may stand under a field's format.
func suits(made, format string) bool {
	switch made {
	case FormatInt64:
		return format == "l" || format != FormatDate && IsTime(format)
	case FormatInt32:
		return format == "i" || format == FormatDate
	}
	return format == made
}

// Write appends rows, one column per field of the schema. Columns of another length or type than the schema's are an error, and
// then nothing is written.
func (w *TableWriter) Write(columns ...NewColumn) error {
	w.flush()
	raw, err := check(w.schema, columns)
	if err == nil && len(raw) > 0 && raw[0].Length > 0 {
		w.host.Write(raw[0].Length, raw)
	}
	return err
}

func check(schema Schema, columns []NewColumn) ([]contract.Column, error) {
	if len(columns) != len(schema.Fields) {
		return nil, fmt.Errorf("there are %d columns for %d fields", len(columns), len(schema.Fields))
	}
	raw := make([]contract.Column, len(columns))
	for i, column := range columns {
		field := schema.Fields[i]
		if !suits(column.format, field.Format) {
			return nil, fmt.Errorf("column %q has the format %s and got values of %s", field.Name, field.Format, column.format)
		}
		if column.column.Length != columns[0].column.Length {
			return nil, fmt.Errorf("column %q has %d values, the first one %d", field.Name, column.column.Length, columns[0].column.Length)
		}
		raw[i] = column.column
	}
	return raw, nil
}

// finish writes what is left and answers the host's number of the table.
func (w *TableWriter) finish() int32 {
	w.flush()
	return w.host.Handle()
}
