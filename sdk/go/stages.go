package lockflight

import "lockflight/internal/contract"

// checker runs a stage's check against the current host.
type checker func(*Job) ([]Port, error)

// runner runs a stage against the current host.
type runner[A any] func(*Job) (A, error)

// stage is a registered plugin of one world.
type stage[A any] struct {
	check checker
	run   runner[A]
}

// Report is what a validation found.
type Report struct {
	// Findings are the outcome of every check, in a fixed order.
	Findings []Finding
	// Outputs are tables, e.g. `table` with the rows that passed.
	Outputs []Output
}

// Fitted is a fitted step of a model.
type Fitted struct {
	// State is what the scorer loads.
	State *BlobWriter
	// Takes are the columns that the scorer wants, Gives those it answers, both in order.
	Takes, Gives Schema
	// Outputs are further ones, e.g. a table of feature importance.
	Outputs []Output
}

// Layer is one layer of an artifact.
type Layer struct {
	// MediaType is e.g. application/vnd.cncf.model.weight.v1.raw.
	MediaType string
	// Annotations have each key once.
	Annotations []Pair
	// Content is its bytes.
	Content *BlobWriter
}

// Artifact is what a package stage makes; the host assembles and signs it.
type Artifact struct {
	// ArtifactType and ConfigType are media types.
	ArtifactType, ConfigType string
	// Config is the config's bytes.
	Config *BlobWriter
	// Layers are in order.
	Layers []Layer
	// Annotations are the manifest's.
	Annotations []Pair
}

// Arm is a version of a model and its share of the traffic, from 0 to 1.
type Arm struct {
	Version string
	Weight  float64
}

type actionKind uint8

// Action is what to do next with the versions. The zero Action holds.
type Action struct {
	kind    actionKind
	arms    []Arm
	version string
}

// Hold leaves everything as it is until the next call.
func Hold() Action { return Action{} }

// Pause leaves everything as it is until a person decides.
func Pause() Action { return Action{kind: 1} }

// Shift gives the arms these shares, which add up to 1.
func Shift(arms ...Arm) Action { return Action{kind: 2, arms: arms} }

// Promote gives this version all traffic and ends.
func Promote(version string) Action { return Action{kind: 3, version: version} }

// RollBack takes all traffic from this version and ends.
func RollBack(version string) Action { return Action{kind: 4, version: version} }

// Decision is what a deploy stage answers.
type Decision struct {
	// Action is what to do.
	Action Action
	// Reason says why, in one sentence.
	Reason string
	// State is what the next call gets as its state; nil for none.
	State *BlobWriter
}

// Observation is what a window showed.
type Observation struct {
	// Verdict is the one over all findings; see Worst.
	Verdict Verdict
	// Findings are the outcome of every check.
	Findings []Finding
	// State is what the next window's call gets as its state; nil for none.
	State *BlobWriter
}

// Call reads the current host's config and calls a check or run function; for lockflighttest.
func Call[C, A any](function func(*Job, C) (A, error)) (A, error) {
	return with(function)(&Job{contract.Current})
}

// with reads the config before each function of a plugin.
func with[C, A any](function func(*Job, C) (A, error)) func(*Job) (A, error) {
	return func(job *Job) (A, error) {
		var config C
		if problems := DecodeConfig(job.host.Config(), &config); len(problems) > 0 {
			var none A
			return none, problems
		}
		return function(job, config)
	}
}

func register[C, A any](into **stage[A], check func(*Job, C) ([]Port, error), run func(*Job, C) (A, error)) {
	*into = &stage[A]{with(check), with(run)}
}

// A Scorer is the step of a model that a state was loaded into.
type Scorer interface {
	// Score answers the columns of the step's `gives`, in order, each with as many values as the batch has rows. A row's answer may
	// depend on that row and the state alone. The error says what is wrong with the rows.
	Score(rows *Batch) ([]NewColumn, error)
}

// Loader makes a scorer of a whole state. The scorer is given batches with the columns of `takes` in that order; since the host
// does not name them, takes says how the plugin calls them.
type Loader func(state []byte) (scorer Scorer, takes Schema, err error)
