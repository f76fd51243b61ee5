//go:build wasm && lockflight_train

package lockflight

import "unsafe"

//go:wasmexport lockflight:stage/trainer@0.1.0#check
func exportCheck() unsafe.Pointer { return enterCheck(registeredTrain) }

//go:wasmexport lockflight:stage/trainer@0.1.0#run
func exportRun() unsafe.Pointer { return enterRun(registeredTrain, lowerTrain) }
