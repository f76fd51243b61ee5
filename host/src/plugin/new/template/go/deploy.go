// Gives a new version half of the traffic, and all of it once a figure is known and fine.
package main

import (
	"errors"
	"fmt"
	"math"

	"lockflight"
)

// Config is what a manifest says.
type Config struct {
	Metric  string  `json:"metric" lockflight:"nonempty"`
	Maximum float64 `json:"maximum"`
	Count   int     `json:"count" lockflight:"default=100,min=1"`
}

func init() { lockflight.Deploy(check, run) }

func main() {}

func check(job *lockflight.Job, config Config) ([]lockflight.Port, error) {
	for _, name := range []string{"arms", "figures"} {
		if _, err := job.TableInput(name); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func run(job *lockflight.Job, config Config) (lockflight.Decision, error) {
	versions, err := versions(job)
	if err != nil {
		return lockflight.Decision{}, err
	}
	newest := versions[len(versions)-1]
	if len(versions) == 1 {
		return lockflight.Decision{Action: lockflight.Promote(newest), Reason: newest + " is the only version"}, nil
	}
	value, count, err := observed(job, config.Metric, newest)
	if err != nil {
		return lockflight.Decision{}, err
	}
	of := config.Metric + " of " + newest
	if value > config.Maximum {
		reason := fmt.Sprintf("%s is %v, above %v", of, value, config.Maximum)
		return lockflight.Decision{Action: lockflight.RollBack(newest), Reason: reason}, nil
	}
	if count < config.Count {
		other := versions[len(versions)-2]
		half := lockflight.Shift(lockflight.Arm{Version: other, Weight: 0.5}, lockflight.Arm{Version: newest, Weight: 0.5})
		return lockflight.Decision{Action: half, Reason: fmt.Sprintf("%s rests on %d of %d observations", of, count, config.Count)}, nil
	}
	return lockflight.Decision{Action: lockflight.Promote(newest), Reason: fmt.Sprintf("%s is %v", of, value)}, nil
}

// versions are those to decide on, the newest last.
func versions(job *lockflight.Job) (found []string, err error) {
	for batch := range job.Table("arms").Scan("version") {
		column, err := batch.Text("version")
		if err != nil {
			return nil, lockflight.DataErrorf("%v", err)
		}
		for row := range batch.Rows {
			version, _ := column.At(row)
			found = append(found, version)
		}
	}
	if len(found) == 0 {
		return nil, lockflight.DataErrorf("there is no version to decide on")
	}
	return found, nil
}

// observed is the figure of a version over all of its traffic that rests on the most observations: the value, and how many.
func observed(job *lockflight.Job, metric, version string) (float64, int, error) {
	most, count := math.Inf(-1), 0.0
	for batch := range job.Table("figures").Scan("version", "metric", "slice", "value", "count") {
		of, err1 := batch.Text("version")
		metrics, err2 := batch.Text("metric")
		slices, err3 := batch.Text("slice")
		values, err4 := batch.Numbers("value")
		counts, err5 := batch.Numbers("count")
		if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
			return 0, 0, lockflight.DataErrorf("%v", err)
		}
		for row := range batch.Rows {
			name, _ := of.At(row)
			measured, _ := metrics.At(row)
			_, sliced := slices.At(row)
			if name == version && measured == metric && !sliced && counts[row] > count {
				most, count = values[row], counts[row]
			}
		}
	}
	return most, int(count), nil
}
