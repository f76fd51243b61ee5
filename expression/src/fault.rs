//! What is wrong with an expression, and where.
use std::fmt;

/// A stretch of an expression's text.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Span {
    /// The first character, counted from 0.
    pub start: usize,
    /// The character behind the last one.
    pub end: usize,
}

impl Span {
    /// From `start` up to `end`, in characters from 0.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start, end }
    }

    /// The first character as people count, from 1.
    pub fn character(self) -> usize {
        self.start + 1
    }

    /// From the beginning of this to the end of the other.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span::new(self.start, other.end)
    }
}

/// A fault of an expression. Shown as `character 7: …`, without the help.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// What is wrong, without the place.
    pub message: String,
    /// The part of the text that is wrong; it may be empty at the end of the text.
    pub span: Span,
    /// What to do about it.
    pub help: Option<String>,
}

/// A fault of the writing.
pub type ParseError = Fault;
/// A fault of columns, functions and types.
pub type TypeError = Fault;

impl Fault {
    /// A fault of a stretch of the text.
    pub fn new(span: Span, message: impl Into<String>) -> Fault {
        Fault {
            message: message.into(),
            span,
            help: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    /// The message with the text and the wrong part underlined:
    ///
    /// ```text
    /// character 11: there is no column "tmep"
    ///   cnt > 0 / tmep
    ///             ^^^^
    /// ```
    pub fn underlined(&self, source: &str) -> String {
        let before: Vec<char> = source.chars().take(self.span.start).collect();
        let newline = before.iter().rposition(|c| *c == '\n');
        let line_start = newline.map_or(0, |at| at + 1);
        let line: String = source
            .chars()
            .skip(line_start)
            .take_while(|c| *c != '\n')
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let indent = self.span.start - line_start;
        let width = self.span.end.saturating_sub(self.span.start).max(1);
        let width = width.min(line.chars().count().saturating_sub(indent).max(1));
        format!(
            "{self}\n  {line}\n  {}{}",
            " ".repeat(indent),
            "^".repeat(width)
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "character {}: {}", self.span.character(), self.message)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrong_part_is_underlined_in_its_line() {
        let fault = Fault::new(Span::new(7, 10), "no");
        assert_eq!(
            fault.underlined("é > 0\nand\tx"),
            "character 8: no\n  and x\n   ^^^"
        );
        let end = Fault::new(Span::new(3, 3), "no");
        assert_eq!(end.underlined("a +"), "character 4: no\n  a +\n     ^");
    }
}
