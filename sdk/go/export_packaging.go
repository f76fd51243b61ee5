//go:build wasm && lockflight_packaging

package lockflight

import "unsafe"

//go:wasmexport lockflight:stage/packager@0.1.0#check
func exportCheck() unsafe.Pointer { return enterCheck(registeredPackage) }

//go:wasmexport lockflight:stage/packager@0.1.0#run
func exportRun() unsafe.Pointer { return enterRun(registeredPackage, lowerPackage) }
