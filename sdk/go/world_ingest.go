//go:build !lockflight_score

package lockflight

var registeredIngest *stage[[]Output]

// Ingest registers an ingest stage: run answers the outputs. Call it in an init function of package main. C is the config's type; see DecodeConfig.
// check runs before any data is there and answers the output ports; run does the work.
func Ingest[C any](check func(job *Job, config C) ([]Port, error), run func(job *Job, config C) ([]Output, error)) {
	register(&registeredIngest, check, run)
}
