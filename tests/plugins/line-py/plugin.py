"""A line through two columns, fitted and applied: the steps of models that an author in Python writes, for tests of the host."""

from dataclasses import dataclass
from struct import pack, unpack

from lockflight import Fitted, Job, Schema, Score, StepPorts, Train, export, key, metric


@dataclass(frozen=True)
class Config:
    target: str = key(doc="The column to predict.")
    feature: str = key(doc="The column to predict it from.")


@export
class Line(Score):
    KIND = "line-py"

    def __init__(self, feature: str, a: float, b: float) -> None:
        self.feature, self.a, self.b = feature, a, b

    def takes(self):
        return Schema.of(**{self.feature: "float64"})

    def gives(self):
        return Schema.of(predicted="float64")

    def save(self):
        return pack("<dd", self.a, self.b) + self.feature.encode()

    @classmethod
    def load(cls, state):
        return cls(state[16:].decode(), *unpack("<dd", state[:16]))

    def score(self, rows):
        return {"predicted": [None if x is None else self.a + self.b * x for x in rows.number(self.feature).to_list()]}


@export
class Fit(Train[Config]):
    def check(self, job: Job[Config]):
        return StepPorts(Schema.of(**{job.config.feature: "float64"}), Schema.of(predicted="float64"))

    def fit(self, job: Job[Config]):
        n = sx = sy = sxx = sxy = 0.0
        for batch in job.table("table").scan([job.config.feature, job.config.target]):
            for x, y in batch.records():
                if x is not None and y is not None:
                    n, sx, sy, sxx, sxy = n + 1, sx + x, sy + y, sxx + x * x, sxy + x * y
        b = (n * sxy - sx * sy) / (n * sxx - sx * sx)
        metric("slope", b)
        return Fitted(Line(job.config.feature, (sy - b * sx) / n, b))
