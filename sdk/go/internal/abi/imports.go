//go:build wasm && !lockflight_score

package abi

import "unsafe"

//go:wasmimport lockflight:stage/job@0.1.0 config
func jobConfig(into unsafe.Pointer)

//go:wasmimport lockflight:stage/job@0.1.0 seed
func jobSeed() uint64

//go:wasmimport lockflight:stage/job@0.1.0 time
func jobTime() int64

//go:wasmimport lockflight:stage/job@0.1.0 state
func jobState(into unsafe.Pointer)

//go:wasmimport lockflight:stage/job@0.1.0 partition
func jobPartition(into unsafe.Pointer)

//go:wasmimport lockflight:stage/job@0.1.0 inputs
func jobInputs(into unsafe.Pointer)

//go:wasmimport lockflight:stage/job@0.1.0 open-table
func jobOpenTable(name, length uint32) int32

//go:wasmimport lockflight:stage/job@0.1.0 open-blob
func jobOpenBlob(name, length uint32) int32

//go:wasmimport lockflight:stage/job@0.1.0 log
func jobLog(level, message, length uint32)

//go:wasmimport lockflight:stage/job@0.1.0 progress
func jobProgress(done, total uint64)

//go:wasmimport lockflight:stage/job@0.1.0 metric
func jobMetric(name, length uint32, value float64, isStep uint32, step uint64, labels, count uint32)

//go:wasmimport lockflight:data/tables@0.1.0 [method]table.schema
func tableSchema(table int32, into unsafe.Pointer)

//go:wasmimport lockflight:data/tables@0.1.0 [method]table.rows
func tableRows(table int32) uint64

//go:wasmimport lockflight:data/tables@0.1.0 [method]table.scan
func tableScan(table int32, isColumns, columns, count, maxRows uint32) int32

//go:wasmimport lockflight:data/tables@0.1.0 [resource-drop]table
func tableDrop(table int32)

//go:wasmimport lockflight:data/tables@0.1.0 [method]batches.next
func batchesNext(batches int32, into unsafe.Pointer)

//go:wasmimport lockflight:data/tables@0.1.0 [resource-drop]batches
func batchesDrop(batches int32)

//go:wasmimport lockflight:data/tables@0.1.0 [constructor]table-writer
func newTableWriter(fields, fieldCount, metadata, pairCount uint32) int32

//go:wasmimport lockflight:data/tables@0.1.0 [method]table-writer.write
func tableWriterWrite(writer int32, rows, columns, count uint32)

//go:wasmimport lockflight:data/blobs@0.1.0 [method]blob.size
func blobSize(blob int32) uint64

//go:wasmimport lockflight:data/blobs@0.1.0 [method]blob.read
func blobRead(blob int32, offset uint64, length uint32, into unsafe.Pointer)

//go:wasmimport lockflight:data/blobs@0.1.0 [resource-drop]blob
func blobDrop(blob int32)

//go:wasmimport lockflight:data/blobs@0.1.0 [constructor]blob-writer
func newBlobWriter() int32

//go:wasmimport lockflight:data/blobs@0.1.0 [method]blob-writer.write
func blobWriterWrite(writer int32, bytes, length uint32)
