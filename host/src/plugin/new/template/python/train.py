"""Centres a column: learns its mean from the rows that have a value, and gives the column without it."""

import json
from dataclasses import dataclass

from lockflight import (
    Batch, DataError, Fitted, Job, Output, Port, Problem, Problems, Schema, Score, StepPorts, TableWriter, Train, export, key,
)

LEARNED = Schema.of(column="text", mean="float64")


@dataclass(frozen=True)
class Config:
    column: str = key(doc="The column to centre.", min_length=1)


@export
class Centre(Score):
    """The step: what the trainer learns and the scorer applies."""

    VERSION = 1
    KIND = "{{name}}"

    def __init__(self, column: str, mean: float) -> None:
        self.column, self.mean = column, mean

    def takes(self) -> Schema:
        return Schema.of(**{self.column: "float64"})

    def gives(self) -> Schema:
        return Schema.of(**{f"{self.column}_centred": "float64"})

    def save(self) -> bytes:
        return json.dumps([self.column, self.mean]).encode()

    @classmethod
    def load(cls, state: bytes) -> "Centre":
        return cls(*json.loads(state))

    def score(self, rows: Batch) -> dict[str, list[float | None]]:
        values = rows.number(self.column).to_list()
        return {f"{self.column}_centred": [None if value is None else value - self.mean for value in values]}


@export
class Plugin(Train[Config]):
    def check(self, job: Job[Config]) -> StepPorts:
        column, schema = job.config.column, job.input("table").schema
        if schema is not None and column not in schema:
            raise Problems(Problem.config("/column", f"the table has no column {column!r}").suggest(column, schema.names))
        if schema is not None and schema[column].type != "float64":
            raise Problems(Problem.config("/column", f"column {column!r} is {schema[column].type}, not float64"))
        step = Centre(column, 0.0)
        return StepPorts(step.takes(), step.gives(), [Port.table("learned", LEARNED)])

    def fit(self, job: Job[Config]) -> Fitted:
        column, count, total = job.config.column, 0, 0.0
        for batch in job.table("table").scan([column]):
            for value in batch.number(column).to_list():
                if value is not None:
                    count, total = count + 1, total + value
        if count == 0:
            raise DataError(f"column {column!r} has no value, and so no mean")
        mean = total / count
        learned = TableWriter(LEARNED)
        learned.write({"column": [column], "mean": [mean]})
        return Fitted(Centre(column, mean), [Output("learned", learned)])
