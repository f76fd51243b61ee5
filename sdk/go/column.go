package lockflight

import (
	"fmt"
	"math"
	"unsafe"

	"lockflight/internal/contract"
)

// Nulls tells which rows of a column have no value. Its zero value has none.
type Nulls struct{ bits []byte }

// Any says whether there may be a null.
func (n Nulls) Any() bool { return n.bits != nil }

// At says whether a row has no value.
func (n Nulls) At(row int) bool { return n.bits != nil && n.bits[row>>3]>>(row&7)&1 == 0 }

// A Column is a column of numbers. Its values are the memory that the host wrote, and live as long as the batch.
type Column[T any] struct {
	values []T
	nulls  Nulls
}

// Len is the number of rows.
func (c Column[T]) Len() int { return len(c.values) }

// At is a row's value; false for a null.
func (c Column[T]) At(row int) (T, bool) {
	if c.nulls.At(row) {
		var zero T
		return zero, false
	}
	return c.values[row], true
}

// Dense is the values as a slice, if there is no null.
func (c Column[T]) Dense() ([]T, bool) { return c.values, !c.nulls.Any() }

// Nullable is the values with their nulls: what stands in the slice under a null is arbitrary.
func (c Column[T]) Nullable() ([]T, Nulls) { return c.values, c.nulls }

// number is what a column of fixed width holds.
type number interface {
	~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64 | ~float32 | ~float64
}

func numbers[T number](from *contract.Column) (Column[T], error) {
	var one T
	size := int(unsafe.Sizeof(one))
	if len(from.Values) < from.Length*size || from.Validity != nil && len(from.Validity) < (from.Length+7)/8 {
		return Column[T]{}, fmt.Errorf("a column of %d values has buffers that are too short", from.Length)
	}
	made := Column[T]{nulls: Nulls{from.Validity}}
	if from.Length > 0 {
		first := unsafe.Pointer(unsafe.SliceData(from.Values))
		if uintptr(first)%unsafe.Alignof(one) == 0 {
			made.values = unsafe.Slice((*T)(first), from.Length)
		} else {
			made.values = make([]T, from.Length)
			copy(unsafe.Slice((*byte)(unsafe.Pointer(&made.values[0])), from.Length*size), from.Values)
		}
	}
	return made, nil
}

func read[T number](b *Batch, name string, formats ...string) (Column[T], error) {
	column, _, err := b.column(name, formats...)
	if err != nil {
		return Column[T]{}, err
	}
	return numbers[T](column)
}

// Float64 is a column of 64 bit floats (format g).
func (b *Batch) Float64(name string) (Column[float64], error) { return read[float64](b, name, "g") }

// Float32 is a column of 32 bit floats (f).
func (b *Batch) Float32(name string) (Column[float32], error) { return read[float32](b, name, "f") }

// Int64 is a column of 64 bit integers (l), or of times in the unit of their format (tss: tsm: tsu: tsn:).
func (b *Batch) Int64(name string) (Column[int64], error) {
	return read[int64](b, name, "l", "tss:", "tsm:", "tsu:", "tsn:")
}

// Int32 is a column of 32 bit integers (i), or of dates (tdD), in days since 1970-01-01.
func (b *Batch) Int32(name string) (Column[int32], error) { return read[int32](b, name, "i", "tdD") }

// Numbers is a column of any format of numbers, or of booleans, as floats, with NaN where there is no value. Integers beyond 2^53
// are rounded. The slice is a new one.
func (b *Batch) Numbers(name string) ([]float64, error) {
	column, field, err := b.column(name, "c", "C", "s", "S", "i", "I", "l", "L", "f", "g", "b")
	if err != nil {
		return nil, err
	}
	switch field.Format {
	case "c":
		return floats(numbers[int8](column))
	case "C":
		return floats(numbers[uint8](column))
	case "s":
		return floats(numbers[int16](column))
	case "S":
		return floats(numbers[uint16](column))
	case "i":
		return floats(numbers[int32](column))
	case "I":
		return floats(numbers[uint32](column))
	case "l":
		return floats(numbers[int64](column))
	case "L":
		return floats(numbers[uint64](column))
	case "f":
		return floats(numbers[float32](column))
	case "g":
		return floats(numbers[float64](column))
	}
	bools, err := b.Bool(name)
	if err != nil {
		return nil, err
	}
	made := make([]float64, b.Rows)
	for row := range made {
		if value, ok := bools.At(row); !ok {
			made[row] = math.NaN()
		} else if value {
			made[row] = 1
		}
	}
	return made, nil
}

func floats[T number](column Column[T], err error) ([]float64, error) {
	if err != nil {
		return nil, err
	}
	made := make([]float64, len(column.values))
	for row, value := range column.values {
		made[row] = float64(value)
		if column.nulls.At(row) {
			made[row] = math.NaN()
		}
	}
	return made, nil
}

// IsTime says whether a column of this format can be read by Times.
func IsTime(format string) bool {
	if format == FormatDate {
		return true
	}
	if len(format) < 4 {
		return false
	}
	_, known := perUnit[format[:4]]
	return known
}

// perUnit is how many ns a unit of time has.
var perUnit = map[string]int64{"tss:": 1e9, "tsm:": 1e6, "tsu:": 1e3, "tsn:": 1}

// Times is a column of dates or times in ns since 1970-01-01T00:00:00. A time that does not fit (before 1677 or after 2262) is an
// error. The slice is a new one.
func (b *Batch) Times(name string) (Column[int64], error) {
	column, field, err := b.column(name, "tdD", "tss:", "tsm:", "tsu:", "tsn:")
	if err != nil {
		return Column[int64]{}, err
	}
	if field.Format == FormatDate {
		days, err := numbers[int32](column)
		if err != nil {
			return Column[int64]{}, err
		}
		return scaled(name, days, 86_400_000_000_000)
	}
	times, err := numbers[int64](column)
	if err != nil {
		return Column[int64]{}, err
	}
	return scaled(name, times, perUnit[field.Format[:4]])
}

func scaled[T int32 | int64](name string, from Column[T], factor int64) (Column[int64], error) {
	made := Column[int64]{values: make([]int64, len(from.values)), nulls: from.nulls}
	for row, value := range from.values {
		if from.nulls.At(row) {
			continue
		}
		if whole := int64(value); whole > math.MaxInt64/factor || whole < math.MinInt64/factor {
			return Column[int64]{}, DataErrorf("column %q: row %d of a batch is outside of the years 1677 to 2262", name, row)
		}
		made.values[row] = int64(value) * factor
	}
	return made, nil
}

// A BoolColumn is a column of booleans.
type BoolColumn struct {
	bits   []byte
	length int
	nulls  Nulls
}

// Len is the number of rows.
func (c BoolColumn) Len() int { return c.length }

// At is a row's value; ok is false for a null.
func (c BoolColumn) At(row int) (value, ok bool) {
	return c.bits[row>>3]>>(row&7)&1 == 1, !c.nulls.At(row)
}

// Bool is a column of booleans (b).
func (b *Batch) Bool(name string) (BoolColumn, error) {
	column, _, err := b.column(name, FormatBool)
	if err != nil {
		return BoolColumn{}, err
	}
	if len(column.Values) < (column.Length+7)/8 {
		return BoolColumn{}, fmt.Errorf("the column %q has a buffer that is too short", name)
	}
	return BoolColumn{column.Values, column.Length, Nulls{column.Validity}}, nil
}

// A TextColumn is a column of texts or bytes.
type TextColumn struct {
	offsets []int32
	bytes   []byte
	nulls   Nulls
}

// Len is the number of rows.
func (c TextColumn) Len() int { return len(c.offsets) - 1 }

// At is a row's text, copied; false for a null.
func (c TextColumn) At(row int) (string, bool) {
	bytes, ok := c.Bytes(row)
	return string(bytes), ok
}

// Bytes is a row's text or bytes, which live as long as the batch; false for a null.
func (c TextColumn) Bytes(row int) ([]byte, bool) {
	if c.nulls.At(row) {
		return nil, false
	}
	return c.bytes[c.offsets[row]:c.offsets[row+1]], true
}

// Text is a column of texts (u) or bytes (z).
func (b *Batch) Text(name string) (TextColumn, error) {
	column, _, err := b.column(name, FormatText, FormatBytes)
	if err != nil {
		return TextColumn{}, err
	}
	offsets, err := numbers[int32](&contract.Column{Length: column.Length + 1, Values: column.Offsets})
	if err != nil {
		return TextColumn{}, err
	}
	return TextColumn{offsets.values, column.Values, Nulls{column.Validity}}, nil
}
