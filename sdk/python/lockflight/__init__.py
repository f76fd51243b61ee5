"""Write lockflight plugins in Python: one class for the stage, one dataclass for its config.

    from dataclasses import dataclass
    from lockflight import Finding, Job, Report, Validate, export, key

    @dataclass(frozen=True)
    class Config:
        column: str = key(doc="The column to look at.")

    @export
    class NoNegatives(Validate[Config]):
        def check(self, job: Job[Config]):
            job.input("table")
            return []

        def run(self, job: Job[Config]):
            finding = Finding("no-negatives", job.config.column)
            for batch in job.table("table").scan([job.config.column]):
                for value in batch.number(job.config.column).filled(0):
                    finding.failed += value < 0
                finding.rows += batch.rows
            return Report([finding.fail_if_any_failed()])
"""

from lockflight import log
from lockflight.answers import (
    Action, Arm, Artifact, DataError, Decision, Finding, Fitted, InternalError, Layer, Observation, Output, Problem, Problems, Report,
    StepPorts, Verdict,
)
from lockflight.blobs import Blob, BlobWriter
from lockflight.columns import Batch, BoolColumn, BytesColumn, Column, DateColumn, NumberColumn, TextColumn, TimestampColumn, VectorColumn
from lockflight.config import key
from lockflight.export import export
from lockflight.job import Input, Job, Kind, Port
from lockflight.log import metric, progress
from lockflight.schema import Field, Schema
from lockflight.suggest import did_you_mean
from lockflight.tables import Table, TableWriter
from lockflight.worlds import Deploy, Ingest, Monitor, Package, Score, Train, Validate

__all__ = [
    "Action", "Arm", "Artifact", "Batch", "Blob", "BlobWriter", "BoolColumn", "BytesColumn", "Column", "DataError", "DateColumn",
    "Decision", "Deploy", "Field", "Finding", "Fitted", "Ingest", "Input", "InternalError", "Job", "Kind", "Layer", "Monitor",
    "NumberColumn", "Observation", "Output", "Package", "Port", "Problem", "Problems", "Report", "Schema", "Score", "StepPorts", "Table",
    "TableWriter", "TextColumn", "TimestampColumn", "Train", "Validate", "VectorColumn", "Verdict", "did_you_mean", "export", "key", "log",
    "metric", "progress",
]
