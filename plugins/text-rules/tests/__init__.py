"""The tests run on a plain interpreter, with the SDK beside the plugins."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "sdk/python"))
