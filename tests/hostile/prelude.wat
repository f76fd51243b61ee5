;; What a hostile guest begins with, so that it has to say only what is wrong with it. A part is left out where the guest exports
;; something of that name itself, or defines `$NAME`; a part without name always stands. See README.md.
;; part:
(import "lockflight:stage/job@0.1.0" "config" (func $config (param i32)))
(import "lockflight:stage/job@0.1.0" "seed" (func $seed (result i64)))
(import "lockflight:stage/job@0.1.0" "time" (func $time (result i64)))
(import "lockflight:stage/job@0.1.0" "state" (func $state (param i32)))
(import "lockflight:stage/job@0.1.0" "partition" (func $partition (param i32)))
(import "lockflight:stage/job@0.1.0" "inputs" (func $inputs (param i32)))
(import "lockflight:stage/job@0.1.0" "open-table" (func $open_table (param i32 i32) (result i32)))
(import "lockflight:stage/job@0.1.0" "open-blob" (func $open_blob (param i32 i32) (result i32)))
(import "lockflight:stage/job@0.1.0" "log" (func $log (param i32 i32 i32)))
(import "lockflight:stage/job@0.1.0" "progress" (func $progress (param i64 i64)))
(import "lockflight:stage/job@0.1.0" "metric" (func $metric (param i32 i32 f64 i32 i64 i32 i32)))
(import "lockflight:data/tables@0.1.0" "[method]table.schema" (func $table.schema (param i32 i32)))
(import "lockflight:data/tables@0.1.0" "[method]table.rows" (func $table.rows (param i32) (result i64)))
(import "lockflight:data/tables@0.1.0" "[method]table.scan" (func $table.scan (param i32 i32 i32 i32 i32) (result i32)))
(import "lockflight:data/tables@0.1.0" "[resource-drop]table" (func $table.drop (param i32)))
(import "lockflight:data/tables@0.1.0" "[method]batches.next" (func $batches.next (param i32 i32)))
(import "lockflight:data/tables@0.1.0" "[resource-drop]batches" (func $batches.drop (param i32)))
(import "lockflight:data/tables@0.1.0" "[constructor]table-writer" (func $table-writer (param i32 i32 i32 i32) (result i32)))
(import "lockflight:data/tables@0.1.0" "[method]table-writer.write" (func $table-writer.write (param i32 i32 i32 i32)))
(import "lockflight:data/tables@0.1.0" "[resource-drop]table-writer" (func $table-writer.drop (param i32)))
(import "lockflight:data/blobs@0.1.0" "[method]blob.size" (func $blob.size (param i32) (result i64)))
(import "lockflight:data/blobs@0.1.0" "[method]blob.read" (func $blob.read (param i32 i64 i32 i32)))
(import "lockflight:data/blobs@0.1.0" "[resource-drop]blob" (func $blob.drop (param i32)))
(import "lockflight:data/blobs@0.1.0" "[constructor]blob-writer" (func $blob-writer (result i32)))
(import "lockflight:data/blobs@0.1.0" "[method]blob-writer.write" (func $blob-writer.write (param i32 i32 i32)))
(import "lockflight:data/blobs@0.1.0" "[resource-drop]blob-writer" (func $blob-writer.drop (param i32)))
;; part: memory
(memory $memory (export "memory") 2)
;; part: texts
;; From here on 4096 is free for guests; the heap begins at 65536.
(data $texts (i32.const 64) "table___numberl_file____message_copy____")
;; part: schema
;; `number`: l, not null.
(data $schema (i32.const 256)
  "\48\00\00\00\06\00\00\00" "\4e\00\00\00\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00")
;; part: rows
;; One column of three values, which lie behind it: 0, 1, 2.
(data $rows (i32.const 320)
  "\03\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\80\01\00\00" "\18\00\00\00")
(data (i32.const 384) "\00\00\00\00\00\00\00\00" "\01\00\00\00\00\00\00\00" "\02\00\00\00\00\00\00\00")
;; part: outputs
;; One output: `table`, and room for its handle.
(data $outputs (i32.const 448) "\40\00\00\00\05\00\00\00" "\00\00\00\00" "\00\00\00\00")
;; part: answers
;; At 512 what `run` returns: ok, the outputs. At 544 what `check` returns: ok, the ports at 576.
(data $answers (i32.const 512) "\00\00\00\00" "\c0\01\00\00" "\01\00\00\00")
(data (i32.const 544) "\00\00\00\00" "\40\02\00\00" "\01\00\00\00")
(data (i32.const 576) "\40\00\00\00\05\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
;; part: heap
(global $heap (mut i32) (i32.const 65536))
;; part: cabi_realloc
(func $realloc (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  (local.set $at (i32.and
    (i32.add (global.get $heap) (i32.sub (local.get $align) (i32.const 1)))
    (i32.sub (i32.const 0) (local.get $align))))
  (global.set $heap (i32.add (local.get $at) (local.get $size)))
  (if (i32.gt_u (global.get $heap) (i32.shl (memory.size) (i32.const 16)))
    (then (if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $size) (i32.const 16)))))
      (then unreachable))))
  (memory.copy (local.get $at) (local.get $old) (local.get $had))
  (local.get $at))
;; part: table
;; A writer of the schema at 256.
(func $table (result i32)
  (call $table-writer (i32.const 256) (i32.const 1) (i32.const 0) (i32.const 0)))
;; part: write
;; Three rows into a writer.
(func $write (param $writer i32)
  (call $table-writer.write (local.get $writer) (i32.const 3) (i32.const 320) (i32.const 1)))
;; part: answer
;; The writer as the output `table`.
(func $answer (param $writer i32) (result i32)
  (i32.store (i32.const 460) (local.get $writer))
  (i32.const 512))
;; part: right
;; What an honest guest does.
(func $right (result i32)
  (local $writer i32)
  (local.set $writer (call $table))
  (call $write (local.get $writer))
  (call $answer (local.get $writer)))
;; part: check
(func (export "check") (result i32) (i32.const 544))
;; part: run
(func (export "run") (result i32) (call $right))
