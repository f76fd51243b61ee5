//! What a plugin answers with: problems, failures, findings, outputs.
use std::fmt;

use arrow_schema::ArrowError;

use crate::bindings::answers as wit;
pub use crate::bindings::answers::{Failure, FileSpan, Finding, Place, Problem, Verdict};
use crate::{BlobWriter, TableWriter};

impl Problem {
    /// A problem of the stage as a whole.
    pub fn stage(message: impl Into<String>) -> Problem {
        Problem::at(Place::Stage, message)
    }

    /// A problem of a value of the config. `pointer` is a JSON pointer (RFC 6901) such as `/columns/0/type`.
    pub fn config(pointer: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem::at(Place::Config(pointer.into()), message)
    }

    /// A problem of an input, by name.
    pub fn input(name: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem::at(Place::Input(name.into()), message)
    }

    /// A problem of the bytes `span` of the text file that came in as the input `name`.
    pub fn file(
        name: impl Into<String>,
        span: std::ops::Range<usize>,
        message: impl Into<String>,
    ) -> Problem {
        let span = FileSpan {
            input: name.into(),
            start: span.start as u64,
            end: span.end as u64,
        };
        Problem::at(Place::File(span), message)
    }

    /// A problem of anything.
    pub fn at(place: Place, message: impl Into<String>) -> Problem {
        Problem {
            place,
            message: message.into(),
            help: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// Adds `did you mean "…"?` when one of the candidates looks like the word.
    #[must_use]
    pub fn suggest<'a>(
        mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Problem {
        if let Some(guess) = crate::did_you_mean(word, candidates) {
            self.help = Some(format!("did you mean {guess:?}?"));
        }
        self
    }
}

/// Everything that has to be mended before the stage can run; never empty where it is an error.
#[derive(Clone, Debug, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// No problem so far.
    pub fn new() -> Problems {
        Problems::default()
    }

    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// The value when there is no problem.
    ///
    /// # Errors
    /// The problems, if there are any.
    pub fn or<T>(self, value: T) -> Result<T, Problems> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Problems {
        Problems(vec![problem])
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Problems {
        Problems(problems)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages: Vec<_> = self
            .0
            .iter()
            .map(|problem| problem.message.as_str())
            .collect();
        f.write_str(&messages.join("; "))
    }
}

impl std::error::Error for Problems {}

impl Failure {
    /// The data is not what it should be; the message says where.
    pub fn data(message: impl Into<String>) -> Failure {
        Failure::Data(message.into())
    }

    /// The plugin has a fault.
    pub fn internal(message: impl Into<String>) -> Failure {
        Failure::Internal(message.into())
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Failure {
        Failure::Config(problems.0)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Config(vec![problem])
    }
}

impl From<ArrowError> for Failure {
    fn from(error: ArrowError) -> Failure {
        Failure::Internal(error.to_string())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::Data(error.to_string())
    }
}

impl Finding {
    /// A finding that passes so far: no rows, no value, an empty message.
    pub fn new(name: impl Into<String>, subject: impl Into<String>) -> Finding {
        Finding {
            name: name.into(),
            subject: subject.into(),
            slice: None,
            verdict: Verdict::Pass,
            value: None,
            limit: None,
            rows: 0,
            failed: 0,
            message: String::new(),
            input: None,
            examples: Vec::new(),
        }
    }

    /// Sets the verdict and the sentence that explains it.
    #[must_use]
    pub fn judged(mut self, verdict: Verdict, message: impl Into<String>) -> Finding {
        self.verdict = verdict;
        self.message = message.into();
        self
    }

    /// Sets the measured value and the bound it is held against, e.g. `>= 0.95`. A value that is not finite is left out.
    #[must_use]
    pub fn measured(mut self, value: f64, limit: impl Into<String>) -> Finding {
        self.value = value.is_finite().then_some(value);
        self.limit = Some(limit.into());
        self
    }

    /// Sets the rows that failed, as numbers from 0 within the table `input`, ascending. The first 20 are kept.
    #[must_use]
    pub fn examples(
        mut self,
        input: impl Into<String>,
        rows: impl IntoIterator<Item = u64>,
    ) -> Finding {
        self.examples = rows.into_iter().take(20).collect();
        self.input = (!self.examples.is_empty()).then(|| input.into());
        self
    }

    /// Judges by the counts alone: fail when any row failed, with a message that says how many of how many.
    #[must_use]
    pub fn fail_if_any_failed(self) -> Finding {
        let verdict = if self.failed == 0 {
            Verdict::Pass
        } else {
            Verdict::Fail
        };
        let message = format!("{} of {} rows failed", self.failed, self.rows);
        self.judged(verdict, message)
    }
}

/// The content of an output.
#[derive(Debug)]
pub enum Content {
    /// A table.
    Table(TableWriter),
    /// Bytes.
    Blob(BlobWriter),
}

/// A named output of a stage.
#[derive(Debug)]
pub struct Output {
    /// Its name, unique in the stage; `table` is the one that a reference to the bare stage means.
    pub name: String,
    /// What was written.
    pub content: Content,
}

impl Output {
    /// A table. Its writer is finished.
    pub fn table(name: impl Into<String>, table: TableWriter) -> Output {
        Output {
            name: name.into(),
            content: Content::Table(table),
        }
    }

    /// A blob. Its writer is finished.
    pub fn blob(name: impl Into<String>, blob: BlobWriter) -> Output {
        Output {
            name: name.into(),
            content: Content::Blob(blob),
        }
    }

    pub(crate) fn lend(self) -> Result<wit::Output, Failure> {
        let content = match self.content {
            Content::Table(table) => wit::Content::Table(table.into_host()?),
            Content::Blob(blob) => wit::Content::Blob(blob.into_host()?),
        };
        Ok(wit::Output {
            name: self.name,
            content,
        })
    }
}

/// What a validation found.
#[derive(Debug, Default)]
pub struct Report {
    /// The outcome of every check, in a fixed order.
    pub findings: Vec<Finding>,
    /// Tables, e.g. `table` with the rows that passed.
    pub outputs: Vec<Output>,
}

impl Report {
    /// A report without tables.
    pub fn of(findings: impl IntoIterator<Item = Finding>) -> Report {
        Report {
            findings: findings.into_iter().collect(),
            outputs: Vec::new(),
        }
    }
}
