// Packs what applies a model: its document, and the scorer and state of each step.
package main

import (
	"io"
	"strings"

	"lockflight"
)

// Config is what a manifest says.
type Config struct {
	Title string `json:"title" lockflight:"nonempty"`
}

func init() { lockflight.Package(check, run) }

func main() {}

func check(job *lockflight.Job, config Config) ([]lockflight.Port, error) {
	for _, name := range []string{"model", "document"} {
		if _, err := job.BlobInput(name); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func run(job *lockflight.Job, config Config) (lockflight.Artifact, error) {
	model, err := content(job, "model")
	if err != nil {
		return lockflight.Artifact{}, err
	}
	artifact := lockflight.Artifact{
		ArtifactType: "application/vnd.{{name}}.model.v1",
		ConfigType:   "application/json",
		Config:       model,
		Annotations:  []lockflight.Pair{{Key: "org.opencontainers.image.title", Value: config.Title}},
	}
	// The inputs are sorted: `document`, then `step-1.scorer`, `step-1.state` and so on.
	for _, input := range job.Inputs() {
		if input.Name != "document" && !strings.HasPrefix(input.Name, "step-") {
			continue
		}
		copied, err := content(job, input.Name)
		if err != nil {
			return lockflight.Artifact{}, err
		}
		// The host finds the parts of the model by the annotation.
		part := input.Name[strings.LastIndex(input.Name, ".")+1:]
		artifact.Layers = append(artifact.Layers, lockflight.Layer{
			MediaType:   "application/octet-stream",
			Annotations: []lockflight.Pair{{Key: "dev.lockflight.part", Value: part}},
			Content:     copied,
		})
	}
	return artifact, nil
}

// content copies an input.
func content(job *lockflight.Job, name string) (*lockflight.BlobWriter, error) {
	blob := job.NewBlob()
	_, err := io.Copy(blob, job.Blob(name))
	return blob, err
}
