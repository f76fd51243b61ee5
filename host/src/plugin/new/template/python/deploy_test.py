import unittest

from lockflight import testing

from plugin import Plugin


def decided(value, count, versions=("1", "2")):
    arms = testing.table(version=("text", versions), weight=("float64", [1.0] * len(versions)))
    figures = testing.table(
        version=("text", ["2"]), metric=("text", ["latency"]), slice=("text", [None]), span=("uint64", [0]), value=("float64", [value]),
        count=("uint64", [count]),
    )
    config = {"metric": "latency", "maximum": 0.05}
    return testing.Bench(Plugin, config, arms=arms, figures=figures).run().action.kind


class Tests(unittest.TestCase):
    def test_the_figure_decides(self):
        self.assertEqual(decided(0.04, 100), "Promote")
        self.assertEqual(decided(0.04, 99), "Shift")
        self.assertEqual(decided(0.2, 1), "RollBack")

    def test_the_first_version_gets_everything(self):
        self.assertEqual(decided(0.2, 1, versions=["1"]), "Promote")
