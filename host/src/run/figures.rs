//! The figures of a result, as the conditions of a gate name them.

use crate::{
    diagnostic::did_you_mean,
    manifest::gate::{Figure, Part},
    wire::{Finding, Metric, Verdict},
};

/// How many names a message lists.
const LISTED: usize = 12;

/// What a stage found and measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures<'a> {
    pub findings: &'a [Finding],
    pub metrics: &'a [Metric],
}

/// What was found under a figure's name.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen {
    /// A value.
    Value {
        value: f64,
        /// Its slice, where the figure left that open.
        slice: Option<String>,
        /// The slices that were not considered.
        left_out: Vec<String>,
    },
    /// It is there and has no value.
    Undefined { why: String, left_out: Vec<String> },
    /// It is not there, or is not one.
    Absent { why: String, help: Option<String> },
}

impl Seen {
    /// The value, if there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Seen::Value { value, .. } => Some(*value),
            _ => None,
        }
    }

    fn absent(why: impl Into<String>, help: Option<String>) -> Seen {
        let why = why.into();
        Seen::Absent { why, help }
    }
}

impl<'a> Figures<'a> {
    /// Looks a figure up.
    pub fn see(&self, figure: &Figure) -> Seen {
        let named: Vec<&Finding> = self
            .findings
            .iter()
            .filter(|f| f.name == figure.name)
            .collect();
        if named.is_empty() {
            return self.measured(figure);
        }
        let (of_part, left_out) = match self.part(figure, &named) {
            Ok(found) => found,
            Err(absent) => return absent,
        };
        match &figure.part {
            Part::All | Part::Slice(_) => value_of(of_part[0]),
            Part::Lowest(_) => extreme(&of_part, left_out, |one, other| one < other),
            Part::Highest(_) => extreme(&of_part, left_out, |one, other| one > other),
        }
    }

    /// The findings that the figure means, never none: one of all rows or of a slice, or those of all slices of a column. With
    /// them come the slices of the column that say too little.
    fn part(
        &self,
        figure: &Figure,
        named: &[&'a Finding],
    ) -> Result<(Vec<&'a Finding>, Vec<String>), Seen> {
        let is_meant = |finding: &&&Finding| match &figure.part {
            Part::All => finding.slice.is_none(),
            Part::Slice(slice) => finding.slice.as_ref() == Some(slice),
            Part::Lowest(column) | Part::Highest(column) => finding
                .slice
                .as_deref()
                .is_some_and(|slice| is_of_column(slice, column)),
        };
        let of_part: Vec<&Finding> = named.iter().filter(is_meant).copied().collect();
        if of_part.is_empty() {
            return Err(no_such_part(figure, named));
        }
        let mut subjects: Vec<&str> = of_part
            .iter()
            .map(|finding| finding.subject.as_str())
            .collect();
        subjects.sort_unstable();
        subjects.dedup();
        let subject = match &figure.subject {
            Some(subject) if subjects.contains(&subject.as_str()) => subject,
            Some(subject) => {
                let there = listed(
                    subjects
                        .iter()
                        .copied()
                        .filter(|subject| !subject.is_empty()),
                );
                let name = &figure.name;
                let why = format!(
                    "there is no `{name}` of {subject:?}: it is there {}",
                    of(&there)
                );
                return Err(Seen::absent(why, did_you_mean(subject, &subjects)));
            }
            // What is of the table as a whole needs no subject.
            None if subjects.contains(&"") || subjects.len() == 1 => subjects[0],
            None => {
                let (name, example) = (&figure.name, subjects[0]);
                let why = format!(
                    "there are several `{name}`, of {}",
                    listed(subjects.iter().copied())
                );
                let help = format!("say which is meant: subject({name}, '{example}')");
                return Err(Seen::absent(why, Some(help)));
            }
        };
        let of_subject = of_part.iter().filter(|finding| finding.subject == *subject);
        if !matches!(figure.part, Part::Lowest(_) | Part::Highest(_)) {
            return Ok((of_subject.copied().collect(), Vec::new()));
        }
        // What the plugin itself holds to be too little to go by, a slice of a few rows, is no reason to close a gate.
        let counts = |finding: &Finding| {
            finding.value.is_some() && matches!(finding.verdict, Verdict::Pass | Verdict::Fail)
        };
        let (counting, others): (Vec<&Finding>, Vec<&Finding>) =
            of_subject.copied().partition(|finding| counts(finding));
        let left_out: Vec<String> = others
            .iter()
            .filter_map(|finding| finding.slice.clone())
            .collect();
        if counting.is_empty() {
            let why = "none of its slices has enough rows and a value".to_owned();
            return Err(Seen::Undefined { why, left_out });
        }
        Ok((counting, left_out))
    }

    /// A figure that only metrics have.
    fn measured(&self, figure: &Figure) -> Seen {
        let name = &figure.name;
        let named: Vec<&Metric> = self
            .metrics
            .iter()
            .filter(|metric| metric.name == *name)
            .collect();
        if named.is_empty() {
            return self.unknown(name);
        }
        if figure.part != Part::All {
            let why = format!("`{name}` is a metric, which has no slices");
            return Seen::absent(why, None);
        }
        let labels = |metric: &Metric| match &figure.subject {
            None => metric.labels.is_empty(),
            Some(subject) => metric.labels == [("subject".to_owned(), subject.clone())],
        };
        let meant = named.iter().filter(|metric| labels(metric));
        // Of a series the last step; of equal steps, and of none, what was recorded last.
        match meant.max_by_key(|metric| metric.step) {
            Some(metric) => Seen::Value {
                value: metric.value,
                slice: None,
                left_out: Vec::new(),
            },
            None => Seen::absent(
                format!("the metric `{name}` is there with other labels only"),
                None,
            ),
        }
    }

    fn unknown(&self, name: &str) -> Seen {
        let findings = self
            .findings
            .iter()
            .filter(|f| f.value.is_some())
            .map(|f| f.name.as_str());
        let mut known: Vec<&str> = Vec::new();
        for name in findings.chain(self.metrics.iter().map(|metric| metric.name.as_str())) {
            if !known.contains(&name) {
                known.push(name);
            }
        }
        if known.is_empty() {
            let why = format!("there is no figure `{name}`: the stage has none at all");
            return Seen::absent(why, None);
        }
        let why = format!(
            "there is no figure `{name}`: there are {}",
            listed(known.iter().copied())
        );
        Seen::absent(why, did_you_mean(name, known))
    }
}

/// Whether a slice is one of the values of a column.
fn is_of_column(slice: &str, column: &str) -> bool {
    let rest = slice.strip_prefix(column);
    rest.is_some_and(|rest| rest.starts_with(" = ") || rest == " is null")
}

fn no_such_part(figure: &Figure, named: &[&Finding]) -> Seen {
    let name = &figure.name;
    let mut slices: Vec<&str> = named
        .iter()
        .filter_map(|finding| finding.slice.as_deref())
        .collect();
    slices.dedup();
    match &figure.part {
        Part::All => {
            let why = format!("`{name}` is there of slices only: {}", listed(slices));
            let help = format!("choose one: lowest({name}, 'COLUMN') or slice({name}, 'SLICE')");
            Seen::absent(why, Some(help))
        }
        _ if slices.is_empty() => Seen::absent(format!("`{name}` has no slices"), None),
        Part::Slice(slice) => {
            let guess = did_you_mean(slice, &slices);
            let why = format!(
                "`{name}` has no slice {slice:?}: there are {}",
                listed(slices)
            );
            Seen::absent(why, guess)
        }
        Part::Lowest(column) | Part::Highest(column) => {
            let columns = slices.iter().filter_map(|slice| {
                let end = slice.find(" = ").or_else(|| slice.find(" is null"))?;
                Some(&slice[..end])
            });
            let mut columns: Vec<&str> = columns.collect();
            columns.dedup();
            let guess = did_you_mean(column, &columns);
            let why = format!(
                "`{name}` has no slices of {column:?}: there are those of {}",
                listed(columns)
            );
            Seen::absent(why, guess)
        }
    }
}

fn value_of(finding: &Finding) -> Seen {
    match finding.value {
        Some(value) => Seen::Value {
            value,
            slice: None,
            left_out: Vec::new(),
        },
        None => Seen::Undefined {
            why: finding.message.clone(),
            left_out: Vec::new(),
        },
    }
}

/// The slice whose value is before all others; the first of several.
fn extreme(
    findings: &[&Finding],
    left_out: Vec<String>,
    before: impl Fn(f64, f64) -> bool,
) -> Seen {
    let mut best: Option<(f64, &Finding)> = None;
    for finding in findings {
        let value = finding.value.expect("slices without a value are left out");
        if best.is_none_or(|(best, _)| before(value, best)) {
            best = Some((value, finding));
        }
    }
    let (value, finding) = best.expect("there is at least one slice");
    Seen::Value {
        value,
        slice: finding.slice.clone(),
        left_out,
    }
}

fn of(subjects: &str) -> String {
    match subjects {
        "" => "without a subject".to_owned(),
        subjects => format!("of {subjects}"),
    }
}

fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let mut text = names[..names.len().min(LISTED)].join(", ");
    if names.len() > LISTED {
        text.push_str(&format!(" and {} more", names.len() - LISTED));
    }
    text
}

#[cfg(test)]
pub(super) mod tests;
