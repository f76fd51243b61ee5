import unittest

from lockflight import Verdict, testing

from plugin import Plugin


def verdict(values):
    window = testing.table(mass=("float64", values))
    return testing.Bench(Plugin, {"column": "mass", "limit": 0.25}, window=window).run().worst()


class Tests(unittest.TestCase):
    def test_a_share_above_the_limit_fails(self):
        self.assertEqual(verdict([1.0, None, None, 2.0]), Verdict.FAIL)
        self.assertEqual(verdict([1.0, None, 3.0, 2.0]), Verdict.PASS)

    def test_of_no_rows_nothing_is_known(self):
        self.assertEqual(verdict([]), Verdict.INCONCLUSIVE)
