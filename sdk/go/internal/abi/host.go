//go:build wasm && !lockflight_score

package abi

import (
	"unsafe"

	"lockflight/internal/contract"
)

func init() { contract.Current = host{} }

// answer is memory for what an import answers, called with its address.
func answer[T any](call func(unsafe.Pointer)) T {
	into := new(T)
	call(unsafe.Pointer(into))
	return *into
}

// lowered runs a function with a Lower of its own arena.
func lowered[T any](call func(*Lower) T) T {
	lower := Lower{Arena: new(Arena)}
	defer lower.Done()
	return call(&lower)
}

type host struct{}

func (host) Config() string { return answer[List](jobConfig).Text() }
func (host) Seed() uint64   { return jobSeed() }
func (host) Time() int64    { return jobTime() }

func (host) State() contract.Blob {
	if state := answer[MaybeHandle](jobState); state.Is {
		return blob(state.Value)
	}
	return nil
}

func (host) Partition() (string, bool) {
	partition := answer[MaybeList](jobPartition)
	return partition.Value.Text(), partition.Is
}

func (host) Inputs() (made []contract.Input) {
	for _, input := range Elements[Input](answer[List](jobInputs)) {
		port := input.Port
		one := contract.Input{Name: port.Name.Text(), IsBlob: port.Kind == PortKindBlob, Available: input.Available}
		if port.Schema.Is {
			schema := port.Schema.Value.Lift()
			one.Schema = &schema
		}
		made = append(made, one)
	}
	return made
}

func (host) OpenTable(name string) contract.Table {
	return table(lowered(func(l *Lower) int32 { n := l.Text(name); return jobOpenTable(n.At, n.Length) }))
}

func (host) OpenBlob(name string) contract.Blob {
	return blob(lowered(func(l *Lower) int32 { n := l.Text(name); return jobOpenBlob(n.At, n.Length) }))
}

func (host) Log(level uint8, message string) {
	lowered(func(l *Lower) int { m := l.Text(message); jobLog(uint32(level), m.At, m.Length); return 0 })
}

func (host) Progress(done, total uint64) { jobProgress(done, total) }

func (host) Metric(name string, value float64, step *uint64, labels []contract.Pair) {
	lowered(func(l *Lower) int {
		n, pairs := l.Text(name), l.Pairs(labels)
		if step == nil {
			jobMetric(n.At, n.Length, value, 0, 0, pairs.At, pairs.Length)
		} else {
			jobMetric(n.At, n.Length, value, 1, *step, pairs.At, pairs.Length)
		}
		return 0
	})
}

func (host) NewTable(schema contract.Schema) contract.TableWriter {
	return tableWriter(lowered(func(l *Lower) int32 {
		s := l.Schema(schema)
		return newTableWriter(s.Fields.At, s.Fields.Length, s.Metadata.At, s.Metadata.Length)
	}))
}

func (host) NewBlob() contract.BlobWriter { return blobWriter(newBlobWriter()) }

type table int32

func (t table) Schema() contract.Schema {
	return answer[Schema](func(into unsafe.Pointer) { tableSchema(int32(t), into) }).Lift()
}
func (t table) Rows() uint64 { return tableRows(int32(t)) }
func (t table) Close()       { tableDrop(int32(t)) }

func (t table) Scan(columns []string, maxRows uint32) contract.Batches {
	return &batches{handle: lowered(func(l *Lower) int32 {
		if columns == nil {
			return tableScan(int32(t), 0, 0, 0, maxRows)
		}
		names := PutList(l, columns, l.Text)
		return tableScan(int32(t), 1, names.At, names.Length, maxRows)
	})}
}

// batches is a scan; each has an arena, so that several can run side by side.
type batches struct {
	handle  int32
	arena   Arena
	columns []contract.Column
	next    MaybeBatch
}

func (b *batches) Next() (int, []contract.Column, bool) {
	b.arena.Reset()
	Into(&b.arena, func() { batchesNext(b.handle, unsafe.Pointer(&b.next)) })
	if !b.next.Is {
		return 0, nil, false
	}
	b.columns = b.next.Value.Lift(b.columns)
	return int(b.next.Value.Rows), b.columns, true
}

func (b *batches) Close() { batchesDrop(b.handle) }

type tableWriter int32

func (w tableWriter) Handle() int32 { return int32(w) }
func (w tableWriter) Write(rows int, columns []contract.Column) {
	lowered(func(l *Lower) int {
		list := l.Columns(columns)
		tableWriterWrite(int32(w), uint32(rows), list.At, list.Length)
		return 0
	})
}

type blob int32

func (b blob) Size() uint64 { return blobSize(int32(b)) }
func (b blob) Close()       { blobDrop(int32(b)) }

func (b blob) Read(offset uint64, length uint32) []byte {
	var arena Arena
	var bytes List
	Into(&arena, func() { blobRead(int32(b), offset, length, unsafe.Pointer(&bytes)) })
	return Elements[byte](bytes)
}

type blobWriter int32

func (w blobWriter) Handle() int32 { return int32(w) }
func (w blobWriter) Write(bytes []byte) {
	lowered(func(l *Lower) int { list := l.Bytes(bytes); blobWriterWrite(int32(w), list.At, list.Length); return 0 })
}
