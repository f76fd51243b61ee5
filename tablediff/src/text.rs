//! A diff as plain text for a terminal.

use crate::result::TableDiff;
use crate::show;

/// The least width that lines are cut to.
const NARROWEST: usize = 20;
/// Keys and names of columns before other cells are cut to the width divided by this.
const NAME_PART: usize = 3;

/// Plain text, no line longer than `width` characters (but at least 20): longer ones end in `…`. Without a difference it is
/// one line. Control characters in names and values are escaped.
pub fn render(diff: &TableDiff, width: usize) -> String {
    if diff.is_empty() {
        return format!("no difference in {} rows\n", show::count(diff.rows.new));
    }
    let mut page = Page {
        width: width.max(NARROWEST),
        text: String::new(),
    };
    page.section("columns", aligned(&show::schema(&diff.schema), &[]));
    let mut counts = aligned(&show::rows(diff), &[1]);
    counts.push(show::blocks(diff));
    page.section("rows", counts);
    let widest = page.width / NAME_PART;
    page.section("changes by column", changes(diff, widest));
    for shown in show::samples(diff) {
        page.section(&shown.title, page.sample(&shown.lines));
    }
    page.text
}

/// A text that grows.
struct Page {
    width: usize,
    text: String,
}

impl Page {
    /// A title and indented lines; nothing without lines.
    fn section(&mut self, title: &str, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.line(title);
        for line in lines {
            self.line(format!("  {line}").trim_end());
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(&cut(line, self.width));
        self.text.push('\n');
    }

    /// Keys in one column, what changed in the next; a long key is cut so that the change can be seen.
    fn sample(&self, lines: &[[String; 2]]) -> Vec<String> {
        let widest = self.width / NAME_PART;
        let only_keys = lines.iter().all(|[_, change]| change.is_empty());
        let cut_key = |[key, change]: &[String; 2]| {
            let key = if only_keys {
                key.clone()
            } else {
                cut(key, widest)
            };
            [key, change.clone()]
        };
        aligned(&lines.iter().map(cut_key).collect::<Vec<_>>(), &[])
    }
}

fn changes(diff: &TableDiff, widest_name: usize) -> Vec<String> {
    let mut changes = show::changes(diff);
    if changes.is_empty() {
        return Vec::new();
    }
    for [name, ..] in &mut changes {
        *name = cut(name, widest_name);
    }
    let head = show::CHANGES.map(str::to_owned);
    let lines: Vec<_> = std::iter::once(head).chain(changes).collect();
    aligned(&lines, &[1, 2, 3, 5, 6])
}

/// Cells padded to columns, two spaces between; those in `right` end where their column ends.
fn aligned<const N: usize>(lines: &[[String; N]], right: &[usize]) -> Vec<String> {
    let width = |cell: &String| cell.chars().count();
    let mut widths = [0; N];
    for line in lines {
        for (widest, cell) in widths.iter_mut().zip(line) {
            *widest = (*widest).max(width(cell));
        }
    }
    let padded = |line: &[String; N]| {
        let cells = line.iter().zip(widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match right.contains(&column) {
            true => format!("{cell:>width$}"),
            false => format!("{cell:<width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.iter().map(padded).collect()
}

/// At most this many characters; the last one is `…` if some are missing.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept = text.chars().take(width.saturating_sub(1));
    kept.chain(['…']).collect()
}
