;; Guests that use handles which are not theirs, not there any more, or of another kind.

;; case: dropped-blob
;; Reads a blob that it has dropped.
;; stage: inputs = { file = "birds" }
;; says: unknown handle index
(func (export "run") (result i32) (local $blob i32)
  (local.set $blob (call $open_blob (i32.const 80) (i32.const 4)))
  (call $blob.drop (local.get $blob))
  (call $blob.read (local.get $blob) (i64.const 0) (i32.const 8) (i32.const 4096))
  (unreachable))

;; case: dropped-twice
;; Drops a writer twice.
;; says: unknown handle index
(func (export "run") (result i32) (local $writer i32)
  (local.set $writer (call $table))
  (call $table-writer.drop (local.get $writer))
  (call $table-writer.drop (local.get $writer))
  (unreachable))

;; case: dropped-output
;; Returns a writer that it has dropped.
;; says: unknown handle index
(func (export "run") (result i32) (local $writer i32)
  (local.set $writer (call $table))
  (call $table-writer.drop (local.get $writer))
  (call $answer (local.get $writer)))

;; case: written-after-drop
;; Writes rows into a table that it has dropped.
;; says: unknown handle index
(func (export "run") (result i32) (local $writer i32)
  (local.set $writer (call $table))
  (call $table-writer.drop (local.get $writer))
  (call $write (local.get $writer))
  (unreachable))

;; case: made-up
;; Writes into handles that nobody gave it.
;; says: unknown handle index
(func (export "run") (result i32) (call $write (i32.const 1)) (unreachable))

;; case: made-up-large
;; The same with the largest of all numbers.
;; says: unknown handle index
(func (export "run") (result i32) (call $write (i32.const -1)) (unreachable))

;; case: made-up-output
;; Returns a writer that nobody gave it.
;; says: unknown handle index
(func (export "run") (result i32) (call $answer (i32.const 5)))

;; case: of-another-kind
;; Writes rows into a blob.
;; says: handle index 1 used with the wrong type
(func (export "run") (result i32) (call $write (call $blob-writer)) (unreachable))

;; case: returned-as-another-kind
;; Returns a blob's writer as that of a table.
;; says: used with the wrong type
(func (export "run") (result i32) (call $answer (call $blob-writer)))

;; case: reused-number
;; Uses the old number of a dropped table for the blob that got it next: the kind does not fit.
;; says: used with the wrong type
(func (export "run") (result i32) (local $writer i32)
  (local.set $writer (call $table))
  (call $table-writer.drop (local.get $writer))
  (drop (call $blob-writer))
  (call $write (local.get $writer))
  (unreachable))

;; case: foreign-input
;; Opens a stage's table that is none of its inputs.
;; says: the plugin opened the table `table`, which the stage does not have; it has no input
(func (export "run") (result i32) (drop (call $open_table (i32.const 64) (i32.const 5))) (unreachable))

;; case: input-of-a-path
;; Opens a file by its path.
;; stage: inputs = { file = "birds" }
;; says: the plugin opened the blob `../secret.txt`, which the stage does not have
(data (i32.const 4096) "../secret.txt")
(func (export "run") (result i32) (drop (call $open_blob (i32.const 4096) (i32.const 13))) (unreachable))

;; case: file-as-table
;; Opens a file as if it were a table.
;; stage: inputs = { file = "birds" }
;; says: the plugin opened the table `file`, which is no table
(func (export "run") (result i32) (drop (call $open_table (i32.const 80) (i32.const 4))) (unreachable))

;; case: behind-the-end
;; Reads from beyond the end of its input, at offsets that overflow: nothing comes, and no more than the file has.
;; stage: inputs = { file = "birds" }
;; exit: 0
(func (export "run") (result i32) (local $blob i32)
  (local.set $blob (call $open_blob (i32.const 80) (i32.const 4)))
  (call $blob.read (local.get $blob) (i64.const -1) (i32.const -1) (i32.const 4096))
  (if (i32.load (i32.const 4100)) (then unreachable))
  (call $blob.read (local.get $blob) (i64.const 25) (i32.const -1) (i32.const 4096))
  (if (i32.load (i32.const 4100)) (then unreachable))
  (call $blob.read (local.get $blob) (i64.const 1) (i32.const -1) (i32.const 4096))
  (if (i32.ne (i32.load (i32.const 4100)) (i32.const 24)) (then unreachable))
  (call $right))

;; case: outside-of-memory
;; Writes bytes that lie behind the end of its memory.
;; says: stage `hostile` failed: list pointer/length out of bounds of memory
(func (export "run") (result i32) (call $blob-writer.write (call $blob-writer) (i32.const 65536) (i32.const 65537)) (unreachable))

;; case: write-of-4-gib
;; Writes 4,294,967,295 bytes at once.
;; says: stage `hostile` failed: list pointer/length out of bounds of memory
(func (export "run") (result i32) (call $blob-writer.write (call $blob-writer) (i32.const 1) (i32.const -1)) (unreachable))

;; case: batch-of-4-gib-columns
;; Writes a batch with 119,304,648 columns, whose records would take 4 GiB and wrap to 32 bytes.
;; says: stage `hostile` failed: list pointer/length out of bounds of memory
(func (export "run") (result i32) (call $table-writer.write (call $table) (i32.const 3) (i32.const 320) (i32.const 0x71c71c8)) (unreachable))

;; case: many-times-the-same
;; Writes a batch of a thousand columns that all are the same 60 MiB of its memory: more than one call may hand over.
;; says: stage `hostile` failed: the plugin handed over more than 128MiB in one call; `limits.call` of this stage is 128MiB
(memory $memory (export "memory") 1000)
(func (export "run") (result i32)
  (local $at i32) (local $writer i32)
  (local.set $writer (call $table))
  (local.set $at (i32.const 131072))
  (loop $again
    (i32.store (local.get $at) (i32.const 3))
    (i32.store offset=28 (local.get $at) (i32.const 0))
    (i32.store offset=32 (local.get $at) (i32.const 62914560))
    (local.set $at (i32.add (local.get $at) (i32.const 36)))
    (br_if $again (i32.lt_u (local.get $at) (i32.const 167072))))
  (call $table-writer.write (local.get $writer) (i32.const 3) (i32.const 131072) (i32.const 1000))
  (unreachable))

;; case: level-without-meaning
;; Logs at a level that there is not.
;; says: stage `hostile` failed: unexpected discriminant: 5
(func (export "run") (result i32) (call $log (i32.const 5) (i32.const 64) (i32.const 5)) (unreachable))

;; case: log-no-utf8
;; Logs bytes that are no UTF-8.
;; says: stage `hostile` failed: invalid utf-8 sequence of 1 bytes from index 0
(data (i32.const 4096) "\c3\28")
(func (export "run") (result i32) (call $log (i32.const 2) (i32.const 4096) (i32.const 2)) (unreachable))

;; case: log-outside-of-memory
;; Logs what lies behind its memory.
;; says: stage `hostile` failed: string pointer/length out of bounds of memory
(func (export "run") (result i32) (call $log (i32.const 2) (i32.const -8) (i32.const 16)) (unreachable))

;; case: answer-into-nowhere
;; Wants an answer of the host written behind the end of its memory.
;; says: stage `hostile` failed: pointer out of bounds
(func (export "run") (result i32) (call $config (i32.const -4)) (unreachable))

;; case: answer-misaligned
;; Wants an answer of the host written at an odd address.
;; says: stage `hostile` failed: pointer not aligned
(func (export "run") (result i32) (call $config (i32.const 4097)) (unreachable))

;; case: option-without-meaning
;; Scans with an option that is neither none nor some.
;; says: stage `hostile` failed: invalid option discriminant
(func (export "run") (result i32) (call $metric (i32.const 64) (i32.const 5) (f64.const 1) (i32.const 9) (i64.const 1) (i32.const 0) (i32.const 0)) (unreachable))
