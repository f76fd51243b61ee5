// Package lockflight is what a lockflight plugin in Go is written with.
//
// A plugin is a package main that registers its functions in init:
//
//	type Config struct {
//		Column string `json:"column"`
//	}
//
//	func init() { lockflight.Validate(check, run) }
//	func main() {}
//
//	func check(job *lockflight.Job, config Config) ([]lockflight.Port, error) { … }
//	func run(job *lockflight.Job, config Config) (lockflight.Report, error)   { … }
//
// `lockflight plugin build` makes a component of it that imports no system: there are no files, no network, no clock that moves by
// itself and no standard output. What a plugin gets is its Job.
//
// Errors are what check and run answer: Problems for what has to be mended in the manifest, a DataError for data that is not what it
// should be, every other error for a fault of the plugin. A panic ends the stage with its message, and its stack is in the log.
//
// Tests run with `go test`, against the host in memory of package lockflighttest.
package lockflight
