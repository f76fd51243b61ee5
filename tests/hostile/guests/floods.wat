;; Guests that say too much: log, figures, progress, findings, output. Each is ended at a limit, and the text names the key.

;; case: log-lines
;; Writes 150,000 lines of log: ended at 100,000.
;; says: `limits.log-lines` of this stage is 100000
(func (export "run") (result i32) (local $n i32)
  (loop $again
    (call $log (i32.const 2) (i32.const 64) (i32.const 5))
    (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $n) (i32.const 150000))))
  (call $right))

;; case: log-without-end
;; Writes lines for ever: killed at its wall time.
;; stage: limits = { wall = "500ms" }
;; says: `limits.wall` of this stage is 500ms
(func (export "run") (result i32)
  (loop $again (call $log (i32.const 4) (i32.const 64) (i32.const 5)) (br $again)) (unreachable))

;; case: log-of-long-lines
;; Writes lines of 100 kB each: 16 KiB of each are kept, and count.
;; stage: limits = { log = "1MiB" }
;; says: `limits.log` of this stage is 1MiB
(memory $memory (export "memory") 1600)
(func (export "run") (result i32) (local $n i32)
  (memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 1000000))
  (loop $again
    (call $log (i32.const 2) (i32.const 65536) (i32.const 100000))
    (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $n) (i32.const 1100))))
  (call $right))

;; case: log-of-other-lines
;; Logs a text with line breaks and an escape that would forge lines of lockflight's own: shown on one line, as escapes.
;; exit: 0
;; logs: \u{1b}[31mhostile: done
(data (i32.const 4096) "fine\nhostile: cached\r\1b[31mhostile: done")
(func (export "run") (result i32) (call $log (i32.const 2) (i32.const 4096) (i32.const 39)) (call $right))

;; case: metrics
;; Records figures until it is ended: a million is the most.
;; says: stage `hostile` failed: the plugin recorded more than 1,000,000 metrics; `limits.metrics` of this stage is 1000000
(func (export "run") (result i32)
  (loop $again
    (call $metric (i32.const 64) (i32.const 5) (f64.const 1) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)) (br $again))
  (unreachable))

;; case: metrics-with-long-names
;; Records figures whose name has a megabyte: they are held in the host's memory, so their bytes are bounded too.
;; stage: limits = { output = "256MiB" }
;; says: stage `hostile` failed: the plugin's figures have more than 64 MiB of names and labels
(memory $memory (export "memory") 40)
(func (export "run") (result i32)
  (memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 1048576))
  (loop $again
    (call $metric (i32.const 65536) (i32.const 1048576) (f64.const 1) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0)) (br $again))
  (unreachable))

;; case: metric-not-a-number
;; Records figures that JSON cannot say: kept as what they are.
;; exit: 0
(func (export "run") (result i32)
  (call $metric (i32.const 64) (i32.const 5) (f64.const nan) (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0))
  (call $metric (i32.const 64) (i32.const 5) (f64.const -inf) (i32.const 1) (i64.const -1) (i32.const 0) (i32.const 0))
  (call $right))

;; case: progress
;; Reports progress for ever, with totals that make no sense: killed at its wall time.
;; stage: limits = { wall = "500ms" }
;; says: `limits.wall` of this stage is 500ms
(func (export "run") (result i32)
  (loop $again
    (call $progress (i64.const -1) (i64.const 0)) (call $progress (i64.const -1) (i64.const 1)) (call $progress (i64.const 0) (i64.const -1))
    (br $again))
  (unreachable))

;; case: output
;; Writes more than its limit into a blob.
;; stage: limits = { output = "1MiB" }
;; says: stage `hostile` failed: the plugin wrote more than 1MiB of output
(func (export "run") (result i32) (local $blob i32)
  (local.set $blob (call $blob-writer))
  (loop $again (call $blob-writer.write (local.get $blob) (i32.const 0) (i32.const 65536)) (br $again))
  (unreachable))

;; case: output-in-large-pieces
;; Writes a blob in pieces of 100 MiB, faster than they are written down: the host holds little of it at a time.
;; stage: limits = { output = "500MiB" }
;; says: stage `hostile` failed: the plugin wrote more than 500MiB of output
(memory $memory (export "memory") 1700)
(func (export "run") (result i32) (local $blob i32)
  (local.set $blob (call $blob-writer))
  (loop $again (call $blob-writer.write (local.get $blob) (i32.const 65536) (i32.const 104857600)) (br $again))
  (unreachable))

;; case: output-in-large-batches
;; Writes rows in batches of 60 MiB, faster than they are written down.
;; stage: limits = { output = "400MiB" }
;; says: stage `hostile` failed: the plugin wrote more than 400MiB of output
(memory $memory (export "memory") 1700)
(data (i32.const 4096)
  "\00\00\78\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\00\01\00" "\00\00\c0\03")
(func (export "run") (result i32) (local $writer i32)
  (local.set $writer (call $table))
  (loop $again (call $table-writer.write (local.get $writer) (i32.const 7864320) (i32.const 4096) (i32.const 1)) (br $again))
  (unreachable))

;; case: output-in-many
;; Writes more than its limit in many small blobs, each dropped after it: all that is written counts.
;; stage: limits = { output = "1MiB" }
;; says: stage `hostile` failed: the plugin wrote more than 1MiB of output
(func (export "run") (result i32) (local $blob i32)
  (loop $again
    (local.set $blob (call $blob-writer))
    (call $blob-writer.write (local.get $blob) (i32.const 0) (i32.const 65536))
    (call $blob-writer.drop (local.get $blob))
    (br $again))
  (unreachable))

;; case: output-exactly
;; Writes as much as it may, to the byte: that is allowed.
;; stage: limits = { output = "64KiB" }
;; exit: 0
(data (i32.const 576) "\40\00\00\00\05\00\00\00" "\01\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
(data $outputs (i32.const 448) "\40\00\00\00\05\00\00\00" "\01\00\00\00" "\00\00\00\00")
(func (export "run") (result i32) (local $blob i32)
  (local.set $blob (call $blob-writer))
  (call $blob-writer.write (local.get $blob) (i32.const 0) (i32.const 65536))
  (call $answer (local.get $blob)))

;; case: output-of-nothing
;; Writes nothing, for ever: empty pieces, which count for nothing but time.
;; stage: limits = { wall = "500ms" }
;; says: `limits.wall` of this stage is 500ms
(func (export "run") (result i32) (local $blob i32)
  (local.set $blob (call $blob-writer))
  (loop $again (call $blob-writer.write (local.get $blob) (i32.const 0) (i32.const 0)) (br $again))
  (unreachable))

;; case: failure-of-a-megabyte
;; Gives as its error a text of a megabyte: what is shown and recorded of it has an end.
;; says: stage `hostile` failed: the plugin reports a fault of its own: xxxx
;; says: (cut off: it has 1048576 bytes)
(memory $memory (export "memory") 40)
(data (i32.const 4096) "\01\00\00\00" "\02\00\00\00" "\00\00\01\00" "\00\00\10\00")
(func (export "run") (result i32)
  (memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 1048576))
  (i32.const 4096))

;; case: schema-of-many-columns
;; Starts a table of 200,000 columns of one name.
;; says: stage `hostile` failed: the plugin started a table with a schema that lockflight does not take: two columns are named "number"
(memory $memory (export "memory") 200)
(func (export "run") (result i32) (local $at i32)
  (local.set $at (i32.const 65536))
  (loop $again
    (memory.copy (local.get $at) (i32.const 256) (i32.const 32))
    (local.set $at (i32.add (local.get $at) (i32.const 32)))
    (br_if $again (i32.lt_u (local.get $at) (i32.const 6465536))))
  (drop (call $table-writer (i32.const 65536) (i32.const 200000) (i32.const 0) (i32.const 0)))
  (unreachable))

;; case: findings
;; Reports 200,000 findings: a message of the conversation has at most 64 MiB.
;; world: validate
;; kind: validate
;; says: stage `hostile` failed: the plugin said too much at once: a message of 93400015 bytes
(memory $memory (export "memory") 400)
(data (i32.const 544) "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")
(data (i32.const 4096) "\00\00\00\00" "\00\00\01\00" "\40\0d\03\00" "\00\00\00\00" "\00\00\00\00")
(func (export "run") (result i32) (local $at i32)
  (local.set $at (i32.const 65536))
  (loop $again
    (i32.store (local.get $at) (i32.const 64)) (i32.store offset=4 (local.get $at) (i32.const 5))
    (i32.store offset=80 (local.get $at) (i32.const 8192)) (i32.store offset=84 (local.get $at) (i32.const 450))
    (local.set $at (i32.add (local.get $at) (i32.const 112)))
    (br_if $again (i32.lt_u (local.get $at) (i32.const 22465536))))
  (i32.const 4096))
