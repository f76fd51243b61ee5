//go:build !lockflight_score

package lockflight

var registeredDeploy *stage[Decision]

// Deploy registers a deploy stage. Call it in an init function of package main. C is the config's type; see DecodeConfig.
// check runs before any data is there and answers the output ports; run does the work.
func Deploy[C any](check func(job *Job, config C) ([]Port, error), run func(job *Job, config C) (Decision, error)) {
	register(&registeredDeploy, check, run)
}
