// Reads a text file with a number on each line into a table of one column. Lines with nothing on them are skipped.
package main

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"lockflight"
)

// Config is what a manifest says.
type Config struct {
	Column string `json:"column" lockflight:"nonempty"`
}

func init() { lockflight.Ingest(check, run) }

func main() {}

func schema(config Config) lockflight.Schema {
	return lockflight.Schema{Fields: []lockflight.Field{{Name: config.Column, Format: lockflight.FormatFloat64, Nullable: true}}}
}

func check(job *lockflight.Job, config Config) ([]lockflight.Port, error) {
	made := schema(config)
	_, err := job.BlobInput("file")
	return []lockflight.Port{lockflight.TablePort("table", &made)}, err
}

func run(job *lockflight.Job, config Config) ([]lockflight.Output, error) {
	text := string(job.Blob("file").All())
	if !utf8.ValidString(text) {
		return nil, lockflight.DataErrorf("the file is no UTF-8")
	}
	var values []float64
	for at, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		value, err := strconv.ParseFloat(line, 64)
		if err != nil {
			return nil, lockflight.DataErrorf("line %d: %q is no number", at+1, line)
		}
		values = append(values, value)
	}
	table := job.NewTable(schema(config))
	if err := table.Write(lockflight.Float64s(values, nil)); err != nil {
		return nil, err
	}
	return []lockflight.Output{lockflight.Table("table", table)}, nil
}
