"""Fails if a column has negative values. A null is no value."""

from dataclasses import dataclass

from lockflight import Finding, Job, Port, Report, Validate, export, key


@dataclass(frozen=True)
class Config:
    column: str = key(doc="The column to look at.", min_length=1)


@export
class Plugin(Validate[Config]):
    def check(self, job: Job[Config]) -> list[Port]:
        job.input("table")
        return []

    def run(self, job: Job[Config]) -> Report:
        column = job.config.column
        finding = Finding("{{name}}", column)
        for batch in job.table("table").scan([column]):
            finding.failed += sum(value < 0 for value in batch.number(column).filled(0))
            finding.rows += batch.rows
        return Report([finding.fail_if_any_failed()])
