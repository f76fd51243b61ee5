"""Runs checks and prints a line for each, in the form that `cargo xtask interop` counts."""

import sys
from collections.abc import Callable

Check = Callable[[], None]


class Wrong(Exception):
    """What a check found, in words."""


def expect(condition: object, what: str) -> None:
    """Fails the check with these words unless the condition holds."""
    if not condition:
        raise Wrong(what)


def run(checks: dict[str, Check]) -> None:
    """Runs every check, even if an earlier one failed, and ends the program: with 1 if any failed."""
    failed = False
    for name, check in checks.items():
        try:
            check()
        # A client that raises what nobody thought of has failed its check, and the others are still worth running.
        except Exception as error:
            failed = True
            print(f"FAILED {name}: {words(error)}")
        else:
            print(f"ok {name}")
    sys.exit(1 if failed else 0)


def words(error: Exception) -> str:
    """The error on one line, since a line is what is counted."""
    text = " ".join(str(error).split())
    return text if isinstance(error, Wrong) else f"{type(error).__name__}: {text}"
