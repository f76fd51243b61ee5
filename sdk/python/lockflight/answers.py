"""What a stage answers with: problems, failures, findings, outputs, and the answers of each world."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any

from lockflight import _wit
from lockflight.suggest import did_you_mean

if TYPE_CHECKING:
    from lockflight.blobs import BlobWriter
    from lockflight.job import Port
    from lockflight.schema import Schema
    from lockflight.tables import TableWriter
    from lockflight.worlds import Score

EXAMPLES = 20  # the most rows that the host shows of a finding


@dataclass(frozen=True)
class Problem:
    """Something that has to be mended before the stage can run. Made by `stage`, `config`, `input` or `file`."""

    place: Any
    message: str
    help: str | None = None

    @classmethod
    def stage(cls, message: str, help: str | None = None) -> "Problem":
        """A problem of the stage as a whole."""
        return cls(("stage", None), message, help)

    @classmethod
    def config(cls, pointer: str, message: str, help: str | None = None) -> "Problem":
        """A problem of a value of the config, at a JSON pointer (RFC 6901) such as `/columns/0/type`."""
        return cls(("config", pointer), message, help)

    @classmethod
    def input(cls, name: str, message: str, help: str | None = None) -> "Problem":
        """A problem of an input, by name."""
        return cls(("input", name), message, help)

    @classmethod
    def file(cls, name: str, start: int, end: int, message: str, help: str | None = None) -> "Problem":
        """A problem of the bytes from `start` up to `end` of the text file that came in as the input `name`."""
        return cls(("file", (name, start, end)), message, help)

    def suggest(self, word: str, candidates: Iterable[str]) -> "Problem":
        """The problem with `did you mean "…"?` if one of the candidates looks like the word, else with all of them."""
        known = list(candidates)
        guess = did_you_mean(word, known)
        help = f'did you mean "{guess}"?' if guess else f"there is: {', '.join(known)}" if known else None
        return Problem(self.place, self.message, help)

    def lend(self) -> Any:
        """As the host wants it."""
        kind, value = self.place
        if kind == "stage":
            place = _wit.answers.Place_Stage()
        elif kind == "file":
            place = _wit.answers.Place_File(_wit.answers.FileSpan(*value))
        else:
            place = (_wit.answers.Place_Config if kind == "config" else _wit.answers.Place_Input)(value)
        return _wit.answers.Problem(place, self.message, self.help)


class Problems(Exception):
    """Everything that has to be mended before the stage can run. Raised in `check` and, for what only the data tells, in `run`."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = list(problems)
        """The problems, in order."""

    @classmethod
    def raise_if(cls, problems: Sequence[Problem]) -> None:
        """Raises the problems, if there are any."""
        if problems:
            raise cls(*problems)


class DataError(Exception):
    """The data is not what it should be. The message says where: file, line, column."""


class InternalError(Exception):
    """The plugin has a fault that it noticed itself. Any other exception ends the stage too, with its traceback in the log."""


class Verdict(Enum):
    """How a check came out."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"

    def lend(self) -> Any:
        """As the host wants it."""
        return _wit.answers.Verdict[self.name]


@dataclass
class Finding:
    """The outcome of one check."""

    name: str
    """The kind of check, e.g. `not-null`."""
    subject: str = ""
    """What was checked: a column, several joined by `, `, or empty for the table as a whole."""
    verdict: Verdict = Verdict.PASS
    message: str = ""
    """One sentence for a person."""
    slice: str | None = None
    """The slice of the data, e.g. `species = Adelie`; None for all of it."""
    value: float | None = None
    """The measured value. One that is not finite is left out."""
    limit: str | None = None
    """The bound that the value was held against, e.g. `>= 0.95`."""
    rows: int = 0
    """How many rows were looked at."""
    failed: int = 0
    """How many of them failed."""
    examples: Sequence[int] = ()
    """Rows of `input` that failed, counted from 0, ascending; the first 20 are kept."""
    input: str | None = "table"
    """The input whose rows `examples` counts."""

    def fail_if_any_failed(self) -> "Finding":
        """The finding, judged by its counts: it fails when any row failed."""
        self.verdict = Verdict.FAIL if self.failed else Verdict.PASS
        self.message = f"{self.failed} of {self.rows} rows failed"
        return self

    def lend(self) -> Any:
        """As the host wants it."""
        value = float(self.value) if self.value is not None and isfinite(self.value) else None
        examples = list(self.examples)[:EXAMPLES]
        return _wit.answers.Finding(
            self.name, self.subject, self.slice, self.verdict.lend(), value, self.limit, self.rows, self.failed, self.message,
            self.input if examples else None, examples,
        )


@dataclass
class Output:
    """A named output of a stage; a reference to the bare stage means the one named `table`."""

    name: str
    content: "TableWriter | BlobWriter"

    def lend(self) -> Any:
        """As the host wants it."""
        from_table = hasattr(self.content, "schema")
        content = (_wit.answers.Content_Table if from_table else _wit.answers.Content_Blob)(self.content._raw)
        return _wit.answers.Output(self.name, content)


@dataclass
class Report:
    """World `validate`: what a validation found, in a fixed order, and tables such as those rows that passed."""

    findings: Sequence[Finding] = ()
    outputs: Sequence[Output] = ()

    def lend(self) -> Any:
        """As the host wants it."""
        return _wit.exports.validator.Report([finding.lend() for finding in self.findings], [output.lend() for output in self.outputs])


@dataclass
class StepPorts:
    """World `train`: what is known of a step before it is fitted. `takes` and `gives` are None when only the data tells."""

    takes: "Schema | None" = None
    """The columns that the scorer will want, in order."""
    gives: "Schema | None" = None
    """The columns that the scorer will answer, in order."""
    outputs: Sequence["Port"] = ()
    """Further outputs, such as a table of feature importance; they can't be named `takes` or `gives`."""


@dataclass
class Fitted:
    """World `train`: a fitted step, and what else came of fitting it."""

    step: "Score"
    outputs: Sequence[Output] = ()


@dataclass
class Layer:
    """World `packaging`: one layer of an artifact."""

    media_type: str
    content: "BlobWriter"
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass
class Artifact:
    """World `packaging`: the artifact that the host assembles, registers and signs."""

    artifact_type: str
    config_type: str
    config: "BlobWriter"
    layers: Sequence[Layer] = ()
    annotations: dict[str, str] = field(default_factory=dict)

    def lend(self) -> Any:
        """As the host wants it."""
        packager = _wit.exports.packager
        layers = [packager.Layer(layer.media_type, sorted(layer.annotations.items()), layer.content._raw) for layer in self.layers]
        return packager.Artifact(self.artifact_type, self.config_type, self.config._raw, layers, sorted(self.annotations.items()))


@dataclass(frozen=True)
class Arm:
    """World `deploy`: a version of the model and its share of the traffic, from 0 to 1; all shares add up to 1."""

    version: str
    weight: float


@dataclass(frozen=True)
class Action:
    """World `deploy`: what to do next. Made by `hold`, `pause`, `shift`, `promote` or `roll_back`."""

    kind: str
    value: Any = None

    @classmethod
    def hold(cls) -> "Action":
        """Leave everything as it is until the next call."""
        return cls("Hold")

    @classmethod
    def pause(cls) -> "Action":
        """Leave everything as it is until a person decides."""
        return cls("Pause")

    @classmethod
    def shift(cls, arms: Iterable[Arm]) -> "Action":
        """Give the arms these shares."""
        return cls("Shift", tuple(arms))

    @classmethod
    def promote(cls, version: str) -> "Action":
        """Give this version all traffic and end."""
        return cls("Promote", version)

    @classmethod
    def roll_back(cls, version: str) -> "Action":
        """Take all traffic from this version and end."""
        return cls("RollBack", version)


@dataclass
class Decision:
    """World `deploy`: a decision, and why. `state` is what the next call gets as `Job.state`."""

    action: Action
    reason: str
    state: bytes | None = None

    def lend(self) -> Any:
        """As the host wants it."""
        deployer, value = _wit.exports.deployer, self.action.value
        if self.action.kind == "Shift":
            value = [deployer.Arm(arm.version, arm.weight) for arm in value]
        action = getattr(deployer, f"Action_{self.action.kind}")
        return deployer.Decision(action() if value is None else action(value), self.reason, _lend_state(self.state))


@dataclass
class Observation:
    """World `monitor`: what a window showed. The verdict is the worst of the findings' unless given; that of no finding is inconclusive.
    `state` is what the next window's call gets as `Job.state`.
    """

    findings: Sequence[Finding] = ()
    state: bytes | None = None
    verdict: Verdict | None = None

    def worst(self) -> Verdict:
        """The verdict over all findings: fail, else warn, else pass, else inconclusive."""
        found = [finding.verdict for finding in self.findings]
        return next((verdict for verdict in (Verdict.FAIL, Verdict.WARN, Verdict.PASS) if verdict in found), Verdict.INCONCLUSIVE)

    def lend(self) -> Any:
        """As the host wants it."""
        verdict = self.verdict or self.worst()
        return _wit.exports.monitorer.Observation(verdict.lend(), [finding.lend() for finding in self.findings], _lend_state(self.state))


def _lend_state(state: bytes | None) -> Any:
    if state is None:
        return None
    writer = _wit.blobs.BlobWriter()
    writer.write(state)
    return writer


def quoted(text: str) -> str:
    """A text in double quotes, as messages show it."""
    return json.dumps(text, ensure_ascii=False)
