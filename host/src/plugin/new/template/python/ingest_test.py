import unittest

from lockflight import DataError, testing

from plugin import Plugin


def read(text):
    (output,) = testing.Bench(Plugin, {"column": "mass"}, file=text).run()
    return testing.written(output)


class Tests(unittest.TestCase):
    def test_every_line_with_a_number_is_a_row(self):
        self.assertEqual(read("1.5\n\n-2\n"), {"mass": [1.5, -2.0]})
        self.assertEqual(read(""), {"mass": []})

    def test_what_is_no_number_is_told_with_its_line(self):
        with self.assertRaisesRegex(DataError, "line 2"):
            read("1\nmuch\n")
