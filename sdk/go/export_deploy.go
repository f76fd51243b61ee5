//go:build wasm && lockflight_deploy

package lockflight

import "unsafe"

//go:wasmexport lockflight:stage/deployer@0.1.0#check
func exportCheck() unsafe.Pointer { return enterCheck(registeredDeploy) }

//go:wasmexport lockflight:stage/deployer@0.1.0#run
func exportRun() unsafe.Pointer { return enterRun(registeredDeploy, lowerDeploy) }
