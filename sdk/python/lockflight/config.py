"""Configs as dataclasses: what may stand in them, all that is wrong with one, and their JSON Schema.

A field's type is `bool`, `int`, `float`, `str`, `Literal[…]` of texts, `list[T]`, `tuple[T, …]`, `dict[str, T]`, a dataclass, `Any`, or a
union of these; `T | None` with the default None is a key that may be left out. A field `warn_above` is the key `warn-above`.
A method `problems(self)` of a dataclass may return (or yield) what is wrong between its keys, as `Problem.config("/key", …)`.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Iterator
from dataclasses import MISSING, dataclass
from math import isfinite
from typing import Any, Literal, TypeVar, Union

from lockflight.answers import Problem, Problems
from lockflight.suggest import did_you_mean

C = TypeVar("C")
_KEY = "lockflight"


@dataclass(frozen=True)
class _Limits:
    doc: str | None = None
    name: str | None = None
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    unique: bool = False


def key(
    default: Any = MISSING, *, doc: str | None = None, name: str | None = None, ge: float | None = None, gt: float | None = None,
    le: float | None = None, lt: float | None = None, min_length: int | None = None, max_length: int | None = None, unique: bool = False,
) -> Any:
    """A key of a config: its default (none: the key is required), its doc, and its limits.

    Numbers are at least `ge` or above `gt`, at most `le` or below `lt`. Texts and lists have a length; the values of a list with `unique`
    differ. `name` is the key, if it is not the field's name with dashes for underscores. A list or dict as default is copied.
    """
    limits = _Limits(doc, name, ge, gt, le, lt, min_length, max_length, unique)
    metadata = {_KEY: limits}
    if isinstance(default, (list, dict)):
        return dataclasses.field(default_factory=lambda: json.loads(json.dumps(default)), metadata=metadata)
    if dataclasses.is_dataclass(default):
        return dataclasses.field(default_factory=lambda: default, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def read_json(config: type[C], text: str) -> C:
    """The config that a JSON text holds. Raises `Problems`, all of them, each at its JSON pointer."""
    return read(config, json.loads(text))


def read(config: type[C], value: Any) -> C:
    """The config that a JSON value holds. Raises `Problems`, all of them, each at its JSON pointer."""
    reader = _Reader()
    answer = reader.table(config, value, "")
    Problems.raise_if(reader.problems)
    return answer


def keys(config: type) -> Iterator[tuple[str, dataclasses.Field, Any, _Limits]]:
    """The keys of a config: name, field, type and limits."""
    hints = typing.get_type_hints(config)
    for field in dataclasses.fields(config):
        limits = field.metadata.get(_KEY, _Limits())
        yield limits.name or field.name.replace("_", "-"), field, hints[field.name], limits


def is_required(field: dataclasses.Field) -> bool:
    """Whether the key has no default."""
    return field.default is MISSING and field.default_factory is MISSING


def options(kind: Any) -> list[Any]:
    """The types of a union, without None; a single one for a type that is no union."""
    if typing.get_origin(kind) in (Union, types.UnionType):
        return [option for option in typing.get_args(kind) if option is not type(None)]
    return [kind]


class _Reader:
    """Reads values and notes what is wrong with them; the answer holds only when there is nothing."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, pointer: str, message: str, help: str | None = None) -> None:
        self.problems.append(Problem.config(pointer, message, help))

    def table(self, config: Any, value: Any, pointer: str) -> Any:
        if not isinstance(value, dict):
            return self.wrong(pointer, f"{named(pointer)} has to be a table")
        before, fields = len(self.problems), {}
        known = [name for name, *_ in keys(config)]
        for name in sorted(value.keys() - set(known)):
            guess = did_you_mean(name, known)
            help = f'did you mean "{guess}"?' if guess else f"known are {', '.join(known)}" if known else "there are no keys here"
            self.wrong(f"{pointer}/{escaped(name)}", f'there is no key "{name}"', help)
        for name, field, kind, limits in keys(config):
            if name in value:
                fields[field.name] = self.value(kind, limits, value[name], f"{pointer}/{escaped(name)}")
            elif is_required(field):
                self.wrong(pointer, f"the key `{name}` is missing", f"it has to be {wanted(kind, limits)}")
        if len(self.problems) > before:
            return None
        answer = config(**fields)
        for problem in getattr(answer, "problems", list)() or ():
            place = ("config", pointer + problem.place[1]) if problem.place[0] == "config" else problem.place
            self.problems.append(Problem(place, problem.message, problem.help))
        return answer

    def value(self, kind: Any, limits: _Limits, value: Any, pointer: str) -> Any:
        choices = options(kind)
        fitting = [option for option in choices if _has_form(option, value)]
        if not fitting or not _within(limits, value):
            help = None
            if isinstance(value, str) and (words := [word for option in choices for word in literals(option)]):
                guess = did_you_mean(value, words)
                help = f'did you mean "{guess}"?' if guess else None
            return self.wrong(pointer, f"{named(pointer)} has to be {wanted(kind, limits)}", help)
        return self.inner(fitting[0], value, pointer)

    def inner(self, kind: Any, value: Any, pointer: str) -> Any:
        """The value of a type whose form it has."""
        origin, arguments = typing.get_origin(kind) or kind, typing.get_args(kind)
        if dataclasses.is_dataclass(kind):
            return self.table(kind, value, pointer)
        if origin is float:
            return float(value)
        if origin is int:
            return int(value)
        if origin is list and arguments:
            return [self.value(arguments[0], _Limits(), item, f"{pointer}/{index}") for index, item in enumerate(value)]
        if origin is tuple and arguments:
            kinds = [arguments[0]] * len(value) if arguments[1:] == (...,) else arguments
            return tuple(self.value(kind, _Limits(), item, f"{pointer}/{index}") for index, (kind, item) in enumerate(zip(kinds, value)))
        if origin is dict and arguments:
            return {name: self.value(arguments[1], _Limits(), item, f"{pointer}/{escaped(name)}") for name, item in value.items()}
        return value


def _has_form(kind: Any, value: Any) -> bool:
    """Whether the outermost form of a value is that of a type."""
    origin, arguments = typing.get_origin(kind) or kind, typing.get_args(kind)
    if origin is Any:
        return True
    if origin is Literal:
        return isinstance(value, str) and value in arguments
    # A boolean is an integer to Python, but not to JSON.
    if origin in (int, float) and isinstance(value, bool):
        return False
    if origin is int:
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if origin is float:
        return isinstance(value, (int, float)) and isfinite(value)
    if origin is tuple:
        return isinstance(value, list) and (arguments[1:] == (...,) or len(value) == len(arguments))
    if origin is dict or dataclasses.is_dataclass(kind):
        return isinstance(value, dict)
    return isinstance(value, origin)


def _within(limits: _Limits, value: Any) -> bool:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return ((limits.ge is None or value >= limits.ge) and (limits.gt is None or value > limits.gt)
                and (limits.le is None or value <= limits.le) and (limits.lt is None or value < limits.lt))
    if isinstance(value, (str, list, dict)):
        few, many = limits.min_length, limits.max_length
        if (few is not None and len(value) < few) or (many is not None and len(value) > many):
            return False
    return not (limits.unique and isinstance(value, list) and any(item in value[:index] for index, item in enumerate(value)))


def literals(kind: Any) -> tuple[str, ...]:
    """The texts of a `Literal`; none of any other type."""
    return typing.get_args(kind) if typing.get_origin(kind) is Literal else ()


def wanted(kind: Any, limits: _Limits) -> str:
    """What a value has to be, in words: `a number from 0 to 1`."""
    return " or ".join(_phrase(option, limits) for option in options(kind))


_PHRASES: dict[Any, str] = {bool: "true or false", str: "a text", dict: "a table", Any: "a value"}


def _phrase(kind: Any, limits: _Limits) -> str:
    origin, arguments = typing.get_origin(kind) or kind, typing.get_args(kind)
    if origin is Literal:
        words = [f"`{word}`" for word in arguments]
        return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
    if origin in (int, float):
        return ("a whole number" if origin is int else "a number") + _bounds(limits)
    if origin is tuple and arguments[1:] != (...,):
        return f"a list of {len(arguments)}: " + ", ".join(wanted(argument, _Limits()) for argument in arguments)
    if origin in (list, tuple):
        few = f" at least {limits.min_length}" if limits.min_length else ""
        many = f" at most {limits.max_length}" if limits.max_length is not None else ""
        different = " different" if limits.unique else ""
        of = " and".join(filter(None, [few, many])) + different
        return f"a list of{of} values" if of else "a list"
    if origin is str and limits.min_length:
        return "a text that is not empty" if limits.min_length == 1 else f"a text of at least {limits.min_length} characters"
    return "a table" if dataclasses.is_dataclass(kind) else _PHRASES[origin]


def _bounds(limits: _Limits) -> str:
    low = f"from {limits.ge:g}" if limits.ge is not None else f"above {limits.gt:g}" if limits.gt is not None else ""
    high = f"to {limits.le:g}" if limits.le is not None else f"below {limits.lt:g}" if limits.lt is not None else ""
    if low.startswith("from") and not high:
        high = "up"
    if high.startswith("to") and not low:
        return f" up {high}"
    return "".join(f" {part}" for part in (low, high and (f"and {high}" if high.startswith("below") and low else high)) if part)


def named(pointer: str) -> str:
    """The value at a JSON pointer as messages name it: its key, with the place in the list."""
    if not pointer:
        return "the config"
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/")]
    name = steps[0] + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps[1:])
    return f"`{name}`"


def escaped(name: str) -> str:
    """A name as a step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
