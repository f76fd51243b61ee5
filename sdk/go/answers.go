package lockflight

import (
	"fmt"
	"math"
	"strings"

	"lockflight/internal/contract"
)

// A Pair is a key and a value.
type Pair = contract.Pair

// A Port is a named output as check foresees it.
type Port struct {
	// Name is the output's name; `table` is the one that a reference to the bare stage means.
	Name string
	// Blob says that it is bytes, not a table.
	Blob bool
	// Schema is a table's; nil if it is not known before the stage ran.
	Schema *Schema
}

// TablePort is the port of a table; schema may be nil.
func TablePort(name string, schema *Schema) Port { return Port{Name: name, Schema: schema} }

// BlobPort is the port of a blob.
func BlobPort(name string) Port { return Port{Name: name, Blob: true} }

type placeKind uint8

const (
	placeStage placeKind = iota
	placeConfig
	placeInput
	placeFile
)

// A Problem is something that has to be mended before the stage can run. Make one with ConfigProblem, InputProblem, FileProblem or
// StageProblem.
type Problem struct {
	place      placeKind
	at         string // a JSON pointer, or the name of an input
	start, end uint64
	// Message says what is wrong, in one sentence.
	Message string
	// Help says what to do about it; empty for nothing.
	Help string
}

// ConfigProblem is about a value of the config; pointer is a JSON pointer (RFC 6901) such as /columns/0, or empty for the whole.
func ConfigProblem(pointer, format string, arguments ...any) Problem {
	return Problem{place: placeConfig, at: pointer, Message: fmt.Sprintf(format, arguments...)}
}

// InputProblem is about an input.
func InputProblem(name, format string, arguments ...any) Problem {
	return Problem{place: placeInput, at: name, Message: fmt.Sprintf(format, arguments...)}
}

// FileProblem is about the bytes from start to before end of an input that is a file; the host shows the lines.
func FileProblem(input string, start, end uint64, format string, arguments ...any) Problem {
	return Problem{place: placeFile, at: input, start: start, end: end, Message: fmt.Sprintf(format, arguments...)}
}

// StageProblem is about the stage as a whole.
func StageProblem(format string, arguments ...any) Problem {
	return Problem{Message: fmt.Sprintf(format, arguments...)}
}

// WithHelp is the problem with a word on what to do.
func (p Problem) WithHelp(help string) Problem {
	p.Help = help
	return p
}

// Suggest is the problem with "did you mean" if one of the known words is near.
func (p Problem) Suggest(word string, known []string) Problem {
	if near := nearest(word, known); near != "" {
		p.Help = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

// Pointer is the JSON pointer of a problem with the config, and the input's name of one with an input or file.
func (p Problem) Pointer() string { return p.at }

// Problems is the error that check answers with, and run where only the data shows that the config does not fit.
type Problems []Problem

// Error lists the messages.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = strings.TrimPrefix(problem.at+": "+problem.Message, ": ")
	}
	return strings.Join(lines, "\n")
}

// AsError is nil if there is no problem.
func (p Problems) AsError() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// A DataError says that the data is not what it should be. Every other error than this and Problems is taken for a fault of the
// plugin.
type DataError struct{ Message string }

// Error is the message.
func (e *DataError) Error() string { return e.Message }

// DataErrorf makes one; the text says where: file, line, column.
func DataErrorf(format string, arguments ...any) error {
	return &DataError{fmt.Sprintf(format, arguments...)}
}

// A Verdict is how a check came out.
type Verdict uint8

const (
	// Pass is as it should be.
	Pass Verdict = iota
	// Warn is odd, but bearable.
	Warn
	// Fail is not as it should be.
	Fail
	// Inconclusive could not be judged.
	Inconclusive
)

// String is the verdict's name.
func (v Verdict) String() string { return [...]string{"pass", "warn", "fail", "inconclusive"}[v] }

// Worst is the worst verdict of findings: Fail, Warn, Inconclusive, Pass; Pass of none.
func Worst(findings []Finding) Verdict {
	rank := [...]int{Pass: 0, Inconclusive: 1, Warn: 2, Fail: 3}
	worst := Pass
	for _, finding := range findings {
		if rank[finding.Verdict] > rank[worst] {
			worst = finding.Verdict
		}
	}
	return worst
}

// A Finding is the outcome of one check.
type Finding struct {
	// Name is the kind of check, e.g. not-null.
	Name string
	// Subject is a column, several joined by ", ", or empty for the table.
	Subject string
	// Slice is the part of the data, e.g. "species = Adelie"; empty for all of it.
	Slice string
	// Verdict is how it came out.
	Verdict Verdict
	// Value is what was measured; none if it is not Known.
	Value Value
	// Limit is what it was held against, e.g. ">= 0.95"; empty for none.
	Limit string
	// Rows were looked at, Failed of them failed.
	Rows, Failed uint64
	// Message is one sentence for a person.
	Message string
	// Input is the input whose rows Examples counts; empty if there are none.
	Input string
	// Examples are up to 20 rows that failed, from 0, ascending.
	Examples []uint64
}

// A Value is a number, or none: the zero Value is none.
type Value struct {
	number  float64
	isKnown bool
}

// Known is a value that there is.
func Known(number float64) Value { return Value{number, true} }

// Get is the number, and whether there is one.
func (v Value) Get() (float64, bool) { return v.number, v.isKnown }

// Or is the number, or NaN.
func (v Value) Or() float64 {
	if v.isKnown {
		return v.number
	}
	return math.NaN()
}

// An Output is a named table or blob that was written.
type Output struct {
	name   string
	isBlob bool
	handle int32
}

// Table names a table as an output; nothing can be written to it afterwards.
func Table(name string, writer *TableWriter) Output {
	return Output{name: name, handle: writer.finish()}
}

// Blob names a blob as an output.
func Blob(name string, writer *BlobWriter) Output {
	return Output{name: name, isBlob: true, handle: writer.host.Handle()}
}

// Name is the output's name.
func (o Output) Name() string { return o.name }

// Handle is the host's number of what was written, with which lockflighttest finds it.
func (o Output) Handle() int32 { return o.handle }
