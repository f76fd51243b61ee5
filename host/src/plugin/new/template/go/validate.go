// Fails if a column has negative values. A null is no value.
package main

import "lockflight"

// Config is what a manifest says.
type Config struct {
	Column string `json:"column" lockflight:"nonempty"`
}

func init() { lockflight.Validate(check, run) }

func main() {}

func check(job *lockflight.Job, config Config) ([]lockflight.Port, error) {
	table, err := job.TableInput("table")
	if err != nil {
		return nil, err
	}
	if table.Schema != nil && lockflight.FindField(*table.Schema, config.Column) == nil {
		problem := lockflight.ConfigProblem("/column", "the table has no column %q", config.Column)
		return nil, lockflight.Problems{problem.Suggest(config.Column, lockflight.Names(*table.Schema))}
	}
	return nil, nil
}

func run(job *lockflight.Job, config Config) (lockflight.Report, error) {
	finding := lockflight.Finding{Name: "no-negatives", Subject: config.Column}
	for batch := range job.Table("table").Scan(config.Column) {
		values, err := batch.Numbers(config.Column)
		if err != nil {
			return lockflight.Report{}, lockflight.DataErrorf("%v", err)
		}
		for _, value := range values {
			// A null is NaN here, and nothing is less than that.
			if value < 0 {
				finding.Failed++
			}
		}
		finding.Rows += uint64(batch.Rows)
	}
	if finding.Failed > 0 {
		finding.Verdict = lockflight.Fail
	}
	return lockflight.Report{Findings: []lockflight.Finding{finding}}, nil
}
