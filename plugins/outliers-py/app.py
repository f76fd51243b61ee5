"""The plugin: checks the config, reads the table column by column and answers findings."""

from array import array

import outliers
from lockflight import Finding, Job, Kind, Port, Problem, Problems, Report, Table, Validate, Verdict, export, progress
from settings import Settings, fit

INPUT = "table"
MOST_GROUPS = 100


@export
class Outliers(Validate[Settings]):
    """One finding a column, and with `by` one a group of it."""

    def check(self, job: Job[Settings]) -> list[Port]:
        table = job.inputs.get(INPUT)
        if table is None or table.kind is not Kind.TABLE:
            message = f"there is no table `{INPUT}` to look at"
            raise Problems(Problem.input(INPUT, message, f'add `inputs = {{ {INPUT} = "…" }}` to the stage'))
        if table.schema is not None:
            Problems.raise_if(list(fit(job.config, table.schema)))
        return []

    def run(self, job: Job[Settings]) -> Report:
        table, settings = job.table(INPUT), job.config
        Problems.raise_if(list(fit(settings, table.schema)))
        names, groups = [None], None
        if settings.by is not None:
            names, groups = _groups(table, settings.by)
        wanted = settings.columns or [field.name for field in table.schema if field.is_number and field.name != settings.by]
        findings = []
        for done, name in enumerate(wanted):
            progress(done, len(wanted))
            # One column at a time bounds the memory: a list of all values of a column is the most that is held.
            values = array("d")
            for batch in table.scan([name]):
                values.extend(batch.number(name).floats())
            counts = outliers.find(values, groups, len(names), settings)
            findings += _findings(name, names, counts, settings)
        return Report(findings)


def _groups(table: Table, by: str):
    """The names of the groups, in order, and the number of each row's group."""
    found, numbers = {}, array("I")
    for batch in table.scan([by]):
        numbers.extend(found.setdefault(key, len(found)) for key in batch[by].to_list())
        if len(found) > MOST_GROUPS:
            message = f'column "{by}" has more than {MOST_GROUPS} different values, too many to be groups'
            raise Problems(Problem.config("/by", message, "group by a column with few values, or by none"))
    order = sorted(found, key=lambda key: (key is None, key if key is not None else 0))
    rank = {found[key]: place for place, key in enumerate(order)}
    names = [f"{by} is null" if key is None else f"{by} = {_label(key)}" for key in order]
    return names, array("I", (rank[number] for number in numbers))


def _label(key) -> str:
    """A value as a person writes it."""
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)


def _findings(column, names, counts, settings) -> list[Finding]:
    """The finding of the column, and one of each group when there are groups."""
    whole = outliers.together(counts)
    grouped = settings.by is not None
    findings = [_finding(column, None, whole, settings, f'values are outliers within their group of "{settings.by}"' if grouped else None)]
    if grouped:
        findings += [_finding(column, name, count, settings, None) for name, count in zip(names, counts)]
    return findings


def _finding(column, group, count, settings, text) -> Finding:
    finding = Finding("outliers", column, slice=group, value=count.share, rows=count.rows, failed=count.failed, examples=count.examples, input=INPUT)
    if finding.value is None:
        finding.verdict = Verdict.INCONCLUSIVE
        finding.message = f"{count.rows} values are too few to tell an outlier; `min-rows` asks for {settings.min_rows} finite ones"
        return finding
    failing = finding.value > settings.fail_above
    finding.verdict = Verdict.FAIL if failing else Verdict.WARN if finding.value > settings.warn_above else Verdict.PASS
    finding.limit = f"<= {settings.fail_above if failing else settings.warn_above:g}"
    what = text or f"values lie outside of {count.fences.lower:.6g} to {count.fences.upper:.6g}"
    finding.message = f"{count.failed} of {count.rows} {what}"
    return finding
