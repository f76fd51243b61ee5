;; Answers WASI preview 1 inside the component, so that one made by a compiler that knows no other system imports none.
;; There is nothing: no arguments, no files, no sockets. What is printed is dropped. The clock counts its own readings, and
;; random numbers are the same in every run, so equal jobs give equal results. Errors are numbers of preview 1
;; (https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md): 8 is badf, 52 nosys.
(module
  (import "env" "memory" (memory 0))

  ;; Time in ns. Never 0, which runtimes take for a broken clock.
  (global $now (mut i64) (i64.const 1000000000))
  ;; The state of xorshift64 (G. Marsaglia: Xorshift RNGs, 2003); any number but 0 will do as a start.
  (global $random (mut i64) (i64.const 0x9e3779b97f4a7c15))

  ;; Lists of length 0.
  (func $nothing (param i32 i32) (result i32)
    (i32.store (local.get 0) (i32.const 0))
    (i32.store (local.get 1) (i32.const 0))
    (i32.const 0))
  (export "args_sizes_get" (func $nothing))
  (export "environ_sizes_get" (func $nothing))

  ;; Each reading is a microsecond later than the one before.
  (func (export "clock_time_get") (param $clock i32) (param $precision i64) (param $into i32) (result i32)
    (global.set $now (i64.add (global.get $now) (i64.const 1000)))
    (i64.store (local.get $into) (global.get $now))
    (i32.const 0))

  ;; Waiting moves the clock to the end of the first subscription, and is over.
  (func (export "poll_oneoff") (param $in i32) (param $out i32) (param $count i32) (param $ready i32) (result i32)
    (if (i32.eqz (i32.load8_u offset=8 (local.get $in)))
      (then
        (if (i32.and (i32.load16_u offset=40 (local.get $in)) (i32.const 1))
          (then
            (if (i64.gt_u (i64.load offset=24 (local.get $in)) (global.get $now))
              (then (global.set $now (i64.load offset=24 (local.get $in))))))
          (else (global.set $now (i64.add (global.get $now) (i64.load offset=24 (local.get $in))))))))
    (i64.store (local.get $out) (i64.load (local.get $in)))
    (i32.store16 offset=8 (local.get $out) (i32.const 0))
    (i32.store8 offset=10 (local.get $out) (i32.load8_u offset=8 (local.get $in)))
    (i32.store (local.get $ready) (i32.const 1))
    (i32.const 0))

  (func (export "random_get") (param $into i32) (param $length i32) (result i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $into) (local.get $length)))
    (block $done
      (loop $more
        (br_if $done (i32.ge_u (local.get $into) (local.get $end)))
        (global.set $random (i64.xor (global.get $random) (i64.shl (global.get $random) (i64.const 13))))
        (global.set $random (i64.xor (global.get $random) (i64.shr_u (global.get $random) (i64.const 7))))
        (global.set $random (i64.xor (global.get $random) (i64.shl (global.get $random) (i64.const 17))))
        (i64.store8 (local.get $into) (i64.shr_u (global.get $random) (i64.const 32)))
        (local.set $into (i32.add (local.get $into) (i32.const 1)))
        (br $more)))
    (i32.const 0))

  ;; The three standard streams are character devices that take everything.
  (func (export "fd_fdstat_get") (param $file i32) (param $into i32) (result i32)
    (if (i32.gt_u (local.get $file) (i32.const 2)) (then (return (i32.const 8))))
    (i64.store (local.get $into) (i64.const 2))
    (i64.store offset=8 (local.get $into) (i64.const 0x40))
    (i64.store offset=16 (local.get $into) (i64.const 0))
    (i32.const 0))
  (func (export "fd_write") (param $file i32) (param $parts i32) (param $count i32) (param $written i32) (result i32)
    (local $sum i32)
    (block $done
      (loop $more
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $sum (i32.add (local.get $sum) (i32.load offset=4 (local.get $parts))))
        (local.set $parts (i32.add (local.get $parts) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $more)))
    (i32.store (local.get $written) (local.get $sum))
    (i32.const 0))

  (func (export "sched_yield") (result i32) (i32.const 0))
  ;; A program that ends itself has failed: a stage returns.
  (func (export "proc_exit") (param i32) (unreachable))

  ;; Nothing else is there.
  (func (export "args_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "environ_get") (param i32 i32) (result i32) (i32.const 0))
  (func (export "clock_res_get") (param i32 i32) (result i32) (i32.const 52))
  (func (export "fd_advise") (param i32 i64 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_allocate") (param i32 i64 i64) (result i32) (i32.const 8))
  (func (export "fd_close") (param i32) (result i32) (i32.const 8))
  (func (export "fd_datasync") (param i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_flags") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_fdstat_set_rights") (param i32 i64 i64) (result i32) (i32.const 8))
  (func (export "fd_filestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_filestat_set_size") (param i32 i64) (result i32) (i32.const 8))
  (func (export "fd_filestat_set_times") (param i32 i64 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_pread") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_get") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_pwrite") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_read") (param i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_readdir") (param i32 i32 i32 i64 i32) (result i32) (i32.const 8))
  (func (export "fd_renumber") (param i32 i32) (result i32) (i32.const 8))
  (func (export "fd_seek") (param i32 i64 i32 i32) (result i32) (i32.const 8))
  (func (export "fd_sync") (param i32) (result i32) (i32.const 8))
  (func (export "fd_tell") (param i32 i32) (result i32) (i32.const 8))
  (func (export "path_create_directory") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_filestat_get") (param i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_filestat_set_times") (param i32 i32 i32 i32 i64 i64 i32) (result i32) (i32.const 8))
  (func (export "path_link") (param i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32) (i32.const 8))
  (func (export "path_readlink") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_remove_directory") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_rename") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_symlink") (param i32 i32 i32 i32 i32) (result i32) (i32.const 8))
  (func (export "path_unlink_file") (param i32 i32 i32) (result i32) (i32.const 8))
  (func (export "proc_raise") (param i32) (result i32) (i32.const 52))
  (func (export "sock_accept") (param i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_recv") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_send") (param i32 i32 i32 i32 i32) (result i32) (i32.const 52))
  (func (export "sock_shutdown") (param i32 i32) (result i32) (i32.const 52))
)
