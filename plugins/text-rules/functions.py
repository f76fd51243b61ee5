"""The functions that rules may call, with the types they take and give. Nothing else can be called."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from math import isfinite
from typing import Any


@dataclass(frozen=True)
class Function:
    """A function of typed arguments. A null among the arguments makes the answer null, so that `call` sees none."""

    takes: tuple[str, ...]
    gives: str
    call: Callable[..., Any]
    #: Whether the last argument may come several times.
    many: bool = False


def _words(text: str) -> int:
    return len(text.split())


FUNCTIONS: dict[str, Function] = {
    "abs": Function(("number",), "number", abs),
    "round": Function(("number",), "number", round),
    "min": Function(("number", "number"), "number", min, many=True),
    "max": Function(("number", "number"), "number", max, many=True),
    "is_finite": Function(("number",), "bool", isfinite),
    "len": Function(("text",), "number", len),
    "words": Function(("text",), "number", _words),
    "lower": Function(("text",), "text", str.lower),
    "upper": Function(("text",), "text", str.upper),
    "strip": Function(("text",), "text", str.strip),
    "starts_with": Function(("text", "text"), "bool", str.startswith),
    "ends_with": Function(("text", "text"), "bool", str.endswith),
    "contains": Function(("text", "text"), "bool", lambda text, part: part in text),
    "year": Function(("date",), "number", lambda day: day.year),
    "month": Function(("date",), "number", lambda day: day.month),
    "day": Function(("date",), "number", lambda day: day.day),
    "weekday": Function(("date",), "number", lambda day: day.isoweekday()),
    "date_of": Function(("time",), "date", lambda moment: moment.date()),
}


def pattern(text: str) -> Callable[[str], bool]:
    """A test whether a whole text matches a regular expression. Raises `ValueError` when it is none."""
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from None
    return lambda value: compiled.fullmatch(value) is not None


def day(text: str) -> date:
    """The date of a text such as `2024-02-29`. Raises `ValueError`."""
    return date.fromisoformat(text)


def moment(text: str) -> datetime:
    """The point in time of a text such as `2024-02-29T12:30`, in UTC where no offset is given. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=timezone.utc)
