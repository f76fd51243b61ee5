// Monitor plugin freshness: how many rows a window has, and how old the newest of them is.
package main

import "lockflight"

const (
	windowPort    = "window"
	referencePort = "reference"
)

func init() { lockflight.Monitor(check, run) }

func main() {}

func check(job *lockflight.Job, config Config) ([]lockflight.Port, error) {
	window, err := job.TableInput(windowPort)
	if err != nil {
		return nil, err
	}
	var problems lockflight.Problems
	if window.Schema != nil {
		problems = config.fit(*window.Schema)
	}
	if reference := job.Input(referencePort); reference != nil && config.Remember > 0 {
		problems = append(problems, lockflight.ConfigProblem("/remember",
			"windows are compared with the reference, so earlier ones need not be remembered").
			WithHelp("take away `remember`, or the stage's reference"))
	}
	return nil, problems.AsError()
}

func run(job *lockflight.Job, config Config) (lockflight.Observation, error) {
	var seen lockflight.Observation
	before, err := recall(job)
	if err != nil {
		return seen, err
	}
	window := job.Table(windowPort)
	if problems := config.fit(window.Schema()); len(problems) > 0 {
		return seen, problems
	}
	now := measured{rows: window.Rows()}
	if config.Time != nil {
		if now.times, err = span(window, *config.Time); err != nil {
			return seen, err
		}
	}
	baseline := before.baseline(config.Remember)
	if job.Input(referencePort) != nil {
		rows := float64(job.Table(referencePort).Rows())
		baseline = &expected{rows: rows / config.ReferenceWindows, of: "the reference"}
	}
	if seen.Findings, err = judge(config, now, before, baseline, job.Time()); err != nil {
		return seen, err
	}
	seen.Verdict = lockflight.Worst(seen.Findings)
	seen.State = before.next(now, config.Remember).write(job)
	return seen, nil
}

// span finds the oldest and the newest time of a column.
func span(table *lockflight.TableReader, column string) (found times, err error) {
	for batch := range table.Scan(column) {
		times, err := batch.Times(column)
		if err != nil {
			return found, err
		}
		for row := range times.Len() {
			if time, ok := times.At(row); ok {
				found.add(time)
			}
		}
	}
	return found, nil
}
