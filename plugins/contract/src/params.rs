//! The keys of each kind of check, and how they bind to a column.
use std::ops::Range as Span;

use arrow_schema::{DataType, Field};
use lockflight_sdk::{TYPE_NAMES, did_you_mean, type_from_name, type_name};
use regex::Regex;

use crate::check::{Figure, RowRule, Rule, Set, float_bits};
use crate::entry::{At, Entry};
use crate::literal::{Literal, Typed};
use crate::range::Bounds;
use crate::values::is_int;

/// The keys of a check that is about each of its columns.
pub enum Params {
    /// `of-type`
    OfType(DataType),
    /// A check of rows.
    Rows {
        /// Its own keys.
        params: RowParams,
        /// What a row that fails is.
        otherwise: String,
        /// The share that has to pass.
        mostly: f64,
    },
    /// A check of a figure.
    Figure(Figure, Bounds),
}

/// The keys of a check of rows.
pub enum RowParams {
    /// `not-null`
    NotNull,
    /// `between`
    Between(Bounds),
    /// `in-set`, `not-in-set`
    In { set: Vec<At<Literal>>, negate: bool },
    /// `match-regex`, `not-match-regex`
    Matches { regex: Regex, negate: bool },
    /// `lengths-between`
    Lengths { min: u64, max: u64 },
    /// `increasing`
    Increasing { strict: bool },
}

impl Params {
    /// Reads the keys of a kind; none when they are wrong, which the entry then knows.
    pub fn read(kind: &str, entry: &mut Entry<'_>) -> Option<Params> {
        let figure = match kind {
            "of-type" => return of_type(entry).map(Params::OfType),
            "min-between" => Some(Figure::Min),
            "max-between" => Some(Figure::Max),
            "mean-between" => Some(Figure::Mean),
            "sum-between" => Some(Figure::Sum),
            "null-share-between" => Some(Figure::NullShare),
            "unique-value-count-between" => Some(Figure::UniqueCount),
            "proportion-of-unique-between" => Some(Figure::UniqueShare),
            _ => None,
        };
        if let Some(figure) = figure {
            return Some(Params::Figure(figure, Bounds::read(entry)?));
        }
        let mostly = entry.share("mostly").unwrap_or(1.0);
        let (params, otherwise) = rows(kind, entry)?;
        Some(Params::Rows {
            params,
            otherwise,
            mostly,
        })
    }

    /// The rule for a column.
    ///
    /// # Errors
    /// What does not fit the column's type; with the span of the value, or none for the column itself.
    pub fn bind(&self, column: &Field) -> Result<Rule, (Option<Span<usize>>, String)> {
        let data_type = column.data_type();
        let misfit = |at: At<()>| {
            let message = format!(
                "this means nothing in {:?}, which is {}",
                column.name(),
                type_name(data_type)
            );
            (Some(at.span), message)
        };
        Ok(match self {
            Params::OfType(wanted) => Rule::Table(crate::check::TableRule::OfType(wanted.clone())),
            Params::Rows {
                params,
                otherwise,
                mostly,
            } => Rule::Rows {
                rule: params.bind(column)?,
                otherwise: otherwise.clone(),
                mostly: *mostly,
            },
            Params::Figure(figure, bounds) => {
                if figure.is_numeric() {
                    wants(column, data_type.is_numeric(), "numbers")?;
                } else if figure.is_distinct() {
                    wants(column, has_keys(data_type), "plain values")?;
                }
                Rule::Figure {
                    figure: *figure,
                    range: bounds.figures().map_err(misfit)?,
                    text: bounds.text().to_owned(),
                }
            }
        })
    }
}

/// Whether values of this type can be told apart by `unique` and its like.
pub fn has_keys(data_type: &DataType) -> bool {
    !matches!(data_type, DataType::FixedSizeList(..))
}

fn wants(column: &Field, fits: bool, what: &str) -> Result<(), (Option<Span<usize>>, String)> {
    if fits {
        return Ok(());
    }
    let is = type_name(column.data_type());
    Err((
        None,
        format!("the check wants {what}, and {:?} is {is}", column.name()),
    ))
}

fn of_type(entry: &mut Entry<'_>) -> Option<DataType> {
    let Some(name) = entry.text("type") else {
        entry.missing("type");
        return None;
    };
    let data_type = type_from_name(name.value);
    if data_type.is_none() {
        let help = match did_you_mean(name.value, TYPE_NAMES) {
            Some(guess) => format!("did you mean {guess:?}?"),
            None => format!("known are {}", TYPE_NAMES.join(", ")),
        };
        let message = format!("there is no type {:?}", name.value);
        entry.problem(name.span, message).help = Some(help);
    }
    data_type
}

fn rows(kind: &str, entry: &mut Entry<'_>) -> Option<(RowParams, String)> {
    Some(match kind {
        "not-null" => (RowParams::NotNull, "null".to_owned()),
        "between" => {
            let bounds = Bounds::read(entry)?;
            let otherwise = format!("not {}", bounds.text());
            (RowParams::Between(bounds), otherwise)
        }
        "in-set" | "not-in-set" => {
            let negate = kind == "not-in-set";
            let Some(set) = entry.literals("values") else {
                entry.missing("values");
                return None;
            };
            let mut shown: Vec<_> = set
                .iter()
                .take(5)
                .map(|at| entry.source(&at.span))
                .collect();
            if set.len() > shown.len() {
                shown.push("…");
            }
            let otherwise = format!(
                "{}in the set {}",
                if negate { "" } else { "not " },
                shown.join(", ")
            );
            (RowParams::In { set, negate }, otherwise)
        }
        "match-regex" | "not-match-regex" => {
            let negate = kind == "not-match-regex";
            let Some(text) = entry.text("regex") else {
                entry.missing("regex");
                return None;
            };
            let regex = match Regex::new(text.value) {
                Ok(regex) => regex,
                Err(error) => {
                    let error = error.to_string();
                    let last = error.lines().last().unwrap_or_default();
                    entry.problem(text.span, last.trim_start_matches("error: ").to_owned());
                    return None;
                }
            };
            let otherwise = format!(
                "{} {}",
                if negate {
                    "of the form"
                } else {
                    "not of the form"
                },
                text.value
            );
            (RowParams::Matches { regex, negate }, otherwise)
        }
        "lengths-between" => {
            let (min, max) = (entry.count("min"), entry.count("max"));
            let otherwise = match (min, max) {
                (None, None) => {
                    entry.missing("min or max");
                    return None;
                }
                (Some(min), None) => format!("shorter than {min}"),
                (None, Some(max)) => format!("longer than {max}"),
                (Some(min), Some(max)) => format!("not {min} to {max} long"),
            };
            let (min, max) = (min.unwrap_or(0), max.unwrap_or(u64::MAX));
            (RowParams::Lengths { min, max }, otherwise)
        }
        "increasing" => {
            let strict = entry.flag("strict");
            let otherwise = if strict {
                "not above the value before"
            } else {
                "below the value before"
            };
            (RowParams::Increasing { strict }, otherwise.to_owned())
        }
        other => unreachable!("{other} is handled before"),
    })
}

impl RowParams {
    fn bind(&self, column: &Field) -> Result<RowRule, (Option<Span<usize>>, String)> {
        let data_type = column.data_type();
        let misfit = |span: &Span<usize>| {
            let message = format!(
                "this means nothing in {:?}, which is {}",
                column.name(),
                type_name(data_type)
            );
            (Some(span.clone()), message)
        };
        Ok(match self {
            RowParams::NotNull => RowRule::NotNull,
            RowParams::Between(bounds) => {
                RowRule::Between(bounds.range(data_type).map_err(|at| misfit(&at.span))?)
            }
            RowParams::In { set, negate } => RowRule::In {
                set: bind_set(set, data_type).map_err(|span| misfit(&span))?,
                negate: *negate,
            },
            RowParams::Matches { regex, negate } => {
                wants(column, *data_type == DataType::Utf8, "text")?;
                RowRule::Matches {
                    regex: regex.clone(),
                    negate: *negate,
                }
            }
            RowParams::Lengths { min, max } => {
                let fits = matches!(data_type, DataType::Utf8 | DataType::Binary);
                wants(column, fits, "text or bytes")?;
                RowRule::Lengths {
                    min: *min,
                    max: *max,
                }
            }
            RowParams::Increasing { strict } => {
                let fits = is_int(data_type) || data_type.is_floating();
                wants(column, fits, "numbers, dates or times")?;
                RowRule::Increasing { strict: *strict }
            }
        })
    }
}

/// The set in the terms of a column, or the span of the value that means nothing there.
fn bind_set(set: &[At<Literal>], data_type: &DataType) -> Result<Set, Span<usize>> {
    let mut typed = Vec::with_capacity(set.len());
    for at in set {
        let value = at.value.typed(data_type);
        let fits = !matches!(value, Some(Typed::Float(_))) || data_type.is_floating();
        typed.push(value.filter(|_| fits).ok_or(at.span.clone())?);
    }
    let ints = || {
        typed.iter().filter_map(|value| match value {
            Typed::Int(value) => Some(*value),
            _ => None,
        })
    };
    let floats = || {
        typed.iter().filter_map(|value| match value {
            Typed::Float(value) => Some(float_bits(*value)),
            _ => None,
        })
    };
    let texts = || {
        typed.iter().filter_map(|value| match value {
            Typed::Text(text) => Some(text.clone()),
            _ => None,
        })
    };
    Ok(if data_type.is_floating() {
        Set::Float(floats().collect())
    } else if is_int(data_type) {
        Set::Int(ints().collect())
    } else {
        Set::Text(texts().collect())
    })
}
