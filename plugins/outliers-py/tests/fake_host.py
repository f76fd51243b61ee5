"""Stands in for the host: the modules that the bindings would be, over tables held in memory.

Only what the plugin uses, with the names and the nesting of the generated bindings.
"""

import json
import struct
import sys
from dataclasses import dataclass, make_dataclass
from enum import Enum
from types import ModuleType, SimpleNamespace


@dataclass(frozen=True)
class Err(Exception):
    value: object


class PortKind(Enum):
    TABLE = 0
    BLOB = 1


class Verdict(Enum):
    PASS = 0
    WARN = 1
    FAIL = 2
    INCONCLUSIVE = 3


ANSWERS = {
    "Problem": ["place", "message", "help"],
    "Place_Config": ["value"],
    "Place_Input": ["value"],
    "Failure_Config": ["value"],
    "Finding": ["name", "subject", "slice", "verdict", "value", "limit", "rows", "failed", "message", "input", "examples"],
}


def field(name, format, children=0):
    return SimpleNamespace(name=name, format=format, nullable=True, children=children, metadata=[])


def column(format, values):
    """Values (None for a null) as the buffers of a column. What stands under a null is deliberately not zero."""
    count = len(values)
    validity = None
    if None in values:
        validity = bytes(sum((row < count and values[row] is not None) << bit for bit, row in enumerate(range(at, at + 8))) for at in range(0, count, 8))
    offsets = None
    if format == "u":
        texts = [b"?" if value is None else value.encode() for value in values]
        ends = [sum(map(len, texts[:end])) for end in range(count + 1)]
        offsets, buffer = struct.pack(f"<{count + 1}i", *ends), b"".join(texts)
    elif format == "b":
        buffer = bytes(sum(bool(values[row]) << bit for bit, row in enumerate(range(at, min(at + 8, count)))) for at in range(0, count, 8))
    else:
        letter = {"c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "l": "q", "L": "Q", "f": "f", "g": "d"}[format]
        buffer = struct.pack(f"<{count}{letter}", *(77 if value is None else value for value in values))
    return SimpleNamespace(length=count, validity=validity, offsets=offsets, values=buffer)


class Table:
    """A table of columns {name: (format, values)} that comes in batches of three rows."""

    def __init__(self, columns):
        self.columns = columns

    def schema(self):
        return SimpleNamespace(fields=[field(name, format) for name, (format, _) in self.columns.items()], metadata=[])

    def scan(self, names, max_rows):
        wanted = list(self.columns) if names is None else names
        rows = len(next(iter(self.columns.values()))[1]) if self.columns else 0
        batches = [
            SimpleNamespace(rows=min(3, rows - at), columns=[column(self.columns[name][0], self.columns[name][1][at : at + 3]) for name in wanted])
            for at in range(0, rows, 3)
        ]
        return _Batches(iter(batches))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


class _Batches:
    def __init__(self, batches):
        self.batches = batches

    def next(self):
        return next(self.batches, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def _module(name, **content):
    module = ModuleType(name)
    vars(module).update(content)
    sys.modules[name] = module
    return module


JOB = _module("wit_world.imports.job", PortKind=PortKind, progress=lambda done, total: None)
_module("componentize_py_types", Err=Err)
_module("wit_world.imports.answers", Verdict=Verdict, **{name: make_dataclass(name, fields) for name, fields in ANSWERS.items()})
_module("wit_world.exports.validator", Report=make_dataclass("Report", ["findings", "outputs"]))
_module("wit_world.exports", Validator=object)
_module("wit_world.imports", job=JOB)
_module("wit_world", exports=sys.modules["wit_world.exports"])


def give(config, table, known=True):
    """Sets the job that the plugin sees: its config (a dict) and its one table; `known` tells its schema before the run."""
    port = SimpleNamespace(name="table", kind=PortKind.TABLE, schema=table.schema() if known else None)
    JOB.config = lambda: json.dumps(config)
    JOB.inputs = lambda: [SimpleNamespace(port=port, available=True)]
    JOB.open_table = lambda name: table
