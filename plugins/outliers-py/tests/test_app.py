import unittest

from lockflight import Port, Problems, Verdict, testing

import app

NUMBERS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, None, 90.0, 5.0]
TABLE = testing.table(mass_g=("float64", NUMBERS), legs=("int64", [4] * 12), species=("text", ["a", None] * 6), seen=("date", [0] * 12))


def bench(config, table=TABLE, known=True):
    return testing.Bench(app.Outliers, config, table=table, known=known)


def problems(config, known=True, call=testing.Bench.check):
    """The places, messages and helps of what `check` has to say."""
    try:
        call(bench(config, known=known))
    except Problems as error:
        return [(problem.place[1], problem.message, problem.help) for problem in error.problems]
    return []


class Check(unittest.TestCase):
    def test_good_configs(self):
        for config in ({}, {"columns": ["legs"], "by": "species", "method": "iqr", "threshold": 3, "min-rows": 3, "warn-above": 0, "fail-above": 1}):
            self.assertEqual(problems(config), [])

    def test_unknown_key(self):
        self.assertEqual(problems({"treshold": 3}), [("/treshold", 'there is no key "treshold"', 'did you mean "threshold"?')])

    def test_keys_are_escaped_in_pointers(self):
        self.assertEqual([place for place, _, _ in problems({"a/b~c": 3})], ["/a~1b~0c"])

    def test_wrong_types_and_ranges_are_all_reported(self):
        config = {"columns": [], "by": 3, "method": "MAD", "threshold": 0, "min-rows": True, "warn-above": 1.5, "fail-above": "x"}
        self.assertEqual([place for place, _, _ in problems(config)],
                         ["/columns", "/by", "/method", "/threshold", "/min-rows", "/warn-above", "/fail-above"])

    def test_shares_in_the_wrong_order(self):
        self.assertEqual([place for place, _, _ in problems({"warn-above": 0.2})], ["/warn-above"])

    def test_columns_that_do_not_fit_the_table(self):
        self.assertEqual(problems({"columns": ["mass", "legz", "species"], "by": "mass_g"}), [
            ("/columns/0", 'the table has no column "mass"', "there is: mass_g, legs, species, seen"),
            ("/columns/1", 'the table has no column "legz"', 'did you mean "legs"?'),
            ("/columns/2", 'column "species" does not hold numbers (its type is text)', "the numeric columns are: mass_g, legs"),
            ("/by", 'column "mass_g" cannot name groups (its type is float64)', "take a column of text, integers or booleans"),
        ])

    def test_a_schema_not_yet_known_is_no_problem(self):
        self.assertEqual(problems({"columns": ["mass"]}, known=False), [])

    def test_the_table_is_asked_for(self):
        for inputs in ({}, {"table": b"bytes"}, {"other": Port.table("other")}):
            with self.assertRaises(Problems) as caught:
                testing.Bench(app.Outliers, inputs=inputs).check()
            self.assertEqual(caught.exception.problems[0].place, ("input", "table"))


class Run(unittest.TestCase):
    def findings(self, config, table=TABLE):
        return bench(config, table).run().findings

    def test_every_numeric_column_by_default(self):
        mass, legs = self.findings({"fail-above": 0.5})
        self.assertEqual((mass.subject, mass.slice, mass.rows, mass.failed, mass.examples, mass.input), ("mass_g", None, 11, 1, [10], "table"))
        self.assertEqual((mass.verdict, mass.limit, mass.value), (Verdict.WARN, "<= 0.01", 1 / 11))
        self.assertEqual((legs.verdict, legs.value, legs.failed, legs.examples), (Verdict.PASS, 0.0, 0, []))

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

    def test_booleans_and_integers_name_groups(self):
        table = testing.table(x=("float64", [1.0, 2.0]), yes=("bool", [True, False]), n=("int8", [2, 1]))
        for by, slices in (("yes", ["yes = false", "yes = true"]), ("n", ["n = 1", "n = 2"])):
            self.assertEqual([finding.slice for finding in self.findings({"columns": ["x"], "by": by}, table)][1:], slices)

    def test_a_config_that_does_not_fit_fails_as_config(self):
        found = problems({"columns": ["mass"]}, known=False, call=testing.Bench.run)
        self.assertEqual([place for place, _, _ in found], ["/columns/0"])

    def test_too_many_groups(self):
        table = testing.table(x=("float64", [0.0] * 150), id=("int64", list(range(150))))
        with self.assertRaises(Problems) as caught:
            self.findings({"by": "id"}, table)
        self.assertEqual(caught.exception.problems[0].place, ("config", "/by"))

    def test_an_empty_table_cannot_be_judged(self):
        empty = testing.table(x=("float64", []), kind=("text", []))
        for config in ({}, {"by": "kind"}):
            self.assertEqual([finding.verdict for finding in self.findings(config, empty)], [Verdict.INCONCLUSIVE])
