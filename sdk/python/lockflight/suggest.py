"""Guesses at what a misspelt word should have been."""

from collections.abc import Iterable


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that looks most like `word`, if one is close: within a third of its letters, and never the word itself."""
    bound = max(len(word) // 3, 1)
    near = ((distance(word.lower(), other.lower()), place, other) for place, other in enumerate(candidates) if other != word)
    best = min((entry for entry in near if entry[0] <= bound), default=None)
    return None if best is None else best[2]


def distance(left: str, right: str) -> int:
    """How many characters have to be put in, left out, replaced or swapped with their neighbour (optimal string alignment)."""
    before, last = [], list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
