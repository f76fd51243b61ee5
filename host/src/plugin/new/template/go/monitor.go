// Fails a window in which too many rows have no value in a column of numbers.
package main

import (
	"fmt"
	"math"

	"lockflight"
)

// Config is what a manifest says.
type Config struct {
	Column string  `json:"column" lockflight:"nonempty"`
	Limit  float64 `json:"limit" lockflight:"default=0.1,min=0,max=1"`
}

func init() { lockflight.Monitor(check, run) }

func main() {}

func check(job *lockflight.Job, config Config) ([]lockflight.Port, error) {
	window, err := job.TableInput("window")
	if err != nil {
		return nil, err
	}
	if window.Schema != nil && lockflight.FindField(*window.Schema, config.Column) == nil {
		problem := lockflight.ConfigProblem("/column", "the window has no column %q", config.Column)
		return nil, lockflight.Problems{problem.Suggest(config.Column, lockflight.Names(*window.Schema))}
	}
	return nil, nil
}

func run(job *lockflight.Job, config Config) (lockflight.Observation, error) {
	finding := lockflight.Finding{Name: "no-value", Subject: config.Column, Limit: fmt.Sprintf("<= %v", config.Limit)}
	for batch := range job.Table("window").Scan(config.Column) {
		values, err := batch.Numbers(config.Column)
		if err != nil {
			return lockflight.Observation{}, lockflight.DataErrorf("%v", err)
		}
		for _, value := range values {
			if math.IsNaN(value) {
				finding.Failed++
			}
		}
		finding.Rows += uint64(batch.Rows)
	}
	finding.Message = fmt.Sprintf("%d of %d rows have no value", finding.Failed, finding.Rows)
	finding.Verdict = lockflight.Inconclusive
	if finding.Rows > 0 {
		share := float64(finding.Failed) / float64(finding.Rows)
		finding.Value, finding.Verdict = lockflight.Known(share), lockflight.Pass
		if share > config.Limit {
			finding.Verdict = lockflight.Fail
		}
	}
	return lockflight.Observation{Verdict: finding.Verdict, Findings: []lockflight.Finding{finding}}, nil
}
