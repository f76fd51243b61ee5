"""The plugin's config, and what is wrong with it for a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lockflight import Problem, Schema, key

THRESHOLDS = {"mad": 3.5, "iqr": 1.5}  # the usual one of each method


@dataclass(frozen=True)
class Settings:
    """Which columns to search for outliers, how, and how many are bearable."""

    columns: list[str] | None = key(None, min_length=1, unique=True, doc="The columns to look at, all of them numbers. Left out: every numeric column.")
    by: str | None = key(None, doc="A column of text, integers or booleans: each of its values is a group, and a number is held against its own group.")
    method: Literal["mad", "iqr"] = key("mad", doc="`mad`: modified z-score from median and median absolute deviation. `iqr`: Tukey's fences from the quartiles.")
    threshold: float | None = key(None, gt=0, doc="How far out an outlier is: the modified z-score (3.5 if left out), or how many interquartile ranges beyond the quartiles (1.5).")
    min_rows: int = key(10, ge=3, doc="With fewer values than this, a column or group is not judged.")
    warn_above: float = key(0.01, ge=0, le=1, doc="The share of outliers above which the verdict is `warn`.")
    fail_above: float = key(0.05, ge=0, le=1, doc="The share of outliers above which the verdict is `fail`; 1 never fails. Not below `warn-above`.")

    @property
    def reach(self) -> float:
        """The threshold, or the usual one of the method."""
        return THRESHOLDS[self.method] if self.threshold is None else self.threshold

    def problems(self) -> Iterator[Problem]:
        """What is wrong between the keys."""
        if self.warn_above > self.fail_above:
            message = f"`warn-above` ({self.warn_above:g}) is greater than `fail-above` ({self.fail_above:g})"
            yield Problem.config("/warn-above", message, "set both, or swap them")


def fit(settings: Settings, schema: Schema) -> Iterator[Problem]:
    """What is wrong with the settings for a table with these columns."""
    for index, name in enumerate(settings.columns or ()):
        field, place = schema.get(name), f"/columns/{index}"
        if field is None:
            yield Problem.config(place, f'the table has no column "{name}"').suggest(name, schema.names)
        elif not field.is_number:
            numeric = [field.name for field in schema if field.is_number]
            help = "the numeric columns are: " + ", ".join(numeric) if numeric else None
            yield Problem.config(place, f'column "{name}" does not hold numbers (its type is {field.type})', help)
    by = settings.by
    if by is None:
        return
    field = schema.get(by)
    if field is None:
        yield Problem.config("/by", f'the table has no column "{by}"').suggest(by, schema.names)
    elif not (field.is_integer or field.type in ("text", "bool")):
        yield Problem.config("/by", f'column "{by}" cannot name groups (its type is {field.type})', "take a column of text, integers or booleans")
