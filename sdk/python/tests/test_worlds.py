import json
import sys
import unittest
from dataclasses import dataclass

from lockflight import (
    Action, Arm, Artifact, Batch, BlobWriter, DataError, Decision, Deploy, Finding, Fitted, Ingest, InternalError, Kind, Layer, Monitor, Observation,
    Output, Package, Port, Problem, Problems, Report, Schema, Score, StepPorts, TableWriter, Train, Validate, Verdict, _wit, export, key, log, metric,
    progress, testing,
)
from lockflight.export import _FACTS
from lockflight.state import frame, unframe

ANSWER = None


@dataclass(frozen=True)
class Config:
    limit: float = key(0.0)


def _answer(job):
    return ANSWER(job) if callable(ANSWER) else ANSWER


@export
class Checks(Validate[Config]):
    def check(self, job):
        job.input("table")
        return [Port.table("table", Schema.of(x="float64"))]

    def run(self, job):
        return _answer(job)


@export
class Reads(Ingest[Config]):
    def check(self, job):
        return [Port.table("table"), Port.blob("rest")]

    def run(self, job):
        return _answer(job)


@export
class Packs(Package[Config]):
    def check(self, job):
        return []

    def run(self, job):
        return _answer(job)


@export
class Deploys(Deploy[Config]):
    def check(self, job):
        return []

    def run(self, job):
        return _answer(job)


@export
class Watches(Monitor[Config]):
    def check(self, job):
        return []

    def run(self, job):
        return _answer(job)


@export
class Plus(Score):
    KIND, VERSION = "plus", 3

    def __init__(self, summand):
        self.summand = summand

    def takes(self):
        return Schema.of(x="float64")

    def gives(self):
        return Schema.of(y="float64")

    def save(self):
        return bytes([self.summand])

    @classmethod
    def load(cls, state):
        return cls(state[0])

    def score(self, rows):
        if rows.number("x").null_count:
            raise DataError("no x, no y")
        return {"y": [value + self.summand for value in rows.number("x").required()]}


@export
class Fits(Train[Config]):
    def check(self, job):
        return StepPorts(takes=Schema.of(x="float64"), outputs=[Port.table("importance")])

    def fit(self, job):
        return Fitted(Plus(int(job.config.limit)))


TABLE = testing.table(x=("float64", [1.0, None, -1.0, 4.0]))


def give(answer):
    global ANSWER
    ANSWER = answer


def called(plugin, call, answer=None, config=None, **inputs):
    """What the host gets, or the value of its error."""
    give(answer)
    exported = testing.Bench(plugin, config, inputs=inputs).exported()
    try:
        return getattr(exported, call)()
    except _wit.Err as error:
        return error.value


class Answers(unittest.TestCase):
    def test_validate(self):
        finding = Finding("a", "b", Verdict.WARN, "m", "s", float("nan"), "<= 1", 30, 25, range(5, 30))
        report = called(Checks, "run", Report([finding], [Output("o", BlobWriter("ä"))]), table=TABLE)
        (found,), (output,) = report.findings, report.outputs
        self.assertEqual((found.verdict, found.value, found.input, found.examples), (_wit.answers.Verdict.WARN, None, "table", list(range(5, 25))))
        self.assertEqual((output.name, output.content.value.content), ("o", "ä".encode()))
        (port,) = called(Checks, "check", table=TABLE)
        self.assertEqual((port.kind, port.schema.fields[0].format), (_wit.job.PortKind.TABLE, "g"))

    def test_a_finding_by_its_counts(self):
        self.assertEqual(Finding("a", rows=3, failed=1).fail_if_any_failed().verdict, Verdict.FAIL)
        self.assertEqual(Finding("a", rows=3).fail_if_any_failed().message, "0 of 3 rows failed")
        self.assertIsNone(Finding("a").lend().input)

    def test_ingest(self):
        def run(job):
            writer = TableWriter(Schema.of(n="int64"))
            writer.write({"n": [len(line) for line in job.blob("file").open(2)]})
            return [Output("table", writer)]

        (output,) = called(Reads, "run", run, file=b"a\nbcd\ne")
        self.assertIsInstance(output.content, _wit.answers.Content_Table)
        give(run)
        self.assertEqual(testing.written(testing.Bench(Reads, file=b"a\nbcd\ne").run()[0]), {"n": [2, 4, 1]})

    def test_packaging(self):
        artifact = called(Packs, "run", Artifact("a/b", "c/d", BlobWriter("{}"), [Layer("e/f", BlobWriter(b"1"), {"z": "1", "a": "2"})], {"k": "v"}))
        self.assertEqual((artifact.layers[0].annotations, artifact.annotations, artifact.config.content), ([("a", "2"), ("z", "1")], [("k", "v")], b"{}"))

    def test_deploy(self):
        for action, kind, value in ((Action.hold(), "Hold", None), (Action.pause(), "Pause", None), (Action.promote("2"), "Promote", "2"), (Action.roll_back("2"), "RollBack", "2")):
            decision = called(Deploys, "run", Decision(action, "why", b"s"))
            self.assertIs(type(decision.action), getattr(_wit.exports.deployer, f"Action_{kind}"))
            self.assertEqual((getattr(decision.action, "value", None), decision.state.content), (value, b"s"))
        shifted = called(Deploys, "run", Decision(Action.shift([Arm("1", 0.25)]), "why"))
        self.assertEqual((shifted.action.value[0].weight, shifted.state), (0.25, None))

    def test_monitor(self):
        for verdicts, worst in (([], "INCONCLUSIVE"), (["PASS", "INCONCLUSIVE"], "PASS"), (["FAIL", "WARN"], "FAIL")):
            answer = Observation([Finding("a", verdict=Verdict[verdict]) for verdict in verdicts])
            self.assertEqual(called(Watches, "run", answer).verdict.name, worst)


class Failures(unittest.TestCase):
    def test_each_kind(self):
        def raising(error):
            def run(job):
                raise error
            return run

        found = called(Checks, "run", raising(Problems(Problem.file("f", 1, 2, "m", "h"))), table=TABLE)
        self.assertEqual((found.value[0].place.value.end, found.value[0].help), (2, "h"))
        self.assertEqual(called(Checks, "run", raising(DataError("line 3")), table=TABLE), _wit.answers.Failure_Data("line 3"))
        self.assertEqual(called(Checks, "run", raising(InternalError("oh")), table=TABLE), _wit.answers.Failure_Internal("oh"))
        with self.assertRaises(ZeroDivisionError):
            called(Checks, "run", lambda job: 1 / 0, table=TABLE)

    def test_a_config_that_does_not_fit(self):
        for call in ("check", "run"):
            found = called(Checks, call, config={"limt": 1})
            (problem,) = found if call == "check" else found.value
            self.assertEqual((problem.place.value, problem.help), ("/limt", 'did you mean "limit"?'))

    def test_inputs_that_are_not_there(self):
        for inputs, place, message in (({}, None, 'needs an input "table", and has none'), ({"tabel": TABLE}, "tabel", "has tabel")):
            (problem,) = called(Checks, "check", **inputs)
            self.assertEqual(getattr(problem.place, "value", None), place)
            self.assertIn(message, problem.message)
        for read, message in ((lambda job: job.table("file"), "this is a file; the stage needs a table here"), (lambda job: job.blob("later"), "does not exist before the run"),
                              (lambda job: job.only(Kind.TABLE), "takes one table only"), (lambda job: job.table("table").scan(["y"]), "no column 'y'")):
            give(read)
            with self.assertRaisesRegex(Problems, message):
                testing.Bench(Reads, inputs={"file": b"", "later": Port.table("later"), "table": TABLE}).run()


class Job(unittest.TestCase):
    def test_the_rest_of_the_job(self):
        def run(job):
            log.warn("odd")
            progress(1, 2)
            metric("rounds", 3, step=1, fold="a")
            return Report([Finding(str((job.seed, job.time, job.state, job.partition)))])

        give(run)
        bench = testing.Bench(Checks, seed=7, time=8, state=b"s")
        self.assertEqual(bench.run().findings[0].name, "(7, 8, b's', None)")
        self.assertEqual((bench.lines, bench.metrics), ([("warn", "odd")], [("rounds", 3.0, 1, {"fold": "a"})]))

    def test_blobs(self):
        def run(job):
            blob = job.blob("file")
            return (blob.size, blob.read(1, 2), blob.read(2), blob.read(9), blob.read_text())

        give(run)
        self.assertEqual(testing.Bench(Deploys, file="\ufeffab").plugin().run(self.job(b"\xef\xbb\xbfab")), (5, b"\xbb\xbf", b"\xbfab", b"", "ab"))
        with self.assertRaisesRegex(DataError, "byte 2"):
            self.job(b"ab\xff").blob("file").read_text()

    def job(self, content):
        from lockflight import Job, _double
        _double.use(testing.Bench(Deploys, file=content)._host)
        return Job(Config)


class Steps(unittest.TestCase):
    def test_a_step_is_fitted_and_scores(self):
        ports = called(Fits, "check")
        self.assertEqual([(port.name, port.schema is None) for port in ports], [("takes", False), ("gives", True), ("importance", True)])
        fitted = called(Fits, "run", config={"limit": 2})
        self.assertEqual(unframe(fitted.state.content, 3, "plus"), b"\x02")
        step = testing.Bench(Fits, {"limit": 2}).run().step
        self.assertEqual(testing.score(step, x=[1.0, 2.0]), {"y": [3.0, 4.0]})

    def scorer(self):
        # As the bindings do: an instance for each call.
        return sys.modules[__name__].Scorer()

    def rows(self, values):
        return testing.table(x=("float64", values), rows_per_batch=9).batches[0]

    def test_a_state_comes_in_parts(self):
        state = frame(b"\x05", 3, "plus")
        with self.assertRaises(_wit.Err) as caught:
            self.scorer().score(self.rows([1.0]))
        self.assertIn("load comes before", caught.exception.value)
        self.scorer().load(state[:7], len(state) - 7)
        self.scorer().load(state[7:], 0)
        answer = Batch(Schema.of(y="float64"), 0, self.scorer().score(self.rows([1.0])))
        self.assertEqual(answer["y"].to_list(), [6.0])
        self.scorer().load(state[:7], 100)
        with self.assertRaises(_wit.Err) as caught:
            self.scorer().load(state[7:], 0)
        self.assertIn("do not fit together", caught.exception.value)
        self.scorer().load(state, 0)
        with self.assertRaises(_wit.Err) as caught:
            self.scorer().score(self.rows([None]))
        self.assertEqual(caught.exception.value, "no x, no y")

    def test_a_state_that_is_not_whole_is_refused(self):
        state = frame(b"abc", 3, "plus")
        for end in range(len(state)):
            with self.assertRaises(ValueError, msg=end):
                unframe(state[:end], 3, "plus")
            with self.assertRaises(ValueError, msg=end):
                unframe(state[:end] + bytes([state[end] ^ 1]) + state[end + 1 :], 3, "plus")
        for arguments, message in (((3, "minus"), 'of "plus", not of "minus"'), ((4, "plus"), "version 3 .* reads version 4")):
            with self.assertRaisesRegex(ValueError, message):
                unframe(state, *arguments)
        with self.assertRaisesRegex(ValueError, "1 bytes stand behind"):
            unframe(state + b"x", 3, "plus")

    def test_the_frame_is_that_of_the_rust_sdk(self):
        # `state::frame` of a step with KIND "k", VERSION 1 and payload [7].
        self.assertEqual(frame(b"\x07", 1, "k")[:-4].hex(), "6c667374617465310100000001" + "6b" + "0100000000000000" + "07")


class Exports(unittest.TestCase):
    def test_the_schema_stands_in_memory(self):
        told = [fact for fact in _FACTS if fact.startswith(b"lockflight config train ")]
        length, text = told[0].split(b" ", 4)[3:]
        self.assertEqual(len(text), int(length))
        self.assertEqual(json.loads(text)["properties"]["limit"]["type"], "number")

    def test_a_class_that_is_no_plugin(self):
        with self.assertRaisesRegex(TypeError, "no subclass of"):
            export(object)
        with self.assertRaisesRegex(TypeError, "Half lacks run"):
            @export
            class Half(Validate[Config]):
                def check(self, job):
                    return []
        with self.assertRaisesRegex(TypeError, r"has to name the dataclass of its config, as in `class Bare\(Validate\[Config\]\)`"):
            @export
            class Bare(Validate):
                def check(self, job):
                    return []

                def run(self, job):
                    return Report()
