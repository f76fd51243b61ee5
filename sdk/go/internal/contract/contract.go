// Package contract holds what the SDK and its two hosts, the real one and the double, have in common.
package contract

// Pair is a key and a value.
type Pair struct{ Key, Value string }

// Field is one node of a schema tree.
type Field struct {
	Name     string
	Format   string
	Nullable bool
	Children uint32
	Metadata []Pair
}

// Schema is the columns of a table, in pre-order.
type Schema struct {
	Fields   []Field
	Metadata []Pair
}

// Column is the buffers of one field. Validity is nil where there is no null, Offsets where the format has none.
type Column struct {
	Length   int
	Validity []byte
	Offsets  []byte
	Values   []byte
}

// Input is an input.
type Input struct {
	Name      string
	IsBlob    bool
	Schema    *Schema // nil if unknown
	Available bool
}

// Table is a table to read.
type Table interface {
	Schema() Schema
	Rows() uint64
	Scan(columns []string, maxRows uint32) Batches
	Close()
}

// Batches is a running scan. What Next answers lives until its next call; false means the end.
type Batches interface {
	Next() (rows int, columns []Column, more bool)
	Close()
}

// Blob is bytes to read.
type Blob interface {
	Size() uint64
	Read(offset uint64, length uint32) []byte
	Close()
}

// TableWriter is a table being written.
type TableWriter interface {
	Write(rows int, columns []Column)
	Handle() int32
}

// BlobWriter is a blob being written.
type BlobWriter interface {
	Write(bytes []byte)
	Handle() int32
}

// Host is what a stage can reach.
type Host interface {
	Config() string
	Seed() uint64
	Time() int64
	State() Blob // nil if there is none
	Partition() (string, bool)
	Inputs() []Input
	OpenTable(name string) Table
	OpenBlob(name string) Blob
	Log(level uint8, message string)
	Progress(done, total uint64)
	Metric(name string, value float64, step *uint64, labels []Pair)
	NewTable(schema Schema) TableWriter
	NewBlob() BlobWriter
}

// Current is the host of this call; nil in world score, which has none.
var Current Host
