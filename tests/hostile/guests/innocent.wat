;; The neighbour of every hostile stage: it copies its input file, takes its time over it and writes a table.
;; case: innocent
;; stage: inputs = { file = "birds" }
;; exit: 0
(data $outputs (i32.const 448)
  "\60\00\00\00\04\00\00\00" "\01\00\00\00" "\00\00\00\00"
  "\40\00\00\00\05\00\00\00" "\00\00\00\00" "\00\00\00\00")
(data $answers (i32.const 512) "\00\00\00\00" "\c0\01\00\00" "\02\00\00\00")
(data (i32.const 544) "\00\00\00\00" "\40\02\00\00" "\01\00\00\00")
(data (i32.const 576) "\40\00\00\00\05\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
(func (export "run") (result i32)
  (local $blob i32) (local $copy i32) (local $turns i32) (local $table i32)
  ;; About 50 ms, so that the neighbour is there meanwhile.
  (loop $again
    (i64.store (i32.const 384) (i64.mul (i64.add (i64.load (i32.const 384)) (i64.const 11)) (i64.const 13)))
    (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $turns) (i32.const 10000000))))
  (local.set $blob (call $open_blob (i32.const 80) (i32.const 4)))
  (local.set $copy (call $blob-writer))
  (call $blob.read (local.get $blob) (i64.const 0) (i32.const 1000) (i32.const 640))
  (call $blob-writer.write (local.get $copy) (i32.load (i32.const 640)) (i32.load (i32.const 644)))
  (local.set $table (call $table))
  (call $write (local.get $table))
  (i32.store (i32.const 460) (local.get $copy))
  (i32.store (i32.const 476) (local.get $table))
  (i32.const 512))
