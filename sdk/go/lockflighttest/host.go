// Package lockflighttest is a host in memory, for tests of plugins:
//
//	host := lockflighttest.New(t).Config(`{"column": "mass"}`).Table("table", schema, columns...)
//	report, err := lockflighttest.Run(host, run)
package lockflighttest

import (
	"fmt"
	"testing"

	"lockflight"
	"lockflight/internal/contract"
)

// A Host is a job and all that came out of it.
type Host struct {
	config    string
	seed      uint64
	time      int64
	state     []byte
	partition *string
	inputs    []contract.Input
	tables    map[string]*Table
	blobs     map[string][]byte
	written   map[int32]*Table
	bytes     map[int32][]byte
	handles   int32
	// Log is all lines, each after its level and a colon.
	Log []string
	// Metrics is all figures, as name=value or name[step]=value.
	Metrics []string
}

// New makes a host for one test, with the config {}.
func New(t testing.TB) *Host {
	host := &Host{config: "{}", tables: map[string]*Table{}, blobs: map[string][]byte{}, written: map[int32]*Table{},
		bytes: map[int32][]byte{}}
	before := contract.Current
	contract.Current = &current{host, t}
	t.Cleanup(func() { contract.Current = before })
	return host
}

// Config sets the config, a JSON object.
func (h *Host) Config(text string) *Host {
	h.config = text
	return h
}

// Seed sets the seed.
func (h *Host) Seed(seed uint64) *Host {
	h.seed = seed
	return h
}

// Time sets the logical time, in ns since 1970.
func (h *Host) Time(time int64) *Host {
	h.time = time
	return h
}

// State sets what the last call returned as its state.
func (h *Host) State(state []byte) *Host {
	h.state = state
	return h
}

// Partition sets the partition.
func (h *Host) Partition(name string) *Host {
	h.partition = &name
	return h
}

// Table adds an input that is a table, one column per field. Columns that do not fit the schema panic.
func (h *Host) Table(name string, schema lockflight.Schema, columns ...lockflight.NewColumn) *Host {
	table := &Table{Schema: schema}
	if err := (&lockflight.TableWriter{}).Into(table, schema).Write(columns...); err != nil {
		panic(fmt.Sprintf("table %q: %v", name, err))
	}
	h.tables[name] = table
	h.inputs = append(h.inputs, contract.Input{Name: name, Schema: &schema, Available: true})
	return h
}

// Blob adds an input that is a blob.
func (h *Host) Blob(name string, bytes []byte) *Host {
	h.blobs[name] = bytes
	h.inputs = append(h.inputs, contract.Input{Name: name, IsBlob: true, Available: true})
	return h
}

// Pending adds a table that is not there yet, as check sees one; schema may be nil.
func (h *Host) Pending(name string, schema *lockflight.Schema) *Host {
	h.inputs = append(h.inputs, contract.Input{Name: name, Schema: schema})
	return h
}

// Written is the table of an output; nil if it is a blob.
func (h *Host) Written(output lockflight.Output) *Table { return h.written[output.Handle()] }

// Bytes is what was written to a blob.
func (h *Host) Bytes(blob *lockflight.BlobWriter) []byte { return h.bytes[blob.Handle()] }

// Run reads the host's config and calls a check or run function as the real host would.
func Run[C, A any](host *Host, function func(*lockflight.Job, C) (A, error)) (A, error) {
	return lockflight.Call(function)
}
