//! Text of plugins and data in Markdown: shown as it is, never understood.

use crate::text;

/// The longest text in a line or a cell, in characters.
const INLINE_CHARS: usize = 300;
/// The longest line of a log, in characters.
const LOG_CHARS: usize = 300;
/// A space without width: it ends a mention, a reference or an address before it begins, and survives every later step.
const BREAK: &str = "&#8203;";

/// The text on one line, for the middle of a paragraph or a cell: no Markdown, HTML, link, mention or reference comes of it.
///
/// What GitHub and GitLab link after the Markdown is read (`@name`, `#12`, `https://`) cannot be escaped, so it is broken apart.
pub(crate) fn inline(text: &str) -> String {
    let text = text::clip(&text::line(text), INLINE_CHARS);
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // As entities: a backslash before them means something else in a cell, in code or in mathematics.
            '|' | '\\' | '`' | '$' => out.push_str(&format!("&#{};", u32::from(char))),
            '*' | '_' | '[' | ']' | '~' | '!' => out.extend(['\\', char]),
            '@' | '#' => push_broken(&mut out, char),
            ':' if chars.peek() == Some(&'/') => push_broken(&mut out, char),
            '.' if ends_with_www(&out) => push_broken(&mut out, char),
            _ => out.push(char),
        }
    }
    out
}

fn ends_with_www(text: &str) -> bool {
    let tail = text
        .len()
        .checked_sub(3)
        .and_then(|start| text.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case("www"))
}

fn push_broken(out: &mut String, char: char) {
    out.push(char);
    out.push_str(BREAK);
}

/// A cell of a table: never empty.
pub fn cell(text: &str) -> String {
    match inline(text) {
        empty if empty.is_empty() => "-".to_string(),
        text => text,
    }
}

/// A row of a table from cells that are escaped already.
pub(crate) fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// The head of a table and the line under it; the titles are escaped already, and numbers are to the right.
pub(crate) fn head(titles: &[(&str, Align)]) -> String {
    let names: Vec<String> = titles.iter().map(|(title, _)| title.to_string()).collect();
    let lines: Vec<&str> = titles.iter().map(|(_, align)| align.line()).collect();
    format!("{}|{}|\n", row(&names), lines.join("|"))
}

/// Where the texts of a column are.
#[derive(Clone, Copy)]
pub(crate) enum Align {
    Left,
    Right,
}

impl Align {
    fn line(self) -> &'static str {
        match self {
            Align::Left => "---",
            Align::Right => "---:",
        }
    }
}

/// The last lines of a log as a fenced block; empty when there are none. The fence is longer than any in the text.
pub(crate) fn fenced(log: &[String], most_lines: usize) -> String {
    let text: Vec<String> = log.iter().map(|entry| text::lines(entry)).collect();
    let lines: Vec<&str> = text.iter().flat_map(|entry| entry.lines()).collect();
    let last = &lines[lines.len().saturating_sub(most_lines)..];
    if last.is_empty() {
        return String::new();
    }
    let body: Vec<String> = last
        .iter()
        .map(|line| text::clip(line, LOG_CHARS))
        .collect();
    let body = body.join("\n");
    let fence = "`".repeat(longest_run(&body, '`').max(2) + 1);
    format!("{fence}text\n{body}\n{fence}\n")
}

fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for char in text.chars() {
        run = if char == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_understood() {
        for (text, escaped) in [
            ("train_loss 0.5", "train\\_loss 0.5"),
            ("[a](b) ![c](d)", "\\[a\\](b) \\!\\[c\\](d)"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("a|b\\|c", "a&#124;b&#92;&#124;c"),
            ("@team #1", "@&#8203;team #&#8203;1"),
            ("https://a.b www.a.b", "https:&#8203;//a.b www.&#8203;a.b"),
            ("`code` $x$ &lt;", "&#96;code&#96; &#36;x&#36; &amp;lt;"),
            ("a\nb", "a b"),
        ] {
            assert_eq!(inline(text), escaped);
        }
    }

    #[test]
    fn a_fence_is_longer_than_those_inside() {
        let log = vec!["a".to_string(), "```\n````".to_string()];
        assert_eq!(fenced(&log, 9), "`````text\na\n```\n````\n`````\n");
        assert_eq!(fenced(&log, 1), "`````text\n````\n`````\n");
        assert_eq!(fenced(&[], 9), "");
    }

    proptest! {
        #[test]
        fn any_text_is_inert(text in ".{0,60}|[@#<>&|`$:/w.*_\\[\\]!\\\\\n-]{0,40}") {
            let out = inline(&text);
            prop_assert!(!out.contains(['<', '>', '|', '`', '$', '\n', '\r']));
            prop_assert!(!out.contains("://"));
            prop_assert!(!out.to_lowercase().replace("www.&", "").contains("www."));
            let bytes: Vec<char> = out.chars().collect();
            for (at, char) in bytes.iter().enumerate() {
                match char {
                    '@' => prop_assert_eq!(bytes[at + 1], '&'),
                    '*' | '_' | '[' | ']' | '~' | '!' => prop_assert_eq!(bytes[at - 1], '\\'),
                    '\\' => prop_assert!("*_[]~!".contains(bytes[at + 1])),
                    _ => {}
                }
            }
        }

        #[test]
        fn no_line_of_a_log_ends_its_block(log in proptest::collection::vec("[` ~\na]{0,12}", 0..5)) {
            let block = fenced(&log, 20);
            let lines: Vec<&str> = block.lines().collect();
            if let [first, body @ .., last] = lines.as_slice() {
                prop_assert_eq!(format!("{last}text"), *first);
                prop_assert!(body.iter().all(|line| !line.contains(last)));
            }
        }
    }
}
