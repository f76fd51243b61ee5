package lockflighttest

import (
	"fmt"
	"testing"

	"lockflight"
	"lockflight/internal/contract"
)

// current answers the SDK; where the real host would end the stage, it ends the test.
type current struct {
	*Host
	t testing.TB
}

func (c *current) Config() string { return c.config }
func (c *current) Seed() uint64   { return c.seed }
func (c *current) Time() int64    { return c.time }

func (c *current) State() contract.Blob {
	if c.state == nil {
		return nil
	}
	return blob(c.state)
}

func (c *current) Partition() (string, bool) {
	if c.partition == nil {
		return "", false
	}
	return *c.partition, true
}

func (c *current) Inputs() []contract.Input { return c.inputs }

func (c *current) OpenTable(name string) contract.Table {
	table := c.tables[name]
	if table == nil {
		c.t.Fatalf("the stage opened a table %q, which is no available input", name)
	}
	return &reader{table, c.t}
}

func (c *current) OpenBlob(name string) contract.Blob {
	bytes, ok := c.blobs[name]
	if !ok {
		c.t.Fatalf("the stage opened a blob %q, which is no available input", name)
	}
	return blob(bytes)
}

func (c *current) Log(level uint8, message string) {
	levels := [...]string{"trace", "debug", "info", "warn", "error"}
	c.Host.Log = append(c.Host.Log, levels[level]+": "+message)
}

func (c *current) Progress(uint64, uint64) {}

func (c *current) Metric(name string, value float64, step *uint64, _ []contract.Pair) {
	if step != nil {
		name = fmt.Sprintf("%s[%d]", name, *step)
	}
	c.Metrics = append(c.Metrics, fmt.Sprintf("%s=%g", name, value))
}

func (c *current) NewTable(schema contract.Schema) contract.TableWriter {
	c.handles++
	table := &Table{Schema: schema, handle: c.handles}
	c.written[c.handles] = table
	return table
}

func (c *current) NewBlob() contract.BlobWriter {
	c.handles++
	c.bytes[c.handles] = []byte{}
	return &blobWriter{c.Host, c.handles}
}

type blob []byte

func (b blob) Size() uint64 { return uint64(len(b)) }
func (b blob) Close()       {}
func (b blob) Read(offset uint64, length uint32) []byte {
	from := min(offset, uint64(len(b)))
	return b[from:min(from+uint64(length), uint64(len(b)))]
}

type blobWriter struct {
	host   *Host
	handle int32
}

func (w *blobWriter) Handle() int32 { return w.handle }
func (w *blobWriter) Write(bytes []byte) {
	w.host.bytes[w.handle] = append(w.host.bytes[w.handle], bytes...)
}

type reader struct {
	table *Table
	t     testing.TB
}

func (r *reader) Schema() contract.Schema { return r.table.Schema }
func (r *reader) Rows() uint64            { return uint64(r.table.Rows()) }
func (r *reader) Close()                  {}

func (r *reader) Scan(columns []string, maxRows uint32) contract.Batches {
	chosen := columns
	if chosen == nil {
		chosen = lockflight.Names(r.table.Schema)
	}
	var at []int
	for _, name := range chosen {
		found := -1
		for i, field := range r.table.Schema.Fields {
			if field.Name == name {
				found = i
			}
		}
		if found < 0 {
			r.t.Fatalf("the stage scanned a column %q, which the table does not have", name)
		}
		at = append(at, found)
	}
	if maxRows == 0 {
		maxRows = 65_536
	}
	return &batches{table: r.table, columns: at, most: int(maxRows)}
}
