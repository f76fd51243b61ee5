import unittest

from lockflight import DataError, testing

from plugin import Plugin


def fit(values):
    return testing.Bench(Plugin, {"column": "mass"}, table=testing.table(mass=("float64", values))).run()


class Tests(unittest.TestCase):
    def test_the_mean_is_taken_away(self):
        step = fit([1.0, None, 4.0]).step
        self.assertEqual(testing.score(step, mass=[1.0, None, 4.5]), {"mass_centred": [-1.5, None, 2.0]})

    def test_of_no_value_there_is_no_mean(self):
        with self.assertRaises(DataError):
            fit([None])
