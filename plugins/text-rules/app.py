"""The plugin: reads the rules, and holds every row of the table against them."""

from dataclasses import dataclass, field
from datetime import timezone

from lockflight import Batch, Field, Finding, Job, Port, Problem, Problems, Report, Schema, Validate, Verdict, export, progress
from rules import Rule, RuleError
from settings import RuleSettings, Settings

INPUT = "table"
EXAMPLES = 20


@dataclass
class Tally:
    """A rule, and what came of it so far."""

    settings: RuleSettings
    rule: Rule
    when: Rule | None
    rows: int = 0
    failed: int = 0
    faults: int = 0
    examples: list[int] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """The columns that the rule and its condition read."""
        return list(dict.fromkeys([*self.rule.columns, *(self.when.columns if self.when else [])]))

    def judge(self, batch: Batch, values: dict[str, list]) -> None:
        """Holds the rows of a batch against the rule."""
        rows = _rows(values, self.rule.columns, batch.rows)
        chosen = None if self.when is None else _rows(values, self.when.columns, batch.rows)
        for number, row in enumerate(rows, batch.start):
            try:
                if chosen is not None and self.when.holds(next(chosen)) is not True:
                    continue
                holds = self.rule.holds(row)
            except (ArithmeticError, ValueError):
                # A division by zero and the like: the rule does not hold, and the message says so.
                holds = False
                self.faults += 1
            if holds is None and self.settings.nulls == "skip":
                continue
            self.rows += 1
            if holds is not True:
                self.failed += 1
                if len(self.examples) < EXAMPLES:
                    self.examples.append(number)

    def finding(self, title: str) -> Finding:
        """The outcome."""
        settings = self.settings
        finding = Finding(title, ", ".join(self.columns), slice=settings.when or None, rows=self.rows, failed=self.failed, examples=self.examples, input=INPUT)
        if not self.rows:
            finding.verdict, finding.message = Verdict.INCONCLUSIVE, f"no row could be held against `{settings.rule}`"
            return finding
        finding.value = self.failed / self.rows
        failing = finding.value > settings.fail_above
        finding.verdict = Verdict.FAIL if failing else Verdict.WARN if finding.value > settings.warn_above else Verdict.PASS
        finding.limit = f"<= {settings.fail_above if failing else settings.warn_above:g}"
        faults = f"; {self.faults} of them could not be computed" if self.faults else ""
        finding.message = f"{self.failed} of {self.rows} rows break `{settings.rule}`{faults}"
        return finding


@export
class TextRules(Validate[Settings]):
    """One finding a rule."""

    def check(self, job: Job[Settings]) -> list[Port]:
        _tallies(job.config, job.input(INPUT).schema)
        return []

    def run(self, job: Job[Settings]) -> Report:
        table = job.table(INPUT)
        tallies = _tallies(job.config, table.schema)
        columns = list(dict.fromkeys(name for tally in tallies for name in tally.columns))
        # Rules that read no column still have rows.
        for batch in table.scan(columns or None):
            progress(batch.start, table.rows)
            values = {name: _values(batch, table.schema.get(name)) for name in columns}
            for tally in tallies:
                tally.judge(batch, values)
        return Report([tally.finding(job.config.title(index)) for index, tally in enumerate(tallies)])


def _tallies(settings: Settings, schema: Schema | None) -> list[Tally]:
    """The rules for a table with these columns (None: not known yet). Raises `Problems`, all of them."""
    problems: list[Problem] = []

    def parsed(index: int, name: str, text: str) -> Rule | None:
        try:
            return Rule(text, schema) if text else None
        except RuleError as error:
            problems.append(Problem.config(f"/rules/{index}/{name}", str(error), error.help))
            return None

    both = [(parsed(index, "rule", rule.rule), parsed(index, "when", rule.when)) for index, rule in enumerate(settings.rules)]
    Problems.raise_if(problems)
    return [Tally(one, rule, when) for one, (rule, when) in zip(settings.rules, both) if rule is not None]


def _values(batch: Batch, column: Field) -> list:
    """A column as rules read it: numbers, texts, booleans, dates, and times in UTC; None for a null."""
    found = batch[column.name]
    if column.type == "date":
        return found.to_dates()
    if column.is_timestamp:
        from_zone = column.zone is not None
        return [moment if moment is None or from_zone else moment.replace(tzinfo=timezone.utc) for moment in found.to_datetimes()]
    return found.to_list()


def _rows(values: dict[str, list], columns: list[str], rows: int):
    return zip(*(values[name] for name in columns)) if columns else iter([()] * rows)
