"""A double of the generated bindings, in memory: the same names and shapes, for tests on a plain interpreter.

`lockflight.testing` fills `host`. Nothing here checks what the real host checks; buffers are passed on as they are.
"""

from dataclasses import dataclass, field, make_dataclass
from enum import Enum
from types import SimpleNamespace


@dataclass(frozen=True)
class Err(Exception):
    """The error case of an exported function."""

    value: object


def _records(**shapes):
    return {name: make_dataclass(name, fields.split()) for name, fields in shapes.items()}


types = SimpleNamespace(**_records(
    Field="name format nullable children metadata", Schema="fields metadata", Column="length validity offsets values", Batch="rows columns",
))

answers = SimpleNamespace(
    Verdict=Enum("Verdict", {"PASS": 0, "WARN": 1, "FAIL": 2, "INCONCLUSIVE": 3}),
    **_records(
        FileSpan="input start end", Place_Stage="", Place_Config="value", Place_Input="value", Place_File="value",
        Problem="place message help", Failure_Config="value", Failure_Data="value", Failure_Internal="value",
        Content_Table="value", Content_Blob="value", Output="name content",
        Finding="name subject slice verdict value limit rows failed message input examples",
    ),
)

exports = SimpleNamespace(
    validator=SimpleNamespace(**_records(Report="findings outputs")),
    trainer=SimpleNamespace(**_records(Fitted="state takes gives outputs")),
    packager=SimpleNamespace(**_records(
        Layer="media_type annotations content", Artifact="artifact_type config_type config layers annotations",
    )),
    deployer=SimpleNamespace(**_records(
        Arm="version weight", Action_Hold="", Action_Pause="", Action_Shift="value", Action_Promote="value", Action_RollBack="value",
        Decision="action reason state",
    )),
    monitorer=SimpleNamespace(**_records(Observation="verdict findings state")),
)


class _Resource:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


class _Batches(_Resource):
    def __init__(self, batches):
        self.batches = iter(batches)

    def next(self):
        return next(self.batches, None)


class _Table(_Resource):
    """A table as a schema and its batches. `max_rows` is not kept to: what comes is what was given."""

    def __init__(self, schema, batches):
        self._schema, self._batches = schema, batches

    def schema(self):
        return self._schema

    def rows(self):
        return sum(batch.rows for batch in self._batches)

    def scan(self, columns, max_rows):
        spans = _spans(self._schema.fields)
        wanted = list(spans) if columns is None else columns
        at = [index for name in wanted for index in spans[name]]
        return _Batches([types.Batch(batch.rows, [batch.columns[index] for index in at]) for batch in self._batches])


def _spans(fields):
    """The positions of each top-level field with its children; a child has none itself."""
    spans, at = {}, 0
    while at < len(fields):
        end = at + 1 + fields[at].children
        spans[fields[at].name] = range(at, end)
        at = end
    return spans


class _TableWriter(_Resource):
    def __init__(self, schema):
        self.schema, self.batches = schema, []

    def write(self, rows):
        self.batches.append(rows)


class _Blob(_Resource):
    def __init__(self, content):
        self.content = content

    def size(self):
        return len(self.content)

    def read(self, offset, len):
        return self.content[offset : offset + len]


class _BlobWriter(_Resource):
    def __init__(self):
        self.content = b""

    def write(self, bytes):
        self.content += bytes


tables = SimpleNamespace(Table=_Table, TableWriter=_TableWriter)
blobs = SimpleNamespace(Blob=_Blob, BlobWriter=_BlobWriter)


@dataclass
class Host:
    """What the host would answer, and what it was told."""

    config: str = "{}"
    inputs: list = field(default_factory=list)
    tables: dict = field(default_factory=dict)
    blobs: dict = field(default_factory=dict)
    state: bytes | None = None
    partition: str | None = None
    seed: int = 0
    time: int = 0
    lines: list = field(default_factory=list)
    metrics: list = field(default_factory=list)
    progress: list = field(default_factory=list)


host = Host()


def use(other):
    """Makes `other` the host that the functions of `job` ask."""
    global host
    host = other


job = SimpleNamespace(
    PortKind=Enum("PortKind", {"TABLE": 0, "BLOB": 1}),
    Level=Enum("Level", {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "ERROR": 4}),
    config=lambda: host.config,
    seed=lambda: host.seed,
    time=lambda: host.time,
    state=lambda: None if host.state is None else _Blob(host.state),
    partition=lambda: host.partition,
    inputs=lambda: sorted(host.inputs, key=lambda entry: entry.port.name),
    open_table=lambda name: host.tables[name],
    open_blob=lambda name: _Blob(host.blobs[name]),
    log=lambda level, message: host.lines.append((level.name.lower(), message)),
    progress=lambda done, total: host.progress.append((done, total)),
    metric=lambda name, value, step, labels: host.metrics.append((name, value, step, dict(labels))),
    **_records(Port="name kind schema", Input="port available"),
)
