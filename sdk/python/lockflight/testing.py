"""Runs a plugin on a plain interpreter, against a host in memory.

    bench = testing.Bench(NoNegatives, {"column": "mass"}, table=testing.table(mass=("float64", [1.0, None, -1.0])))
    bench.check()                       # the ports, or Problems
    report = bench.run()                # what the plugin answered
    bench.lines                         # what it logged

This module is for tests alone; a plugin must not import it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lockflight import _double, _wit
from lockflight.answers import Output
from lockflight.columns import Batch
from lockflight.encode import encode
from lockflight.export import checked, config_of, scored
from lockflight.job import Job, Kind, Port
from lockflight.schema import Field, Schema, adopt, lend
from lockflight.state import frame, unframe
from lockflight.worlds import Score, Train


class MemoryTable:
    """A table in memory, as `table` makes it."""

    def __init__(self, schema: Schema, columns: Mapping[str, Sequence[Any]], rows_per_batch: int) -> None:
        self.schema = schema
        self.batches = []
        count = len(next(iter(columns.values()))) if columns else 0
        for at in range(0, count, rows_per_batch):
            parts = [encode(field, columns[field.name][at : at + rows_per_batch]) for field in schema]
            self.batches.append(_wit.types.Batch(parts[0][0].length, [column for part in parts for column in part]))


def table(columns: Mapping[str, tuple[str, Sequence[Any]]] | None = None, *, rows_per_batch: int = 3, **more: tuple[str, Sequence[Any]]) -> MemoryTable:
    """A table of columns {name: (type, values)}, None for a null. Small batches are the default, so that a test crosses their ends."""
    given = dict(columns or {}) | more
    schema = Schema(Field(name, type) for name, (type, _) in given.items())
    return MemoryTable(schema, {name: values for name, (_, values) in given.items()}, rows_per_batch)


class Bench:
    """A plugin with a host around it."""

    def __init__(self, plugin: type, config: Mapping[str, Any] | None = None, *, inputs: Mapping[str, Any] | None = None,
                 known: bool = True, seed: int = 0, time: int = 0, state: bytes | None = None, **more: Any) -> None:
        """`inputs` (or further keywords) are a `MemoryTable`, bytes, a text, or a `Port` for what an earlier stage has yet to make. With
        `known=False` no table's schema is known in `check`.
        """
        self.plugin = plugin
        self._host = _double.Host(config=json.dumps(dict(config or {})), seed=seed, time=time, state=state)
        self._known = known
        for name, content in (dict(inputs or {}) | more).items():
            self._add(name, content)

    def _add(self, name: str, content: Any) -> None:
        host = self._host
        if isinstance(content, Port):
            port, available = Port(name, content.kind, content.schema), False
        elif isinstance(content, MemoryTable):
            port, available = Port(name, Kind.TABLE, content.schema if self._known else None), True
            host.tables[name] = _double.tables.Table(lend(content.schema), content.batches)
        else:
            port, available = Port.blob(name), True
            host.blobs[name] = content.encode() if isinstance(content, str) else bytes(content)
        host.inputs.append(_double.job.Input(port.lend(), available))

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What was logged: level and message."""
        return self._host.lines

    @property
    def metrics(self) -> list[tuple[str, float, int | None, dict[str, str]]]:
        """The figures that were recorded: name, value, step and labels."""
        return self._host.metrics

    def check(self) -> list[Port]:
        """The ports that the plugin answers `check` with. Raises what it raises."""
        _double.use(self._host)
        ports = checked(self.plugin, Job(config_of(self.plugin)))
        for port in ports:
            port.lend()
        return ports

    def run(self) -> Any:
        """What the plugin answers `run` (or `fit`) with. Raises what it raises."""
        _double.use(self._host)
        job: Job = Job(config_of(self.plugin))
        if issubclass(self.plugin, Train):
            fitted = self.plugin().fit(job)
            lend(fitted.step.takes()), lend(fitted.step.gives())
            return fitted
        answer = self.plugin().run(job)
        # What the host would be handed has to be makeable too.
        answer.lend() if hasattr(answer, "lend") else [output.lend() for output in answer]
        return answer

    def exported(self) -> Any:
        """What the host calls, with `check` and `run`; it raises `lockflight._wit.Err` as the bindings do."""
        import sys

        _double.use(self._host)
        return getattr(sys.modules[self.plugin.__module__], self.plugin.EXPORT)()


def written(output: Output) -> Any:
    """What was written to an output: {column: list} of a table, the bytes of a blob."""
    raw: Any = output.content._raw
    if isinstance(raw, _double._BlobWriter):
        return raw.content
    schema, columns = adopt(raw.schema), {}
    for name in schema.names:
        columns[name] = [value for batch in raw.batches for value in Batch(schema, 0, batch)[name].to_list()]
    return columns


def score(step: Score, **columns: Sequence[Any]) -> dict[str, list[Any]]:
    """The answer of a step for rows given by columns, after its state went through bytes."""
    loaded = type(step).load(unframe(frame(step.save(), step.VERSION, step.KIND), step.VERSION, step.KIND))
    takes, count = loaded.takes(), len(next(iter(columns.values())))
    parts = [column for field in takes for column in encode(field, columns[field.name])]
    answer = scored(loaded, _wit.types.Batch(count, parts))
    batch = Batch(loaded.gives(), 0, answer)
    return {name: batch[name].to_list() for name in batch.schema.names}
