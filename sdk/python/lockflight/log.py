"""Words for people: the stage's log, its progress, its figures.

`print` and tracebacks reach the log as well. A scorer has no log: calling these in one raises `RuntimeError`.
"""

from typing import Any

from lockflight import _wit


def _host() -> Any:
    if _wit.job is None:
        raise RuntimeError("a scorer has no log, progress or metric")
    return _wit.job


def trace(message: str) -> None:
    """Logs a step, for who debugs the plugin."""
    _host().log(_host().Level.TRACE, message)


def debug(message: str) -> None:
    """Logs a detail, for who debugs the pipeline."""
    _host().log(_host().Level.DEBUG, message)


def info(message: str) -> None:
    """Logs what a user wants to know."""
    _host().log(_host().Level.INFO, message)


def warn(message: str) -> None:
    """Logs that something is odd; the result stands."""
    _host().log(_host().Level.WARN, message)


def error(message: str) -> None:
    """Logs that something failed."""
    _host().log(_host().Level.ERROR, message)


def progress(done: int, total: int = 0) -> None:
    """Says how far the stage is, for the display alone; a total of 0 means that it is not known."""
    _host().progress(done, total)


def metric(name: str, value: float, step: int | None = None, **labels: str) -> None:
    """Records a figure, which is part of the result. `step` is for series such as one value per round."""
    _host().metric(name, float(value), step, sorted(labels.items()))
