//! Text of plugins and data for a terminal: nothing in it that a terminal would obey.

use std::borrow::Cow;

use crate::enforcement::{Point, stands};

/// The text with every control character as an escape, e.g. `\u{1b}`; ends of lines and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| c.is_control() && c != '\n' && c != '\t')
}

/// The text on one line: ends of lines and tabs are escaped as well.
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, char::is_control)
}

fn escape(text: &str, is_bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_bad) || !stands(Point::TextControl) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        if is_bad(char) {
            out.extend(char.escape_default());
        } else {
            out.push(char);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_shown_and_not_obeyed() {
        assert_eq!(line("a\u{1b}[31mb\nc"), "a\\u{1b}[31mb\\nc");
        assert_eq!(lines("a\n\tb\u{7}\u{9b}"), "a\n\tb\\u{7}\\u{9b}");
        assert!(matches!(line("plain"), Cow::Borrowed("plain")));
    }
}
