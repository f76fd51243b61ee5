"""Schemas: the names and types of a table's columns."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lockflight import _wit

# The name of a type -> its Arrow format (https://arrow.apache.org/docs/format/CDataInterface.html).
_FORMATS = {
    "bool": "b", "int8": "c", "uint8": "C", "int16": "s", "uint16": "S", "int32": "i", "uint32": "I", "int64": "l", "uint64": "L",
    "float32": "f", "float64": "g", "text": "u", "bytes": "z", "date": "tdD",
}
_NAMES = {format: name for name, format in _FORMATS.items()}
_TIMESTAMP = re.compile(r"timestamp\[(s|ms|us|ns)(?:,\s*([^\]]+))?\]")
_VECTOR = re.compile(r"(float32|float64)\[([1-9][0-9]*)\]")

# The name of a type -> the letter of its values in `array` and `memoryview`.
_CODES = {
    "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q", "float32": "f",
    "float64": "d", "date": "i",
}

#: The types that hold numbers.
NUMBERS = frozenset(_CODES) - {"date"}
#: The types that hold whole numbers.
INTEGERS = NUMBERS - {"float32", "float64"}


@dataclass(frozen=True)
class Field:
    """A column: its name, its type, and whether it may hold nulls.

    `type` is one of `bool`, `int8` to `int64`, `uint8` to `uint64`, `float32`, `float64`, `text`, `bytes`, `date`, `timestamp[s]` (also
    `ms`, `us`, `ns`, and with a zone as in `timestamp[us, UTC]`), or a vector such as `float32[768]`. Another raises `ValueError`.
    """

    name: str
    type: str
    nullable: bool = True
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        self.format

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers (dates and timestamps are not)."""
        return self.type in NUMBERS

    @property
    def is_integer(self) -> bool:
        """Whether the values are whole numbers."""
        return self.type in INTEGERS

    @property
    def is_timestamp(self) -> bool:
        """Whether the values are points in time."""
        return self.type.startswith("timestamp[")

    @property
    def unit(self) -> str:
        """A timestamp's unit: `s`, `ms`, `us` or `ns`. Another type raises `ValueError`."""
        return self._timestamp()[0]

    @property
    def zone(self) -> str | None:
        """A timestamp's zone, if it has one. Another type raises `ValueError`."""
        return self._timestamp()[1]

    def _timestamp(self) -> tuple[str, str | None]:
        match = _TIMESTAMP.fullmatch(self.type)
        if match is None:
            raise ValueError(f"column {self.name!r} is {self.type}, not a timestamp")
        return match[1], match[2]

    @property
    def size(self) -> int | None:
        """How many values a vector has; None for every other type."""
        match = _VECTOR.fullmatch(self.type)
        return None if match is None else int(match[2])

    @property
    def format(self) -> str:
        """The type as Arrow's format string."""
        if self.type in _FORMATS:
            return _FORMATS[self.type]
        if match := _TIMESTAMP.fullmatch(self.type):
            return f"ts{'n' if match[1] == 'ns' else match[1][0]}:{(match[2] or '').strip()}"
        if self.size is not None:
            return f"+w:{self.size}"
        raise ValueError(f"column {self.name!r}: there is no type {self.type!r}")

    @property
    def code(self) -> str | None:
        """The letter of the values in `array` and `memoryview`, e.g. `d`; None where a value is not a number in memory."""
        if match := _VECTOR.fullmatch(self.type):
            return _CODES[match[1]]
        return "q" if self.is_timestamp else _CODES.get(self.type)


@dataclass(frozen=True)
class Schema:
    """The columns of a table, in order. A name that occurs twice raises `ValueError`.

    `Schema.of(mass="float64", species="text")` is a short way to write one.
    """

    fields: tuple[Field, ...]
    metadata: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __init__(self, fields: Iterable[Field], metadata: Mapping[str, str] | None = None) -> None:
        object.__setattr__(self, "fields", tuple(fields))
        object.__setattr__(self, "metadata", dict(metadata or {}))
        names = self.names
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"column {name!r} is there twice")

    @classmethod
    def of(cls, **types: str) -> "Schema":
        """A schema of columns that may hold nulls: names and types."""
        return cls(Field(name, type) for name, type in types.items())

    @property
    def names(self) -> list[str]:
        """The columns' names, in order."""
        return [entry.name for entry in self.fields]

    def get(self, name: str) -> Field | None:
        """The column of that name, if there is one."""
        return next((entry for entry in self.fields if entry.name == name), None)

    def __getitem__(self, name: str) -> Field:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return any(entry.name == name for entry in self.fields)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def select(self, names: Iterable[str]) -> "Schema":
        """The schema of some of the columns. An unknown name raises `KeyError`."""
        return Schema((self[name] for name in names), self.metadata)


def adopt(schema) -> Schema:
    """The schema that the host gave, as one of ours."""
    fields, at = [], 0
    while at < len(schema.fields):
        parent = schema.fields[at]
        child = schema.fields[at + 1] if parent.children else None
        fields.append(Field(parent.name, _type(parent.format, child), parent.nullable, dict(parent.metadata)))
        at += 1 + parent.children
    return Schema(fields, dict(schema.metadata))


def _type(format: str, child) -> str:
    if format in _NAMES:
        return _NAMES[format]
    if format.startswith("ts"):
        unit, zone = format[2:].split(":", 1)
        unit = "s" if unit == "s" else unit + "s"
        return f"timestamp[{unit}, {zone}]" if zone else f"timestamp[{unit}]"
    if format.startswith("+w:") and child is not None:
        return f"{_NAMES[child.format]}[{format[3:]}]"
    raise ValueError(f"this SDK does not know the format {format!r}; it is older than the host")


def lend(schema: Schema):
    """Our schema as the host wants it."""
    fields = []
    for entry in schema:
        vector = entry.size is not None
        fields.append(_wit.types.Field(entry.name, entry.format, entry.nullable, int(vector), list(entry.metadata.items())))
        if vector:
            fields.append(_wit.types.Field("item", "f" if entry.type.startswith("float32") else "g", False, 0, []))
    return _wit.types.Schema(fields, list(schema.metadata.items()))
