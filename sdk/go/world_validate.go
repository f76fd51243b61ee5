//go:build !lockflight_score

package lockflight

var registeredValidate *stage[Report]

// Validate registers a validate stage. Call it in an init function of package main. C is the config's type; see DecodeConfig.
// check runs before any data is there and answers the output ports; run does the work.
func Validate[C any](check func(job *Job, config C) ([]Port, error), run func(job *Job, config C) (Report, error)) {
	register(&registeredValidate, check, run)
}
