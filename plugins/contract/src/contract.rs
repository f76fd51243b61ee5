//! Reads a contract file into checks.
use arrow_schema::{DataType, Field, Schema};
use lockflight_expression::{Expression, Fault};
use lockflight_sdk::{Problem, Problems, did_you_mean, type_name};
use toml::de::{DeTable, DeValue};

use crate::check::{Check, KINDS, RowRule, Rule, Severity, TableRule};
use crate::entry::{At, Entry, File};
use crate::params::{Params, has_keys};
use crate::range::Bounds;
use crate::values::is_int;

/// The checks of a contract, in the file's order, bound to a table's schema. Without a schema only the file itself is
/// looked at, and checks of columns are left out of the answer.
///
/// # Errors
/// Everything that is wrong, each with its place in the file.
pub fn read(file: File<'_>, schema: Option<&Schema>) -> Result<Vec<Check>, Problems> {
    let root = DeTable::parse(file.text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        Problem::file(file.input, span, error.message())
    })?;
    let mut problems = Problems::new();
    let mut checks = Vec::new();
    for (key, value) in root.get_ref().iter() {
        let name = key.get_ref().as_ref();
        if name != "check" {
            let problem = Problem::file(
                file.input,
                key.span(),
                format!("there is no key {name:?} here"),
            );
            problems.push(problem.help("a contract is a list of [[check]]"));
            continue;
        }
        let Some(list) = value.get_ref().as_array() else {
            let message = "check is a list: write [[check]]";
            problems.push(Problem::file(file.input, value.span(), message));
            continue;
        };
        for entry in list {
            match entry.get_ref() {
                DeValue::Table(table) => {
                    let entry = Entry::new(file, table, entry.span());
                    let (found, wrong) = read_check(entry, schema);
                    checks.extend(found);
                    problems.0.extend(wrong.0);
                }
                _ => problems.push(Problem::file(
                    file.input,
                    entry.span(),
                    "a check is a table",
                )),
            }
        }
    }
    if checks.is_empty() && problems.0.is_empty() && schema.is_some() {
        problems.push(Problem::file(
            file.input,
            0..0,
            "the contract holds no [[check]]",
        ));
    }
    problems.or(checks)
}

fn read_check(mut entry: Entry<'_>, schema: Option<&Schema>) -> (Vec<Check>, Problems) {
    let Some(given) = entry.text("kind") else {
        entry.missing("kind");
        let mut problems = entry.finish();
        problems.0.truncate(1);
        return (Vec::new(), problems);
    };
    let Some(kind) = KINDS.into_iter().find(|kind| *kind == given.value) else {
        let help = match did_you_mean(given.value, KINDS) {
            Some(guess) => format!("did you mean {guess:?}?"),
            None => format!("known are {}", KINDS.join(", ")),
        };
        let message = format!("there is no kind of check {:?}", given.value);
        entry.problem(given.span, message).help = Some(help);
        let mut problems = entry.finish();
        problems.0.truncate(1);
        return (Vec::new(), problems);
    };
    let severity = severity(&mut entry);
    let rules = match kind {
        "columns" => columns(&mut entry).map(|rule| vec![(Vec::new(), rule)]),
        "row-count-between" => row_count(&mut entry).map(|rule| vec![(Vec::new(), rule)]),
        "unique" => unique(&mut entry, schema),
        "pair-greater-than" => pair(&mut entry, schema),
        "expression" => expression(&mut entry, schema),
        _ => each_column(kind, &mut entry, schema),
    };
    let checks = rules
        .unwrap_or_default()
        .into_iter()
        .map(|(columns, rule)| Check {
            kind,
            columns,
            severity,
            rule,
        });
    (checks.collect(), entry.finish())
}

type Rules = Option<Vec<(Vec<String>, Rule)>>;

fn severity(entry: &mut Entry<'_>) -> Severity {
    match entry.text("severity") {
        Some(At { value: "warn", .. }) => Severity::Warn,
        Some(At { value: "fail", .. }) | None => Severity::Fail,
        Some(At { value, span }) => {
            entry.problem(
                span,
                format!("there is no severity {value:?}: it is warn or fail"),
            );
            Severity::Fail
        }
    }
}

fn columns(entry: &mut Entry<'_>) -> Option<Rule> {
    let (exact, ordered) = (entry.flag("exact"), entry.flag("ordered"));
    let Some(names) = entry.texts("names") else {
        entry.missing("names");
        return None;
    };
    Some(Rule::Table(TableRule::Columns {
        names: names
            .into_iter()
            .map(|name| name.value.to_owned())
            .collect(),
        exact,
        ordered,
    }))
}

fn row_count(entry: &mut Entry<'_>) -> Option<Rule> {
    let bounds = Bounds::read(entry)?;
    match bounds.figures() {
        Ok(range) => Some(Rule::Table(TableRule::RowCount {
            range,
            text: bounds.text().to_owned(),
        })),
        Err(at) => {
            entry.problem(at.span, "a number of rows is a number");
            None
        }
    }
}

/// The field of a column that the contract names; none with a problem, or without a schema.
fn field<'s>(
    entry: &mut Entry<'_>,
    name: &At<&str>,
    schema: Option<&'s Schema>,
) -> Option<&'s Field> {
    let schema = schema?;
    if let Some((_, field)) = schema.fields().find(name.value) {
        return Some(field);
    }
    let names: Vec<_> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let help = match did_you_mean(name.value, names.iter().copied()) {
        Some(guess) => format!("did you mean {guess:?}?"),
        None => format!("the columns are {}", names.join(", ")),
    };
    let message = format!("there is no column {:?}", name.value);
    entry.problem(name.span.clone(), message).help = Some(help);
    None
}

fn each_column(kind: &str, entry: &mut Entry<'_>, schema: Option<&Schema>) -> Rules {
    let names = entry.texts("column");
    if names.is_none() {
        entry.missing("column");
    }
    let params = Params::read(kind, entry)?;
    let mut rules = Vec::new();
    for name in names? {
        let Some(field) = field(entry, &name, schema) else {
            continue;
        };
        match params.bind(field) {
            Ok(rule) => rules.push((vec![name.value.to_owned()], rule)),
            Err((span, message)) => {
                entry.problem(span.unwrap_or(name.span), message);
            }
        }
    }
    Some(rules)
}

fn unique(entry: &mut Entry<'_>, schema: Option<&Schema>) -> Rules {
    let (each, together) = (entry.texts("column"), entry.texts("columns"));
    let keep_first = entry.flag("keep-first");
    let mostly = entry.share("mostly").unwrap_or(1.0);
    let mut keys: Vec<Vec<At<&str>>> = each.into_iter().flatten().map(|name| vec![name]).collect();
    keys.extend(together);
    if keys.is_empty() {
        entry.missing("column or columns");
    }
    let mut rules = Vec::new();
    for key in keys {
        let mut columns = Vec::new();
        for name in &key {
            let Some(field) = field(entry, name, schema) else {
                continue;
            };
            if has_keys(field.data_type()) {
                columns.push(name.value.to_owned());
            } else {
                let is = type_name(field.data_type());
                entry.problem(name.span.clone(), format!("{is} cannot be a key"));
            }
        }
        if columns.len() == key.len() {
            let rule = Rule::Rows {
                rule: RowRule::Unique { keep_first },
                otherwise: "not unique".to_owned(),
                mostly,
            };
            rules.push((columns, rule));
        }
    }
    Some(rules)
}

fn pair(entry: &mut Entry<'_>, schema: Option<&Schema>) -> Rules {
    let (column, than) = (entry.text("column"), entry.text("than"));
    let or_equal = entry.flag("or-equal");
    let mostly = entry.share("mostly").unwrap_or(1.0);
    let (Some(column), Some(than)) = (column, than) else {
        entry.missing("column or than");
        return None;
    };
    let greater = field(entry, &column, schema);
    let smaller = field(entry, &than, schema);
    let (greater, smaller) = (greater?, smaller?);
    if !comparable(greater.data_type(), smaller.data_type()) {
        let (a, b) = (
            type_name(greater.data_type()),
            type_name(smaller.data_type()),
        );
        entry.problem(than.span, format!("{a} and {b} cannot be compared"));
        return None;
    }
    let relation = if or_equal { "below" } else { "not above" };
    let rule = Rule::Rows {
        rule: RowRule::Greater { or_equal },
        otherwise: format!("{relation} {}", than.value),
        mostly,
    };
    Some(vec![(
        vec![column.value.to_owned(), than.value.to_owned()],
        rule,
    )])
}

fn comparable(a: &DataType, b: &DataType) -> bool {
    (a.is_numeric() && b.is_numeric()) || (a == b && is_int(a) && *a != DataType::Boolean)
}

/// A condition in the language of expressions. Without a schema only its writing is looked at.
fn expression(entry: &mut Entry<'_>, schema: Option<&Schema>) -> Rules {
    let mostly = entry.share("mostly").unwrap_or(1.0);
    let Some(text) = entry.text("expression") else {
        entry.missing("expression");
        return None;
    };
    let fault = |entry: &mut Entry<'_>, fault: &Fault| {
        entry.problem(text.span.clone(), fault.to_string()).help = fault.help.clone();
    };
    let parsed = match Expression::parse(text.value) {
        Ok(parsed) => parsed,
        Err(error) => {
            fault(entry, &error);
            return None;
        }
    };
    match parsed.check_condition(schema?) {
        Ok(condition) => {
            let columns = parsed.columns().into_iter().map(str::to_owned).collect();
            let rule = Rule::Rows {
                rule: RowRule::Holds {
                    condition,
                    text: text.value.to_owned(),
                },
                otherwise: "not true".to_owned(),
                mostly,
            };
            Some(vec![(columns, rule)])
        }
        Err(error) => {
            fault(entry, &error);
            None
        }
    }
}
