;; Guests whose answers are not of the types that they declare, or not what they should be. What `run` returns lies at 4096.

;; case: result-without-meaning
;; Answers neither ok nor error: 7.
;; says: stage `hostile` failed: invalid expected discriminant
(data (i32.const 4096) "\07\00\00\00")
(func (export "run") (result i32) (i32.const 4096))

;; case: result-outside-of-memory
;; Says that its answer lies behind the end of its memory.
;; says: stage `hostile` failed: pointer out of bounds of memory
(func (export "run") (result i32) (i32.const 0x7ffffff0))

;; case: result-at-the-end-of-memory
;; Says that its answer lies in the last four bytes, where only its beginning has room.
;; says: stage `hostile` failed: pointer out of bounds of memory
(func (export "run") (result i32) (i32.const 131068))

;; case: result-misaligned
;; Says that its answer lies at an odd address.
;; says: stage `hostile` failed: return pointer not aligned
(func (export "run") (result i32) (i32.const 4097))

;; case: list-of-4-gib
;; Returns a list of 4,294,967,295 outputs.
;; says: stage `hostile` failed: list pointer/length out of bounds of memory
(data (i32.const 4096) "\00\00\00\00" "\c0\01\00\00" "\ff\ff\ff\ff")
(func (export "run") (result i32) (i32.const 4096))

;; case: list-that-wraps
;; Returns a list whose length in bytes, 16 for each of 0x10000001 outputs, is 16 in 32 bits.
;; says: stage `hostile` failed: list pointer/length out of bounds of memory
(data (i32.const 4096) "\00\00\00\00" "\c0\01\00\00" "\01\00\00\10")
(func (export "run") (result i32) (i32.const 4096))

;; case: list-outside-of-memory
;; Returns a list that begins behind the end of its memory.
;; says: stage `hostile` failed: list pointer/length out of bounds of memory
(data (i32.const 4096) "\00\00\00\00" "\00\00\ff\ff" "\01\00\00\00")
(func (export "run") (result i32) (i32.const 4096))

;; case: list-misaligned
;; Returns a list at an odd address.
;; says: stage `hostile` failed: list pointer is not aligned
(data (i32.const 4096) "\00\00\00\00" "\c1\01\00\00" "\01\00\00\00")
(func (export "run") (result i32) (i32.const 4096))

;; case: list-empty-anywhere
;; Returns an empty list whose pointer is out of bounds: that promises `table` and brings nothing.
;; says: stage `hostile` failed: list pointer/length out of bounds of memory
(data (i32.const 4096) "\00\00\00\00" "\00\00\ff\ff" "\00\00\00\00")
(func (export "run") (result i32) (i32.const 4096))

;; case: text-of-4-gib
;; Gives as error a text of 4,294,967,295 bytes.
;; says: stage `hostile` failed: string pointer/length out of bounds of memory
(data (i32.const 4096) "\01\00\00\00" "\02\00\00\00" "\40\00\00\00" "\ff\ff\ff\ff")
(func (export "run") (result i32) (i32.const 4096))

;; case: text-no-utf8
;; Gives as error bytes that are no UTF-8.
;; says: stage `hostile` failed: invalid utf-8 sequence of 1 bytes from index 0
(data (i32.const 4096) "\01\00\00\00" "\02\00\00\00" "\20\10\00\00" "\03\00\00\00")
(data (i32.const 4128) "\ff\fe\80")
(func (export "run") (result i32) (i32.const 4096))

;; case: text-for-the-terminal
;; Gives as error a text that would clear the screen, forge a line of lockflight's own and speak to GitHub: shown as escapes.
;; says: \u{1b}[2Jdone
;; never: done: 0 problems
(data (i32.const 4096) "\01\00\00\00" "\02\00\00\00" "\20\10\00\00" "\14\00\00\00")
(data (i32.const 4128) "\1b[2Jdone\08\08\r\n::error::hacked")
(func (export "run") (result i32) (i32.const 4096))

;; case: failure-without-meaning
;; Gives an error of a kind that there is not.
;; says: stage `hostile` failed: unexpected discriminant: 9
(data (i32.const 4096) "\01\00\00\00" "\09\00\00\00" "\40\00\00\00" "\05\00\00\00")
(func (export "run") (result i32) (i32.const 4096))

;; case: content-without-meaning
;; Returns an output that is neither table nor blob.
;; says: stage `hostile` failed: unexpected discriminant: 5
(data $outputs (i32.const 448) "\40\00\00\00\05\00\00\00" "\05\00\00\00" "\00\00\00\00")

;; case: nothing-at-all
;; Claims success and returns no output, though its check promised one.
;; says: the plugin's check promised the output `table`, and its run did not return it
(data (i32.const 4096) "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")
(func (export "run") (result i32) (i32.const 4096))

;; case: table-as-blob
;; Returns as blob what its check promised as table.
;; says: the plugin's check promised the output `table`, and its run returned it as a blob
(data $outputs (i32.const 448) "\40\00\00\00\05\00\00\00" "\01\00\00\00" "\00\00\00\00")
(func (export "run") (result i32) (call $answer (call $blob-writer)))

;; case: another-schema
;; Its check promises a table without nulls, its run returns one that may have some.
;; says: the plugin's check promised the output `table`, and its run returned it with another schema
(data (i32.const 576) "\40\00\00\00\05\00\00\00" "\00\00\00\00" "\01\00\00\00" "\00\01\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00")
(data (i32.const 4096)
  "\48\00\00\00\06\00\00\00" "\4e\00\00\00\01\00\00\00" "\01\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00")
(func $table (result i32) (call $table-writer (i32.const 4096) (i32.const 1) (i32.const 0) (i32.const 0)))

;; case: one-name-twice
;; Returns two outputs of one name.
;; says: the plugin returned two outputs named `table`
(data (i32.const 4096) "\00\00\00\00" "\20\10\00\00" "\02\00\00\00")
(data (i32.const 4128)
  "\40\00\00\00\05\00\00\00" "\01\00\00\00" "\00\00\00\00"
  "\40\00\00\00\05\00\00\00" "\01\00\00\00" "\00\00\00\00")
(func (export "run") (result i32)
  (i32.store (i32.const 4140) (call $blob-writer))
  (i32.store (i32.const 4156) (call $blob-writer))
  (i32.const 4096))

;; case: one-writer-twice
;; Returns one writer as two outputs.
;; says: stage `hostile` failed: unknown handle index 1
(data (i32.const 4096) "\00\00\00\00" "\20\10\00\00" "\02\00\00\00")
(data (i32.const 4128)
  "\40\00\00\00\05\00\00\00" "\01\00\00\00" "\00\00\00\00"
  "\48\00\00\00\06\00\00\00" "\01\00\00\00" "\00\00\00\00")
(func (export "run") (result i32)
  (i32.store (i32.const 4140) (call $blob-writer))
  (i32.store (i32.const 4156) (i32.load (i32.const 4140)))
  (i32.const 4096))

;; case: name-of-a-path
;; Names its output so that a file outside of the store would be written.
;; says: the plugin returned an output named "../../format"
(data (i32.const 4096) "\20\10\00\00\0c\00\00\00" "\01\00\00\00" "\00\00\00\00")
(data (i32.const 4128) "../../format")
(data (i32.const 4160) "\00\00\00\00" "\00\10\00\00" "\01\00\00\00")
(func (export "run") (result i32) (i32.store (i32.const 4108) (call $blob-writer)) (i32.const 4160))

;; case: name-without-letters
;; Names its output with nothing.
;; says: the plugin returned an output named ""
(data (i32.const 4096) "\20\10\00\00\00\00\00\00" "\01\00\00\00" "\00\00\00\00")
(data (i32.const 4160) "\00\00\00\00" "\00\10\00\00" "\01\00\00\00")
(func (export "run") (result i32) (i32.store (i32.const 4108) (call $blob-writer)) (i32.const 4160))

;; case: name-of-a-megabyte
;; Names its output with 64 KiB of `/`.
;; says: the plugin returned an output named "////
;; says: (cut off: it has 65
(data (i32.const 4096) "\00\00\01\00\00\00\01\00" "\01\00\00\00" "\00\00\00\00")
(data (i32.const 4160) "\00\00\00\00" "\00\10\00\00" "\01\00\00\00")
(func (export "run") (result i32)
  (memory.fill (i32.const 65536) (i32.const 0x2f) (i32.const 65536))
  (i32.store (i32.const 4108) (call $blob-writer))
  (i32.const 4160))

;; case: problem-at-no-place
;; Refuses its config at a place that there is not: bytes behind the end of its own text, of an input that it does not have.
;; exit: 2
;; says: look here
(data (i32.const 4096) "\01\00\00\00" "\20\10\00\00" "\01\00\00\00")
;; problem: place file(input "message", u64::MAX - 1 .. 3), message "look here", no help
(data (i32.const 4128)
  "\03\00\00\00\00\00\00\00" "\58\00\00\00\07\00\00\00" "\fe\ff\ff\ff\ff\ff\ff\ff" "\03\00\00\00\00\00\00\00"
  "\00\11\00\00\09\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\00\00\00")
(data (i32.const 4352) "look here")
(func (export "check") (result i32) (i32.const 4096))

;; case: problem-in-its-file
;; Refuses a file at bytes that it does not have.
;; stage: inputs = { file = "birds" }
;; exit: 2
;; says: look here
(data (i32.const 4096) "\01\00\00\00" "\20\10\00\00" "\01\00\00\00")
(data (i32.const 4128)
  "\03\00\00\00\00\00\00\00" "\50\00\00\00\04\00\00\00" "\fe\ff\ff\ff\ff\ff\ff\ff" "\ff\ff\ff\ff\ff\ff\ff\ff"
  "\00\11\00\00\09\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\00\00\00")
(data (i32.const 4352) "look here")
(func (export "check") (result i32) (i32.const 4096))

;; case: problems-without-end
;; Refuses its config with ten thousand problems: a hundred are shown.
;; exit: 2
;; says: look here
;; says: the plugin has 9900 more problems, which are not shown
(data (i32.const 4096) "\01\00\00\00" "\00\00\01\00" "\10\27\00\00")
(data (i32.const 4352) "look here")
(memory $memory (export "memory") 20)
(func (export "check") (result i32)
  (local $at i32)
  (local.set $at (i32.const 65536))
  (loop $again
    (i64.store (i32.add (local.get $at) (i32.const 32)) (i64.const 0x0000000900001100))
    (local.set $at (i32.add (local.get $at) (i32.const 56)))
    (br_if $again (i32.lt_u (local.get $at) (i32.const 625536))))
  (i32.const 4096))

;; case: check-of-a-wrong-kind
;; Its check answers a port that is neither table nor blob.
;; says: could not check its config
(data (i32.const 576) "\40\00\00\00\05\00\00\00" "\09\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")

;; case: check-of-a-wrong-schema
;; Its check promises a column of a type that there is not.
;; says: could not check its config: the plugin's check promised the output `table` with a schema that lockflight does not take: column "number": the type "Q" is not accepted
(data (i32.const 576) "\40\00\00\00\05\00\00\00" "\00\00\00\00" "\01\00\00\00" "\00\01\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00")
(data (i32.const 78) "Q")

;; case: check-of-one-name-twice
;; Its check promises two outputs of one name.
;; says: could not check its config: the plugin's check promised two outputs named `table`
(data (i32.const 544) "\00\00\00\00" "\40\02\00\00" "\02\00\00\00")
(data (i32.const 576)
  "\40\00\00\00\05\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00"
  "\40\00\00\00\05\00\00\00" "\01\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")

;; case: check-of-a-path
;; Its check promises an output whose name is a path.
;; says: could not check its config: the plugin's check promised an output named "../../format"; a name has letters
(data (i32.const 576) "\00\11\00\00\0c\00\00\00" "\00\00\00\00" "\00\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00")
(data (i32.const 4352) "../../format")

;; case: check-that-writes
;; Its check writes an output, which only `run` may.
;; says: could not check its config
(func (export "check") (result i32) (call $write (call $table)) (i32.const 544))

