;; Guests that betray the host in the middle of a call: in their allocation, where the host hands over what it has, or after it.

;; case: realloc-traps
;; Traps in its allocation while the host holds the bytes that it asked for.
;; stage: inputs = { file = "birds" }
;; says: stage `hostile` failed: wasm trap: wasm `unreachable` instruction executed
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
(func (export "run") (result i32)
  (call $blob.read (call $open_blob (i32.const 80) (i32.const 4)) (i64.const 0) (i32.const 8) (i32.const 4096)) (unreachable))

;; case: realloc-traps-with-a-batch
;; Traps in its allocation while the host holds a batch of its input table, at the second buffer.
;; stage: inputs = { table = "innocent" }
;; says: stage `hostile` failed: wasm trap: wasm `unreachable` instruction executed
(global $calls (mut i32) (i32.const 0))
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
  (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
  (if (i32.gt_u (global.get $calls) (i32.const 1)) (then unreachable))
  (i32.const 65536))
(func (export "run") (result i32)
  (call $batches.next
    (call $table.scan (call $open_table (i32.const 64) (i32.const 5)) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 4096))
  (unreachable))

;; case: realloc-anywhere
;; Allocates behind the end of its memory.
;; stage: inputs = { file = "birds" }
;; says: stage `hostile` failed: realloc return: beyond end of memory
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const -16))
(func (export "run") (result i32)
  (call $blob.read (call $open_blob (i32.const 80) (i32.const 4)) (i64.const 0) (i32.const 8) (i32.const 4096)) (unreachable))

;; case: realloc-misaligned
;; Allocates at an odd address what has to be aligned: the list of its inputs.
;; stage: inputs = { file = "birds" }
;; says: stage `hostile` failed: realloc return: result not aligned
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65537))
(func (export "run") (result i32) (call $inputs (i32.const 4096)) (unreachable))

;; case: realloc-over-itself
;; Allocates everything at one place, over its own answer: what it then reads is its own affair.
;; stage: inputs = { file = "birds" }
;; exit: 0
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
(func (export "run") (result i32)
  (call $inputs (i32.const 4096))
  (call $config (i32.const 4096))
  (call $right))

;; case: realloc-loops
;; Does not come back from its allocation: killed at its wall time.
;; stage: inputs = { file = "birds" }
;; stage: limits = { wall = "300ms" }
;; says: `limits.wall` of this stage is 300ms
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (loop $again (br $again)) (unreachable))
(func (export "run") (result i32)
  (call $blob.read (call $open_blob (i32.const 80) (i32.const 4)) (i64.const 0) (i32.const 8) (i32.const 4096)) (unreachable))

;; case: realloc-calls-the-host
;; Calls the host from its allocation, in the middle of another call of the host: the component model forbids it.
;; stage: inputs = { file = "birds" }
;; says: stage `hostile` failed: wasm trap: cannot leave component instance
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (drop (call $seed)) (i32.const 65536))
(func (export "run") (result i32)
  (call $blob.read (call $open_blob (i32.const 80) (i32.const 4)) (i64.const 0) (i32.const 8) (i32.const 4096)) (unreachable))

;; case: realloc-reads-again
;; Reads the same blob again from its allocation, which would never end.
;; stage: inputs = { file = "birds" }
;; says: stage `hostile` failed: wasm trap: cannot leave component instance
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
  (call $blob.read (i32.const 1) (i64.const 0) (i32.const 8) (i32.const 8192)) (i32.const 65536))
(func (export "run") (result i32)
  (call $blob.read (call $open_blob (i32.const 80) (i32.const 4)) (i64.const 0) (i32.const 8) (i32.const 4096)) (unreachable))

;; case: realloc-grows
;; Grows its memory in its allocation, so that it moves under the host: the limit counts there too.
;; stage: inputs = { file = "birds" }
;; stage: limits = { memory = "8MiB" }
;; says: `limits.memory` of this stage is 8MiB
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
  (drop (memory.grow (i32.const 100))) (i32.const 65536))
(func (export "run") (result i32) (local $blob i32)
  (local.set $blob (call $open_blob (i32.const 80) (i32.const 4)))
  (loop $again (call $blob.read (local.get $blob) (i64.const 0) (i32.const 8) (i32.const 4096)) (br $again))
  (unreachable))

;; case: realloc-drops
;; Drops, in its allocation, the very blob that the host reads for it.
;; stage: inputs = { file = "birds" }
;; says: stage `hostile` failed: wasm trap: cannot leave component instance
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (call $blob.drop (i32.const 1)) (i32.const 65536))
(func (export "run") (result i32)
  (call $blob.read (call $open_blob (i32.const 80) (i32.const 4)) (i64.const 0) (i32.const 8) (i32.const 4096)) (unreachable))

;; case: post-return-traps
;; Answers as it should and traps when it is told that its answer was taken.
;; says: stage `hostile` failed: wasm trap: wasm `unreachable` instruction executed
(func (export "cabi_post_run") (param i32) (unreachable))

;; case: post-return-loops
;; Answers as it should and then does not come back: killed at its wall time, its answer not kept.
;; stage: limits = { wall = "300ms" }
;; says: `limits.wall` of this stage is 300ms
(func (export "cabi_post_run") (param i32) (loop $again (br $again)))

;; case: post-return-calls-the-host
;; Calls the host when it is told that its answer was taken.
;; says: stage `hostile` failed: wasm trap: cannot leave component instance
(func (export "cabi_post_run") (param i32) (drop (call $seed)))

;; case: trap-with-open-batch
;; Traps while it has a scan and a table half written.
;; stage: inputs = { table = "innocent" }
;; says: stage `hostile` failed: wasm trap: integer divide by zero
(func (export "run") (result i32)
  (call $batches.next
    (call $table.scan (call $open_table (i32.const 64) (i32.const 5)) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)) (i32.const 4096))
  (call $write (call $table))
  (i32.div_u (i32.const 1) (i32.const 0)))

;; case: trap-in-start
;; Traps before `check` can be called.
;; says: could not check its config: wasm trap: wasm `unreachable` instruction executed
(func $begin (unreachable))
(start $begin)

;; case: table-dropped-under-a-scan
;; Drops its table and reads on in the scan of it: a scan stands alone.
;; stage: inputs = { table = "innocent" }
;; exit: 0
(func (export "run") (result i32) (local $table i32) (local $scan i32)
  (local.set $table (call $open_table (i32.const 64) (i32.const 5)))
  (local.set $scan (call $table.scan (local.get $table) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1)))
  (call $table.drop (local.get $table))
  (call $batches.next (local.get $scan) (i32.const 4096))
  (if (i32.ne (i32.load8_u (i32.const 4096)) (i32.const 1)) (then unreachable))
  (call $right))

;; case: scan-of-a-wrong-column
;; Scans a column that its table does not have, with a name that is a path.
;; stage: inputs = { table = "innocent" }
;; says: the plugin scanned column "../secret.txt", which its input `table` does not have
(data (i32.const 4096) "\20\10\00\00\0d\00\00\00")
(data (i32.const 4128) "../secret.txt")
(func (export "run") (result i32)
  (drop (call $table.scan (call $open_table (i32.const 64) (i32.const 5)) (i32.const 1) (i32.const 4096) (i32.const 1) (i32.const 0))) (unreachable))

;; case: scan-of-one-column-often
;; Scans one column a million times over in one scan: every batch would be a million columns.
;; stage: inputs = { table = "innocent" }
;; says: stage `hostile` failed: the plugin scanned 1000000 columns at once; it may scan 1024
(memory $memory (export "memory") 200)
(func (export "run") (result i32) (local $at i32) (local $scan i32)
  (local.set $at (i32.const 65536))
  (loop $again
    (i64.store (local.get $at) (i64.const 0x0000000600000048))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $again (i32.lt_u (local.get $at) (i32.const 8065536))))
  (global.set $heap (i32.const 8126464))
  (local.set $scan (call $table.scan (call $open_table (i32.const 64) (i32.const 5)) (i32.const 1) (i32.const 65536) (i32.const 1000000) (i32.const 0)))
  (call $batches.next (local.get $scan) (i32.const 4096))
  (unreachable))
