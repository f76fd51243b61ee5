//! Problems as a terminal shows them, by miette.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, Severity, SourceCode, SourceSpan, SpanContents,
};

use super::{Problem, column};
use crate::printable;

/// Shows the message without position, since the snippet names it.
struct Shown<'a>(&'a Problem);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable::lines(&self.0.message))
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.0.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.0.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = printable::lines(self.0.help.as_deref()?);
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source.is_some().then_some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.0.source.as_ref()?;
        let primary = LabeledSpan::new_primary_with_span(self.0.label.clone(), span.clone());
        let related = self.0.related.iter();
        let related = related
            .map(|(span, label)| LabeledSpan::new_with_span(Some(label.clone()), span.clone()));
        Some(Box::new(std::iter::once(primary).chain(related)))
    }
}

/// The text, with columns in characters: a `String` counts them in bytes.
impl SourceCode for Shown<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (text, _) = self.0.source.as_ref().ok_or(MietteError::OutOfBounds)?;
        let found = text.inner().read_span(span, before, after)?;
        let (data, name) = (found.data(), text.name().to_owned());
        let start = found.span().offset();
        let column = if found.column() == 0 {
            0
        } else {
            column(text.inner(), start)
        };
        let (line, lines) = (found.line(), found.line_count());
        Ok(Box::new(MietteSpanContents::new_named(
            name,
            data,
            *found.span(),
            line,
            column,
            lines,
        )))
    }
}

/// Shows problems with the text they are about, for a terminal `width` columns wide. `&Problems` can be handed in as it is.
pub fn render(problems: &[Problem], color: bool, width: usize) -> String {
    let theme = if color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(width.max(40))
        .with_links(false);
    let mut out = String::new();
    for problem in problems {
        if !out.is_empty() {
            out.push('\n');
        }
        handler
            .render_report(&mut out, &Shown(problem))
            .expect("a String takes what is written to it");
    }
    out
}
