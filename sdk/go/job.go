package lockflight

import (
	"fmt"
	"io"

	"lockflight/internal/contract"
)

// A Schema is the columns of a table. Columns of the format +w:N have one child; all fields are in pre-order.
type Schema = contract.Schema

// A Field is one node of a schema; Format is that of Arrow's C data interface, e.g. g for 64 bit floats (see Format constants).
type Field = contract.Field

// The formats of columns.
const (
	FormatBool    = "b"
	FormatInt32   = "i"
	FormatInt64   = "l"
	FormatFloat32 = "f"
	FormatFloat64 = "g"
	FormatText    = "u"
	FormatBytes   = "z"
	FormatDate    = "tdD"
)

// An Input is an input as a plugin sees it.
type Input = contract.Input

// Job is what a plugin can learn, and where it tells things on the way. There is none in world score.
type Job struct{ host contract.Host }

// Seed is the seed of all randomness; 0 unless plugin.toml declares seed.
func (j *Job) Seed() uint64 { return j.host.Seed() }

// Time is the pipeline's logical time in ns since 1970-01-01T00:00:00Z; 0 unless plugin.toml declares time.
func (j *Job) Time() int64 { return j.host.Time() }

// Partition is the partition this call works on; false for a table without.
func (j *Job) Partition() (string, bool) { return j.host.Partition() }

// State is what the stage returned as its state the last time; nil the first time.
func (j *Job) State() *BlobReader {
	if blob := j.host.State(); blob != nil {
		return &BlobReader{host: blob}
	}
	return nil
}

// Inputs are the inputs, sorted by name.
func (j *Job) Inputs() []Input { return j.host.Inputs() }

// Input finds an input; nil if there is none of this name.
func (j *Job) Input(name string) *Input {
	for _, input := range j.host.Inputs() {
		if input.Name == name {
			return &input
		}
	}
	return nil
}

// TableInput finds an input that has to be a table. Its schema is nil where it is not known yet. The error is a Problems.
func (j *Job) TableInput(name string) (*Input, error) { return j.need(name, false) }

// BlobInput finds an input that has to be a blob. The error is a Problems.
func (j *Job) BlobInput(name string) (*Input, error) { return j.need(name, true) }

func (j *Job) need(name string, isBlob bool) (*Input, error) {
	key, kind := "inputs", "table"
	if isBlob {
		kind = "blob"
	}
	input := j.Input(name)
	if input != nil && input.IsBlob == isBlob {
		return input, nil
	}
	problem := InputProblem(name, "there is no %s `%s`", kind, name)
	if input != nil {
		problem = InputProblem(name, "`%s` has to be a %s", name, kind)
	}
	return nil, Problems{problem.WithHelp(fmt.Sprintf("add `%s = { %s = \"…\" }` to the stage", key, name))}
}

// Table opens a table. The stage ends if no available input is a table of this name.
func (j *Job) Table(name string) *TableReader {
	table := j.host.OpenTable(name)
	return &TableReader{host: table, schema: table.Schema()}
}

// Blob opens a blob. The stage ends if no available input is a blob of this name.
func (j *Job) Blob(name string) *BlobReader { return &BlobReader{host: j.host.OpenBlob(name)} }

// NewTable starts a table. The stage ends if the host does not take the schema.
func (j *Job) NewTable(schema Schema) *TableWriter {
	return &TableWriter{host: j.host.NewTable(schema), schema: schema}
}

// NewBlob starts an empty blob.
func (j *Job) NewBlob() *BlobWriter { return &BlobWriter{host: j.host.NewBlob()} }

// Tracef, Debugf, Infof, Warnf and Errorf write a line to the stage's log, which is never part of the result.
func (j *Job) Tracef(format string, arguments ...any) {
	j.host.Log(0, fmt.Sprintf(format, arguments...))
}

// Debugf is for who debugs the pipeline.
func (j *Job) Debugf(format string, arguments ...any) {
	j.host.Log(1, fmt.Sprintf(format, arguments...))
}

// Infof is what a user wants to know.
func (j *Job) Infof(format string, arguments ...any) {
	j.host.Log(2, fmt.Sprintf(format, arguments...))
}

// Warnf says that something is odd, though the result stands.
func (j *Job) Warnf(format string, arguments ...any) {
	j.host.Log(3, fmt.Sprintf(format, arguments...))
}

// Errorf says that something failed.
func (j *Job) Errorf(format string, arguments ...any) {
	j.host.Log(4, fmt.Sprintf(format, arguments...))
}

// Progress says how far the stage is, for the display alone; total is 0 when it is not known.
func (j *Job) Progress(done, total uint64) { j.host.Progress(done, total) }

// Metric records a figure, which is part of the result.
func (j *Job) Metric(name string, value float64, labels ...Pair) {
	j.host.Metric(name, value, nil, labels)
}

// MetricAt records a figure of a series, such as one per round.
func (j *Job) MetricAt(step uint64, name string, value float64, labels ...Pair) {
	j.host.Metric(name, value, &step, labels)
}

// A BlobReader reads bytes; it is an io.Reader, io.ReaderAt and io.Closer.
type BlobReader struct {
	host contract.Blob
	at   uint64
}

// Size is how many bytes there are.
func (b *BlobReader) Size() uint64 { return b.host.Size() }

// ReadAt reads at a place.
func (b *BlobReader) ReadAt(into []byte, offset int64) (int, error) {
	const most = 16 << 20
	read := 0
	for read < len(into) {
		part := b.host.Read(uint64(offset)+uint64(read), uint32(min(len(into)-read, most)))
		if len(part) == 0 {
			return read, io.EOF
		}
		read += copy(into[read:], part)
	}
	return read, nil
}

// Read reads on from where the last Read ended.
func (b *BlobReader) Read(into []byte) (int, error) {
	read, err := b.ReadAt(into, int64(b.at))
	b.at += uint64(read)
	if read > 0 {
		err = nil
	}
	return read, err
}

// All is the whole blob.
func (b *BlobReader) All() []byte {
	whole := make([]byte, b.Size())
	read, _ := b.ReadAt(whole, 0)
	return whole[:read]
}

// Close closes the blob.
func (b *BlobReader) Close() error {
	b.host.Close()
	return nil
}

// A BlobWriter takes bytes; it is an io.Writer.
type BlobWriter struct{ host contract.BlobWriter }

// Write appends bytes. It never fails.
func (b *BlobWriter) Write(part []byte) (int, error) {
	b.host.Write(part)
	return len(part), nil
}

// WriteString appends a text.
func (b *BlobWriter) WriteString(text string) (int, error) { return b.Write([]byte(text)) }

// Handle is the host's number of the blob, with which lockflighttest finds it.
func (b *BlobWriter) Handle() int32 { return b.host.Handle() }
