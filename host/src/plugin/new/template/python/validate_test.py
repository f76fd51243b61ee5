import unittest

from lockflight import testing

from plugin import Plugin


def failed(values):
    table = testing.table(mass=("float64", values))
    return testing.Bench(Plugin, {"column": "mass"}, table=table).run().findings[0].failed


class Tests(unittest.TestCase):
    def test_negative_values_fail_and_nulls_do_not(self):
        self.assertEqual(failed([1.0, None, -1.0]), 1)
        self.assertEqual(failed([1.0, None, 0.0]), 0)
