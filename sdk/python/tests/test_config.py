import json
import unittest
from dataclasses import dataclass, field
from typing import Any, Literal

from lockflight import Problem, Problems, did_you_mean, key
from lockflight.config import read
from lockflight.json_schema import json_schema


@dataclass(frozen=True)
class Inner:
    type: str
    size: int = key(1, ge=1, le=9)

    def problems(self):
        if self.type == "none":
            yield Problem.config("/type", "none is none")


@dataclass(frozen=True)
class Config:
    """All kinds of keys."""

    column: str = key(min_length=1, doc="The column.")
    share: float = key(0.5, ge=0, le=1)
    above: float = key(1, gt=0)
    method: Literal["mad", "iqr"] = "mad"
    names: list[str] = key([], unique=True, max_length=3)
    maybe: int | None = None
    either: bool | str = False
    pair: tuple[str, int] | None = None
    inner: dict[str, Inner] = field(default_factory=dict)
    free: Any = None


def problems(value, config=Config):
    with unittest.TestCase().assertRaises(Problems) as caught:
        read(config, value)
    return [(problem.place[1], problem.message, problem.help) for problem in caught.exception.problems]


class Reads(unittest.TestCase):
    def test_defaults(self):
        self.assertEqual(read(Config, {"column": "a"}), Config("a"))
        self.assertIsNot(read(Config, {"column": "a"}).names, read(Config, {"column": "a"}).names)

    def test_every_kind(self):
        value = {"column": "a", "share": 1, "method": "iqr", "names": ["x"], "maybe": 3.0, "either": "s", "pair": ["p", 1], "inner": {"k": {"type": "t", "size": 2}}, "free": [{}]}
        found = read(Config, value)
        self.assertEqual(found, Config("a", 1.0, 1, "iqr", ["x"], 3, "s", ("p", 1), {"k": Inner("t", 2)}, [{}]))
        self.assertIs(type(found.share), float)
        self.assertIs(type(found.maybe), int)


class Problem_(unittest.TestCase):
    def test_every_mistake_is_reported_with_its_place(self):
        value = {"colum": 1, "share": 2, "above": 0, "method": "mda", "names": ["a", "a"], "maybe": True, "either": 1, "pair": ["p"], "inner": {"a/b": {"size": 0, "x": 1}}}
        self.assertEqual(problems(value), [
            ("/colum", 'there is no key "colum"', 'did you mean "column"?'),
            ("", "the key `column` is missing", "it has to be a text that is not empty"),
            ("/share", "`share` has to be a number from 0 to 1", None),
            ("/above", "`above` has to be a number above 0", None),
            ("/method", "`method` has to be `mad` or `iqr`", 'did you mean "mad"?'),
            ("/names", "`names` has to be a list of at most 3 different values", None),
            ("/maybe", "`maybe` has to be a whole number", None),
            ("/either", "`either` has to be true or false or a text", None),
            ("/pair", "`pair` has to be a list of 2: a text, a whole number", None),
            ("/inner/a~1b/x", 'there is no key "x"', "known are type, size"),
            ("/inner/a~1b", "the key `type` is missing", "it has to be a text"),
            ("/inner/a~1b/size", "`inner.a/b.size` has to be a whole number from 1 to 9", None),
        ])

    def test_between_keys(self):
        self.assertEqual(problems({"column": "a", "inner": {"k": {"type": "none"}}}), [("/inner/k/type", "none is none", None)])

    def test_within_lists(self):
        self.assertEqual(problems({"column": "a", "names": ["a", 1]})[0][:2], ("/names/1", "`names[1]` has to be a text"))
        self.assertEqual(problems([])[0][:2], ("", "the config has to be a table"))


class Schema(unittest.TestCase):
    def test_of_every_kind(self):
        schema = json_schema(Config)
        self.assertEqual(schema["required"], ["column"])
        self.assertEqual((schema["description"], schema["additionalProperties"]), ("All kinds of keys.", False))
        self.assertEqual(schema["properties"], {
            "column": {"type": "string", "minLength": 1, "description": "The column."},
            "share": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
            "above": {"type": "number", "exclusiveMinimum": 0, "default": 1},
            "method": {"enum": ["mad", "iqr"], "default": "mad"},
            "names": {"type": "array", "items": {"type": "string"}, "maxItems": 3, "uniqueItems": True, "default": []},
            "maybe": {"type": "integer"},
            "either": {"anyOf": [{"type": "boolean"}, {"type": "string"}], "default": False},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "maxItems": 2},
            "inner": {"type": "object", "default": {}, "additionalProperties": {
                "type": "object", "additionalProperties": False, "required": ["type"],
                "properties": {"type": {"type": "string"}, "size": {"type": "integer", "minimum": 1, "maximum": 9, "default": 1}},
            }},
            "free": {},
        })
        json.dumps(schema)

    def test_a_type_that_no_config_can_hold(self):
        @dataclass
        class Odd:
            x: complex = 1j

        with self.assertRaisesRegex(TypeError, "complex"):
            json_schema(Odd)


class Suggest(unittest.TestCase):
    def test_only_close_words_are_suggested(self):
        columns = ["species", "island", "sex"]
        for word, expected in (("specis", "species"), ("Island", "island"), ("sxe", "sex"), ("year", None), ("sex", None)):
            self.assertEqual(did_you_mean(word, columns), expected)
