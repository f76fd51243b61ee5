"""Robust outliers of one column, whole or group by group."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from math import isfinite

EXAMPLES = 20

# The median absolute deviation of a normal distribution is 0.6745 standard deviations, its mean absolute deviation 1 / 1.253314
# (B. Iglewicz, D. C. Hoaglin: How to Detect and Handle Outliers, 1993).
MAD_OF_NORMAL = 0.6745
MEAN_DEVIATION_OF_NORMAL = 1 / 1.253314


@dataclass(frozen=True)
class Fences:
    """A value outside of these bounds is an outlier."""

    lower: float
    upper: float


@dataclass
class Count:
    """What was found in a column or in one group of it."""

    rows: int
    failed: int
    examples: list[int]
    fences: Fences | None

    @property
    def share(self):
        """The share of outliers; None when nothing was judged."""
        return None if self.fences is None else self.failed / self.rows


def quantile(ordered, share):
    """A quantile by linear interpolation between the neighbours (type 7 of Hyndman and Fan, 1996)."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def fences_by_mad(ordered, threshold):
    """The bounds at which the modified z-score, 0.6745 (x - median) / MAD, reaches the threshold.

    Where more than half of the values are equal, the MAD is 0; the mean absolute deviation takes its place.
    """
    middle = quantile(ordered, 0.5)
    deviations = sorted(abs(value - middle) for value in ordered)
    spread = quantile(deviations, 0.5) / MAD_OF_NORMAL
    if spread == 0:
        spread = sum(deviations) / len(deviations) / MEAN_DEVIATION_OF_NORMAL
    return Fences(middle - threshold * spread, middle + threshold * spread)


def fences_by_iqr(ordered, threshold):
    """Tukey's fences: so many interquartile ranges below the first and above the third quartile."""
    first, third = quantile(ordered, 0.25), quantile(ordered, 0.75)
    reach = threshold * (third - first)
    return Fences(first - reach, third + reach)


FENCES = {"mad": fences_by_mad, "iqr": fences_by_iqr}


def find(values, groups, group_count, settings):
    """The counts of each group of a column, in the order of the groups.

    `values` holds one float a row, NaN for none; `groups` the number of each row's group, or None when there is a single one.
    An infinite value is always an outlier and takes no part in the bounds.
    """
    members = [values] if groups is None else [[] for _ in range(group_count)]
    if groups is not None:
        for value, group in zip(values, groups):
            members[group].append(value)
    counts = []
    for member in members:
        present = [value for value in member if value == value]
        ordered = sorted(value for value in present if isfinite(value))
        enough = len(ordered) >= settings.min_rows
        fences = FENCES[settings.method](ordered, settings.reach) if enough else None
        failed = 0
        if fences:
            inside = bisect_right(ordered, fences.upper) - bisect_left(ordered, fences.lower)
            failed = len(present) - inside
        counts.append(Count(len(present), failed, [], fences))
    _find_examples(values, groups, counts)
    return counts


def _find_examples(values, groups, counts):
    """Notes the first rows outside of the fences, group by group."""
    wanted = sum(min(count.failed, EXAMPLES) for count in counts)
    for row, value in enumerate(values):
        if wanted == 0:
            return
        count = counts[0 if groups is None else groups[row]]
        fences = count.fences
        if fences is None or fences.lower <= value <= fences.upper or value != value:
            continue
        if len(count.examples) < EXAMPLES:
            count.examples.append(row)
            wanted -= 1


def together(counts):
    """The sum of those groups that could be judged. Its fences are only those of a single group."""
    judged = [count for count in counts if count.fences is not None]
    if not judged:
        return Count(sum(count.rows for count in counts), 0, [], None)
    examples = sorted(row for count in judged for row in count.examples)[:EXAMPLES]
    return Count(sum(count.rows for count in judged), sum(count.failed for count in judged), examples, judged[0].fences)
