;; Packs a model of one step: its document, its scorer and its state, as they come.
(data (i32.const 0x400) "document")
(data (i32.const 0x410) "step-1.scorer")
(data (i32.const 0x420) "step-1.state")
(data (i32.const 0x430) "scorer")
(data (i32.const 0x440) "state")
(data (i32.const 0x450) "dev.lockflight.part")
(data (i32.const 0x470) "{}")
(data (i32.const 0x480) "application/vnd.cncf.model.manifest.v1+json")
(data (i32.const 0x4b0) "application/vnd.cncf.model.config.v1+json")
(data (i32.const 0x4e0) "application/vnd.cncf.model.weight.v1.raw")
;; What `check` answers: ok, no ports.
(data (i32.const 0x200) "\00\00\00\00" "\00\00\00\00" "\00\00\00\00")
;; One annotation for each layer.
(data (i32.const 0x240) "\50\04\00\00\13\00\00\00" "\00\04\00\00\08\00\00\00")
(data (i32.const 0x250) "\50\04\00\00\13\00\00\00" "\30\04\00\00\06\00\00\00")
(data (i32.const 0x260) "\50\04\00\00\13\00\00\00" "\40\04\00\00\05\00\00\00")
;; The layers: media type, annotations, content.
(data (i32.const 0x280)
  "\e0\04\00\00\28\00\00\00" "\40\02\00\00\01\00\00\00" "\00\00\00\00"
  "\e0\04\00\00\28\00\00\00" "\50\02\00\00\01\00\00\00" "\00\00\00\00"
  "\e0\04\00\00\28\00\00\00" "\60\02\00\00\01\00\00\00" "\00\00\00\00")
;; What `run` answers: ok, the artifact: its type, its config's type and content, the layers, no annotations.
(data (i32.const 0x300)
  "\00\00\00\00" "\80\04\00\00\2b\00\00\00" "\b0\04\00\00\29\00\00\00" "\00\00\00\00" "\80\02\00\00\03\00\00\00" "\00\00\00\00\00\00\00\00")
;; A copy of the blob of that name.
(func $copy (param $name i32) (param $length i32) (result i32)
  (local $blob i32) (local $writer i32)
  (local.set $blob (call $open_blob (local.get $name) (local.get $length)))
  (local.set $writer (call $blob-writer))
  (call $blob.read (local.get $blob) (i64.const 0) (i32.wrap_i64 (call $blob.size (local.get $blob))) (i32.const 0x340))
  (call $blob-writer.write (local.get $writer) (i32.load (i32.const 0x340)) (i32.load (i32.const 0x344)))
  (call $blob.drop (local.get $blob))
  (local.get $writer))
(func (export "lockflight:stage/packager@0.1.0#check") (result i32) (i32.const 0x200))
(func (export "lockflight:stage/packager@0.1.0#run") (result i32)
  (i32.store (i32.const 0x314) (call $blob-writer))
  (call $blob-writer.write (i32.load (i32.const 0x314)) (i32.const 0x470) (i32.const 2))
  (i32.store (i32.const 0x290) (call $copy (i32.const 0x400) (i32.const 8)))
  (i32.store (i32.const 0x2a4) (call $copy (i32.const 0x410) (i32.const 13)))
  (i32.store (i32.const 0x2b8) (call $copy (i32.const 0x420) (i32.const 12)))
  (i32.const 0x300))
