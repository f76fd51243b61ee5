;; Guests that want more of the machine than they may have: time, memory, stack, handles.

;; case: loop
;; Loops for ever without touching memory: killed at its wall time.
;; stage: limits = { wall = "300ms" }
;; says: stage `hostile` failed: the stage took longer than 300ms; `limits.wall` of this stage is 300ms
(func (export "run") (result i32) (loop $again (br $again)) (unreachable))

;; case: loop-with-memory
;; Loops for ever and writes into its memory all the time: killed at its wall time.
;; stage: limits = { wall = "300ms" }
;; says: `limits.wall` of this stage is 300ms
(func (export "run") (result i32)
  (loop $again
    (i32.store (i32.const 4096) (i32.add (i32.load (i32.const 4096)) (i32.const 1)))
    (br $again))
  (unreachable))

;; case: loop-of-calls
;; Loops for ever in calls of the host, which answers each at once: killed at its wall time.
;; stage: limits = { wall = "300ms" }
;; says: `limits.wall` of this stage is 300ms
(func (export "run") (result i32) (loop $again (drop (call $seed)) (br $again)) (unreachable))

;; case: loop-of-bulk
;; One instruction after the other that fills a megabyte: killed at its wall time all the same.
;; stage: limits = { wall = "300ms" }
;; says: `limits.wall` of this stage is 300ms
(memory $memory (export "memory") 32)
(func (export "run") (result i32)
  (loop $again (memory.fill (i32.const 65536) (i32.const 1) (i32.const 1048576)) (br $again)) (unreachable))

;; case: memory-bomb
;; Grows its memory page by page until it is refused: ended at its limit, not told "no".
;; stage: limits = { memory = "8MiB" }
;; says: stage `hostile` failed: the plugin wanted more than 8MiB of memory
(func (export "run") (result i32)
  (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
  (call $right))

;; case: memory-bomb-at-once
;; Wants all of the 4 GiB that a memory can have, in one step.
;; stage: limits = { memory = "8MiB" }
;; says: `limits.memory` of this stage is 8MiB
(func (export "run") (result i32) (drop (memory.grow (i32.const 65534))) (call $right))

;; case: memory-bomb-at-start
;; Is born with more than its limit.
;; stage: limits = { memory = "8MiB" }
;; says: `limits.memory` of this stage is 8MiB
(memory $more 1000)
(func (export "run") (result i32) (call $right))

;; case: many-memories
;; Eight memories of 2 MiB, each below the limit of 8 MiB: the limit is over their sum.
;; stage: limits = { memory = "8MiB" }
;; says: `limits.memory` of this stage is 8MiB
(memory $1 1) (memory $2 1) (memory $3 1) (memory $4 1) (memory $5 1) (memory $6 1) (memory $7 1)
(func (export "run") (result i32)
  (drop (memory.grow $1 (i32.const 31))) (drop (memory.grow $2 (i32.const 31))) (drop (memory.grow $3 (i32.const 31)))
  (drop (memory.grow $4 (i32.const 31))) (drop (memory.grow $5 (i32.const 31))) (drop (memory.grow $6 (i32.const 31)))
  (drop (memory.grow $7 (i32.const 31)))
  (call $right))

;; case: too-many-memories
;; Twenty memories; a guest may have sixteen.
;; says: memory count too high at 21
(memory $1 0) (memory $2 0) (memory $3 0) (memory $4 0) (memory $5 0) (memory $6 0) (memory $7 0) (memory $8 0) (memory $9 0) (memory $10 0)
(memory $11 0) (memory $12 0) (memory $13 0) (memory $14 0) (memory $15 0) (memory $16 0) (memory $17 0) (memory $18 0) (memory $19 0) (memory $20 0)

;; case: memory-exactly
;; Grows to its limit to the byte and writes into the last page: that is allowed.
;; stage: limits = { memory = "8MiB" }
;; exit: 0
(memory $memory (export "memory") 2)
(func (export "run") (result i32)
  ;; 128 pages, less the one that the component's own table of functions may take.
  (loop $again (if (i32.lt_u (memory.size) (i32.const 127)) (then (drop (memory.grow (i32.const 1))) (br $again))))
  (i64.store (i32.const 8323064) (i64.const -1))
  (call $right))

;; case: memory-own-maximum
;; Grows to the maximum that its own memory declares, which is granted, and a page beyond, which is answered with "no" by its own doing.
;; exit: 0
(memory $memory (export "memory") 2 4)
(func (export "run") (result i32)
  (if (i32.ne (memory.grow (i32.const 2)) (i32.const 2)) (then unreachable))
  (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
  (call $right))

;; case: table-bomb
;; Grows a table of references: its elements are memory too.
;; stage: limits = { memory = "8MiB" }
;; says: the plugin wanted tables of more than 1,000,000 elements: 100,000,016, after 16 at most; `limits.tables` of this stage is 1000000
(table $refs 1 funcref)
(func (export "run") (result i32)
  (drop (table.grow $refs (ref.null func) (i32.const 100000000)))
  (call $right))

;; case: table-bomb-at-start
;; Is born with a table of 100 million references: its check ends already, at the limit that checks have.
;; says: could not check its config: the plugin wanted tables of more than 1,000,000 elements: 100,000,015
(table $refs 100000000 funcref)

;; case: many-tables
;; Tables that are below the limit each and above it together.
;; stage: limits = { memory = "8MiB" }
;; says: the plugin wanted tables of more than 1,000,000 elements: 1,200,015, after 800,015 at most, which is all that a check may use
(table $1 400000 funcref) (table $2 400000 funcref) (table $3 400000 funcref)

;; case: recursion
;; Calls itself without end: the stack of WebAssembly ends, not that of the process.
;; says: stage `hostile` failed: wasm trap: call stack exhausted
(func $deeper (param i32) (result i32) (i32.add (i32.const 1) (call $deeper (i32.add (local.get 0) (i32.const 1)))))
(func (export "run") (result i32) (call $deeper (i32.const 0)))

;; case: recursion-in-check
;; The same before anything runs.
;; says: call stack exhausted
(func $deeper (param i32) (result i32) (i32.add (i32.const 1) (call $deeper (i32.add (local.get 0) (i32.const 1)))))
(func (export "check") (result i32) (call $deeper (i32.const 0)))

;; case: large-frames
;; The same with large frames: each has room for 200 values.
;; says: call stack exhausted
(func $deeper (param v128) (result v128)
  (local $a v128) (local $b v128) (local $c v128) (local $d v128)
  (local.set $a (call $deeper (i32x4.add (local.get 0) (local.get 0)))) (local.set $b (call $deeper (local.get $a)))
  (local.set $c (call $deeper (local.get $b))) (local.set $d (call $deeper (local.get $c)))
  (i32x4.add (i32x4.add (local.get $a) (local.get $b)) (i32x4.add (local.get $c) (local.get $d))))
(func (export "run") (result i32) (i32x4.extract_lane 0 (call $deeper (v128.const i32x4 1 2 3 4))))

;; case: handle-leak
;; Opens its input over and over and gives no handle back.
;; stage: inputs = { file = "birds" }
;; says: stage `hostile` failed: the plugin has 64 blobs open and opened another
(func (export "run") (result i32)
  (loop $again (drop (call $open_blob (i32.const 80) (i32.const 4))) (br $again)) (unreachable))

;; case: writer-leak
;; Starts one blob after the other and gives no handle back.
;; says: stage `hostile` failed: the plugin was writing more than 256 tables and blobs at a time; `limits.writers` of this stage is 256
(func (export "run") (result i32) (loop $again (drop (call $blob-writer)) (br $again)) (unreachable))

;; case: table-writer-leak
;; The same with tables, whose writers cost the launcher more.
;; says: stage `hostile` failed: the plugin was writing more than 256 tables and blobs at a time; `limits.writers` of this stage is 256
(func (export "run") (result i32) (loop $again (drop (call $table)) (br $again)) (unreachable))

;; case: writers-come-and-go
;; Starts and drops writers for ever, so that there is never more than one: killed at its wall time.
;; stage: limits = { wall = "500ms" }
;; says: `limits.wall` of this stage is 500ms
(func (export "run") (result i32)
  (loop $again (call $table-writer.drop (call $table)) (br $again)) (unreachable))
