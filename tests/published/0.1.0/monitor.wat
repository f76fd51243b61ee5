;; Finds nothing odd in any window, and counts the windows in its state.
(data (i32.const 0x400) "windows")
(data (i32.const 0x410) "windows seen so far")
;; What `check` answers: ok, no ports.
(data (i32.const 0x200) "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")
;; What `run` answers: ok; pass; one finding; a state.
(data (i32.const 0x220) "\00\00\00\00" "\00\00\00\00" "\00\03\00\00\01\00\00\00" "\01\00\00\00\00\00\00\00")
;; The finding: name, subject, slice; verdict; value; limit; rows, failed; message; input; examples.
(data (i32.const 0x300)
  "\00\04\00\00\07\00\00\00" "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00"
  "\00\00\00\00"
  "\01\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00"
  "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\00\00\00"
  "\00\00\00\00\00\00\00\00" "\00\00\00\00\00\00\00\00"
  "\10\04\00\00\13\00\00\00"
  "\00\00\00\00\00\00\00\00\00\00\00\00"
  "\00\00\00\00\00\00\00\00")
(global $windows (mut i32) (i32.const 0))
(func (export "lockflight:stage/monitorer@0.1.0#check") (result i32) (i32.const 0x200))
(func (export "lockflight:stage/monitorer@0.1.0#run") (result i32)
  ;; The state of the window before, if there was one: four bytes.
  (call $state (i32.const 0x280))
  (if (i32.load8_u (i32.const 0x280)) (then
    (call $blob.read (i32.load (i32.const 0x284)) (i64.const 0) (i32.const 4) (i32.const 0x290))
    (global.set $windows (i32.load align=1 (i32.load (i32.const 0x290))))
    (call $blob.drop (i32.load (i32.const 0x284)))))
  (global.set $windows (i32.add (global.get $windows) (i32.const 1)))
  (i32.store (i32.const 0x2a0) (global.get $windows))
  (i32.store (i32.const 0x234) (call $blob-writer))
  (call $blob-writer.write (i32.load (i32.const 0x234)) (i32.const 0x2a0) (i32.const 4))
  (f64.store (i32.const 0x328) (f64.convert_i32_u (global.get $windows)))
  (i32.const 0x220))
