;; Counts the rows of `table` in batches of at most two, and finds that there are as many as the table says.
(data (i32.const 0x400) "table")
(data (i32.const 0x410) "rows")
(data (i32.const 0x420) ">= 1")
(data (i32.const 0x430) "every row was read")
;; What `check` answers: ok, no ports.
(data (i32.const 0x200) "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")
;; What `run` answers: ok, one finding, no outputs.
(data (i32.const 0x220) "\00\00\00\00" "\00\03\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00")
;; The finding: name, subject, slice; verdict; value; limit; rows, failed; message; input; examples.
(data (i32.const 0x300)
  "\10\04\00\00\04\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00"
  "\00\00\00\00"
  "\01\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00"
  "\01\00\00\00\20\04\00\00\04\00\00\00" "\00\00\00\00"
  "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00"
  "\30\04\00\00\12\00\00\00"
  "\01\00\00\00\00\04\00\00\05\00\00\00"
  "\00\00\00\00\00\00\00\00")
(func (export "lockflight:stage/validator@0.1.0#check") (result i32) (i32.const 0x200))
(func (export "lockflight:stage/validator@0.1.0#run") (result i32)
  (local $table i32) (local $batches i32) (local $rows i64)
  (local.set $table (call $open_table (i32.const 0x400) (i32.const 5)))
  (local.set $batches (call $table.scan (local.get $table) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 2)))
  (loop $more
    (call $batches.next (local.get $batches) (i32.const 0x280))
    (if (i32.load8_u (i32.const 0x280)) (then
      (local.set $rows (i64.add (local.get $rows) (i64.load32_u (i32.const 0x284))))
      (br $more))))
  (call $batches.drop (local.get $batches))
  (if (i64.ne (local.get $rows) (call $table.rows (local.get $table))) (then unreachable))
  (call $table.drop (local.get $table))
  (f64.store (i32.const 0x328) (f64.convert_i64_u (local.get $rows)))
  (i64.store (i32.const 0x340) (local.get $rows))
  (i32.const 0x220))
