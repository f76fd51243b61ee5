;; What takes its time, since the limit that ends it is the host's own.

;; case: check-loops
;; Does not come back from its check: killed at the wall time that checks have.
;; says: hostile: the plugin `hostile` could not check its config: the stage took longer than 30s, which is all that a check may use
(func (export "check") (result i32) (loop $again (br $again)) (unreachable))
