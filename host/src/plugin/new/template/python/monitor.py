"""Fails a window in which too many rows have no value in a column."""

from dataclasses import dataclass

from lockflight import Finding, Job, Monitor, Observation, Port, Problem, Problems, Verdict, export, key


@dataclass(frozen=True)
class Config:
    column: str = key(doc="The column to watch.", min_length=1)
    limit: float = key(0.1, doc="The largest share of rows without a value that is fine.", ge=0, le=1)


@export
class Plugin(Monitor[Config]):
    def check(self, job: Job[Config]) -> list[Port]:
        column, schema = job.config.column, job.input("window").schema
        if schema is not None and column not in schema:
            raise Problems(Problem.config("/column", f"the window has no column {column!r}").suggest(column, schema.names))
        return []

    def run(self, job: Job[Config]) -> Observation:
        column, limit = job.config.column, job.config.limit
        finding = Finding("no-value", column, limit=f"<= {limit}", input="window")
        for batch in job.table("window").scan([column]):
            finding.failed += batch[column].null_count
            finding.rows += batch.rows
        if finding.rows == 0:
            finding.verdict = Verdict.INCONCLUSIVE
        else:
            finding.value = finding.failed / finding.rows
            finding.verdict = Verdict.FAIL if finding.value > limit else Verdict.PASS
        finding.message = f"{finding.failed} of {finding.rows} rows have no value"
        return Observation([finding])
