//go:build wasm && lockflight_ingest

package lockflight

import "unsafe"

//go:wasmexport lockflight:stage/ingester@0.1.0#check
func exportCheck() unsafe.Pointer { return enterCheck(registeredIngest) }

//go:wasmexport lockflight:stage/ingester@0.1.0#run
func exportRun() unsafe.Pointer { return enterRun(registeredIngest, lowerIngest) }
