;; What a hostile scorer begins with: the parts of a scorer that gives 0 for each row. See `prelude.wat` for how parts are replaced.
;; part: memory
(memory $memory (export "memory") 2)
;; part: heap
(global $heap (mut i32) (i32.const 65536))
;; part: cabi_realloc
;; Each call begins anew: nothing that came is needed any more.
(func (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
  (global.set $heap (i32.add (local.get $at) (local.get $size)))
  (local.get $at))
;; part: load
(func (export "load") (param i32 i32 i64) (result i32) (i32.const 16))
;; part: answer
;; At 64 what `score` returns: ok, so many rows, the one column at 96, whose values begin at 1024 and are zeros.
(func $answer (param $rows i32) (result i32)
  (global.set $heap (i32.const 65536))
  (i32.store (i32.const 68) (local.get $rows))
  (i32.store (i32.const 72) (i32.const 96))
  (i32.store (i32.const 76) (i32.const 1))
  (i32.store (i32.const 96) (local.get $rows))
  (i32.store (i32.const 124) (i32.const 1024))
  (i32.store (i32.const 128) (i32.mul (local.get $rows) (i32.const 8)))
  (i32.const 64))
;; part: score
(func (export "score") (param $rows i32) (param $columns i32) (param $count i32) (result i32) (call $answer (local.get $rows)))
