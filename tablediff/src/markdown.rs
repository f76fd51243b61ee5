//! A diff as Markdown tables.

use std::fmt::Write as _;

use crate::result::TableDiff;
use crate::show;

/// Markdown (GitHub's tables), to be put under a heading of the caller. Names and values are escaped: they show as they are
/// and make no markup. Without a difference it is one sentence.
pub fn render(diff: &TableDiff) -> String {
    if diff.is_empty() {
        return format!("No difference in {} rows.\n", show::count(diff.rows.new));
    }
    let mut text = String::new();
    let schema = show::schema(&diff.schema);
    let columns: Vec<_> = schema
        .into_iter()
        .map(|[_, name, what]| [name, what])
        .collect();
    table(&mut text, "Columns", &["column", "what"], &columns);
    table(&mut text, "Rows", &["rows", "count"], &show::rows(diff));
    // Writing to a String does not fail.
    let _ = writeln!(text, "\n{}.", show::blocks(diff));
    table(
        &mut text,
        "Changes by column",
        &show::CHANGES,
        &show::changes(diff),
    );
    let key = show::key_name(&diff.samples);
    for shown in show::samples(diff) {
        if shown.lines.iter().all(|[_, change]| change.is_empty()) {
            let keys: Vec<_> = shown.lines.into_iter().map(|[key, _]| [key]).collect();
            table(&mut text, &shown.title, &[&key], &keys);
        } else {
            table(&mut text, &shown.title, &[&key, "what"], &shown.lines);
        }
    }
    text
}

/// A table with a title; nothing without lines.
fn table<const N: usize>(text: &mut String, title: &str, head: &[&str; N], lines: &[[String; N]]) {
    if lines.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let _ = write!(text, "**{}**\n\n", escaped(title));
    row(text, head.iter().map(|cell| escaped(cell)));
    row(text, head.iter().map(|_| "---".to_owned()));
    for line in lines {
        row(text, line.iter().map(|cell| escaped(cell)));
    }
}

fn row(text: &mut String, cells: impl Iterator<Item = String>) {
    text.push('|');
    for cell in cells {
        let _ = write!(text, " {cell} |");
    }
    text.push('\n');
}

/// A text without markup: what Markdown or HTML could take for some is escaped. Control characters are escaped already.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' | '$' | '@' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    escaped
}
