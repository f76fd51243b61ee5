package main

import (
	"fmt"

	"lockflight"
)

// Config is the stage's config; config.schema.json says the same for people.
type Config struct {
	Time             *string   `json:"time"`
	Every            *Period   `json:"every"`
	WarnAge          *Duration `json:"warn-age"`
	FailAge          *Duration `json:"fail-age"`
	WarnGap          *Duration `json:"warn-gap"`
	FailGap          *Duration `json:"fail-gap"`
	MinRows          *int64    `json:"min-rows" lockflight:"min=0"`
	MaxRows          *int64    `json:"max-rows" lockflight:"min=0"`
	WarnChange       *float64  `json:"warn-change" lockflight:"above=0"`
	FailChange       *float64  `json:"fail-change" lockflight:"above=0"`
	ReferenceWindows float64   `json:"reference-windows" lockflight:"default=1,above=0"`
	Remember         int       `json:"remember" lockflight:"default=0,min=0,max=1000"`
}

// Problems are what is wrong between values that are each as they should be.
func (c *Config) Problems() (problems lockflight.Problems) {
	add := func(pointer, format string, arguments ...any) {
		problems = append(problems, lockflight.ConfigProblem(pointer, format, arguments...))
	}
	for _, pair := range []struct {
		warn, fail string
		isAbove    bool
	}{
		{"warn-age", "fail-age", c.WarnAge != nil && c.FailAge != nil && *c.WarnAge > *c.FailAge},
		{"warn-gap", "fail-gap", c.WarnGap != nil && c.FailGap != nil && *c.WarnGap > *c.FailGap},
		{"warn-change", "fail-change", c.WarnChange != nil && c.FailChange != nil && *c.WarnChange > *c.FailChange},
	} {
		if pair.isAbove {
			add("/"+pair.warn, "it is above `%s`, so it would never warn", pair.fail)
		}
	}
	if c.MinRows != nil && c.MaxRows != nil && *c.MinRows > *c.MaxRows {
		add("/min-rows", "%d is above `max-rows`, which is %d", *c.MinRows, *c.MaxRows)
	}
	if c.Time == nil {
		for _, bound := range []struct {
			key     string
			isGiven bool
		}{
			{"warn-age", c.WarnAge != nil}, {"fail-age", c.FailAge != nil},
			{"warn-gap", c.WarnGap != nil}, {"fail-gap", c.FailGap != nil},
		} {
			if bound.isGiven {
				add("/"+bound.key, "it needs `time`, the column with the time of a row")
			}
		}
	}
	if !c.hasAge() && !c.hasGap() && !c.hasChange() && c.MinRows == nil && c.MaxRows == nil {
		add("", "nothing is checked; give at least one of `min-rows`, `max-rows`, `warn-change`, `fail-change`, `warn-age`, "+
			"`fail-age`, `warn-gap` and `fail-gap`")
	}
	return problems
}

func (c *Config) hasAge() bool    { return c.WarnAge != nil || c.FailAge != nil }
func (c *Config) hasGap() bool    { return c.WarnGap != nil || c.FailGap != nil }
func (c *Config) hasChange() bool { return c.WarnChange != nil || c.FailChange != nil }

// fit holds the config against the window's schema.
func (c *Config) fit(schema lockflight.Schema) (problems lockflight.Problems) {
	if c.Time == nil {
		return nil
	}
	field := lockflight.FindField(schema, *c.Time)
	switch {
	case field == nil:
		problem := lockflight.ConfigProblem("/time", "the window has no column %q", *c.Time)
		problems = append(problems, problem.Suggest(*c.Time, lockflight.Names(schema)))
	case !lockflight.IsTime(field.Format):
		problems = append(problems, lockflight.ConfigProblem("/time", "the column %q is no date or timestamp", *c.Time))
	}
	return problems
}

// limit is a bound of change as text, e.g. ±20%.
func limit(change float64) string { return fmt.Sprintf("±%g%%", change*100) }
