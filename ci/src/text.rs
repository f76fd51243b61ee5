//! Text of plugins and data with nothing in it that a reader would obey or could not carry.

/// The text with `\n` as its only end of line, and every other control character but the tab as an escape, e.g. `\u{1b}`.
///
/// Marks that turn the direction of writing are escapes as well: they make a text look like another one. So are the two
/// characters that XML forbids besides control characters.
pub(crate) fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.replace("\r\n", "\n").chars() {
        match char {
            '\n' | '\t' => out.push(char),
            '\r' => out.push('\n'),
            _ if is_hidden(char) => out.extend(char.escape_unicode()),
            _ => out.push(char),
        }
    }
    out
}

/// The same on one line: ends of lines and tabs are spaces, and there are none around it.
pub(crate) fn line(text: &str) -> String {
    lines(text.trim()).replace(['\n', '\t'], " ")
}

fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// At most so many characters of the text; `…` is the last one when it was longer.
pub(crate) fn clip(text: &str, most_chars: usize) -> String {
    if text.chars().nth(most_chars).is_none() {
        return text.to_string();
    }
    let mut out: String = text.chars().take(most_chars.saturating_sub(1)).collect();
    out.push('…');
    out
}

/// `1 stage`, `2 stages`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown() {
        assert_eq!(
            lines("a\r\nb\rc\u{1b}[1m\u{202e}\t"),
            "a\nb\nc\\u{1b}[1m\\u{202e}\t"
        );
        assert_eq!(line(" a\n\tb "), "a  b");
    }

    #[test]
    fn clipped_text_says_so() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äö…");
    }
}
