import json
import unittest
from pathlib import Path

from lockflight import Port, Problems, testing

import app

CASES = Path(__file__).parent / "cases"


def problems(config, **inputs):
    with unittest.TestCase().assertRaises(Problems) as caught:
        testing.Bench(app.TextRules, config, inputs=inputs).check()
    return [(problem.place[1], problem.message, problem.help) for problem in caught.exception.problems]


class Cases(unittest.TestCase):
    """Each file holds a table, rules, and the findings expected, by the keys that it names."""

    def test_every_case(self):
        files = sorted(CASES.glob("*.json"))
        self.assertGreaterEqual(len(files), 5)
        for path in files:
            case = json.loads(path.read_text())
            table = testing.table({name: (type, values) for name, (type, values) in case["table"].items()})
            with self.subTest(path.stem):
                found = testing.Bench(app.TextRules, {"rules": case["rules"]}, table=table).run().findings
                self.assertEqual(len(found), len(case["findings"]))
                for finding, expected in zip(found, case["findings"]):
                    lent = vars(finding) | {"verdict": finding.verdict.value}
                    self.assertEqual({name: lent[name] for name in expected}, expected)


class Check(unittest.TestCase):
    TABLE = testing.table(mass=("float64", [1.0]))

    def test_every_fault_is_reported_with_its_place(self):
        config = {"rules": [{"rule": "mass >"}, {"rule": "mas > 1", "when": "mass"}, {"rule": "mass > 1"}]}
        self.assertEqual([place for place, _, _ in problems(config, table=self.TABLE)], ["/rules/0/rule", "/rules/1/rule", "/rules/1/when"])
        config = {"rules": [{"rle": "x"}, {"rule": "", "nulls": "pass"}, {"rule": "mass > 1", "warn-above": 0.5}]}
        self.assertEqual([place for place, _, _ in problems(config, table=self.TABLE)],
                         ["/rules/0/rle", "/rules/0", "/rules/1/rule", "/rules/1/nulls", "/rules/2/warn-above"])

    def test_names_differ(self):
        rules = [{"rule": "mass > 1", "name": "rule-2"}, {"rule": "mass > 2"}]
        self.assertEqual([place for place, _, _ in problems({"rules": rules}, table=self.TABLE)], ["/rules/1/name"])

    def test_a_table_is_needed_and_may_be_yet_to_come(self):
        rules = {"rules": [{"rule": "mass > 1"}]}
        self.assertIn("needs an input", problems(rules)[0][1])
        self.assertEqual(testing.Bench(app.TextRules, rules, table=Port.table("table")).check(), [])
