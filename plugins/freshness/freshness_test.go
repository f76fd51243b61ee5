package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lockflight"
	"lockflight/lockflighttest"
)

var schema = lockflight.Schema{Fields: []lockflight.Field{{Name: "seen", Format: "tss:UTC", Nullable: true}}}

// window is a table with these times; an empty one is a null.
func window(t *testing.T, stamps []string) lockflight.NewColumn {
	t.Helper()
	seconds, nulls := make([]int64, len(stamps)), make([]bool, len(stamps))
	for row, stamp := range stamps {
		if nulls[row] = stamp == ""; !nulls[row] {
			at, err := time.Parse(time.RFC3339, stamp)
			if err != nil {
				t.Fatal(err)
			}
			seconds[row] = at.Unix()
		}
	}
	return lockflight.Int64s(seconds, nulls)
}

// TestCases runs the windows of each file in testdata one after the other, as the host does, and compares what they show.
func TestCases(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) < 6 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var file struct {
				Config    json.RawMessage
				Time      int64
				Reference *int
				Windows   []struct {
					Rows []string
					Show []string
				}
			}
			if err := json.Unmarshal(text, &file); err != nil {
				t.Fatal(err)
			}
			var state []byte
			for i, one := range file.Windows {
				host := lockflighttest.New(t).Config(string(file.Config)).Time(file.Time).State(state)
				host.Table(windowPort, schema, window(t, one.Rows))
				if file.Reference != nil {
					host.Table(referencePort, schema, window(t, make([]string, *file.Reference)))
				}
				if _, err := lockflighttest.Run(host, check); err != nil {
					t.Fatal(err)
				}
				seen, err := lockflighttest.Run(host, run)
				if err != nil {
					t.Fatal(err)
				}
				state = host.Bytes(seen.State)
				show := []string{seen.Verdict.String()}
				for _, finding := range seen.Findings {
					show = append(show, fmt.Sprintf("%s %s [%s] %s", finding.Verdict, finding.Name, finding.Limit, finding.Message))
				}
				if got, expected := strings.Join(show, "\n"), strings.Join(one.Show, "\n"); got != expected {
					t.Errorf("window %d shows\n%s\nand should show\n%s", i, got, expected)
				}
			}
		})
	}
}

func TestProblemsOfTheConfig(t *testing.T) {
	for config, expected := range map[string]string{
		`{}`:                                 "nothing is checked; give at least one of `min-rows`",
		`{"warn-age": "1h"}`:                 "/warn-age: it needs `time`",
		`{"time": "sene", "warn-age": "1h"}`: `/time: the window has no column "sene"`,
		`{"time": "seen", "warn-age": "1"}`:  `/warn-age: "1" is no span of time`,
		`{"time": "seen", "warn-age": "99999999999w"}`:         `/warn-age: "99999999999w" is no span of time`,
		`{"time": "seen", "warn-age": "2d", "fail-age": "1h"}`: "/warn-age: it is above `fail-age`",
		`{"time": "seen", "fail-age": "1h", "every": "1m"}`:    `/every: "1m" is not a span of the calendar`,
		`{"min-rows": 5, "max-rows": 4}`:                       "/min-rows: 5 is above `max-rows`, which is 4",
		`{"min-rows": -1}`:                                     "/min-rows: -1 is out of range",
		`{"fail-change": 0.1, "warn-change": 0.5}`:             "/warn-change: it is above `fail-change`",
		`{"min-rows": 1, "mon-rows": 1}`:                       "/mon-rows: there is no key `mon-rows`",
	} {
		host := lockflighttest.New(t).Config(config).Pending(windowPort, &schema)
		_, err := lockflighttest.Run(host, check)
		if err == nil || !strings.HasPrefix(err.Error(), expected) {
			t.Errorf("%s: %v", config, err)
		}
	}
	text := lockflight.Schema{Fields: []lockflight.Field{{Name: "seen", Format: "u"}}}
	host := lockflighttest.New(t).Config(`{"time": "seen", "fail-age": "1h"}`).Pending(windowPort, &text)
	if _, err := lockflighttest.Run(host, check); err == nil || !strings.Contains(err.Error(), "no date or timestamp") {
		t.Error(err)
	}
}

func TestWithoutAnEndThereIsAProblem(t *testing.T) {
	host := lockflighttest.New(t).Config(`{"time": "seen", "fail-age": "1h"}`)
	host.Table(windowPort, schema, window(t, []string{"2024-01-01T00:00:00Z"}))
	if _, err := lockflighttest.Run(host, run); err == nil || !strings.Contains(err.Error(), "no end") {
		t.Error(err)
	}
}

func TestWindowsEndAsTheHostCutsThem(t *testing.T) {
	for _, c := range [][3]string{
		{"1h", "2024-02-29T12:34:56Z", "2024-02-29T13:00:00Z"},
		{"1h", "2024-02-29T12:00:00Z", "2024-02-29T13:00:00Z"},
		{"1d", "2024-02-28T23:59:59Z", "2024-02-29T00:00:00Z"},
		{"1w", "2024-03-03T23:00:00Z", "2024-03-04T00:00:00Z"}, // a Sunday: weeks begin on Mondays
		{"2w", "1970-01-05T00:00:00Z", "1970-01-19T00:00:00Z"},
		{"1w", "1969-12-30T00:00:00Z", "1970-01-05T00:00:00Z"},
		{"1mo", "2024-12-31T00:00:00Z", "2025-01-01T00:00:00Z"},
		{"3mo", "2024-05-01T00:00:00Z", "2024-07-01T00:00:00Z"},
		{"5mo", "2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z"}, // months are counted from the year 0,
		{"1y", "2024-05-01T00:00:00Z", "2025-01-01T00:00:00Z"},
		{"10y", "2024-05-01T00:00:00Z", "2030-01-01T00:00:00Z"},
	} {
		var every Period
		if err := every.UnmarshalText([]byte(c[0])); err != nil {
			t.Fatal(err)
		}
		at, _ := time.Parse(time.RFC3339, c[1])
		if end := every.end(at).Format(time.RFC3339); end != c[2] {
			t.Errorf("a window of %s with %s ends at %s, not %s", c[0], c[1], end, c[2])
		}
	}
}

func TestADamagedStateIsRefused(t *testing.T) {
	for _, state := range []string{"newest x\nrows\n", "rows 1 -1\n", "hello\n", "newest 1\n\n"} {
		host := lockflighttest.New(t).Config(`{"min-rows": 1}`).State([]byte(state))
		host.Table(windowPort, schema, window(t, nil))
		var data *lockflight.DataError
		if _, err := lockflighttest.Run(host, run); !errors.As(err, &data) || !strings.Contains(data.Message, "state is damaged") {
			t.Errorf("%q: %v", state, err)
		}
	}
}

func TestSpansAreSpoken(t *testing.T) {
	for span, expected := range map[time.Duration]string{
		0: "0s", 1500 * time.Millisecond: "1s", 90 * time.Minute: "1h 30m", 49 * time.Hour: "2d 1h", 24 * time.Hour: "1d",
		time.Hour + time.Second: "1h", 500 * time.Millisecond: "0.5s", -time.Minute: "-1m",
	} {
		if got := spoken(span); got != expected {
			t.Errorf("%v is spoken %s", span, got)
		}
	}
}
