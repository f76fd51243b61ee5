import unittest
from array import array
from math import inf, nan
from types import SimpleNamespace

import outliers


def by(method="mad", threshold=3.5, min_rows=3):
    return SimpleNamespace(method=method, reach=threshold, min_rows=min_rows)


class Fences(unittest.TestCase):
    def test_modified_z_score(self):
        # The median is 3 and the MAD 1, so the score of x is 0.6745 |x - 3|.
        fences = outliers.fences_by_mad([1, 2, 3, 4, 100], 3.5)
        self.assertAlmostEqual(fences.upper, 3 + 3.5 / 0.6745)
        self.assertAlmostEqual(fences.lower, 3 - 3.5 / 0.6745)

    def test_mean_deviation_where_most_values_are_equal(self):
        # The MAD is 0; the mean deviation from the median 5 is 10 / 5.
        fences = outliers.fences_by_mad([5, 5, 5, 5, 15], 1.0)
        self.assertAlmostEqual(fences.upper, 5 + 2 * 1.253314)

    def test_no_spread_leaves_only_the_one_value_inside(self):
        self.assertEqual(outliers.fences_by_mad([4, 4, 4], 3.5), outliers.Fences(4, 4))

    def test_tukey(self):
        # Quartiles of 1..9 by interpolation: 3 and 7.
        self.assertEqual(outliers.fences_by_iqr(list(range(1, 10)), 1.5), outliers.Fences(-3, 13))

    def test_quantiles_between_values(self):
        self.assertEqual(outliers.quantile([1, 2, 3, 4], 0.5), 2.5)
        self.assertEqual(outliers.quantile([1, 2, 3, 4], 0.25), 1.75)
        self.assertEqual(outliers.quantile([7], 0.75), 7)


class Find(unittest.TestCase):
    def test_a_column_as_a_whole(self):
        values = array("d", [1, 2, nan, 3, 4, 5, 100, inf, -50])
        (count,) = outliers.find(values, None, 1, by("iqr", 1.5))
        self.assertEqual((count.rows, count.failed, count.examples), (8, 3, [6, 7, 8]))
        self.assertEqual(count.share, 3 / 8)

    def test_each_group_has_its_own_fences(self):
        values = array("d", [1, 100, 2, 101, 3, 102, 100, 2])
        groups = array("I", [0, 1, 0, 1, 0, 1, 0, 1])
        low, high = outliers.find(values, groups, 2, by())
        self.assertEqual((low.rows, low.failed, low.examples), (4, 1, [6]))
        self.assertEqual((high.rows, high.failed, high.examples), (4, 1, [7]))
        self.assertEqual(outliers.together([low, high]).examples, [6, 7])

    def test_too_few_values_are_not_judged(self):
        few, enough = outliers.find(array("d", [1, 99, 1, 1, 1, 1]), array("I", [0, 0, 1, 1, 1, 1]), 2, by())
        self.assertIsNone(few.share)
        self.assertEqual(outliers.together([few, enough]).rows, 4)
        self.assertIsNone(outliers.together([few]).share)

    def test_no_more_than_twenty_examples(self):
        values = array("d", [0.0] * 60 + [9.0] * 25)
        (count,) = outliers.find(values, None, 1, by("iqr"))
        self.assertEqual((count.failed, count.examples), (0, []), "a quarter of the column moves the quartile itself")
        values = array("d", [0.0] * 80 + [9.0] * 25)
        (count,) = outliers.find(values, None, 1, by("iqr"))
        self.assertEqual((count.failed, count.examples), (25, list(range(80, 100))))
