import struct
import unittest
from array import array
from datetime import date, datetime, timezone
from math import isnan, nan

from lockflight import Batch, DataError, Field, Problems, Schema, TableWriter, _wit, testing
from lockflight.columns import unpacked
from lockflight.encode import encode, packed
from lockflight.schema import adopt, lend

VALUES = {
    "bool": [True, None, False], "int8": [-128, None, 127], "uint8": [0, None, 255], "int16": [-5, None, 5], "uint16": [0, None, 65535], "int32": [-5, None, 5],
    "uint32": [0, None, 2**32 - 1], "int64": [-(2**63), None, 2**63 - 1], "uint64": [0, None, 2**64 - 1], "float32": [0.5, None, -1.5], "float64": [0.1, None, 1e300],
    "text": ["", None, "ä€😀"], "bytes": [b"", None, b"\xff\0"], "date": [-1, None, 19782], "timestamp[s]": [-1, None, 5], "timestamp[ms]": [1, None, 2],
    "timestamp[us, UTC]": [1, None, 2], "timestamp[ns, +02:00]": [1, None, 2],
}


def batch(type, values, nullable=True):
    field = Field("x", type, nullable)
    return Batch(Schema([field]), 100, _wit.types.Batch(len(values), encode(field, values)))


class Bitmaps(unittest.TestCase):
    def test_of_every_length(self):
        for length in range(40):
            flags = [row * 7 % 5 < 2 for row in range(length)]
            self.assertEqual(len(packed(flags)), (length + 7) // 8)
            self.assertEqual([bool(bit) for bit in unpacked(packed(flags), length)], flags)

    def test_the_lowest_bit_comes_first(self):
        self.assertEqual(packed([1, 0, 0, 0, 0, 0, 0, 0, 1, 1]), b"\x01\x03")


class Types(unittest.TestCase):
    def test_every_type_comes_back_as_it_was_written(self):
        for type, values in VALUES.items():
            with self.subTest(type):
                self.assertEqual(batch(type, values)["x"].to_list(), values)
                self.assertEqual(batch(type, values * 9)["x"].to_list(), values * 9)
                self.assertEqual(batch(type, [])["x"].to_list(), [])

    def test_every_schema_comes_back(self):
        schema = Schema([Field(f"c{index}", type, index % 2 == 0, {"unit": "g"}) for index, type in enumerate([*VALUES, "float32[3]", "float64[1]"])], {"k": "v"})
        found = adopt(lend(schema))
        self.assertEqual(found, schema)
        self.assertEqual(([field.metadata for field in found], found.metadata), ([{"unit": "g"}] * len(schema), {"k": "v"}))

    def test_formats_are_those_of_arrow(self):
        for type, format in (("timestamp[s]", "tss:"), ("timestamp[ms, UTC]", "tsm:UTC"), ("timestamp[us]", "tsu:"), ("timestamp[ns]", "tsn:"), ("float32[3]", "+w:3"), ("date", "tdD")):
            self.assertEqual(Field("x", type).format, format)

    def test_a_type_that_there_is_not_and_a_name_twice(self):
        for type in ("string", "float32[0]", "timestamp[m]", "int32[3]"):
            with self.assertRaisesRegex(ValueError, "there is no type"):
                Field("x", type)
        with self.assertRaisesRegex(ValueError, "'x' is there twice"):
            Schema([Field("x", "bool"), Field("x", "text")])


class Nulls(unittest.TestCase):
    def test_say_what_they_become(self):
        column = batch("float64", [1.0, None, 3.0]).number("x")
        self.assertEqual(list(column.filled(-1.0)), [1.0, -1.0, 3.0])
        self.assertTrue(isnan(column.floats()[1]))
        values, present = column.masked()
        self.assertEqual((len(values), present, list(column.nulls()), column.null_count), (3, b"\x01\x00\x01", [1], 1))

    def test_that_may_not_be_are_named_by_their_row_in_the_table(self):
        with self.assertRaisesRegex(DataError, "column 'x' has no value in row 101, counted from 0"):
            batch("int8", [1, None]).number("x").required()

    def test_no_accessor_forgets_them(self):
        for type in VALUES:
            self.assertFalse([name for name in ("values", "value", "data") if hasattr(batch(type, [])["x"], name)], type)

    def test_what_a_type_cannot_hold_is_no_null(self):
        with self.assertRaisesRegex(ValueError, "cannot become nan"):
            batch("int64", [1, None]).number("x").filled(nan)
        self.assertTrue(isnan(batch("int64", [1, None]).number("x").floats(nan)[1]))

    def test_what_stands_under_one_does_not_matter(self):
        raw = _wit.types.Column(2, b"\x01", struct.pack("<3i", 0, 1, 3), b"a\xff\xfe")
        column = Batch(Schema.of(x="text"), 0, _wit.types.Batch(2, [raw])).text("x")
        self.assertEqual(column.to_list(), ["a", None])

    def test_of_other_types(self):
        self.assertEqual(list(batch("text", ["a", None]).text("x").filled("?")), ["a", "?"])
        self.assertEqual(list(batch("bool", [True, None]).boolean("x").filled(True)), [True, True])


class Speed(unittest.TestCase):
    def test_numbers_without_nulls_are_the_hosts_memory(self):
        values = array("d", range(1000))
        raw = _wit.types.Column(1000, None, None, values.tobytes())
        column = Batch(Schema.of(x="float64"), 0, _wit.types.Batch(1000, [raw])).number("x")
        for view in (column.required(), column.filled(0.0), column.floats(), column.masked()[0]):
            self.assertIsInstance(view, memoryview)
            self.assertIs(view.obj, raw.values)
            self.assertEqual(view.format, "d")


class Reading(unittest.TestCase):
    def test_times(self):
        self.assertEqual(batch("date", [0, None, 19782])["x"].to_dates(), [date(1970, 1, 1), None, date(2024, 2, 29)])
        self.assertEqual(batch("timestamp[ns]", [1500, None])["x"].to_datetimes(), [datetime(1970, 1, 1, 0, 0, 0, 1), None])
        self.assertEqual(batch("timestamp[s, UTC]", [-1])["x"].to_datetimes(), [datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc)])
        for type, get in (("date", "to_dates"), ("timestamp[s]", "to_datetimes")):
            with self.assertRaisesRegex(DataError, "outside of the years 1 to 9999"):
                getattr(batch(type, [2**31 - 1 if type == "date" else 2**60])["x"], get)()

    def test_vectors(self):
        column = batch("float32[2]", [[1, 2], None, [3, 4]]).vector("x")
        self.assertEqual([None if vector is None else list(vector) for vector in column.to_list()], [[1, 2], None, [3, 4]])
        self.assertEqual(list(column.flat()), [1, 2, 0, 0, 3, 4])

    def test_a_column_that_is_not_there_or_of_another_type(self):
        with self.assertRaisesRegex(Problems, "has no column 'y'"):
            batch("int8", [])["y"]
        with self.assertRaisesRegex(Problems, "column 'x' is int8, and has to hold text"):
            batch("int8", []).text("x")

    def test_rows(self):
        table = Batch(Schema.of(a="int8", b="text"), 0, _wit.types.Batch(2, encode(Field("a", "int8"), [1, None]) + encode(Field("b", "text"), ["x", "y"])))
        self.assertEqual(list(table.records()), [(1, "x"), (None, "y")])
        self.assertEqual(table.kept([False, True]), {"a": [None], "b": ["y"]})


class Writing(unittest.TestCase):
    def write(self, type, values, nullable=True):
        writer = TableWriter(Schema([Field("x", type, nullable)]))
        writer.write({"x": values})
        return testing.written(testing.Output("t", writer))["x"]

    def test_times_are_dates_or_counts(self):
        self.assertEqual(self.write("date", [date(2024, 2, 29), 0, None]), [19782, 0, None])
        self.assertEqual(self.write("timestamp[ms]", [datetime(1970, 1, 1, 0, 0, 1, 2999), -1]), [1002, -1])
        self.assertEqual(self.write("timestamp[ns, UTC]", [datetime(1970, 1, 1, 1, tzinfo=timezone.utc)]), [3_600_000_000_000])

    def test_buffers_and_columns_go_through(self):
        self.assertEqual(self.write("float64", array("d", [1, 2])), [1, 2])
        self.assertEqual(self.write("int32", memoryview(array("i", [1, 2]))), [1, 2])
        self.assertEqual(self.write("text", batch("text", ["a", None])["x"]), ["a", None])

    def test_what_does_not_fit_is_named(self):
        for type, values, message in (("int8", [1, 300], "'x' \\(int8\\) cannot hold 300 of row 1"), ("int8", [1.5], "cannot hold 1.5 of row 0"), ("text", [1], "cannot hold 1"),
                                      ("bool", ["a"], "cannot hold 'a'"), ("float64", array("f", [1]), "given a buffer of letter 'f'"), ("int64", array("Q", [1]), "letter 'Q'"),
                                      ("float32[2]", [[1]], "cannot hold the 1 values of row 0"), ("int16", batch("int8", [1])["x"], "given values of int8")):
            with self.subTest(type), self.assertRaisesRegex(ValueError, message):
                self.write(type, values)

    def test_nulls_where_none_may_be(self):
        for values in ([1, None], batch("int8", [1, None])["x"]):
            with self.assertRaisesRegex(ValueError, "declared without nulls and was given one in row 1"):
                self.write("int8", values, nullable=False)

    def test_columns_have_to_be_there_and_of_one_length(self):
        writer = TableWriter(Schema.of(a="int8", b="int8"))
        with self.assertRaisesRegex(ValueError, "columns are missing: b and there are no columns: c"):
            writer.write({"a": [1], "c": [1]})
        with self.assertRaisesRegex(ValueError, "different lengths: a 1, b 2"):
            writer.write({"a": [1], "b": [1, 2]})
