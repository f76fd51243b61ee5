;; Ingests three rows that lie here, and the config it was given as a blob.
;; Names: 0x400 table, 0x410 x, 0x420 y, 0x430 l, 0x440 g, 0x450 config, 0x460 rows, 0x470 part, 0x480 all, 0x490 a word for the log, 0x4a0 seen, 0x4b0 tss:UTC.
(data (i32.const 0x400) "table")
(data (i32.const 0x410) "x")
(data (i32.const 0x420) "y")
(data (i32.const 0x430) "l")
(data (i32.const 0x440) "g")
(data (i32.const 0x450) "config")
(data (i32.const 0x460) "rows")
(data (i32.const 0x470) "part")
(data (i32.const 0x480) "all")
(data (i32.const 0x490) "three rows")
(data (i32.const 0x4a0) "seen")
(data (i32.const 0x4b0) "tss:UTC")
;; The schema's fields: `x` l not null, `y` g nullable, `seen` tss:UTC not null.
(data (i32.const 0x100)
  "\10\04\00\00\01\00\00\00" "\30\04\00\00\01\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00"
  "\20\04\00\00\01\00\00\00" "\40\04\00\00\01\00\00\00" "\01\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00"
  "\a0\04\00\00\04\00\00\00" "\b0\04\00\00\07\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00")
;; What `check` answers: ok, two ports.
(data (i32.const 0x200) "\00\00\00\00" "\20\02\00\00" "\02\00\00\00")
(data (i32.const 0x220)
  "\00\04\00\00\05\00\00\00" "\00\00\00\00" "\01\00\00\00" "\00\01\00\00\03\00\00\00" "\00\00\00\00\00\00\00\00"
  "\50\04\00\00\06\00\00\00" "\01\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00")
;; What `run` answers: ok, two outputs, whose handles are filled in.
(data (i32.const 0x280)
  "\00\04\00\00\05\00\00\00" "\00\00\00\00" "\00\00\00\00"
  "\50\04\00\00\06\00\00\00" "\01\00\00\00" "\00\00\00\00")
(data (i32.const 0x2a0) "\00\00\00\00" "\80\02\00\00" "\02\00\00\00")
;; The metric's one label.
(data (i32.const 0x2d0) "\70\04\00\00\04\00\00\00" "\80\04\00\00\03\00\00\00")
;; The columns: 1, 2, 3; 0.5, null, 2.5; the 15th of the first three months of 2024.
(data (i32.const 0x300)
  "\03\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\80\03\00\00\18\00\00\00"
  "\03\00\00\00" "\01\00\00\00\c8\03\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\98\03\00\00\18\00\00\00"
  "\03\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\b0\03\00\00\18\00\00\00")
(data (i32.const 0x380)
  "\01\00\00\00\00\00\00\00" "\02\00\00\00\00\00\00\00" "\03\00\00\00\00\00\00\00"
  "\00\00\00\00\00\00\e0\3f" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\04\40"
  "\80\75\a4\65\00\00\00\00" "\00\54\cd\65\00\00\00\00" "\80\8f\f3\65\00\00\00\00")
(data (i32.const 0x3c8) "\05")
(func (export "lockflight:stage/ingester@0.1.0#check") (result i32) (i32.const 0x200))
(func (export "lockflight:stage/ingester@0.1.0#run") (result i32)
  (local $writer i32)
  (local.set $writer (call $table-writer (i32.const 0x100) (i32.const 3) (i32.const 0) (i32.const 0)))
  (call $table-writer.write (local.get $writer) (i32.const 3) (i32.const 0x300) (i32.const 3))
  (i32.store (i32.const 0x28c) (local.get $writer))
  (call $config (i32.const 0x2c0))
  (local.set $writer (call $blob-writer))
  (call $blob-writer.write (local.get $writer) (i32.load (i32.const 0x2c0)) (i32.load (i32.const 0x2c4)))
  (i32.store (i32.const 0x29c) (local.get $writer))
  (call $log (i32.const 2) (i32.const 0x490) (i32.const 10))
  (call $progress (i64.const 3) (i64.const 3))
  ;; The seed and the time are 0, since neither is declared.
  (call $metric (i32.const 0x460) (i32.const 4)
    (f64.convert_i64_s (i64.add (i64.const 3) (i64.add (call $seed) (call $time))))
    (i32.const 1) (i64.const 1) (i32.const 0x2d0) (i32.const 1))
  (i32.const 0x2a0))
