//! Cells of tables that stay on one line as long as their text is short, and break anywhere when it is not.

use maud::{Markup, html};

use crate::text;

/// The longest text on one line.
const ONE_LINE: usize = 28;

/// The name of a row.
pub fn name(name: &str) -> Markup {
    html! { th.name.long[is_long(name)] scope="row" { (text::name(name)) } }
}

/// A few words.
pub fn short(words: &str) -> Markup {
    html! { td.short.long[is_long(words)] { (text::name(words)) } }
}

/// The head of a column of numbers.
pub fn heading(name: &str) -> Markup {
    html! { th.num.long[is_long(name)] { (text::name(name)) } }
}

fn is_long(text: &str) -> bool {
    text.chars().nth(ONE_LINE).is_some()
}
