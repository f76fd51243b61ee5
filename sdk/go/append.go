package lockflight

import (
	"fmt"
	"math"
)

const (
	blockRows  = 65_536  // a block of the host's
	blockBytes = 8 << 20 // of texts; half of what the host takes at once
)

// builder gathers the values of one column.
type builder struct {
	float64s []float64
	float32s []float32
	int64s   []int64
	int32s   []int32
	bools    []bool
	texts    []string
	nulls    []bool
}

// Append adds a row: for each field nil (no value), or a float64, float32, int64, int, int32, bool or string, as its format wants. Rows
// are written in blocks.
func (w *TableWriter) Append(values ...any) error {
	if len(values) != len(w.schema.Fields) {
		return fmt.Errorf("there are %d values for %d fields", len(values), len(w.schema.Fields))
	}
	if w.waiting == nil {
		w.waiting = make([]builder, len(values))
	}
	for i, value := range values {
		if err := fits(w.schema.Fields[i], value); err != nil {
			return err
		}
	}
	for i, value := range values {
		w.waiting[i].add(w.schema.Fields[i].Format, value)
		if text, isText := value.(string); isText {
			w.bytes += len(text)
		}
	}
	w.rows++
	if w.rows == blockRows || w.bytes >= blockBytes {
		w.flush()
	}
	return nil
}

// fits says whether a value may stand in a field.
func fits(field Field, value any) error {
	ok := false
	switch value := value.(type) {
	case nil:
		if !field.Nullable {
			return fmt.Errorf("column %q is not nullable and got no value", field.Name)
		}
		return nil
	case float64:
		ok = field.Format == FormatFloat64
	case float32:
		ok = field.Format == FormatFloat32
	case bool:
		ok = field.Format == FormatBool
	case string:
		ok = field.Format == FormatText
	case int32:
		ok = suits(FormatInt32, field.Format)
	case int64:
		ok = suits(FormatInt64, field.Format)
	case int:
		ok = suits(FormatInt64, field.Format) || suits(FormatInt32, field.Format) && value >= math.MinInt32 && value <= math.MaxInt32
	}
	if !ok {
		return fmt.Errorf("column %q has the format %s and got %T %v", field.Name, field.Format, value, value)
	}
	return nil
}

// add appends a value that fits, or a zero under a null.
func (b *builder) add(format string, value any) {
	b.nulls = append(b.nulls, value == nil)
	switch {
	case format == FormatFloat64:
		v, _ := value.(float64)
		b.float64s = append(b.float64s, v)
	case format == FormatFloat32:
		v, _ := value.(float32)
		b.float32s = append(b.float32s, v)
	case format == FormatBool:
		v, _ := value.(bool)
		b.bools = append(b.bools, v)
	case format == FormatText:
		v, _ := value.(string)
		b.texts = append(b.texts, v)
	case suits(FormatInt32, format):
		v, _ := value.(int32)
		if whole, isInt := value.(int); isInt {
			v = int32(whole)
		}
		b.int32s = append(b.int32s, v)
	default:
		v, _ := value.(int64)
		if whole, isInt := value.(int); isInt {
			v = int64(whole)
		}
		b.int64s = append(b.int64s, v)
	}
}

func (b *builder) column(format string) NewColumn {
	switch {
	case format == FormatFloat64:
		return Float64s(b.float64s, b.nulls)
	case format == FormatFloat32:
		return Float32s(b.float32s, b.nulls)
	case format == FormatBool:
		return Bools(b.bools, b.nulls)
	case format == FormatText:
		return Texts(b.texts, b.nulls)
	case suits(FormatInt32, format):
		return Int32s(b.int32s, b.nulls)
	}
	return Int64s(b.int64s, b.nulls)
}

func (w *TableWriter) flush() {
	if w.rows == 0 {
		return
	}
	columns := make([]NewColumn, len(w.waiting))
	for i := range w.waiting {
		columns[i] = w.waiting[i].column(w.schema.Fields[i].Format)
	}
	w.waiting, w.rows, w.bytes = nil, 0, 0
	raw, err := check(w.schema, columns)
	if err != nil {
		// Append took each value only if it fits.
		panic(err)
	}
	w.host.Write(raw[0].Length, raw)
}
