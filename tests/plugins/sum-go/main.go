// Validate plugin sum-go: as tests/plugins/sum, in Go. It reads every value of a table of float64 columns and adds them up.
package main

import "lockflight"

func init() { lockflight.Validate(check, run) }

func main() {}

// Config has nothing to set.
type Config struct{}

func check(job *lockflight.Job, _ Config) ([]lockflight.Port, error) {
	_, err := job.TableInput("table")
	return nil, err
}

func run(job *lockflight.Job, _ Config) (lockflight.Report, error) {
	table := job.Table("table")
	finding := lockflight.Finding{Name: "sum", Subject: "table"}
	sum := 0.0
	// The two reports tell the host when the scan begins and ends.
	job.Progress(0, table.Rows())
	for batch := range table.Scan() {
		finding.Rows += uint64(batch.Rows)
		for _, field := range batch.Fields() {
			column, err := batch.Float64(field.Name)
			if err != nil {
				return lockflight.Report{}, err
			}
			values, ok := column.Dense()
			if !ok {
				return lockflight.Report{}, lockflight.DataErrorf("column %q has nulls", field.Name)
			}
			sum += added(values)
		}
	}
	job.Progress(finding.Rows, table.Rows())
	finding.Value = lockflight.Known(sum)
	return lockflight.Report{Findings: []lockflight.Finding{finding}}, nil
}

// added is the sum, in four lanes: an addition then need not wait for the one before.
func added(values []float64) float64 {
	var a, b, c, d float64
	for len(values) >= 4 {
		a, b, c, d = a+values[0], b+values[1], c+values[2], d+values[3]
		values = values[4:]
	}
	for _, value := range values {
		a += value
	}
	return a + b + c + d
}
