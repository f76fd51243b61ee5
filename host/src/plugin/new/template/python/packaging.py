"""Packs what applies a model: its document, and the scorer and state of each step."""

from dataclasses import dataclass

from lockflight import Artifact, BlobWriter, Job, Layer, Package, Port, export, key


@dataclass(frozen=True)
class Config:
    title: str = key(doc="What to call the artifact.", min_length=1)


@export
class Plugin(Package[Config]):
    def check(self, job: Job[Config]) -> list[Port]:
        job.input("model"), job.input("document")
        return []

    def run(self, job: Job[Config]) -> Artifact:
        # The inputs are sorted: `document`, then `step-1.scorer`, `step-1.state` and so on.
        layers = [layer(job, name) for name in job.inputs if name == "document" or name.startswith("step-")]
        return Artifact(
            artifact_type="application/vnd.{{name}}.model.v1",
            config_type="application/json",
            config=BlobWriter(job.blob("model").read()),
            layers=layers,
            annotations={"org.opencontainers.image.title": job.config.title},
        )


def layer(job: Job[Config], name: str) -> Layer:
    """An input as a layer. The host finds the parts of the model by the annotation."""
    part = name.split(".")[-1]
    return Layer("application/octet-stream", BlobWriter(job.blob(name).read()), {"dev.lockflight.part": part})
