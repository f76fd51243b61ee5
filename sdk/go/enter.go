//go:build wasm && !lockflight_score

package lockflight

import (
	"errors"
	"fmt"
	"runtime/debug"
	"unsafe"

	"lockflight/internal/abi"
	"lockflight/internal/contract"
)

// lower makes what a call answers. It is never reset: the host reads it after the call, which is the last.
var lower = abi.Lower{Arena: new(abi.Arena)}

// checkResult is result<list<port>, list<problem>>.
type checkResult struct {
	IsError bool
	Payload abi.List
}

// runResult is result<A, failure>.
type runResult[A any] struct {
	IsError bool
	Payload A
}

// guarded turns a panic into an error, with its stack in the log.
func guarded[A any](function func(*Job) (A, error)) (answer A, err error) {
	job := &Job{contract.Current}
	defer func() {
		if cause := recover(); cause != nil {
			job.Errorf("panic: %v\n%s", cause, debug.Stack())
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return function(job)
}

func enterCheck[A any](of *stage[A]) unsafe.Pointer {
	ports, err := guarded(func(job *Job) ([]Port, error) {
		if of == nil {
			return nil, errors.New("no stage of this world is registered in an init function of package main")
		}
		return of.check(job)
	})
	if err == nil {
		return unsafe.Pointer(abi.Put(&lower, checkResult{false, abi.PutList(&lower, ports, lowerPort)}))
	}
	var problems Problems
	if !errors.As(err, &problems) {
		problems = Problems{StageProblem("%v", err)}
	}
	return unsafe.Pointer(abi.Put(&lower, checkResult{true, abi.PutList(&lower, problems, lowerProblem)}))
}

func enterRun[A, B any](of *stage[A], convert func(A) B) unsafe.Pointer {
	answer, err := guarded(func(job *Job) (A, error) {
		if of == nil {
			var none A
			return none, errors.New("no stage of this world is registered in an init function of package main")
		}
		return of.run(job)
	})
	if err == nil {
		return unsafe.Pointer(abi.Put(&lower, runResult[B]{false, convert(answer)}))
	}
	// The failure's place depends on the alignment of the other case.
	var shape runResult[B]
	offset := unsafe.Offsetof(shape.Payload)
	at := lower.Arena.Alloc(max(unsafe.Sizeof(shape), offset+unsafe.Sizeof(abi.Failure{})))
	*(*bool)(at) = true
	*(*abi.Failure)(unsafe.Add(at, offset)) = lowerFailure(err)
	return at
}

func lowerFailure(err error) abi.Failure {
	var problems Problems
	var data *DataError
	switch {
	case errors.As(err, &problems):
		return abi.Failure{Tag: abi.FailureConfig, Payload: abi.PutList(&lower, problems, lowerProblem)}
	case errors.As(err, &data):
		return abi.Failure{Tag: abi.FailureData, Payload: lower.Text(err.Error())}
	}
	return abi.Failure{Tag: abi.FailureInternal, Payload: lower.Text(err.Error())}
}

func lowerPort(port Port) abi.Port {
	made := abi.Port{Name: lower.Text(port.Name)}
	if port.Blob {
		made.Kind = abi.PortKindBlob
	} else if port.Schema != nil {
		made.Schema = abi.MaybeSchema{Is: true, Value: lower.Schema(*port.Schema)}
	}
	return made
}

func lowerProblem(problem Problem) abi.Problem {
	place := abi.Place{Tag: uint8(problem.place)}
	if problem.place != placeStage {
		place.Payload.Input = lower.Text(problem.at)
	}
	if problem.place == placeFile {
		place.Payload.Start, place.Payload.End = problem.start, problem.end
	}
	return abi.Problem{Place: place, Message: lower.Text(problem.Message), Help: lower.MaybeText(problem.Help)}
}

func lowerFinding(f Finding) abi.Finding {
	return abi.Finding{
		Name: lower.Text(f.Name), Subject: lower.Text(f.Subject), Slice: lower.MaybeText(f.Slice), Verdict: uint8(f.Verdict),
		Value: abi.MaybeF64{Is: f.Value.isKnown, Value: f.Value.number}, Limit: lower.MaybeText(f.Limit), Rows: f.Rows,
		Failed: f.Failed, Message: lower.Text(f.Message), Input: lower.MaybeText(f.Input),
		Examples: abi.PutList(&lower, f.Examples, func(row uint64) uint64 { return row }),
	}
}

func lowerOutput(output Output) abi.Output {
	content := abi.Content{Payload: output.handle}
	if output.isBlob {
		content.Tag = abi.ContentBlob
	}
	return abi.Output{Name: lower.Text(output.name), Content: content}
}

func lowerBlob(blob *BlobWriter) abi.MaybeHandle {
	if blob == nil {
		return abi.MaybeHandle{}
	}
	return abi.MaybeHandle{Is: true, Value: blob.host.Handle()}
}

func lowerIngest(outputs []Output) abi.List { return abi.PutList(&lower, outputs, lowerOutput) }

func lowerValidate(report Report) abi.Report {
	return abi.Report{Findings: abi.PutList(&lower, report.Findings, lowerFinding), Outputs: lowerIngest(report.Outputs)}
}

func lowerTrain(fitted Fitted) abi.Fitted {
	if fitted.State == nil {
		fitted.State = (&Job{contract.Current}).NewBlob()
	}
	return abi.Fitted{State: fitted.State.host.Handle(), Takes: lower.Schema(fitted.Takes), Gives: lower.Schema(fitted.Gives),
		Outputs: lowerIngest(fitted.Outputs)}
}

func lowerPackage(artifact Artifact) abi.Artifact {
	layers := abi.PutList(&lower, artifact.Layers, func(layer Layer) abi.Layer {
		return abi.Layer{MediaType: lower.Text(layer.MediaType), Annotations: lower.Pairs(layer.Annotations),
			Content: layer.Content.host.Handle()}
	})
	return abi.Artifact{ArtifactType: lower.Text(artifact.ArtifactType), ConfigType: lower.Text(artifact.ConfigType),
		Config: artifact.Config.host.Handle(), Layers: layers, Annotations: lower.Pairs(artifact.Annotations)}
}

func lowerDeploy(decision Decision) abi.Decision {
	action := abi.Action{Tag: uint8(decision.Action.kind)}
	switch action.Tag {
	case abi.ActionShift:
		action.Payload = abi.PutList(&lower, decision.Action.arms, func(arm Arm) abi.Arm {
			return abi.Arm{Version: lower.Text(arm.Version), Weight: arm.Weight}
		})
	case abi.ActionPromote, abi.ActionRollBack:
		action.Payload = lower.Text(decision.Action.version)
	}
	return abi.Decision{Action: action, Reason: lower.Text(decision.Reason), State: lowerBlob(decision.State)}
}

func lowerMonitor(observation Observation) abi.Observation {
	return abi.Observation{Verdict: uint8(observation.Verdict),
		Findings: abi.PutList(&lower, observation.Findings, lowerFinding), State: lowerBlob(observation.State)}
}
