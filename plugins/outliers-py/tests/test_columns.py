import unittest
from math import isnan

import columns
from tests.fake_host import column, field
from types import SimpleNamespace


class Columns(unittest.TestCase):
    def test_numbers_of_every_format(self):
        for format, values in {"c": [-3, 5], "C": [200], "s": [-300], "S": [60000], "i": [-70000], "I": [4000000000], "l": [-(2**40)],
                               "L": [2**63], "f": [0.5], "g": [0.1]}.items():
            self.assertEqual(list(columns.numbers(column(format, values), format)), [float(value) for value in values], format)

    def test_nulls_become_nan_in_and_behind_the_first_byte_of_the_bitmap(self):
        values = [float(row) for row in range(19)]
        values[2] = values[8] = values[18] = None
        answer = columns.numbers(column("g", values), "g")
        self.assertEqual([row for row, value in enumerate(answer) if isnan(value)], [2, 8, 18])
        self.assertEqual(answer[17], 17.0)

    def test_set_bits_behind_the_last_row_are_ignored(self):
        short = column("g", [1.0, None])
        short.validity = b"\x01"
        self.assertEqual(list(columns.nulls(short)), [1])

    def test_buffers_may_be_longer_than_the_column(self):
        long = column("l", [1, 2, 3])
        long.length = 2
        self.assertEqual(list(columns.numbers(long, "l")), [1.0, 2.0])

    def test_keys(self):
        self.assertEqual(columns.keys(column("u", ["ä", None, "", "x😀"]), "u"), ["ä".encode(), None, b"", "x😀".encode()])
        self.assertEqual(columns.keys(column("b", [True, False, None]), "b"), [True, False, None])
        self.assertEqual(columns.keys(column("s", [-1, None]), "s"), [-1, None])

    def test_labels(self):
        self.assertEqual([columns.label(key) for key in ("ä".encode(), True, False, 1)], ["ä", "true", "false", "1"])

    def test_children_are_not_columns(self):
        schema = SimpleNamespace(fields=[field("a", "g"), field("v", "+w:3", 1), field("item", "f"), field("b", "u")])
        self.assertEqual([entry.name for entry in columns.top_level(schema)], ["a", "v", "b"])
