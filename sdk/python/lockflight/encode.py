"""Values become the buffers of a column."""

from array import array
from collections.abc import Sequence
from datetime import date, datetime, timezone
from typing import Any

from lockflight import _wit
from lockflight.columns import Column
from lockflight.schema import Field

_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def encode(field: Field, values: Any) -> list:
    """The buffers of a column, with those of its child behind them.

    Raises `ValueError`, which names the column and the row, for a value that the type cannot hold, and for a null in a column that is
    declared without.
    """
    if isinstance(values, Column) and values.field.format == field.format and values.field.type == field.type:
        _refuse_nulls(field, next(values.nulls(), None))
        return list(values.raw)
    if isinstance(values, Column):
        raise ValueError(f"column {field.name!r} is {field.type}, and was given values of {values.field.type}")
    if isinstance(values, (array, memoryview, bytes, bytearray)) and field.code is not None and field.size is None:
        return [_plain(field, memoryview(values))]
    values = list(values)
    missing = [row for row, value in enumerate(values) if value is None]
    _refuse_nulls(field, missing[0] if missing else None)
    validity = packed([value is not None for value in values]) if missing else None
    if field.size is not None:
        return _vectors(field, values, validity)
    encoder = _times if field.is_timestamp else _ENCODERS.get(field.type, _numbers)
    return [encoder(field, values, validity)]


def packed(flags: Sequence[Any]) -> bytes:
    """A bitmap of flags, the lowest bit of a byte first. The bits behind the end are 0."""
    text = bytes(map(bool, flags))
    # Read as binary digits: the last flag has to come first.
    digits = text[::-1].translate(_DIGITS)
    return int(digits or b"0", 2).to_bytes((len(text) + 7) // 8, "little")


_DIGITS = bytes(48 + (byte > 0) for byte in range(256))


def _refuse_nulls(field: Field, row: int | None) -> None:
    if row is not None and not field.nullable:
        raise ValueError(f"column {field.name!r} is declared without nulls and was given one in row {row} of what was written")


def _plain(field: Field, view: memoryview) -> Any:
    """The buffer as it is, if its type is the column's."""
    wide = array(field.code).itemsize
    same = view.itemsize == wide and (view.format in "fd") == (field.code in "fd") and (view.format.isupper() == field.code.isupper())
    if not same:
        raise ValueError(f"column {field.name!r} is {field.type} (letter {field.code!r}), and was given a buffer of letter {view.format!r}")
    return _wit.types.Column(len(view), None, None, view.tobytes())


def _numbers(field: Field, values: list, validity: bytes | None) -> Any:
    buffer = _array(field, [0 if value is None else value for value in values])
    return _wit.types.Column(len(values), validity, None, buffer.tobytes())


def _array(field: Field, values: list) -> array:
    code = field.code
    try:
        return array(code, values)
    except (TypeError, OverflowError):
        for row, value in enumerate(values):
            try:
                array(code, [value])
            except (TypeError, OverflowError) as error:
                raise ValueError(f"column {field.name!r} ({field.type}) cannot hold {value!r} of row {row}: {error}") from None
        raise


def _times(field: Field, values: list, validity: bytes | None) -> Any:
    return _numbers(field, [_count(field, value) for value in values], validity)


def _count(field: Field, value: Any) -> Any:
    """A date or datetime as a count; a number is one already."""
    if isinstance(value, datetime) and field.type != "date":
        zoned = value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
        span = zoned - datetime(1970, 1, 1, tzinfo=timezone.utc)
        micros = (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
        return micros * _UNITS[field.unit] // 1_000_000
    if isinstance(value, date) and field.type == "date":
        return value.toordinal() - date(1970, 1, 1).toordinal()
    return value


def _bools(field: Field, values: list, validity: bytes | None) -> Any:
    for row, value in enumerate(values):
        if value is not None and not isinstance(value, (bool, int)):
            raise ValueError(f"column {field.name!r} (bool) cannot hold {value!r} of row {row}")
    return _wit.types.Column(len(values), validity, None, packed(values))


def _strings(field: Field, values: list, validity: bytes | None) -> Any:
    wanted = str if field.type == "text" else (bytes, bytearray, memoryview)
    parts, offsets, end = [], array("i", [0]), 0
    for row, value in enumerate(values):
        if value is not None:
            if not isinstance(value, wanted):
                raise ValueError(f"column {field.name!r} ({field.type}) cannot hold {value!r} of row {row}")
            part = value.encode() if isinstance(value, str) else bytes(value)
            parts.append(part)
            end += len(part)
        offsets.append(end)
    return _wit.types.Column(len(values), validity, offsets.tobytes(), b"".join(parts))


def _vectors(field: Field, values: list, validity: bytes | None) -> list:
    flat, size = array(field.code), field.size
    for row, value in enumerate(values):
        if value is not None and len(value) != size:
            raise ValueError(f"column {field.name!r} ({field.type}) cannot hold the {len(value)} values of row {row}")
        flat.extend(_array(field, [0] * size if value is None else list(value)))
    return [_wit.types.Column(len(values), validity, None, b""), _wit.types.Column(len(flat), None, None, flat.tobytes())]


_ENCODERS = {"bool": _bools, "text": _strings, "bytes": _strings, "date": _times}
