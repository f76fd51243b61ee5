import unittest

from lockflight import testing

from plugin import Plugin

PARTS = {"model": "{}", "document": "d", "step-1.scorer": "scorer", "step-1.state": "state", "lineage": "{}"}


class Tests(unittest.TestCase):
    def test_the_model_is_packed_and_nothing_else(self):
        artifact = testing.Bench(Plugin, {"title": "Birds"}, inputs=dict(sorted(PARTS.items()))).run()
        parts = [layer.annotations["dev.lockflight.part"] for layer in artifact.layers]
        self.assertEqual(parts, ["document", "scorer", "state"])
