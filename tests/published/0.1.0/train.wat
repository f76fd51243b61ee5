;; Fits a step that takes `x` and gives `guess`: its state is the largest `x` of the table, as a float64.
(data (i32.const 0x400) "table")
(data (i32.const 0x410) "x")
(data (i32.const 0x420) "guess")
(data (i32.const 0x430) "l")
(data (i32.const 0x440) "g")
(data (i32.const 0x450) "takes")
(data (i32.const 0x460) "gives")
;; `x` l not null; `guess` g not null.
(data (i32.const 0x100)
  "\10\04\00\00\01\00\00\00" "\30\04\00\00\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00"
  "\20\04\00\00\05\00\00\00" "\40\04\00\00\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00")
;; What `check` answers: ok, the ports `takes` and `gives` with their schemas.
(data (i32.const 0x200) "\00\00\00\00" "\20\02\00\00" "\02\00\00\00")
(data (i32.const 0x220)
  "\50\04\00\00\05\00\00\00" "\00\00\00\00" "\01\00\00\00" "\00\01\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00"
  "\60\04\00\00\05\00\00\00" "\00\00\00\00" "\01\00\00\00" "\20\01\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00")
;; What `run` answers: ok, the state's handle, takes, gives, no outputs.
(data (i32.const 0x280)
  "\00\00\00\00" "\00\00\00\00"
  "\00\01\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00"
  "\20\01\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00"
  "\00\00\00\00\00\00\00\00")
;; The columns to read: `x`.
(data (i32.const 0x2c0) "\10\04\00\00\01\00\00\00")
(func (export "lockflight:stage/trainer@0.1.0#check") (result i32) (i32.const 0x200))
(func (export "lockflight:stage/trainer@0.1.0#run") (result i32)
  (local $table i32) (local $batches i32) (local $at i32) (local $end i32) (local $most i64)
  (local.set $table (call $open_table (i32.const 0x400) (i32.const 5)))
  (local.set $batches (call $table.scan (local.get $table) (i32.const 1) (i32.const 0x2c0) (i32.const 1) (i32.const 0)))
  (loop $more
    (call $batches.next (local.get $batches) (i32.const 0x300))
    (if (i32.load8_u (i32.const 0x300)) (then
      ;; The values of the first column.
      (local.set $at (i32.load offset=28 (i32.load (i32.const 0x308))))
      (local.set $end (i32.add (local.get $at) (i32.shl (i32.load (i32.const 0x304)) (i32.const 3))))
      (loop $row
        (if (i64.gt_s (i64.load align=1 (local.get $at)) (local.get $most))
          (then (local.set $most (i64.load align=1 (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br_if $row (i32.lt_u (local.get $at) (local.get $end))))
      (br $more))))
  (call $batches.drop (local.get $batches))
  (call $table.drop (local.get $table))
  (f64.store (i32.const 0x340) (f64.convert_i64_s (local.get $most)))
  (i32.store (i32.const 0x284) (call $blob-writer))
  (call $blob-writer.write (i32.load (i32.const 0x284)) (i32.const 0x340) (i32.const 8))
  (i32.const 0x280))
