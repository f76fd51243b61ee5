;; Guests that want the system: every WASI function that is given, with handles and lengths that make no sense, and those that are not.

;; case: environment
;; Reads the environment: it is empty, whatever lockflight's own has.
;; exit: 0
(import "wasi:cli/environment@0.2.6" "get-environment" (func $environment (param i32)))
(import "wasi:cli/environment@0.2.6" "get-arguments" (func $arguments (param i32)))
(import "wasi:cli/environment@0.2.6" "initial-cwd" (func $cwd (param i32)))
(func (export "run") (result i32)
  (call $environment (i32.const 4096)) (if (i32.load (i32.const 4100)) (then unreachable))
  (call $arguments (i32.const 4096)) (if (i32.load (i32.const 4100)) (then unreachable))
  (call $cwd (i32.const 4096)) (if (i32.load8_u (i32.const 4096)) (then unreachable))
  (call $right))

;; case: directories
;; Asks for the folders that it may open: there is none.
;; exit: 0
(import "wasi:filesystem/preopens@0.2.6" "get-directories" (func $directories (param i32)))
(func (export "run") (result i32)
  (call $directories (i32.const 4096)) (if (i32.load (i32.const 4100)) (then unreachable))
  (call $right))

;; case: open-parent
;; Opens `../secret.txt` from a folder that it made up.
;; says: stage `hostile` failed: unknown handle index 3
(import "wasi:filesystem/types@0.2.6" "[method]descriptor.open-at" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
(data (i32.const 4096) "../secret.txt")
(func (export "run") (result i32)
  (call $open (i32.const 3) (i32.const 0) (i32.const 4096) (i32.const 13) (i32.const 0) (i32.const 1) (i32.const 4352)) (unreachable))

;; case: open-with-a-stream
;; Opens `/proc/self/environ`, taking the stream of its own output for a folder: the component keeps the kinds of handles apart.
;; says: stage `hostile` failed: handle index 1 used with the wrong type
(import "wasi:filesystem/types@0.2.6" "[method]descriptor.open-at" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
(import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stdout (result i32)))
(data (i32.const 4096) "/proc/self/environ")
(func (export "run") (result i32)
  (call $open (call $stdout) (i32.const 0) (i32.const 4096) (i32.const 18) (i32.const 0) (i32.const 1) (i32.const 4352)) (unreachable))

;; case: socket
;; Makes a socket.
;; says: stage `hostile` failed: the plugin called `wasi:sockets/tcp-create-socket#create-tcp-socket`, which a sealed stage does not have
(import "wasi:sockets/tcp-create-socket@0.2.6" "create-tcp-socket" (func $socket (param i32 i32)))
(func (export "run") (result i32) (call $socket (i32.const 0) (i32.const 4096)) (unreachable))

;; case: network
;; Asks for the network.
;; says: the plugin called `wasi:sockets/instance-network#instance-network`
(import "wasi:sockets/instance-network@0.2.6" "instance-network" (func $network (result i32)))
(func (export "run") (result i32) (drop (call $network)) (unreachable))

;; case: names
;; Looks up a name that would carry its data out, with a network that it made up.
;; says: stage `hostile` failed: unknown handle index 1
(import "wasi:sockets/ip-name-lookup@0.2.6" "resolve-addresses" (func $resolve (param i32 i32 i32 i32)))
(data (i32.const 4096) "secret.example.com")
(func (export "run") (result i32) (call $resolve (i32.const 1) (i32.const 4096) (i32.const 18) (i32.const 4352)) (unreachable))

;; case: http
;; Makes a request over HTTP.
;; says: the plugin called `wasi:http/outgoing-handler#[constructor]outgoing-request`
(import "wasi:http/outgoing-handler@0.2.6" "[constructor]outgoing-request" (func $request (result i32)))
(import "wasi:http/outgoing-handler@0.2.6" "handle" (func $handle (param i32 i32)))
(func (export "run") (result i32) (call $handle (call $request) (i32.const 4096)) (unreachable))

;; case: not-given-in-check
;; Makes a socket in `check`.
;; says: could not check its config: the plugin called `wasi:sockets/tcp-create-socket#create-tcp-socket`
(import "wasi:sockets/tcp-create-socket@0.2.6" "create-tcp-socket" (func $socket (param i32 i32)))
(func (export "check") (result i32) (call $socket (i32.const 0) (i32.const 4096)) (unreachable))

;; case: exit
;; Ends itself with success in the middle: that is no success.
;; says: stage `hostile` failed: the plugin ended itself with exit code 0 instead of returning a result
(import "wasi:cli/exit@0.2.6" "exit" (func $exit (param i32)))
(func (export "run") (result i32) (call $exit (i32.const 0)) (unreachable))

;; case: clock
;; Reads the clocks: they stand at the job's time and move by a microsecond whenever they are asked, the same in every run.
;; exit: 0
(import "wasi:clocks/wall-clock@0.2.6" "now" (func $wall (param i32)))
(import "wasi:clocks/monotonic-clock@0.2.6" "now" (func $now (result i64)))
(func (export "run") (result i32)
  (if (i64.ne (call $now) (i64.const 1000)) (then unreachable))
  (call $wall (i32.const 4096))
  (if (i64.ne (i64.load (i32.const 4096)) (i64.div_s (call $time) (i64.const 1000000000))) (then unreachable))
  (if (i32.ne (i32.load (i32.const 4104)) (i32.const 2000)) (then unreachable))
  (call $right))

;; case: busy-wait
;; Waits for a day to pass by reading the clock over and over: killed at its wall time.
;; stage: limits = { wall = "300ms" }
;; says: `limits.wall` of this stage is 300ms
(import "wasi:clocks/monotonic-clock@0.2.6" "now" (func $now (result i64)))
(func (export "run") (result i32)
  (loop $again (br_if $again (i64.lt_u (call $now) (i64.const 86400000000000)))) (call $right))

;; case: wait-for-ever
;; Waits for 584 years: the logical clock jumps there, and no real time passes.
;; exit: 0
(import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-duration" (func $after (param i64) (result i32)))
(import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-instant" (func $at (param i64) (result i32)))
(import "wasi:clocks/monotonic-clock@0.2.6" "now" (func $now (result i64)))
(import "wasi:clocks/wall-clock@0.2.6" "now" (func $wall (param i32)))
(import "wasi:io/poll@0.2.6" "[method]pollable.block" (func $block (param i32)))
(import "wasi:io/poll@0.2.6" "[method]pollable.ready" (func $ready (param i32) (result i32)))
(func (export "run") (result i32)
  (call $block (call $after (i64.const -1)))
  (call $block (call $after (i64.const -1)))
  (call $block (call $at (i64.const -1)))
  (if (i32.eqz (call $ready (call $at (i64.const -1)))) (then unreachable))
  (if (i64.ne (call $now) (i64.const -1)) (then unreachable))
  (call $wall (i32.const 4096))
  (call $right))

;; case: poll-nothing
;; Waits for nothing at all, which would be for ever.
;; says: stage `hostile` failed: the plugin waited for nothing at all
(import "wasi:io/poll@0.2.6" "poll" (func $poll (param i32 i32 i32)))
(func (export "run") (result i32) (call $poll (i32.const 0) (i32.const 0) (i32.const 4096)) (unreachable))

;; case: poll-made-up
;; Waits for what nobody gave it.
;; says: stage `hostile` failed: unknown handle index 7
(import "wasi:io/poll@0.2.6" "poll" (func $poll (param i32 i32 i32)))
(data (i32.const 4096) "\07\00\00\00")
(func (export "run") (result i32) (call $poll (i32.const 4096) (i32.const 1) (i32.const 4352)) (unreachable))

;; case: poll-a-stream
;; Waits for its output stream as if it were something to wait for.
;; says: stage `hostile` failed: handle index 1 used with the wrong type
(import "wasi:io/poll@0.2.6" "[method]pollable.block" (func $block (param i32)))
(import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stdout (result i32)))
(func (export "run") (result i32) (call $block (call $stdout)) (unreachable))

;; case: poll-the-same
;; Waits for one thing sixteen thousand times in one call: each is a handle lent, and there are ten thousand.
;; says: stage `hostile` failed: the plugin held more than 10,000 handles at a time; `limits.handles` of this stage is 10000
(import "wasi:io/poll@0.2.6" "poll" (func $poll (param i32 i32 i32)))
(import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-duration" (func $after (param i64) (result i32)))
(memory $memory (export "memory") 4)
(global $heap (mut i32) (i32.const 131072))
(func (export "run") (result i32) (local $one i32) (local $at i32)
  (local.set $one (call $after (i64.const 5)))
  (local.set $at (i32.const 65536))
  (loop $again
    (i32.store (local.get $at) (local.get $one))
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (br_if $again (i32.lt_u (local.get $at) (i32.const 131072))))
  (call $poll (i32.const 65536) (i32.const 16384) (i32.const 4096))
  (if (i32.ne (i32.load (i32.const 4100)) (i32.const 16384)) (then unreachable))
  (call $right))

;; case: poll-4-gib
;; Waits for a list of 4,294,967,295 things.
;; says: stage `hostile` failed: list pointer/length out of bounds of memory
(import "wasi:io/poll@0.2.6" "poll" (func $poll (param i32 i32 i32)))
(func (export "run") (result i32) (call $poll (i32.const 0) (i32.const -1) (i32.const 4096)) (unreachable))

;; case: pollables-leak
;; Asks for things to wait for and gives none back.
;; says: stage `hostile` failed: the plugin held more than 10,000 handles at a time; `limits.handles` of this stage is 10000
(import "wasi:clocks/monotonic-clock@0.2.6" "subscribe-duration" (func $after (param i64) (result i32)))
(func (export "run") (result i32) (loop $again (drop (call $after (i64.const 1))) (br $again)) (unreachable))

;; case: random
;; Asks for random bytes: they follow from the seed alone, here 0.
;; exit: 0
(import "wasi:random/random@0.2.6" "get-random-u64" (func $random (result i64)))
(func (export "run") (result i32)
  (if (i64.ne (call $random) (i64.const 0xe220a8397b1dcdaf)) (then unreachable)) (call $right))

;; case: random-exabytes
;; Asks for 2^64 - 1 random bytes: refused before anything is allocated for them.
;; says: stage `hostile` failed: the plugin asked for 18446744073709551615 random bytes; a call may ask for 1048576
(import "wasi:random/random@0.2.6" "get-random-bytes" (func $random (param i64 i32)))
(func (export "run") (result i32) (call $random (i64.const -1) (i32.const 4096)) (unreachable))

;; case: insecure-exabytes
;; The same at the interface of cheap random numbers.
;; says: the plugin asked for 9223372036854775808 random bytes; a call may ask for 1048576
(import "wasi:random/insecure@0.2.6" "get-insecure-random-bytes" (func $random (param i64 i32)))
(func (export "run") (result i32) (call $random (i64.const 0x8000000000000000) (i32.const 4096)) (unreachable))

;; case: stdin
;; Reads 2^64 - 1 bytes of its standard input: it is at its end.
;; exit: 0
(import "wasi:cli/stdin@0.2.6" "get-stdin" (func $stdin (result i32)))
(import "wasi:io/streams@0.2.6" "[method]input-stream.read" (func $read (param i32 i64 i32)))
(import "wasi:io/streams@0.2.6" "[method]input-stream.blocking-read" (func $blocking (param i32 i64 i32)))
(func (export "run") (result i32) (local $in i32)
  (local.set $in (call $stdin))
  (call $read (local.get $in) (i64.const -1) (i32.const 4096))
  (if (i32.ne (i32.load8_u (i32.const 4096)) (i32.const 1)) (then unreachable))
  (call $blocking (local.get $in) (i64.const -1) (i32.const 4096))
  (if (i32.ne (i32.load8_u (i32.const 4096)) (i32.const 1)) (then unreachable))
  (call $right))

;; case: stdin-skip
;; Skips what there is not, with a function that is not given.
;; says: the plugin called `wasi:io/streams#[method]input-stream.skip`
(import "wasi:cli/stdin@0.2.6" "get-stdin" (func $stdin (result i32)))
(import "wasi:io/streams@0.2.6" "[method]input-stream.skip" (func $skip (param i32 i64 i32)))
(func (export "run") (result i32) (call $skip (call $stdin) (i64.const -1) (i32.const 4096)) (unreachable))

;; case: zeroes
;; Writes 2^64 - 1 zero bytes with one call, which is not given.
;; says: the plugin called `wasi:io/streams#[method]output-stream.write-zeroes`
(import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stdout (result i32)))
(import "wasi:io/streams@0.2.6" "[method]output-stream.write-zeroes" (func $zeroes (param i32 i64 i32)))
(func (export "run") (result i32) (call $zeroes (call $stdout) (i64.const -1) (i32.const 4096)) (unreachable))

;; case: write-to-an-input
;; Writes to its standard input.
;; says: stage `hostile` failed: handle index 1 used with the wrong type
(import "wasi:cli/stdin@0.2.6" "get-stdin" (func $stdin (result i32)))
(import "wasi:io/streams@0.2.6" "[method]output-stream.write" (func $write_out (param i32 i32 i32 i32)))
(func (export "run") (result i32) (call $write_out (call $stdin) (i32.const 64) (i32.const 5) (i32.const 4096)) (unreachable))

;; case: write-megabytes
;; Writes a megabyte without any end of line to its error stream, which is broken up, over and over: ended at the limit of its log.
;; stage: limits = { log = "1MiB" }
;; says: `limits.log` of this stage is 1MiB
(import "wasi:cli/stderr@0.2.6" "get-stderr" (func $stderr (result i32)))
(import "wasi:io/streams@0.2.6" "[method]output-stream.write" (func $write_out (param i32 i32 i32 i32)))
(memory $memory (export "memory") 40)
(func (export "run") (result i32) (local $n i32) (local $err i32)
  (local.set $err (call $stderr))
  (memory.fill (i32.const 65536) (i32.const 0x78) (i32.const 1048576))
  (loop $again
    (call $write_out (local.get $err) (i32.const 65536) (i32.const 1048576) (i32.const 4096))
    (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $n) (i32.const 20))))
  (call $right))

;; case: write-escapes
;; Prints what would forge lines of lockflight's own on a terminal and bytes that are no text: shown as escapes.
;; exit: 0
;; logs: \u{1b}[2Jinnocent: failed
(import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stdout (result i32)))
(import "wasi:io/streams@0.2.6" "[method]output-stream.blocking-write-and-flush" (func $write_out (param i32 i32 i32 i32)))
(data (i32.const 4352) "\ff\fe\1b[2Jinnocent: failed")
(func (export "run") (result i32) (call $write_out (call $stdout) (i32.const 4352) (i32.const 22) (i32.const 4096)) (call $right))

;; case: everything
;; Imports all that this suite knows of WASI, given or not, and calls none of it: an import alone is no fault.
;; exit: 0
(import "wasi:cli/environment@0.2.6" "get-environment" (func (param i32)))
(import "wasi:cli/exit@0.2.6" "exit" (func (param i32)))
(import "wasi:cli/stdin@0.2.6" "get-stdin" (func (result i32)))
(import "wasi:cli/stdout@0.2.6" "get-stdout" (func (result i32)))
(import "wasi:cli/stderr@0.2.6" "get-stderr" (func (result i32)))
(import "wasi:io/error@0.2.6" "[method]error.to-debug-string" (func (param i32 i32)))
(import "wasi:io/poll@0.2.6" "poll" (func (param i32 i32 i32)))
(import "wasi:io/streams@0.2.6" "[method]output-stream.splice" (func (param i32 i32 i64 i32)))
(import "wasi:clocks/monotonic-clock@0.2.6" "resolution" (func (result i64)))
(import "wasi:clocks/wall-clock@0.2.6" "resolution" (func (param i32)))
(import "wasi:random/random@0.2.6" "get-random-u64" (func (result i64)))
(import "wasi:random/insecure@0.2.6" "get-insecure-random-u64" (func (result i64)))
(import "wasi:random/insecure-seed@0.2.6" "insecure-seed" (func (param i32)))
(import "wasi:filesystem/types@0.2.6" "[method]descriptor.read-via-stream" (func (param i32 i64 i32)))
(import "wasi:filesystem/preopens@0.2.6" "get-directories" (func (param i32)))
(import "wasi:sockets/instance-network@0.2.6" "instance-network" (func (result i32)))
(import "wasi:sockets/tcp-create-socket@0.2.6" "create-tcp-socket" (func (param i32 i32)))
(import "wasi:sockets/tcp-create-socket@0.2.6" "[method]tcp-socket.start-listen" (func (param i32 i32)))
(import "wasi:sockets/ip-name-lookup@0.2.6" "resolve-addresses" (func (param i32 i32 i32 i32)))
(import "wasi:http/outgoing-handler@0.2.6" "handle" (func (param i32 i32)))
