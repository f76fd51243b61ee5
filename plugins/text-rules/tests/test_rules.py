import unittest

from lockflight import Schema

from rules import Rule, RuleError

SCHEMA = Schema.of(mass="float64", legs="int8", species="text", sea="bool", born="date", seen="timestamp[ms]", v="float32[2]", **{"bill length": "float64"})


def holds(text, **row):
    rule = Rule(text, SCHEMA)
    return rule.holds(tuple(row[name] for name in rule.columns))


class Values(unittest.TestCase):
    def test_comparisons_and_arithmetic(self):
        for text in ("mass > 3 * legs + 1", "0 < legs <= 2", "mass / legs == 5", "mass // 3 == 3 and mass % 3 == 1", "-mass < 0", "legs in [1, 2, 3]", "legs not in (-1, 3)",
                     "mass > 100 if legs > 2 else mass == 10", "abs(legs - 5) == 3", "max(mass, legs, 11) == 11", "not mass < legs"):
            self.assertIs(holds(text, mass=10.0, legs=2), True, text)

    def test_texts(self):
        for text in ("species == 'Adelie'", "lower(species) == 'adelie'", "len(species) == 6", "matches(species, '[A-Z][a-z]+')", "contains(species, 'deli')",
                     "starts_with(species, 'A') and ends_with(species, 'e')", "species in ['Adelie', 'Gentoo']", "words(species) == 1"):
            self.assertIs(holds(text, species="Adelie"), True, text)
        self.assertIs(holds("matches(species, '[a-z]+')", species="Adelie"), False)

    def test_dates_and_times(self):
        from datetime import date, datetime, timezone
        self.assertIs(holds("born >= date('2020-01-01') and year(born) == 2020 and weekday(born) == 3", born=date(2020, 1, 1)), True)
        self.assertIs(holds("seen < time('2020-01-01T12:00') and date_of(seen) == date('2020-01-01')", seen=datetime(2020, 1, 1, tzinfo=timezone.utc)), True)

    def test_a_column_of_any_name(self):
        rule = Rule("col('bill length') > mass", SCHEMA)
        self.assertEqual(rule.columns, ["bill length", "mass"])
        self.assertIs(rule.holds((2.0, 1.0)), True)

    def test_nulls_are_as_in_sql(self):
        for text, expected in (("mass > 3", None), ("not mass > 3", None), ("mass > 3 and legs == 1", False), ("mass > 3 and legs == 2", None), ("mass > 3 or legs == 2", True),
                               ("mass > 3 or legs == 1", None), ("is_null(mass)", True), ("is_null(mass) or mass > 3", True), ("legs > 1 if mass > 1 else legs < 1", None),
                               ("abs(mass) > 1", None), ("mass in [1]", None), ("1 < mass < legs", None), ("3 < legs < mass", False), ("max(mass, 1, 2) > 0", None)):
            self.assertIs(holds(text, mass=None, legs=2), expected, text)


class Refused(unittest.TestCase):
    def refused(self, text, message, schema=SCHEMA):
        with self.assertRaises(RuleError, msg=text) as caught:
            Rule(text, schema)
        self.assertIn(message, str(caught.exception))
        return caught.exception.help

    def test_all_that_could_reach_out(self):
        for text in ("species.__class__", "().__class__.__bases__", "[x for x in (1,)]", "lambda: 1", "species[0]", "f'{species}'", "(y := 1)", "{1: 2}", "await mass", "[1]", "*mass",
                     "species.upper()", "'a'.format(mass)", "b'x' == b'x'", "1j == mass", "None", "...", "mass is 1"):
            for schema in (SCHEMA, None):
                with self.assertRaises(RuleError, msg=text):
                    Rule(text, schema)

    def test_functions_of_python(self):
        for name in ("eval", "exec", "open", "__import__", "getattr", "print", "compile", "type", "vars", "input"):
            self.refused(f"{name}('1') == 1", f"there is no function `{name}`")

    def test_what_grows_without_bound(self):
        self.refused("9 ** 9 ** 9 > 1", "`Pow` is not allowed")
        self.refused("1 << 99999 > 1", "`LShift` is not allowed")
        self.refused("'a' * 1000000000 == 'a'", "`'a'` is a text, and has to be a number")
        self.refused("(" * 30 + "not " * 45 + "sea" + ")" * 30, "nested deeper than 40")
        self.refused("(" * 900 + "sea", "this")

    def test_types(self):
        self.refused("mass > species", "`species` is a text, and has to be a number here")
        self.refused("mass", "`mass` is a number, and has to be a bool here")
        self.refused("sea and mass", "`mass` is a number")
        self.refused("born > '2020-01-01'", "is a text, and has to be a date here")
        self.refused("len(mass) > 1", "`mass` is a number, and has to be a text")
        self.refused("mass in ['a']", "has to be a number")
        self.refused("v > 1", 'rules cannot read column "v": it is float32[2]')

    def test_words_say_what_to_do(self):
        self.assertEqual(self.refused("sspecies == 'a'", 'the table has no column "sspecies" (at character 1)'), 'did you mean "species"?')
        self.assertEqual(self.refused("lowr(species) == 'a'", "there is no function `lowr`"), "did you mean `lower`?")
        self.refused("mass >", "this is no expression")
        self.refused("abs(mass, 1) > 1", "abs takes 1 argument, and has 2")
        self.refused("matches(species, '(')", "is no regular expression")
        self.refused("matches(species, species)", "a text in quotes")
        self.refused("mass in species", "behind `in` there has to be a list")
        self.refused("mass in [legs]", "a list may hold numbers and texts alone")
        self.refused("born > date('2020-13-01')", "month must be in 1..12")
        self.assertEqual(self.refused("mass == None", "None is not allowed"), "ask with is_null(column)")

    def test_without_a_schema_what_can_be_known_is_checked(self):
        self.assertEqual(Rule("mass > legs", None).columns, ["mass", "legs"])
        self.refused("lowr(x) == 1", "no function", None)
        self.refused("1 > 'a'", "has to be a number", None)
