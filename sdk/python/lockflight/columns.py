"""Columns as Python reads them fastest: `memoryview`, `array`, and lists on demand.

Numbers lie in memory as the host wrote them, so there is no accessor that hands them out and forgets the nulls. What a column gives:

- `filled(null)`: the values, with `null` in the place of every null;
- `required()`: the values of a column without nulls; a null raises `DataError`, which names its row;
- `masked()`: the values with anything under the nulls, and one byte a row that is 1 for a value and 0 for a null;
- `to_list()`: a list with None for nulls.
"""

from array import array
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, timezone
from itertools import compress, pairwise
from math import nan
from typing import Any, Generic, TypeVar

from lockflight.answers import DataError, Problem, Problems
from lockflight.schema import Field, Schema
from lockflight.suggest import did_you_mean

# The eight bits of every byte as eight bytes, the lowest bit first.
_BITS = [bytes(byte >> bit & 1 for bit in range(8)) for byte in range(256)]
_FLIPPED = bytes([1, 0]) + bytes(254)
_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_EPOCH = datetime(1970, 1, 1)

V = TypeVar("V")


def unpacked(bitmap: bytes, length: int) -> bytes:
    """A bitmap as one byte a bit, 0 or 1; the lowest bit of a byte comes first."""
    return b"".join(map(_BITS.__getitem__, bitmap[: (length + 7) // 8]))[:length]


class Column(Generic[V]):
    """The values of one column in one batch. `V` is the type of a value."""

    def __init__(self, field: Field, start: int, raw: Sequence[Any]) -> None:
        self.field = field
        """The column's name and type."""
        self.raw = raw
        """The host's buffers (`length`, `validity`, `offsets`, `values`), the child's behind the parent's: Arrow's layout."""
        self._start = start
        self._present: bytes | None = None

    def __len__(self) -> int:
        return self.raw[0].length

    @property
    def null_count(self) -> int:
        """How many values are null."""
        return 0 if self.raw[0].validity is None else self.present().count(0)

    def present(self) -> bytes:
        """One byte a row: 1 for a value, 0 for a null. `itertools.compress` takes it as a selector."""
        if self._present is None:
            validity = self.raw[0].validity
            self._present = b"\x01" * len(self) if validity is None else unpacked(validity, len(self))
        return self._present

    def nulls(self) -> Iterator[int]:
        """The rows of the nulls, ascending, counted from 0 in this batch."""
        if self.raw[0].validity is None:
            return
        yield from compress(range(len(self)), self.present().translate(_FLIPPED))

    def to_list(self) -> list[V | None]:
        """The values as a list, None for a null."""
        values: list[Any] = list(self._values())
        for row in self.nulls():
            values[row] = None
        return values

    def required(self) -> Sequence[V]:
        """The values of a column that must have one in every row.

        Raises `DataError` at a null, with its row in the table.
        """
        for row in self.nulls():
            raise DataError(f"column {self.field.name!r} has no value in row {self._start + row}, counted from 0")
        return self._values()

    def filled(self, null: V) -> Sequence[V]:
        """The values, with `null` in the place of every null."""
        values: Any = self._values()
        if self.null_count:
            values = list(values)
            for row in self.nulls():
                values[row] = null
        return values

    def masked(self) -> tuple[Sequence[V], bytes]:
        """The values, with anything in the place of a null, and `present()`."""
        return self._values(), self.present()

    def _values(self) -> Sequence[V]:
        raise NotImplementedError


class NumberColumn(Column[V]):
    """A column of numbers. Its values are a `memoryview` of the column's type over the host's buffer, without a copy."""

    def _values(self) -> memoryview:
        code = self.field.code
        assert code is not None, "a column of numbers has a letter"
        return _cast(self.raw[0].values, code, len(self))

    def filled(self, null: V) -> "memoryview | array":
        """The values, with `null` in the place of every null: without nulls the host's buffer, with nulls a copy.

        A `null` that the type cannot hold (NaN among whole numbers) raises `ValueError`; `floats` takes any.
        """
        if not self.null_count:
            return self._values()
        values = array(self.field.code, self._values())
        try:
            for row in self.nulls():
                values[row] = null
        except (TypeError, OverflowError) as error:
            raise ValueError(f"a null of column {self.field.name!r} ({self.field.type}) cannot become {null!r}: {error}") from None
        return values

    def floats(self, null: float = nan) -> "memoryview | array":
        """The values as 64 bit floats whatever the column's type, with `null` in the place of every null.

        Whole numbers beyond 2**53 are rounded. Without a copy for a float64 column that has no nulls.
        """
        values = self._values()
        if self.field.type == "float64" and not self.null_count:
            return values
        floats = array("d", values)
        for row in self.nulls():
            floats[row] = null
        return floats


class DateColumn(NumberColumn[int]):
    """A column of days since 1970-01-01."""

    def to_dates(self) -> list[date | None]:
        """The values as dates, None for a null. A day outside of the years 1 to 9999 raises `DataError`."""
        return [None if day is None else _after(_EPOCH, day * 86_400_000_000, self.field).date() for day in self.to_list()]


class TimestampColumn(NumberColumn[int]):
    """A column of points in time, in the field's unit since 1970-01-01T00:00:00."""

    def to_datetimes(self) -> list[datetime | None]:
        """The values as datetimes, None for a null: in UTC if the column has a zone, else naive. Nanoseconds are cut off.

        A year outside of 1 to 9999 raises `DataError`.
        """
        unit, zone = _UNITS[self.field.unit], self.field.zone
        epoch = _EPOCH if zone is None else _EPOCH.replace(tzinfo=timezone.utc)
        spans = (None if count is None else count * 1_000_000 // unit for count in self.to_list())
        return [None if span is None else _after(epoch, span, self.field) for span in spans]


class BoolColumn(Column[bool]):
    """A column of booleans."""

    def _values(self) -> memoryview:
        return memoryview(unpacked(self.raw[0].values, len(self))).cast("?")


class BytesColumn(Column[bytes]):
    """A column of byte strings."""

    def _values(self) -> list[bytes]:
        values = bytes(self.raw[0].values)
        return [values[start:end] for start, end in pairwise(self._offsets())]

    def _offsets(self) -> memoryview:
        return _cast(self.raw[0].offsets, "i", len(self) + 1)


class TextColumn(Column[str]):
    """A column of text."""

    def _values(self) -> list[str]:
        values, offsets = bytes(self.raw[0].values), _cast(self.raw[0].offsets, "i", len(self) + 1)
        if values.isascii():
            text = values.decode("ascii")
            return [text[start:end] for start, end in pairwise(offsets)]
        # What stands under a null may be cut anywhere.
        return [values[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets)]


class VectorColumn(Column["memoryview"]):
    """A column of vectors of one size."""

    def _values(self) -> list[memoryview]:
        size, flat = self.field.size, self.flat()
        assert size is not None, "a column of vectors has a size"
        return [flat[at : at + size] for at in range(0, len(flat), size)]

    def flat(self) -> memoryview:
        """All values of all vectors, one vector after the other, with anything in the place of a null."""
        code = self.field.code
        assert code is not None, "a column of vectors has a letter"
        return _cast(self.raw[1].values, code, self.raw[1].length)


def _cast(buffer: bytes, code: str, count: int) -> memoryview:
    view = memoryview(buffer)
    return view[: count * array(code).itemsize].cast(code)


def _after(epoch: datetime, span: int, field: Field) -> datetime:
    """The point in time so many microseconds after another."""
    try:
        return epoch + timedelta(microseconds=span)
    except OverflowError:
        raise DataError(f"column {field.name!r} has a time outside of the years 1 to 9999") from None


_PLAIN: dict[str, type[Column]] = {"bool": BoolColumn, "text": TextColumn, "bytes": BytesColumn, "date": DateColumn}


def _class(field: Field) -> type[Column]:
    if field.is_timestamp:
        return TimestampColumn
    if field.size is not None:
        return VectorColumn
    return _PLAIN.get(field.type, NumberColumn)


C = TypeVar("C", bound=Column)


class Batch:
    """Some rows of a table: some tens of thousands, a column each."""

    def __init__(self, schema: Schema, start: int, raw: Any) -> None:
        self.schema = schema
        """The columns, in order."""
        self.start = start
        """The number of the first row in the table, counted from 0."""
        self.rows: int = raw.rows
        """How many rows."""
        self._columns: dict[str, Column] = {}
        at = 0
        for field in schema:
            width = 1 if field.size is None else 2
            self._columns[field.name] = _class(field)(field, start, raw.columns[at : at + width])
            at += width

    def __getitem__(self, name: str) -> Column:
        """The column of that name. Raises `Problems`, with the nearest name, when there is none."""
        if name not in self._columns:
            raise Problems(no_column(name, self.schema))
        return self._columns[name]

    def number(self, name: str) -> NumberColumn:
        """The column of numbers of that name. Raises `Problems` when there is none, or it is no column of numbers."""
        return self._typed(name, NumberColumn, "numbers")

    def text(self, name: str) -> TextColumn:
        """The column of text of that name. Raises `Problems` when there is none, or it is no text."""
        return self._typed(name, TextColumn, "text")

    def boolean(self, name: str) -> BoolColumn:
        """The column of booleans of that name. Raises `Problems` when there is none, or it has another type."""
        return self._typed(name, BoolColumn, "booleans")

    def vector(self, name: str) -> VectorColumn:
        """The column of vectors of that name. Raises `Problems` when there is none, or it has another type."""
        return self._typed(name, VectorColumn, "vectors")

    def _typed(self, name: str, wanted: type[C], what: str) -> C:
        column = self[name]
        if not isinstance(column, wanted):
            raise Problems(Problem.stage(f"column {name!r} is {column.field.type}, and has to hold {what}"))
        return column

    def records(self) -> Iterator[tuple[Any, ...]]:
        """The rows as tuples in the order of the columns, None for a null. The slowest way to read, and the simplest."""
        if not self._columns:
            return iter([()] * self.rows)
        return zip(*(column.to_list() for column in self._columns.values()))

    def kept(self, keep: Sequence[Any]) -> dict[str, list[Any]]:
        """The rows for which `keep` (one value a row) holds, as lists that `TableWriter.write` takes."""
        return {name: list(compress(column.to_list(), keep)) for name, column in self._columns.items()}


def no_column(name: str, schema: Schema) -> Problem:
    """The problem that a table has no column of that name."""
    guess = did_you_mean(name, schema.names)
    known = ", ".join(schema.names)
    return Problem.stage(f"the table has no column {name!r}", f"did you mean {guess!r}?" if guess else f"there is: {known}" if known else None)
