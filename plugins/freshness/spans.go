package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Duration is a span of time as a config has it: a whole number and s, m, h, d or w.
type Duration time.Duration

var units = []struct {
	name string
	span time.Duration
}{{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}}

// UnmarshalText reads one.
func (d *Duration) UnmarshalText(text []byte) error {
	for _, unit := range units {
		digits, is := strings.CutSuffix(string(text), unit.name)
		count, err := strconv.ParseInt(digits, 10, 64)
		if is && err == nil && count >= 0 && count <= math.MaxInt64/int64(unit.span) {
			*d = Duration(count * int64(unit.span))
			return nil
		}
	}
	return fmt.Errorf("%q is no span of time; write a whole number and s, m, h, d or w, for example \"36h\"", text)
}

// spoken is a span for a person, in its two largest units: 1d 12h.
func spoken(span time.Duration) string {
	if span < 0 {
		return "-" + spoken(-span)
	}
	var words []string
	for _, unit := range units[1:] {
		if count := span / unit.span; count > 0 && len(words) < 2 {
			words = append(words, fmt.Sprintf("%d%s", count, unit.name))
			span -= count * unit.span
		} else if len(words) > 0 {
			break
		}
	}
	if words == nil {
		return fmt.Sprintf("%gs", span.Seconds())
	}
	return strings.Join(words, " ")
}

// A Period is how long a window is, written as the stage's `every`.
type Period struct {
	count int64
	unit  string
}

// UnmarshalText reads one.
func (p *Period) UnmarshalText(text []byte) error {
	const most = 1000
	unit := strings.TrimLeft(string(text), "0123456789")
	count, err := strconv.ParseInt(strings.TrimSuffix(string(text), unit), 10, 64)
	unit = strings.TrimSpace(unit)
	switch unit {
	case "h", "d", "w", "mo", "y":
		if err == nil && count >= 1 && count <= most {
			*p = Period{count, unit}
			return nil
		}
	}
	return fmt.Errorf("%q is not a span of the calendar; write it as the stage's `every`, for example \"1mo\"", text)
}

// origin is a Monday; weeks, days and hours are counted from here, as the host does.
var origin = time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC)

// end is the first moment behind the window of the calendar that a moment lies in, in UTC. The host cuts windows by the same rule
// and does not tell a plugin where they end.
func (p Period) end(at time.Time) time.Time {
	at = at.UTC()
	behind := func(count int64) int64 { return (floor(count, p.count) + 1) * p.count }
	switch p.unit {
	case "mo":
		months := behind(int64(at.Year())*12 + int64(at.Month()) - 1)
		return time.Date(int(floor(months, 12)), time.Month(months-floor(months, 12)*12+1), 1, 0, 0, 0, 0, time.UTC)
	case "y":
		return time.Date(int(behind(int64(at.Year()))), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	hours := map[string]int64{"h": 1, "d": 24, "w": 7 * 24}[p.unit]
	since := floor(at.Unix()-origin.Unix(), hours*3600)
	return time.Unix(origin.Unix()+behind(since)*hours*3600, 0).UTC()
}

// floor divides toward smaller numbers.
func floor(a, b int64) int64 {
	quotient := a / b
	if a%b < 0 {
		quotient--
	}
	return quotient
}
