"""Reads Arrow's buffers, as the host hands them over, a whole column at a time."""

from array import array
from itertools import pairwise
from math import nan

# Arrow's format string -> the letter of the same type in `struct` and `memoryview`.
NUMBERS = {"c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "l": "q", "L": "Q", "f": "f", "g": "d"}
INTEGERS = frozenset("cCsSiIlL")


def top_level(schema):
    """The schema's fields without the children of nested ones."""
    fields, position = [], 0
    while position < len(schema.fields):
        fields.append(schema.fields[position])
        position = _behind(schema.fields, position)
    return fields


def _behind(fields, position):
    """The position behind a field and all that belongs to it (the fields are in pre-order)."""
    end = position + 1
    for _ in range(fields[position].children):
        end = _behind(fields, end)
    return end


def nulls(column):
    """The positions of the column's nulls, ascending."""
    if column.validity is None:
        return
    for index, byte in enumerate(column.validity):
        if byte == 0xFF:
            continue
        for position in range(index * 8, min(index * 8 + 8, column.length)):
            if not byte >> position % 8 & 1:
                yield position


def _cast(buffer, code, count):
    view = memoryview(buffer)
    size = array(code).itemsize
    return view[: count * size].cast(code)


def numbers(column, format):
    """A numeric column as 64 bit floats, with NaN where there is no value."""
    values = array("d", _cast(column.values, NUMBERS[format], column.length))
    for position in nulls(column):
        values[position] = nan
    return values


def keys(column, format):
    """A column of text, integers or booleans as one hashable value a row; None for a null."""
    if format == "u":
        values = bytes(column.values)
        offsets = _cast(column.offsets, "i", column.length + 1)
        answer = [values[start:end] for start, end in pairwise(offsets)]
    elif format == "b":
        answer = [bool(column.values[row >> 3] >> (row & 7) & 1) for row in range(column.length)]
    else:
        answer = _cast(column.values, NUMBERS[format], column.length).tolist()
    for position in nulls(column):
        answer[position] = None
    return answer


def label(key):
    """A value of `keys` as a person writes it."""
    if isinstance(key, bytes):
        return key.decode("utf-8")
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)
