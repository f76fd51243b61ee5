"""Reads a text file with a number on each line into a table of one column. Lines with nothing on them are skipped."""

from dataclasses import dataclass

from lockflight import DataError, Ingest, Job, Kind, Output, Port, Schema, TableWriter, export, key


@dataclass(frozen=True)
class Config:
    column: str = key(doc="What to call the column.", min_length=1)


@export
class Plugin(Ingest[Config]):
    def check(self, job: Job[Config]) -> list[Port]:
        job.only(Kind.BLOB)
        return [Port.table("table", Schema.of(**{job.config.column: "float64"}))]

    def run(self, job: Job[Config]) -> list[Output]:
        column = job.config.column
        text = job.blob(job.only(Kind.BLOB).name).read_text()
        values = [number(at, line) for at, line in enumerate(text.splitlines(), start=1) if line.strip()]
        writer = TableWriter(Schema.of(**{column: "float64"}))
        writer.write({column: values})
        return [Output("table", writer)]


def number(at: int, line: str) -> float:
    """The number on a line, which is counted from 1."""
    try:
        return float(line)
    except ValueError:
        raise DataError(f'line {at}: "{line}" is no number') from None
