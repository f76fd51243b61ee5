// Package abi is the canonical ABI's view of the contract: types with the layout they have in memory, and memory for them.
package abi

// List is a list or a text: an address in linear memory and the number of elements.
type List struct {
	At     uint32
	Length uint32
}

// MaybeList is an optional list or text.
type MaybeList struct {
	Is    bool
	Value List
}

// MaybeF64 is an optional number.
type MaybeF64 struct {
	Is    bool
	Value float64
}

// MaybeHandle is an optional resource.
type MaybeHandle struct {
	Is    bool
	Value int32
}

// Pair is a key and a value.
type Pair struct{ Key, Value List }

// Field is one node of a schema tree.
type Field struct {
	Name, Format List
	Nullable     bool
	Children     uint32
	Metadata     List
}

// Schema is a schema.
type Schema struct{ Fields, Metadata List }

// MaybeSchema is an optional schema.
type MaybeSchema struct {
	Is    bool
	Value Schema
}

// Column is the values of one field.
type Column struct {
	Length            uint32
	Validity, Offsets MaybeList
	Values            List
}

// Batch is some rows.
type Batch struct {
	Rows    uint32
	Columns List
}

// MaybeBatch is some rows, or none at the end.
type MaybeBatch struct {
	Is    bool
	Value Batch
}

// The kinds of ports.
const (
	PortKindTable = iota
	PortKindBlob
)

// Port is a named place where data goes in or out.
type Port struct {
	Name   List
	Kind   uint8
	Schema MaybeSchema
}

// Input is an input.
type Input struct {
	Port      Port
	Available bool
}

// The levels of the log.
const (
	LevelTrace = iota
	LevelDebug
	LevelInfo
	LevelWarn
	LevelError
)

// FileSpan is a stretch of a file.
type FileSpan struct {
	Input      List
	Start, End uint64
}

// The cases of Place.
const (
	PlaceStage = iota
	PlaceConfig
	PlaceInput
	PlaceFile
)

// Place is what a problem is about; the payload's Input is the text of the cases that have one.
type Place struct {
	Tag     uint8
	Payload FileSpan
}

// Problem is something to be mended.
type Problem struct {
	Place   Place
	Message List
	Help    MaybeList
}

// The cases of Failure.
const (
	FailureConfig = iota
	FailureData
	FailureInternal
)

// Failure is why a stage gave up.
type Failure struct {
	Tag     uint8
	Payload List
}

// The cases of Content.
const (
	ContentTable = iota
	ContentBlob
)

// Content is the content of an output.
type Content struct {
	Tag     uint8
	Payload int32
}

// Output is a named output.
type Output struct {
	Name    List
	Content Content
}

// The verdicts.
const (
	VerdictPass = iota
	VerdictWarn
	VerdictFail
	VerdictInconclusive
)

// Finding is the outcome of one check.
type Finding struct {
	Name, Subject List
	Slice         MaybeList
	Verdict       uint8
	Value         MaybeF64
	Limit         MaybeList
	Rows, Failed  uint64
	Message       List
	Input         MaybeList
	Examples      List
}

// Report is what a validation answers.
type Report struct{ Findings, Outputs List }

// Fitted is what training answers.
type Fitted struct {
	State        int32
	Takes, Gives Schema
	Outputs      List
}

// Layer is one layer of an artifact.
type Layer struct {
	MediaType   List
	Annotations List
	Content     int32
}

// Artifact is what packaging answers.
type Artifact struct {
	ArtifactType List
	ConfigType   List
	Config       int32
	Layers       List
	Annotations  List
}

// Arm is a version and its share.
type Arm struct {
	Version List
	Weight  float64
}

// The cases of Action.
const (
	ActionHold = iota
	ActionPause
	ActionShift
	ActionPromote
	ActionRollBack
)

// Action is what to do with the versions.
type Action struct {
	Tag     uint8
	Payload List
}

// Decision is what a deploy plugin answers.
type Decision struct {
	Action Action
	Reason List
	State  MaybeHandle
}

// Observation is what a monitor answers.
type Observation struct {
	Verdict  uint8
	Findings List
	State    MaybeHandle
}
