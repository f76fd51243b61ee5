"""The tests run on a plain interpreter: python3 -m unittest discover -t . -s tests"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "sdk"))
