//! Problems a person can mend: what is wrong, where (the offending text is underlined), and what to do about it.
//!
//! Whatever reads something a person wrote collects [`Problem`]s instead of stopping at the first, and hands all of them over
//! as [`Problems`]. They are shown by [`render`] and written into `--json` documents through `Serialize`.

mod render;
mod suggest;

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use miette::NamedSource;
use serde::ser::{Serialize, SerializeMap, Serializer};

pub use miette::Severity;
pub use render::render;
pub use suggest::{closest, did_you_mean};

/// A stretch of a text in bytes, as a half-open range.
pub type Span = Range<usize>;

/// A text with its file name, shared by everything that points into it.
pub type Text = Arc<NamedSource<String>>;

/// Makes a [`Text`]; `name` is the file's name as the user knows it.
pub fn text(name: impl AsRef<str>, content: impl Into<String>) -> Text {
    Arc::new(NamedSource::new(name, content.into()))
}

/// One thing that is wrong (severity error) or odd (severity warning).
#[derive(Debug, Clone)]
pub struct Problem {
    /// What kind of problem it is, in kebab-case, for machines; stable across versions.
    pub code: &'static str,
    /// An error stops the command, a warning does not.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The text that is meant and the stretch to underline; none if there is no such text.
    pub source: Option<(Text, Span)>,
    /// A few words at the underline.
    pub label: Option<String>,
    /// Other stretches of the same text that matter, each with a few words.
    pub related: Vec<(Span, String)>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// An error without a place.
    pub fn error(code: &'static str, message: impl Into<String>) -> Problem {
        Problem {
            code,
            severity: Severity::Error,
            message: message.into(),
            source: None,
            label: None,
            related: Vec::new(),
            help: None,
        }
    }

    /// A warning without a place.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Problem {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(code, message)
        }
    }

    /// Points at a stretch of a text. Any range is accepted, a plugin's too: it is clipped to the text and to whole characters.
    pub fn at(mut self, text: &Text, span: Span) -> Problem {
        let span = clip(text.inner(), span);
        self.source = Some((Arc::clone(text), span));
        self
    }

    /// Puts a few words at the underline.
    pub fn labelled(mut self, label: impl Into<String>) -> Problem {
        self.label = Some(label.into());
        self
    }

    /// Points at another stretch of the same text. Without effect unless [`Problem::at`] was called before.
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Problem {
        if let Some((text, _)) = &self.source {
            self.related.push((clip(text.inner(), span), label.into()));
        }
        self
    }

    /// Says what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Problem {
        self.help = Some(help.into());
        self
    }

    /// Says what to do about it, if anything is known.
    pub fn maybe_help(mut self, help: Option<String>) -> Problem {
        self.help = help.or(self.help);
        self
    }

    /// Whether it stops the command.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// File name, line and column of the underlined text, the latter two counted from 1 (columns in characters).
    pub fn position(&self) -> Option<(&str, usize, usize)> {
        let (text, span) = self.source.as_ref()?;
        let before = text.inner()[..span.start].replace("\r\n", "\n");
        let line = before.matches(LINE_ENDS).count() + 1;
        let column = column(text.inner(), span.start) + 1;
        Some((text.name(), line, column))
    }
}

/// What ends a line, as the snippets have it: LF, CR, or both together.
const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// How many characters stand before `offset` in its line.
fn column(text: &str, offset: usize) -> usize {
    let before = &text[..offset];
    let line_start = before.rfind(LINE_ENDS).map_or(0, |newline| newline + 1);
    before[line_start..].chars().count()
}

/// The part of `span` that lies in `text`, on character boundaries.
fn clip(text: &str, span: Span) -> Span {
    let start = text.floor_char_boundary(span.start);
    let end = text.ceil_char_boundary(span.end).max(start);
    start..end
}

/// `file:line:column: message`, on one line.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((file, line, column)) = self.position() {
            write!(f, "{file}:{line}:{column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// The JSON form: `severity`, `code`, `message`, and where known `file`, `line`, `column`, `help`.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(
            "severity",
            if self.is_error() { "error" } else { "warning" },
        )?;
        map.serialize_entry("code", self.code)?;
        map.serialize_entry("message", &self.message)?;
        if let Some((file, line, column)) = self.position() {
            map.serialize_entry("file", file)?;
            map.serialize_entry("line", &line)?;
            map.serialize_entry("column", &column)?;
        }
        if let Some(help) = &self.help {
            map.serialize_entry("help", help)?;
        }
        map.end()
    }
}

/// All that is wrong with something. Holds at least one error; the warnings found on the way come along.
#[derive(Debug, Clone)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// `Err` with all of them if there is an error among `found`, else `Ok` with the warnings.
    pub fn judge(found: Vec<Problem>) -> Result<Vec<Problem>, Problems> {
        if found.iter().any(Problem::is_error) {
            Err(Problems(found))
        } else {
            Ok(found)
        }
    }

    /// The problems as they are.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// How many of them are errors; at least 1.
    pub fn errors(&self) -> usize {
        self.0.iter().filter(|problem| problem.is_error()).count()
    }
}

/// One problem is an error, whatever its severity was.
impl From<Problem> for Problems {
    fn from(problem: Problem) -> Problems {
        Problems(vec![Problem {
            severity: Severity::Error,
            ..problem
        }])
    }
}

impl Deref for Problems {
    type Target = [Problem];

    fn deref(&self) -> &[Problem] {
        &self.0
    }
}

/// One line for each problem.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl Serialize for Problems {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sample() -> Problem {
        let text = text("a.toml", "x = 1\nü = grün\n");
        Problem::error("odd", "this is odd")
            .at(&text, 11..16)
            .labelled("here")
            .related(0..1, "as this")
            .help("mend it")
    }

    #[test]
    fn position_counts_lines_and_characters_from_one() {
        assert_eq!(sample().position(), Some(("a.toml", 2, 5)));
        assert_eq!(sample().to_string(), "a.toml:2:5: this is odd");
    }

    #[test]
    fn render_underlines_and_helps() {
        let shown = render(&Problems::from(sample()), false, 80);
        for part in [
            "odd",
            "× this is odd",
            "[a.toml:2:5]",
            "ü = grün",
            "here",
            "as this",
            "help: mend it",
        ] {
            assert!(shown.contains(part), "{part} is missing in\n{shown}");
        }
        assert!(!shown.contains('\u{1b}'));
        assert!(render(&[sample()], true, 80).contains('\u{1b}'));
    }

    #[test]
    fn snippet_and_json_agree_on_what_ends_a_line() {
        let text = text("cr", "¡\r\n'\r¡x\n");
        let problem = Problem::error("odd", "m").at(&text, 8..9);
        assert_eq!(problem.position(), Some(("cr", 3, 2)));
        let shown = render(&[problem], false, 80);
        assert!(shown.contains("[cr:3:2]"), "{shown}");
    }

    #[test]
    fn json_has_the_position_only_where_there_is_one() {
        let with = serde_json::to_value(Problems::from(sample())).unwrap();
        let expected = serde_json::json!([{
            "severity": "error", "code": "odd", "message": "this is odd",
            "file": "a.toml", "line": 2, "column": 5, "help": "mend it",
        }]);
        assert_eq!(with, expected);
        let without = serde_json::to_value(Problem::warning("odd", "m")).unwrap();
        assert_eq!(
            without,
            serde_json::json!({"severity": "warning", "code": "odd", "message": "m"})
        );
    }

    #[test]
    fn judge_lets_warnings_pass() {
        assert_eq!(
            Problems::judge(vec![Problem::warning("w", "m")])
                .unwrap()
                .len(),
            1
        );
        let failed = Problems::judge(vec![Problem::warning("w", "m"), sample()]).unwrap_err();
        assert_eq!((failed.len(), failed.errors()), (2, 1));
    }

    proptest::proptest! {
        /// Plugins choose spans freely: none may crash the host, however it lies in the text.
        #[test]
        fn any_span_can_be_shown(content in "(?s).{0,40}", start in 0usize..60, len in 0usize..60, other in 0usize..60) {
            let text = text("any", content);
            let problem = Problem::error("any", "m").at(&text, start..start + len).related(other..other + 3, "o");
            let shown = render(std::slice::from_ref(&problem), false, 60);
            proptest::prop_assert!(!shown.contains("Failed to read"), "{}", shown);
            serde_json::to_string(&problem).unwrap();
        }
    }
}
