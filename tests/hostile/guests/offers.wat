;; Components that ask for, or offer, other things than a plugin of their world: refused before any of their code runs.

;; case: unknown-interface
;; Imports a function that nobody offers: `shell`.
;; world: astray
;; exit: 2
;; says: `hostile` cannot fill this stage: it does not fit world ingest:
;; says: it imports `lockflight:hostile/elsewhere`, which this world does not offer
(import "lockflight:hostile/elsewhere" "shell" (func $shell (param i32 i32 i32)))
(func (export "run") (result i32) (call $shell (i32.const 64) (i32.const 5) (i32.const 4096)) (unreachable))

;; case: scorer-as-ingest
;; Is a scorer where an ingest plugin has to be.
;; world: score
;; exit: 2
;; says: this plugin is for world score, not for ingest
(memory (export "memory") 1)
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
(func (export "load") (param i32 i32 i64) (result i32) (i32.const 0))
(func (export "score") (param i32 i32 i32) (result i32) (i32.const 0))

;; case: greedy-scorer
;; Is a scorer that wants files, the environment and the job: a scorer imports no function.
;; world: greedy-score
;; exit: 2
;; says: it does not fit world
(import "wasi:cli/environment@0.2.6" "get-environment" (func $environment (param i32)))
(import "lockflight:stage/job@0.1.0" "seed" (func $seed (result i64)))
(memory (export "memory") 1)
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
(func (export "load") (param i32 i32 i64) (result i32) (call $environment (i32.const 64)) (drop (call $seed)) (i32.const 0))
(func (export "score") (param i32 i32 i32) (result i32) (i32.const 0))

;; case: ingest-as-validate
;; Fits its own world, and is named in another stage.
;; kind: validate
;; exit: 2
;; says: this plugin is for world ingest, not for validate
(func (export "run") (result i32) (call $right))

;; case: key-that-is-none
;; The manifest gives a hostile stage a capability that there is not: an error, never silently ignored.
;; stage: allow = ["network"]
;; exit: 2
;; says: allow
(func (export "run") (result i32) (call $right))

;; case: limit-that-is-none
;; The manifest sets a limit that there is not: an error, never silently ignored.
;; stage: limits = { threads = 4 }
;; exit: 2
;; says: threads
(func (export "run") (result i32) (call $right))
