"""The plugin's config: what may stand in it, and all that is wrong with it."""

from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite

from columns import INTEGERS, NUMBERS

METHODS = {"mad": 3.5, "iqr": 1.5}  # each with its usual threshold
KEYS = ("by", "columns", "fail-above", "method", "min-rows", "threshold", "warn-above")


@dataclass(frozen=True)
class Trouble:
    """Something wrong in the config: the JSON pointer to it, what, and what to do."""

    pointer: str
    message: str
    help: str | None = None


@dataclass(frozen=True)
class Settings:
    """A config that holds. `columns` is None for every numeric column."""

    columns: tuple[str, ...] | None
    by: str | None
    method: str
    threshold: float
    min_rows: int
    warn_above: float
    fail_above: float


def closest(name, names):
    """The help for a name that is none of `names`: the nearest, or all of them."""
    near = get_close_matches(name, names, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    return "there is: " + ", ".join(names) if names else None


class _Reader:
    """Takes values out of a config and notes what is wrong with them."""

    def __init__(self, config):
        self.config = config
        self.troubles = []

    def wrong(self, key, message, help=None):
        escaped = key.replace("~", "~0").replace("/", "~1")
        self.troubles.append(Trouble(f"/{escaped}", message, help))

    def number(self, key, default, fits, wanted):
        value = self.config.get(key, default)
        # A boolean is an integer to Python, but not to JSON.
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value) or not fits(value):
            self.wrong(key, f"`{key}` has to be {wanted}")
            return default
        return value

    def text(self, key):
        value = self.config.get(key)
        if value is not None and not isinstance(value, str):
            self.wrong(key, f"`{key}` has to be the name of a column")
            return None
        return value

    def names(self, key):
        value = self.config.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
            self.wrong(key, f"`{key}` has to be a list of at least one column name", "leave it out to take every numeric column")
            return None
        for index, name in enumerate(value):
            if name in value[:index]:
                self.wrong(key, f'`{key}` names "{name}" twice')
        return tuple(value)


def read(config):
    """The settings of a config (a dict), and the troubles; the settings hold only when there are none."""
    reader = _Reader(config)
    for key in sorted(config.keys() - set(KEYS)):
        reader.wrong(key, f"there is no key `{key}`", closest(key, KEYS))
    method = config.get("method", "mad")
    if not isinstance(method, str) or method not in METHODS:
        reader.wrong("method", "`method` has to be `mad` or `iqr`", closest(method, list(METHODS)) if isinstance(method, str) else None)
        method = "mad"
    share = (lambda value: 0 <= value <= 1, "a share from 0 to 1")
    settings = Settings(
        columns=reader.names("columns"),
        by=reader.text("by"),
        method=method,
        threshold=float(reader.number("threshold", METHODS[method], lambda value: value > 0, "a number above 0")),
        min_rows=reader.number("min-rows", 10, lambda value: isinstance(value, int) and value >= 3, "a whole number from 3 up"),
        warn_above=float(reader.number("warn-above", 0.01, *share)),
        fail_above=float(reader.number("fail-above", 0.05, *share)),
    )
    if settings.warn_above > settings.fail_above and not reader.troubles:
        key = "warn-above" if "warn-above" in config else "fail-above"
        reader.wrong(key, f"`warn-above` ({settings.warn_above:g}) is greater than `fail-above` ({settings.fail_above:g})",
                     "set both, or swap them")
    return settings, reader.troubles


def fit(settings, fields):
    """What is wrong with the settings for a table with these (top-level) fields."""
    formats = {field.name: field.format for field in fields}
    troubles = []
    for index, name in enumerate(settings.columns or ()):
        if name not in formats:
            troubles.append(Trouble(f"/columns/{index}", f'the table has no column "{name}"', closest(name, list(formats))))
        elif formats[name] not in NUMBERS:
            numeric = [field.name for field in fields if field.format in NUMBERS]
            help = "the numeric columns are: " + ", ".join(numeric) if numeric else None
            troubles.append(Trouble(f"/columns/{index}", f'column "{name}" does not hold numbers (its format is `{formats[name]}`)', help))
    if settings.by is not None and settings.by not in formats:
        troubles.append(Trouble("/by", f'the table has no column "{settings.by}"', closest(settings.by, list(formats))))
    elif settings.by is not None and formats[settings.by] not in INTEGERS | {"u", "b"}:
        troubles.append(Trouble("/by", f'column "{settings.by}" cannot name groups (its format is `{formats[settings.by]}`)',
                                "take a column of text, integers or booleans"))
    return troubles
