//go:build wasm && lockflight_validate

package lockflight

import "unsafe"

//go:wasmexport lockflight:stage/validator@0.1.0#check
func exportCheck() unsafe.Pointer { return enterCheck(registeredValidate) }

//go:wasmexport lockflight:stage/validator@0.1.0#run
func exportRun() unsafe.Pointer { return enterRun(registeredValidate, lowerValidate) }
