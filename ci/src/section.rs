//! Parts of a summary, shortened by whole rows until it fits.

use crate::text::counted;

/// A part of a summary: a head, rows, and what is said below them.
pub(crate) struct Section {
    /// The heading and, for a table, its head.
    pub(crate) head: String,
    /// The rows, most important first.
    pub(crate) rows: Vec<Row>,
    /// What a row is, one and many.
    pub(crate) noun: (&'static str, &'static str),
    /// A line below, e.g. how many did not change; may be empty.
    pub(crate) foot: String,
}

/// A row: what is shown and, when there is no room for that, shorter forms of it. Each ends its line.
pub(crate) struct Row(pub(crate) Vec<String>);

impl Row {
    /// A row with one form.
    pub(crate) fn one(text: String) -> Row {
        Row(vec![text])
    }

    fn full(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    fn longest_within(&self, room: usize) -> Option<&str> {
        self.0
            .iter()
            .map(String::as_str)
            .find(|form| form.len() <= room)
    }
}

impl Section {
    /// Its size with nothing left out, in bytes.
    fn full_bytes(&self) -> usize {
        let rows: usize = self.rows.iter().map(|row| row.full().len()).sum();
        self.head.len() + rows + self.foot.len()
    }

    fn full(&self) -> String {
        let rows: String = self.rows.iter().map(Row::full).collect();
        format!("{}{rows}{}", self.head, self.foot)
    }

    /// The section in at most so many bytes; empty when not even the line fits that says what is left out.
    fn within(&self, most_bytes: usize) -> String {
        if self.full_bytes() <= most_bytes {
            return self.full();
        }
        let fixed = self.head.len() + self.left_out(self.rows.len()).len() + self.foot.len();
        let Some(mut room) = most_bytes.checked_sub(fixed) else {
            let line = self.left_out(self.rows.len());
            return if line.len() <= most_bytes {
                line
            } else {
                String::new()
            };
        };
        let mut shown = Vec::new();
        for row in &self.rows {
            let Some(form) = row.longest_within(room) else {
                break;
            };
            room -= form.len();
            shown.push(form);
        }
        let rest = self.rows.len() - shown.len();
        // Shorter forms may have made room for all.
        let left_out = if rest == 0 {
            String::new()
        } else {
            self.left_out(rest)
        };
        let head = if shown.is_empty() { "" } else { &self.head };
        format!("{head}{}{left_out}{}", shown.concat(), self.foot)
    }

    /// The line for rows that are left out; never longer for fewer of them.
    fn left_out(&self, count: usize) -> String {
        let (one, many) = self.noun;
        format!("\n*{} left out here.*\n", counted(count, one, many))
    }
}

/// The title and then the sections, in at most so many bytes; empty when the title alone is longer.
///
/// What short sections do not need goes to the long ones; long ones share what is left, so none takes the place of all.
pub(crate) fn fit(title: String, sections: &[Section], most_bytes: usize) -> String {
    if title.len() > most_bytes {
        return String::new();
    }
    let mut out = title;
    let mut later: usize = sections.iter().map(Section::full_bytes).sum();
    for (at, section) in sections.iter().enumerate() {
        later -= section.full_bytes();
        let room = most_bytes - out.len();
        let share = room / (sections.len() - at);
        out.push_str(&section.within(share.max(room.saturating_sub(later))));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(rows: usize) -> Section {
        Section {
            head: "\n### H\n\n".to_string(),
            rows: (0..rows)
                .map(|row| Row::one(format!("row {row:04}\n")))
                .collect(),
            noun: ("row", "rows"),
            foot: String::new(),
        }
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let out = fit("T\n".to_string(), &[section(100)], 200);
        assert!(out.len() <= 200);
        let shown = out.matches("row 0").count();
        assert!(shown > 10);
        assert!(
            out.ends_with(&format!("\n*{} rows left out here.*\n", 100 - shown)),
            "{out}"
        );
    }

    #[test]
    fn short_sections_leave_their_room() {
        let out = fit("T\n".to_string(), &[section(1000), section(2)], 1000);
        assert!(out.len() > 950, "{}", out.len());
        assert!(out.ends_with("row 0000\nrow 0001\n"));
    }

    #[test]
    fn shorter_forms_are_taken_before_rows_go() {
        let mut one = section(0);
        one.rows = vec![Row(vec!["long ".repeat(100), "short\n".to_string()])];
        assert_eq!(one.within(60), "\n### H\n\nshort\n");
    }

    #[test]
    fn no_limit_is_too_small() {
        for most in 0..300 {
            assert!(fit("Title\n".to_string(), &[section(9), section(40)], most).len() <= most);
        }
    }
}
