;; Scorers that break what a scorer has to keep. Those that look at other rows, remember calls, refuse their state or trap are in
;; tests/scenarios/scorers, those in a server in tests/harness/serving.rs; here are those that no toolchain makes.

;; case: scorer-right
;; Gives 0 for each row, as it should.
;; world: score
;; kind: score
;; exit: 0

;; case: scorer-fewer-rows
;; Answers one row less than it got.
;; world: score
;; kind: score
;; says: step 1 of the model answered what does not fit the columns it gives
(func (export "score") (param $rows i32) (param i32 i32) (result i32) (call $answer (i32.sub (local.get $rows) (i32.const 1))))

;; case: scorer-more-rows
;; Answers one row more than it got.
;; world: score
;; kind: score
;; says: step 1 of the model answered what does not fit the columns it gives
(func (export "score") (param $rows i32) (param i32 i32) (result i32) (call $answer (i32.add (local.get $rows) (i32.const 1))))

;; case: scorer-4-billion-rows
;; Answers 4,294,967,295 rows in no byte.
;; world: score
;; kind: score
;; says: step 1 of the model answered what does not fit the columns it gives
(func (export "score") (param i32 i32 i32) (result i32) (drop (call $answer (i32.const 0)))
  (i32.store (i32.const 68) (i32.const -1)) (i32.store (i32.const 96) (i32.const -1)) (i32.const 64))

;; case: scorer-no-column
;; Answers without a column.
;; world: score
;; kind: score
;; says: step 1 of the model answered what does not fit the columns it gives
(func (export "score") (param $rows i32) (param i32 i32) (result i32) (drop (call $answer (local.get $rows)))
  (i32.store (i32.const 76) (i32.const 0)) (i32.const 64))

;; case: scorer-too-few-values
;; Answers a column with the values of one row.
;; world: score
;; kind: score
;; says: step 1 of the model answered what does not fit the columns it gives
(func (export "score") (param $rows i32) (param i32 i32) (result i32) (drop (call $answer (local.get $rows)))
  (i32.store (i32.const 128) (i32.const 8)) (i32.const 64))

;; case: scorer-null
;; Answers a null in a column that it gives as not nullable.
;; world: score
;; kind: score
;; says: step 1 of the model answered what does not fit the columns it gives
(data (i32.const 512) "\00")
(func (export "score") (param $rows i32) (param i32 i32) (result i32) (drop (call $answer (local.get $rows)))
  (i32.store (i32.const 100) (i32.const 1)) (i32.store (i32.const 104) (i32.const 512)) (i32.store (i32.const 108) (i32.const 1)) (i32.const 64))

;; case: scorer-outside-of-memory
;; Answers values that lie behind its memory.
;; world: score
;; kind: score
;; says: step 1 of the model was ended: list pointer/length out of bounds of memory
(func (export "score") (param $rows i32) (param i32 i32) (result i32) (drop (call $answer (local.get $rows)))
  (i32.store (i32.const 124) (i32.const -8)) (i32.const 64))

;; case: scorer-4-gib
;; Answers a list of 4,294,967,295 columns.
;; world: score
;; kind: score
;; says: step 1 of the model was ended: list pointer/length out of bounds of memory
(func (export "score") (param $rows i32) (param i32 i32) (result i32) (drop (call $answer (local.get $rows)))
  (i32.store (i32.const 76) (i32.const -1)) (i32.const 64))

;; case: scorer-remembers
;; Gives the number of its call: what it answers to a row depends on how often it was asked.
;; world: score
;; kind: score
;; says: step 1 of the model remembers what it was asked before
(global $calls (mut f64) (f64.const 0))
(func (export "score") (param $rows i32) (param i32 i32) (result i32) (local $at i32)
  (global.set $calls (f64.add (global.get $calls) (f64.const 1)))
  (local.set $at (i32.const 1024))
  (loop $again
    (f64.store (local.get $at) (global.get $calls))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $again (i32.lt_u (local.get $at) (i32.add (i32.const 1024) (i32.mul (local.get $rows) (i32.const 8))))))
  (call $answer (local.get $rows)))

;; case: scorer-looks-around
;; Gives in each row how many rows came with it.
;; world: score
;; kind: score
;; says: step 1 of the model is not row-wise
(func (export "score") (param $rows i32) (param i32 i32) (result i32) (local $at i32)
  (local.set $at (i32.const 1024))
  (loop $again
    (f64.store (local.get $at) (f64.convert_i32_u (local.get $rows)))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $again (i32.lt_u (local.get $at) (i32.const 4096))))
  (call $answer (local.get $rows)))

;; case: scorer-loops
;; Does not come back: killed at its wall time.
;; world: score
;; kind: score
;; stage: limits = { wall = "300ms" }
;; says: `limits.wall` of this stage is 300ms
(func (export "score") (param i32 i32 i32) (result i32) (loop $again (br $again)) (unreachable))

;; case: scorer-loops-in-load
;; Does not come back from loading its state: killed at its wall time.
;; world: score
;; kind: score
;; stage: limits = { wall = "300ms" }
;; says: `limits.wall` of this stage is 300ms
(func (export "load") (param i32 i32 i64) (result i32) (loop $again (br $again)) (unreachable))

;; case: scorer-hoards
;; Grows its memory until it is refused: ended at its limit.
;; world: score
;; kind: score
;; stage: limits = { memory = "8MiB" }
;; says: `limits.memory` of this stage is 8MiB
(func (export "score") (param $rows i32) (param i32 i32) (result i32)
  (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) (call $answer (local.get $rows)))

;; case: scorer-realloc-traps
;; Traps when the host hands it the rows.
;; world: score
;; kind: score
;; says: step 1 of the model was ended: wasm trap: wasm `unreachable` instruction executed
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))

;; case: scorer-says-nonsense
;; Refuses the rows with a text that is none.
;; world: score
;; kind: score
;; says: step 1 of the model was ended: invalid utf-8 sequence
(data (i32.const 64) "\01\00\00\00" "\00\02\00\00" "\02\00\00\00")
(data (i32.const 512) "\ff\fe")
(func (export "score") (param i32 i32 i32) (result i32) (i32.const 64))
