"""Fails if a column has negative values. A null is no value."""

from dataclasses import dataclass

from lockflight import Finding, Job, Port, Problem, Problems, Report, Validate, export, key


@dataclass(frozen=True)
class Config:
    column: str = key(doc="The column to look at.", min_length=1)


@export
class Plugin(Validate[Config]):
    def check(self, job: Job[Config]) -> list[Port]:
        column, schema = job.config.column, job.input("table").schema
        if schema is not None and column not in schema:
            raise Problems(Problem.config("/column", f"the table has no column {column!r}").suggest(column, schema.names))
        return []

    def run(self, job: Job[Config]) -> Report:
        column = job.config.column
        finding = Finding("no-negatives", column)
        for batch in job.table("table").scan([column]):
            finding.failed += sum(value < 0 for value in batch.number(column).filled(0))
            finding.rows += batch.rows
        return Report([finding.fail_if_any_failed()])
