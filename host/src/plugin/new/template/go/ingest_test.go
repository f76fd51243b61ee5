package main

import (
	"strings"
	"testing"

	"lockflight/lockflighttest"
)

func read(t *testing.T, text string) (*lockflighttest.Table, error) {
	host := lockflighttest.New(t).Config(`{"column": "mass"}`).Blob("file", []byte(text))
	outputs, err := lockflighttest.Run(host, run)
	if err != nil {
		return nil, err
	}
	return host.Written(outputs[0]), nil
}

func TestEveryLineWithANumberIsARow(t *testing.T) {
	table, err := read(t, "1.5\n\n-2\n")
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows() != 2 || table.Row(0)[0] != "1.5" || table.Row(1)[0] != "-2" {
		t.Error(table.Rows())
	}
}

func TestWhatIsNoNumberIsToldWithItsLine(t *testing.T) {
	if _, err := read(t, "1\nmuch\n"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Error(err)
	}
}
