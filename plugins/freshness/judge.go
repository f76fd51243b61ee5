package main

import (
	"fmt"
	"math"
	"time"

	"lockflight"
)

// times are the oldest and newest of a window's rows, in ns since 1970.
type times struct {
	rows           uint64 // that have a time
	oldest, newest int64
}

func (t *times) add(time int64) {
	if t.rows == 0 {
		t.oldest, t.newest = time, time
	}
	t.rows++
	t.oldest, t.newest = min(t.oldest, time), max(t.newest, time)
}

// measured is what a window shows.
type measured struct {
	rows  uint64
	times times
}

// expected is how many rows a window should have, and by what.
type expected struct {
	rows float64
	of   string
}

// judge holds a window against every bound of the config, in a fixed order.
func judge(config Config, now measured, before memory, baseline *expected, jobTime int64) ([]lockflight.Finding, error) {
	var findings []lockflight.Finding
	if config.MinRows != nil || config.MaxRows != nil {
		findings = append(findings, volume(config, now.rows))
	}
	if config.hasChange() {
		findings = append(findings, change(config, now.rows, baseline))
	}
	if config.hasAge() {
		finding, err := age(config, now, jobTime)
		if err != nil {
			return nil, err
		}
		findings = append(findings, finding)
	}
	if config.hasGap() {
		findings = append(findings, gap(config, now, before))
	}
	return findings, nil
}

// volume holds the number of rows against fixed bounds.
func volume(config Config, rows uint64) lockflight.Finding {
	finding := lockflight.Finding{Name: "volume", Value: lockflight.Known(float64(rows)), Rows: rows}
	finding.Message = fmt.Sprintf("rows in the window: %d", rows)
	switch {
	case config.MinRows != nil && rows < uint64(*config.MinRows):
		finding.Verdict, finding.Limit = lockflight.Fail, fmt.Sprintf(">= %d", *config.MinRows)
	case config.MaxRows != nil && rows > uint64(*config.MaxRows):
		finding.Verdict, finding.Limit = lockflight.Fail, fmt.Sprintf("<= %d", *config.MaxRows)
	case config.MinRows == nil:
		finding.Limit = fmt.Sprintf("<= %d", *config.MaxRows)
	case config.MaxRows == nil:
		finding.Limit = fmt.Sprintf(">= %d", *config.MinRows)
	default:
		finding.Limit = fmt.Sprintf("%d to %d", *config.MinRows, *config.MaxRows)
	}
	return finding
}

// change holds the number of rows against what was expected; the value is the change as a share.
func change(config Config, rows uint64, baseline *expected) lockflight.Finding {
	finding := lockflight.Finding{Name: "volume-change", Rows: rows, Verdict: lockflight.Inconclusive}
	if baseline == nil {
		finding.Message = "there is nothing yet to compare the number of rows with"
		return finding
	}
	if baseline.rows == 0 {
		finding.Message = fmt.Sprintf("%s has no rows to compare with", baseline.of)
		return finding
	}
	share := float64(rows)/baseline.rows - 1
	finding.Value = lockflight.Known(share)
	finding.Message = fmt.Sprintf("the window has %d rows, %+.1f%% of the %.6g of %s", rows, share*100, baseline.rows, baseline.of)
	finding.Verdict, finding.Limit = against(math.Abs(share), config.WarnChange, config.FailChange, limit)
	return finding
}

// age holds the newest row against the window's end; the value is in seconds.
func age(config Config, now measured, jobTime int64) (lockflight.Finding, error) {
	finding := lockflight.Finding{Name: "freshness", Subject: *config.Time, Rows: now.times.rows, Verdict: lockflight.Inconclusive}
	if now.times.rows == 0 {
		finding.Message = "no row of the window has a time"
		return finding, nil
	}
	newest, end, what := time.Unix(0, now.times.newest).UTC(), time.Unix(0, jobTime).UTC(), "the pipeline's time"
	if config.Every != nil {
		end, what = config.Every.end(newest), "the window's end"
	} else if jobTime == 0 {
		problem := lockflight.ConfigProblem("", "there is no end to hold the newest row against")
		return finding, lockflight.Problems{problem.WithHelp("give `every` as the stage has it, or `time` of the pipeline")}
	}
	old := end.Sub(newest)
	finding.Value = lockflight.Known(old.Seconds())
	if old < 0 {
		finding.Verdict, finding.Limit = lockflight.Fail, ">= 0s"
		finding.Message = fmt.Sprintf("the newest row, of %s, is %s ahead of %s", stamp(newest), spoken(-old), what)
		return finding, nil
	}
	finding.Verdict, finding.Limit = against(Duration(old), config.WarnAge, config.FailAge, atMost)
	finding.Message = fmt.Sprintf("the newest row, of %s, is %s older than %s", stamp(newest), spoken(old), what)
	return finding, nil
}

// gap holds the time between the last window's newest row and this one's oldest; the value is in seconds. The host shows no window
// that has no rows, so this is what tells of one.
func gap(config Config, now measured, before memory) lockflight.Finding {
	finding := lockflight.Finding{Name: "gap", Subject: *config.Time, Rows: now.times.rows, Verdict: lockflight.Inconclusive}
	switch {
	case now.times.rows == 0:
		finding.Message = "no row of the window has a time"
	case before.Newest == nil:
		finding.Message = "there is no earlier window"
	default:
		newest, oldest := time.Unix(0, *before.Newest).UTC(), time.Unix(0, now.times.oldest).UTC()
		between := max(0, oldest.Sub(newest))
		finding.Value = lockflight.Known(between.Seconds())
		finding.Verdict, finding.Limit = against(Duration(between), config.WarnGap, config.FailGap, atMost)
		finding.Message = fmt.Sprintf("%s went by between the last row before, of %s, and the first, of %s", spoken(between), stamp(newest),
			stamp(oldest))
	}
	return finding
}

// against is the verdict on a value by its two bounds, either of which may be missing, and the bound that decided.
func against[T Duration | float64](value T, warn, fail *T, text func(T) string) (lockflight.Verdict, string) {
	switch {
	case fail != nil && value > *fail:
		return lockflight.Fail, text(*fail)
	case warn != nil && value > *warn:
		return lockflight.Warn, text(*warn)
	case warn != nil:
		return lockflight.Pass, text(*warn)
	}
	return lockflight.Pass, text(*fail)
}

func atMost(span Duration) string { return "<= " + spoken(time.Duration(span)) }

func stamp(at time.Time) string { return at.Format("2006-01-02T15:04:05.999999999Z") }
