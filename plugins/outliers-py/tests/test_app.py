import unittest

from tests import fake_host
from tests.fake_host import Err, Table, Verdict, give

import app

NUMBERS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, None, 90.0, 5.0]
TABLE = Table({"mass_g": ("g", NUMBERS), "legs": ("l", [4] * 12), "species": ("u", ["a", None] * 6), "seen": ("tdD", [])})


def problems(config, known=True):
    """The places and helps of what `check` has to say."""
    give(config, TABLE, known)
    try:
        app.Validator().check()
    except Err as error:
        return [(problem.place.value, problem.message, problem.help) for problem in error.value]
    return []


class Check(unittest.TestCase):
    def test_good_configs(self):
        for config in ({}, {"columns": ["legs"], "by": "species", "method": "iqr", "threshold": 3, "min-rows": 3, "warn-above": 0, "fail-above": 1}):
            self.assertEqual(problems(config), [])

    def test_unknown_key(self):
        self.assertEqual(problems({"treshold": 3}), [("/treshold", "there is no key `treshold`", 'did you mean "threshold"?')])

    def test_keys_are_escaped_in_pointers(self):
        self.assertEqual([place for place, _, _ in problems({"a/b~c": 3})], ["/a~1b~0c"])

    def test_wrong_types_and_ranges_are_all_reported(self):
        config = {"columns": [], "by": 3, "method": "MAD", "threshold": 0, "min-rows": True, "warn-above": 1.5, "fail-above": "x"}
        self.assertEqual([place for place, _, _ in problems(config)],
                         ["/method", "/columns", "/by", "/threshold", "/min-rows", "/warn-above", "/fail-above"])

    def test_shares_in_the_wrong_order(self):
        self.assertEqual([place for place, _, _ in problems({"warn-above": 0.2})], ["/warn-above"])

    def test_columns_that_do_not_fit_the_table(self):
        self.assertEqual(problems({"columns": ["mass", "species"], "by": "mass_g"}), [
            ("/columns/0", 'the table has no column "mass"', 'did you mean "mass_g"?'),
            ("/columns/1", 'column "species" does not hold numbers (its format is `u`)', "the numeric columns are: mass_g, legs"),
            ("/by", 'column "mass_g" cannot name groups (its format is `g`)', "take a column of text, integers or booleans"),
        ])

    def test_the_keys_and_the_table_are_checked_in_one_go(self):
        self.assertEqual([place for place, _, _ in problems({"limit": 1, "columns": ["mass"]})], ["/limit", "/columns/0"])

    def test_a_schema_not_yet_known_is_no_problem(self):
        self.assertEqual(problems({"columns": ["mass"]}, known=False), [])

    def test_the_table_is_asked_for(self):
        fake_host.JOB.inputs = lambda: []
        with self.assertRaises(Err) as caught:
            app.Validator().check()
        self.assertEqual(caught.exception.value[0].place.value, "table")


class Run(unittest.TestCase):
    def findings(self, config, table=TABLE):
        give(config, table)
        return app.Validator().run().findings

    def test_every_numeric_column_by_default(self):
        mass, legs = self.findings({"fail-above": 0.5})
        self.assertEqual((mass.subject, mass.slice, mass.rows, mass.failed, mass.examples, mass.input), ("mass_g", None, 11, 1, [10], "table"))
        self.assertEqual((mass.verdict, mass.limit, mass.value), (Verdict.WARN, "<= 0.01", 1 / 11))
        self.assertEqual((legs.verdict, legs.value, legs.failed, legs.examples, legs.input), (Verdict.PASS, 0.0, 0, [], None))

    def test_too_many_outliers_fail(self):
        (mass,) = self.findings({"columns": ["mass_g"]})
        self.assertEqual((mass.verdict, mass.limit), (Verdict.FAIL, "<= 0.05"))
        self.assertRegex(mass.message, r"^1 of 11 values lie outside of -?[\d.]+ to [\d.]+$")

    def test_groups_become_slices_with_the_null_group_last(self):
        findings = self.findings({"columns": ["mass_g"], "by": "species", "min-rows": 6})
        self.assertEqual([finding.slice for finding in findings], [None, "species = a", "species is null"])
        whole, named, null = findings
        self.assertEqual((named.rows, named.failed, named.examples), (6, 1, [10]))
        self.assertEqual((null.verdict, null.value, null.limit, null.rows), (Verdict.INCONCLUSIVE, None, None, 5))
        self.assertEqual((whole.rows, whole.failed, whole.verdict), (6, 1, Verdict.FAIL))

    def test_a_config_that_does_not_fit_fails_as_config(self):
        with self.assertRaises(Err) as caught:
            self.findings({"columns": ["mass"]})
        self.assertEqual(caught.exception.value.value[0].place.value, "/columns/0")

    def test_too_many_groups(self):
        table = Table({"x": ("g", [0.0] * 150), "id": ("l", list(range(150)))})
        with self.assertRaises(Err) as caught:
            self.findings({"by": "id"}, table)
        self.assertEqual(caught.exception.value.value[0].place.value, "/by")

    def test_an_empty_table_cannot_be_judged(self):
        empty = Table({"x": ("g", []), "kind": ("u", [])})
        for config in ({}, {"by": "kind"}):
            self.assertEqual([finding.verdict for finding in self.findings(config, empty)], [Verdict.INCONCLUSIVE])
