"""The plugin's config."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lockflight import Problem, key


@dataclass(frozen=True)
class RuleSettings:
    """One rule."""

    rule: str = key(min_length=1, max_length=1000, doc="A Python expression over the columns of a row that holds in every good row.")
    name: str = key("", doc="What the finding is called; left out: `rule-1`, `rule-2` and so on.")
    when: str = key("", max_length=1000, doc="An expression: only rows for which it holds are looked at.")
    nulls: Literal["skip", "fail"] = key("skip", doc="What becomes of a row in which nulls leave the rule open: not looked at, or counted as failed.")
    warn_above: float = key(0.0, ge=0, le=1, doc="The share of failed rows above which the verdict is `warn`.")
    fail_above: float = key(0.0, ge=0, le=1, doc="The share above which it is `fail`; 1 never fails. Not below `warn-above`.")

    def problems(self) -> Iterator[Problem]:
        """What is wrong between the keys."""
        if self.warn_above > self.fail_above:
            message = f"`warn-above` ({self.warn_above:g}) is greater than `fail-above` ({self.fail_above:g})"
            yield Problem.config("/warn-above", message, "set both, or swap them")


@dataclass(frozen=True)
class Settings:
    """Rules about the columns of a row."""

    rules: list[RuleSettings] = key(min_length=1, doc="The rules; each becomes a finding, in this order.")

    def title(self, index: int) -> str:
        """The name of a rule's finding."""
        return self.rules[index].name or f"rule-{index + 1}"

    def problems(self) -> Iterator[Problem]:
        """What is wrong between the keys."""
        titles = [self.title(index) for index in range(len(self.rules))]
        for index, title in enumerate(titles):
            if title in titles[:index]:
                yield Problem.config(f"/rules/{index}/name", f'two rules are called "{title}"')
