"""How a plugin becomes the exports of its world."""

import dataclasses
import json
import sys
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from lockflight import _wit
from lockflight.answers import DataError, InternalError, Problem, Problems, StepPorts
from lockflight.columns import Batch
from lockflight.encode import encode
from lockflight.job import Job, Port
from lockflight.json_schema import json_schema
from lockflight.schema import lend
from lockflight.state import frame, unframe
from lockflight.worlds import Score, Stage, Train

P = TypeVar("P", bound=type)

# The builder finds the config's schema in the memory of the component, where it stands from the moment the module was imported.
_FACTS: list[bytes] = []


def export(plugin: P) -> P:
    """Makes a class the plugin of its world. Put it on the class, in the module that `plugin.toml` names (or one that it imports from).

    A module for `train` and `score` exports a class for each. Raises `TypeError` when the class is of no world, lacks a method, or its
    config is no dataclass.
    """
    if not issubclass(plugin, (Stage, Score)) or not hasattr(plugin, "EXPORT"):
        raise TypeError(f"{plugin.__name__} is no subclass of Ingest, Validate, Train, Package, Deploy, Monitor or Score")
    missing = ", ".join(sorted(plugin.__abstractmethods__))
    if missing:
        raise TypeError(f"{plugin.__name__} lacks {missing}")
    if issubclass(plugin, Score):
        made = _scorer(plugin)
    else:
        config = config_of(plugin)
        _FACTS.append(facts(plugin.WORLD, json_schema(config)))
        made = (_trainer if issubclass(plugin, Train) else _stage)(plugin, config)
    setattr(sys.modules[plugin.__module__], plugin.EXPORT, made)
    return plugin


def config_of(plugin: type) -> type:
    """The dataclass that a plugin names as its config, as in `Validate[Config]`."""
    for base in plugin.__mro__:
        for parent in getattr(base, "__orig_bases__", ()):
            for argument in typing.get_args(parent):
                if dataclasses.is_dataclass(argument):
                    return typing.cast(type, argument)
    world = plugin.__bases__[0].__name__
    raise TypeError(f"{plugin.__name__} has to name the dataclass of its config, as in `class {plugin.__name__}({world}[Config])`")


def facts(world: str, schema: dict[str, Any]) -> bytes:
    """The schema as the builder looks for it: a mark, the world, the length of the JSON, the JSON in ASCII."""
    text = json.dumps(schema, separators=(",", ":")).encode("ascii")
    return b"lockflight config %s %d " % (world.encode(), len(text)) + text


def checked(plugin: type, job: Job) -> list[Port]:
    """The ports that a plugin answers `check` with."""
    ports = plugin().check(job)
    if isinstance(ports, StepPorts):
        return [Port.table("takes", ports.takes), Port.table("gives", ports.gives), *ports.outputs]
    return list(ports)


def _check(plugin: type, config: type) -> list[Any]:
    try:
        return [port.lend() for port in checked(plugin, Job(config))]
    except Problems as error:
        raise _wit.Err([problem.lend() for problem in error.problems]) from None
    except DataError as error:
        raise _wit.Err([Problem.stage(str(error)).lend()]) from None


def _run(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Problems as error:
        raise _wit.Err(_wit.answers.Failure_Config([problem.lend() for problem in error.problems])) from None
    except DataError as error:
        raise _wit.Err(_wit.answers.Failure_Data(str(error))) from None
    except InternalError as error:
        raise _wit.Err(_wit.answers.Failure_Internal(str(error))) from None


def _stage(plugin: type, config: type) -> type:
    class Exported:
        def check(self) -> list[Any]:
            return _check(plugin, config)

        def run(self) -> Any:
            def work() -> Any:
                answer = plugin().run(Job(config))
                return answer.lend() if hasattr(answer, "lend") else [output.lend() for output in answer]

            return _run(work)

    return Exported


def _trainer(plugin: type, config: type) -> type:
    class Exported:
        def check(self) -> list[Any]:
            return _check(plugin, config)

        def run(self) -> Any:
            def work() -> Any:
                fitted = plugin().fit(Job(config))
                step, state = fitted.step, _wit.blobs.BlobWriter()
                state.write(frame(step.save(), step.VERSION, step.KIND))
                outputs = [output.lend() for output in fitted.outputs]
                return _wit.exports.trainer.Fitted(state, lend(step.takes()), lend(step.gives()), outputs)

            return _run(work)

    return Exported


def _scorer(plugin: Any) -> type:
    # The bindings make an instance for each call, so what lasts from one to the next lies outside of it.
    loaded = _Loaded(plugin)

    class Exported:
        def load(self, part: bytes, rest: int) -> None:
            loaded.load(part, rest)

        def score(self, rows: Any) -> Any:
            return loaded.score(rows)

    return Exported


class _Loaded:
    """Keeps the parts of a state until it is whole, then the step."""

    def __init__(self, plugin: Any) -> None:
        self.plugin = plugin
        self.parts: list[bytes] = []
        self.rest: int | None = None
        self.step: Any = None

    def load(self, part: bytes, rest: int) -> None:
        before, self.step = self.rest, None
        if before is not None and before - len(part) != rest:
            self.parts, self.rest = [], None
            raise _wit.Err(f"the parts of the state do not fit together: {before} bytes were to come, then {len(part)} came and "
                           f"{rest} are to come")
        self.parts.append(part)
        self.rest = rest
        if rest == 0:
            state, self.parts, self.rest = b"".join(self.parts), [], None
            plugin = self.plugin
            self.step = _said(lambda: plugin.load(unframe(state, plugin.VERSION, plugin.KIND)))

    def score(self, rows: Any) -> Any:
        if self.step is None:
            raise _wit.Err("there is no state yet: load comes before score")
        return _said(lambda: scored(self.step, rows))


def scored(step: Score, rows: Any) -> Any:
    """The host's batch of a step's answer to a batch of the host's. Raises `ValueError` when the answer is not what it promised."""
    answer, gives = step.score(Batch(step.takes(), 0, rows)), step.gives()
    if set(answer) != set(gives.names):
        raise ValueError(f"the scorer has a fault: it answers {', '.join(sorted(answer))} instead of {', '.join(gives.names)}")
    columns = []
    for field in gives:
        part = encode(field, answer[field.name])
        if part[0].length != rows.rows:
            raise ValueError(f"the scorer has a fault: it answers {part[0].length} values for {rows.rows} rows in column {field.name!r}")
        columns += part
    return _wit.types.Batch(rows.rows, columns)


def _said(work: Callable[[], Any]) -> Any:
    """What the work answers; an exception becomes the error, since a scorer has no log for a traceback."""
    try:
        return work()
    except (DataError, ValueError) as error:
        raise _wit.Err(str(error)) from None
    except Exception as error:
        raise _wit.Err(f"the scorer has a fault: {type(error).__name__}: {error}") from None
