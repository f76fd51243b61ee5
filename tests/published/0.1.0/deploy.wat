;; Leaves the traffic as it is, and remembers in its state how many inputs it was shown.
(data (i32.const 0x400) "nothing to change")
;; What `check` answers: ok, no ports.
(data (i32.const 0x200) "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")
;; What `run` answers: ok; hold; the reason; a state.
(data (i32.const 0x220)
  "\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\04\00\00\11\00\00\00" "\01\00\00\00\00\00\00\00")
(func (export "lockflight:stage/deployer@0.1.0#check") (result i32) (i32.const 0x200))
(func (export "lockflight:stage/deployer@0.1.0#run") (result i32)
  (call $inputs (i32.const 0x280))
  (call $state (i32.const 0x290))
  (call $partition (i32.const 0x2a0))
  (i32.store (i32.const 0x23c) (call $blob-writer))
  (call $blob-writer.write (i32.load (i32.const 0x23c)) (i32.const 0x284) (i32.const 4))
  (i32.const 0x220))
