//go:build !lockflight_score

package lockflight

var registeredMonitor *stage[Observation]

// Monitor registers a monitor stage. Call it in an init function of package main. C is the config's type; see DecodeConfig.
// check runs before any data is there and answers the output ports; run does the work.
func Monitor[C any](check func(job *Job, config C) ([]Port, error), run func(job *Job, config C) (Observation, error)) {
	register(&registeredMonitor, check, run)
}
