package lockflight

var registeredScore Loader

// Score registers the scorer of a step. Call it in an init function of package main.
func Score(load Loader) { registeredScore = load }
