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
	_, err := job.TableInput("table")
	return nil, err
}

func run(job *lockflight.Job, config Config) (lockflight.Report, error) {
	finding := lockflight.Finding{Name: "{{name}}", Subject: config.Column}
	for batch := range job.Table("table").Scan(config.Column) {
		column, err := batch.Float64(config.Column)
		if err != nil {
			return lockflight.Report{}, err
		}
		values, nulls := column.Nullable()
		for row, value := range values {
			if !nulls.At(row) && value < 0 {
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
