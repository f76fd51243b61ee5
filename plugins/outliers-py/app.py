"""The component: checks the config, reads the table column by column and answers findings."""

import json
from array import array

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.validator import Report
from wit_world.imports import job
from wit_world.imports.answers import Failure_Config, Finding, Place_Config, Place_Input, Problem, Verdict

import columns
import outliers
import settings

INPUT = "table"
MOST_GROUPS = 100


class Validator(exports.Validator):
    """The exported interface `validator`."""

    def check(self):
        port = next((entry.port for entry in job.inputs() if entry.port.name == INPUT), None)
        if port is None or port.kind is not job.PortKind.TABLE:
            raise Err([_no_input()])
        _, problems = _settings(port.schema)
        if problems:
            raise Err(problems)
        return []

    def run(self):
        with job.open_table(INPUT) as table:
            schema = table.schema()
            chosen, problems = _settings(schema)
            if problems:
                raise Err(Failure_Config(problems))
            formats = {field.name: field.format for field in columns.top_level(schema)}
            names, groups = [None], None
            if chosen.by is not None:
                names, groups = _groups(table, chosen.by, formats[chosen.by])
            wanted = chosen.columns or [name for name in formats if formats[name] in columns.NUMBERS and name != chosen.by]
            findings = []
            for done, name in enumerate(wanted):
                job.progress(done, len(wanted))
                # One column at a time bounds the memory: a list of all values of a column is the most that is held.
                values = array("d")
                for column in _scan(table, name):
                    values.extend(columns.numbers(column, formats[name]))
                counts = outliers.find(values, groups, len(names), chosen)
                findings += _findings(name, names, counts, chosen)
        return Report(findings, [])


def _no_input():
    return Problem(Place_Input(INPUT), f"there is no table `{INPUT}` to look at", f'add `inputs = {{ {INPUT} = "…" }}` to the stage')


def _settings(schema):
    """The settings, and all that is wrong with them for this schema (None: not known yet)."""
    config = json.loads(job.config())
    chosen, troubles = settings.read(config)
    if schema is not None:
        troubles += settings.fit(chosen, columns.top_level(schema))
    return chosen, [Problem(Place_Config(trouble.pointer), trouble.message, trouble.help) for trouble in troubles]


def _scan(table, name):
    with table.scan([name], 0) as batches:
        while (batch := batches.next()) is not None:
            yield batch.columns[0]


def _groups(table, by, format):
    """The names of the groups, in order, and the number of each row's group."""
    found, numbers = {}, array("I")
    for column in _scan(table, by):
        numbers.extend(found.setdefault(key, len(found)) for key in columns.keys(column, format))
        if len(found) > MOST_GROUPS:
            message = f'column "{by}" has more than {MOST_GROUPS} different values, too many to be groups'
            raise Err(Failure_Config([Problem(Place_Config("/by"), message, "group by a column with few values, or by none")]))
    order = sorted(found, key=lambda key: (key is None, key if key is not None else 0))
    rank = {found[key]: place for place, key in enumerate(order)}
    names = [f"{by} is null" if key is None else f"{by} = {columns.label(key)}" for key in order]
    return names, array("I", (rank[number] for number in numbers))


def _findings(column, names, counts, chosen):
    """The finding of the column, and one of each group when there are groups."""
    whole = outliers.together(counts)
    grouped = chosen.by is not None
    findings = [_finding(column, None, whole, chosen, f'values are outliers within their group of "{chosen.by}"' if grouped else None)]
    if grouped:
        findings += [_finding(column, name, count, chosen, None) for name, count in zip(names, counts)]
    return findings


def _finding(column, group, count, chosen, text):
    share = count.share
    if share is None:
        verdict, limit = Verdict.INCONCLUSIVE, None
        message = f"{count.rows} values are too few to tell an outlier; `min-rows` asks for {chosen.min_rows} finite ones"
    else:
        verdict = Verdict.FAIL if share > chosen.fail_above else Verdict.WARN if share > chosen.warn_above else Verdict.PASS
        limit = f"<= {chosen.fail_above if verdict is Verdict.FAIL else chosen.warn_above:g}"
        what = text or f"values lie outside of {count.fences.lower:.6g} to {count.fences.upper:.6g}"
        message = f"{count.failed} of {count.rows} {what}"
    examples = count.examples
    return Finding("outliers", column, group, verdict, share, limit, count.rows, count.failed, message, INPUT if examples else None, examples)
