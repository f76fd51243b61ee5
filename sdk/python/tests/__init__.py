"""Tests on a plain interpreter: `python3 -m unittest` in `sdk/python`."""
