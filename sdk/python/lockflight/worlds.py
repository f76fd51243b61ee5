"""The worlds: what a plugin has to be for each kind of stage. Subclass one and put `@export` on it.

In every world `check` runs before any stage does: it says what `run` will answer, or raises `Problems`, all at once. `run` does the
work; it raises `Problems` for a config that does not fit the data and `DataError` for data that is not what it should be.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from lockflight.answers import Artifact, Decision, Fitted, Observation, Output, Report, StepPorts
from lockflight.columns import Batch
from lockflight.job import Job, Port
from lockflight.schema import Schema

C = TypeVar("C")


class Stage(ABC, Generic[C]):
    """What all worlds but `score` share. `C` is the dataclass of the config."""

    WORLD: ClassVar[str]
    EXPORT: ClassVar[str]


class _Checked(Stage[C]):
    @abstractmethod
    def check(self, job: Job[C]) -> Sequence[Port]:
        """The outputs this config would make of these inputs, with their schemas as far as they are known. Raises `Problems`."""


class Ingest(_Checked[C]):
    """World `ingest`: sources become tables; tables are joined, filtered and split."""

    WORLD, EXPORT = "ingest", "Ingester"

    @abstractmethod
    def run(self, job: Job[C]) -> Sequence[Output]:
        """The outputs that `check` named."""


class Validate(_Checked[C]):
    """World `validate`: a table is checked against expectations."""

    WORLD, EXPORT = "validate", "Validator"

    @abstractmethod
    def run(self, job: Job[C]) -> Report:
        """The outcome of every check, in a fixed order."""


class Train(Stage[C]):
    """World `train`: a table becomes a fitted step of a model. The step is a `Score`."""

    WORLD, EXPORT = "train", "Trainer"

    @abstractmethod
    def check(self, job: Job[C]) -> StepPorts:
        """The step's columns and the further outputs, as far as they are known. What is said here has to be kept by `fit`."""

    @abstractmethod
    def fit(self, job: Job[C]) -> Fitted:
        """The fitted step. Equal jobs have to give equal states, bit for bit."""


class Package(_Checked[C]):
    """World `packaging`: a model becomes the layers of an artifact."""

    WORLD, EXPORT = "packaging", "Packager"

    @abstractmethod
    def run(self, job: Job[C]) -> Artifact:
        """The artifact."""


class Deploy(_Checked[C]):
    """World `deploy`: decides what traffic the versions of a model get, from the tables `arms` and `figures`."""

    WORLD, EXPORT = "deploy", "Deployer"

    @abstractmethod
    def run(self, job: Job[C]) -> Decision:
        """The decision."""


class Monitor(_Checked[C]):
    """World `monitor`: watches a window of what a model sees and answers."""

    WORLD, EXPORT = "monitor", "Monitorer"

    @abstractmethod
    def run(self, job: Job[C]) -> Observation:
        """What the window showed."""


class Score(ABC):
    """World `score`: a fitted step of a model.

    A scorer reaches nothing: no config, no input, no log, no clock, no file. What depends on the config goes into the state. A row's
    answer depends on that row and the state alone. An exception becomes the scorer's error, in words.
    """

    WORLD: ClassVar[str] = "score"
    EXPORT: ClassVar[str] = "Scorer"
    VERSION: ClassVar[int] = 1
    """The version of the state's format; raise it with every change of what `save` writes."""
    KIND: ClassVar[str] = ""
    """What the state is of, such as the plugin's name, so that no other state is taken for one. At most 255 bytes."""

    @abstractmethod
    def takes(self) -> Schema:
        """The columns wanted, in order."""

    @abstractmethod
    def gives(self) -> Schema:
        """The columns answered, in order."""

    @abstractmethod
    def save(self) -> bytes:
        """The state: everything that `load` needs. Equal steps have to give equal bytes."""

    @classmethod
    @abstractmethod
    def load(cls, state: bytes) -> "Score":
        """The step of a state that `save` wrote. Raises `ValueError` when it cannot be."""

    @abstractmethod
    def score(self, rows: Batch) -> Mapping[str, Any]:
        """The columns of `gives`, one value a row, as `TableWriter.write` takes them. Raises `DataError` for rows that it cannot score."""
