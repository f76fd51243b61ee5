//go:build !lockflight_score

package lockflight

var registeredPackage *stage[Artifact]

// Package registers a package stage (world packaging). Call it in an init function of package main. C is the config's type; see DecodeConfig.
// check runs before any data is there and answers the output ports; run does the work.
func Package[C any](check func(job *Job, config C) ([]Port, error), run func(job *Job, config C) (Artifact, error)) {
	register(&registeredPackage, check, run)
}
