"""Pulls all columns of a table of float64 and adds up the last value of each batch, so that each column is really there."""

from dataclasses import dataclass

from lockflight import Finding, Job, Port, Report, Validate, export, progress


@dataclass(frozen=True)
class Config:
    pass


@export
class Pull(Validate[Config]):
    def check(self, job: Job[Config]) -> list[Port]:
        job.input("table")
        return []

    def run(self, job: Job[Config]) -> Report:
        table = job.table("table")
        names = [field.name for field in table.schema.fields]
        finding = Finding("sum-of-last", "table")
        total = 0.0
        # The two reports tell the host when the scan begins and ends.
        progress(0, table.rows)
        for batch in table.scan():
            for name in names:
                total += batch.number(name).required()[-1]
            finding.rows += batch.rows
        progress(finding.rows, table.rows)
        finding.value = total
        return Report([finding])
