//! Texts of others made fit for a page: escaping is maud's work, taming is ours.

/// The most characters of a name, a label or a digest.
pub const NAME: usize = 200;
/// The most characters of a sentence.
pub const SENTENCE: usize = 600;
/// The most characters of an error, which may have many lines.
pub const ERROR: usize = 4000;

/// A name on one line.
pub fn name(text: &str) -> String {
    line(text, NAME)
}

/// A sentence on one line.
pub fn sentence(text: &str) -> String {
    line(text, SENTENCE)
}

/// At most so many characters on one line.
pub fn line(text: &str, most: usize) -> String {
    clip(text.chars().map(visible), most)
}

/// An error: its lines stay lines.
pub fn error(text: &str) -> String {
    let keep = |c| if c == '\n' { c } else { visible(c) };
    clip(text.chars().map(keep), ERROR)
}

fn clip(mut chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut out: String = chars.by_ref().take(most).collect();
    if chars.next().is_some() {
        out.pop();
        out.push('…');
    }
    out
}

/// What would be invisible, illegal in HTML or turn the text around it is shown as a replacement.
fn visible(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        '\u{0}'..='\u{1f}' => char::from_u32(c as u32 + 0x2400).unwrap_or('\u{fffd}'),
        '\u{7f}'..='\u{9f}' => '\u{fffd}',
        // Marks of direction reach beyond the text that they are in.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        _ => c,
    }
}

/// About how wide a text is in units of its font's size, rather more than less.
pub fn ems(text: &str) -> f64 {
    text.chars().map(em).sum()
}

fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | '\'' | '|' | ':' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.96,
        'A'..='Z' => 0.72,
        ' '..='~' => 0.61,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_and_newlines_are_spaces() {
        assert_eq!(
            name("a\0b\nc\u{1b}d\u{7f}\u{202e}"),
            "a␀b c␛d\u{fffd}\u{fffd}"
        );
        assert_eq!(error("a\nb\r"), "a\nb ");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(line("abcd", 4), "abcd");
        assert_eq!(line("abcde", 4), "abc…");
        assert_eq!(name(&"é".repeat(10_000)).chars().count(), NAME);
    }
}
