package main

import (
	"slices"
	"testing"

	"lockflight/lockflighttest"
)

func TestTheModelIsPackedAndNothingElse(t *testing.T) {
	host := lockflighttest.New(t).Config(`{"title": "Birds"}`)
	for _, name := range []string{"document", "lineage", "model", "step-1.scorer", "step-1.state"} {
		host.Blob(name, []byte(name))
	}
	artifact, err := lockflighttest.Run(host, run)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, layer := range artifact.Layers {
		parts = append(parts, layer.Annotations[0].Value)
	}
	if !slices.Equal(parts, []string{"document", "scorer", "state"}) {
		t.Error(parts)
	}
}
