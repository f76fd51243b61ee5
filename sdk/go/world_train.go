//go:build !lockflight_score

package lockflight

var registeredTrain *stage[Fitted]

// Train registers a train stage: the ports takes and gives of check stand for the scorer's schemas. Call it in an init function of package main. C is the config's type; see DecodeConfig.
// check runs before any data is there and answers the output ports; run does the work.
func Train[C any](check func(job *Job, config C) ([]Port, error), run func(job *Job, config C) (Fitted, error)) {
	register(&registeredTrain, check, run)
}
