"""The job: everything a call gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from lockflight import _wit
from lockflight.answers import Problem, Problems, quoted
from lockflight.blobs import Blob
from lockflight.config import read_json
from lockflight.schema import Schema, adopt, lend
from lockflight.suggest import did_you_mean
from lockflight.tables import Table

C = TypeVar("C")


class Kind(Enum):
    """The two kinds of data."""

    TABLE = "table"
    BLOB = "blob"


_WORDS = {Kind.TABLE: "table", Kind.BLOB: "file"}


@dataclass(frozen=True)
class Port:
    """A named place where data goes in or out. Made by `table` or `blob`."""

    name: str
    kind: Kind
    schema: Schema | None = None
    """A table's columns; None for a blob, and for a table whose columns are known only after the stage ran."""

    @classmethod
    def table(cls, name: str, schema: Schema | None = None) -> "Port":
        """A table; without a schema its columns are known only after the stage ran."""
        return cls(name, Kind.TABLE, schema)

    @classmethod
    def blob(cls, name: str) -> "Port":
        """A blob."""
        return cls(name, Kind.BLOB)

    def lend(self) -> Any:
        """As the host wants it."""
        return _wit.job.Port(self.name, _wit.job.PortKind[self.kind.name], None if self.schema is None else lend(self.schema))


@dataclass(frozen=True)
class Input:
    """An input: its port, and whether it can be opened now (always in `run`; in `check` only files that exist before the run)."""

    name: str
    kind: Kind
    schema: Schema | None
    available: bool


class Job(Generic[C]):
    """Everything a call gets: the config, typed, and the inputs."""

    def __init__(self, config: type[C]) -> None:
        """Asks the host. Raises `Problems` when the config does not fit its type."""
        self.config: C = read_json(config, _wit.job.config())
        """The stage's config."""
        self.inputs: Mapping[str, Input] = {entry.port.name: _adopt(entry) for entry in _wit.job.inputs()}
        """The inputs by name, sorted."""

    def input(self, name: str) -> Input:
        """The input of that name. Raises `Problems`, which say what there is, when there is none."""
        found = self.inputs.get(name)
        if found is not None:
            return found
        has = "has none" if not self.inputs else f"has {', '.join(self.inputs)}"
        message = f"the stage needs an input {quoted(name)}, and {has}"
        guess = did_you_mean(name, self.inputs)
        if guess is None:
            raise Problems(Problem.stage(message, f'add `inputs = {{ {name} = "…" }}` to the stage'))
        raise Problems(Problem.input(guess, message, f"call it {quoted(name)}"))

    def only(self, kind: Kind) -> Input:
        """The only input of a kind, whatever its name. Raises `Problems` when there is none, or more than one."""
        found = [entry for entry in self.inputs.values() if entry.kind is kind]
        if not found:
            raise Problems(Problem.stage(f"the stage needs a {_WORDS[kind]} as its input"))
        if len(found) > 1:
            raise Problems(Problem.input(found[1].name, f"the stage takes one {_WORDS[kind]} only"))
        return found[0]

    def table(self, name: str = "table") -> Table:
        """Opens a table. Raises `Problems` when there is no such input, it is a blob, or it is yet to be made."""
        self._need(name, Kind.TABLE)
        return Table(_wit.job.open_table(name))

    def blob(self, name: str) -> Blob:
        """Opens a blob. Raises `Problems` when there is no such input, it is a table, or it is yet to be made."""
        self._need(name, Kind.BLOB)
        return Blob(_wit.job.open_blob(name))

    def _need(self, name: str, kind: Kind) -> None:
        found = self.input(name)
        if not found.available:
            raise Problems(Problem.input(name, f"the {_WORDS[found.kind]} does not exist before the run"))
        if found.kind is not kind:
            raise Problems(Problem.input(name, f"this is a {_WORDS[found.kind]}; the stage needs a {_WORDS[kind]} here"))

    @property
    def seed(self) -> int:
        """The seed of all randomness; 0 unless `plugin.toml` declares `seed`."""
        return _wit.job.seed()

    @property
    def time(self) -> int:
        """The logical time in ns since 1970-01-01T00:00:00Z; 0 unless `plugin.toml` declares `time`. It never moves in a call."""
        return _wit.job.time()

    @property
    def state(self) -> bytes | None:
        """What the last call returned as its state, in worlds that keep one (`deploy`, `monitor`); None for the first."""
        state = _wit.job.state()
        return None if state is None else Blob(state).read()

    @property
    def partition(self) -> str | None:
        """The partition this call works on, if the table has any."""
        return _wit.job.partition()


def _adopt(entry: Any) -> Input:
    port = entry.port
    schema = None if port.schema is None else adopt(port.schema)
    return Input(port.name, Kind.TABLE if port.kind is _wit.job.PortKind.TABLE else Kind.BLOB, schema, entry.available)
