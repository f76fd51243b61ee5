//go:build lockflight_score

package lockflight

// In world score a step has no job, and what would reach for one must not be part of the component.

// Ingest does nothing in world score.
func Ingest[C any](func(*Job, C) ([]Port, error), func(*Job, C) ([]Output, error)) {}

// Validate does nothing in world score.
func Validate[C any](func(*Job, C) ([]Port, error), func(*Job, C) (Report, error)) {}

// Train does nothing in world score.
func Train[C any](func(*Job, C) ([]Port, error), func(*Job, C) (Fitted, error)) {}

// Package does nothing in world score.
func Package[C any](func(*Job, C) ([]Port, error), func(*Job, C) (Artifact, error)) {}

// Deploy does nothing in world score.
func Deploy[C any](func(*Job, C) ([]Port, error), func(*Job, C) (Decision, error)) {}

// Monitor does nothing in world score.
func Monitor[C any](func(*Job, C) ([]Port, error), func(*Job, C) (Observation, error)) {}
