"""Tables, read and written batch by batch, so that no table has to fit into memory."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lockflight import _wit
from lockflight.answers import Problems
from lockflight.columns import Batch, no_column
from lockflight.encode import encode
from lockflight.schema import Schema, adopt, lend


class Table:
    """A table among the inputs; it can be read as often as wanted. `Job.table` opens one."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.schema: Schema = adopt(raw.schema())
        """The table's columns."""

    @property
    def rows(self) -> int:
        """How many rows."""
        return self._raw.rows()

    def scan(self, columns: Iterable[str] | None = None, max_rows: int = 0) -> Iterator[Batch]:
        """The batches, from the first row to the last.

        `columns` names the columns to read, in the wished order; None for all. A batch has at most 65,536 rows and 16 MiB, and at most
        `max_rows` rows if that is not 0. A name that the table does not have raises `Problems`.
        """
        names = None if columns is None else list(columns)
        for name in names or ():
            if name not in self.schema:
                raise Problems(no_column(name, self.schema))
        return self._batches(names, self.schema if names is None else self.schema.select(names), max_rows)

    def _batches(self, names: list[str] | None, schema: Schema, max_rows: int) -> Iterator[Batch]:
        start = 0
        with self._raw.scan(names, max_rows) as batches:
            while (raw := batches.next()) is not None:
                yield Batch(schema, start, raw)
                start += raw.rows


class TableWriter:
    """A table being written; `Output.table` makes an output of it. One that is not returned is dropped."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        """The table's columns."""
        self.rows = 0
        """How many rows were written."""
        self._raw = _wit.tables.TableWriter(lend(schema))

    def write(self, columns: Mapping[str, Any]) -> None:
        """Appends rows, given by columns: each name of the schema with as many values as the others.

        Values are a list with None for nulls, an `array` or `memoryview` of the column's type (copied as it is), or a column of a batch.
        Dates are `date`, timestamps `datetime` or counts of their unit. Any number of rows will do; some thousands are quickest.
        Raises `ValueError` when columns are missing or of unequal length, or a value does not fit, and says which.
        """
        given, wanted = set(columns), set(self.schema.names)
        if given != wanted:
            missing, surplus = ", ".join(sorted(wanted - given)), ", ".join(sorted(given - wanted))
            raise ValueError(" and ".join(filter(None, [missing and f"columns are missing: {missing}", surplus and f"there are no columns: {surplus}"])))
        parts = [encode(field, columns[field.name]) for field in self.schema]
        lengths = {part[0].length for part in parts}
        if len(lengths) > 1:
            shown = ", ".join(f"{field.name} {part[0].length}" for field, part in zip(self.schema, parts))
            raise ValueError(f"columns have different lengths: {shown}")
        rows = lengths.pop() if lengths else 0
        if rows:
            self._raw.write(_wit.types.Batch(rows, [column for part in parts for column in part]))
            self.rows += rows
