//go:build wasm && lockflight_monitor

package lockflight

import "unsafe"

//go:wasmexport lockflight:stage/monitorer@0.1.0#check
func exportCheck() unsafe.Pointer { return enterCheck(registeredMonitor) }

//go:wasmexport lockflight:stage/monitorer@0.1.0#run
func exportRun() unsafe.Pointer { return enterRun(registeredMonitor, lowerMonitor) }
