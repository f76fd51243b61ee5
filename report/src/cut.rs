//! Lists cut where a page would grow too large.

use maud::{Markup, html};

use crate::numbers;

/// The beginning of a list, drawn.
pub struct Cut {
    /// What is shown.
    pub shown: Vec<Markup>,
    /// How many are not.
    pub left: usize,
}

/// How much of a list is shown.
#[derive(Clone, Copy)]
pub struct Limit {
    /// The most items.
    pub items: usize,
    /// The most HTML; only a first item that is longer by itself goes beyond it.
    pub bytes: usize,
}

/// Draws items until there are enough of them or they would be too long. The first one is always drawn.
pub fn draw<T>(
    items: impl IntoIterator<Item = T>,
    limit: Limit,
    mut draw: impl FnMut(T) -> Markup,
) -> Cut {
    let (mut shown, mut bytes, mut left) = (Vec::new(), 0, 0);
    let mut full = false;
    for item in items {
        if full || shown.len() == limit.items {
            left += 1;
            continue;
        }
        let drawn = draw(item);
        bytes += drawn.0.len();
        full = bytes > limit.bytes;
        match full && !shown.is_empty() {
            true => left += 1,
            false => shown.push(drawn),
        }
    }
    Cut { shown, left }
}

impl Cut {
    /// The items without anything around them.
    pub fn all(&self) -> Markup {
        html! { @for item in &self.shown { (item) } }
    }

    /// Says how many are missing, if any.
    pub fn more(&self) -> Markup {
        more(self.left)
    }
}

/// Says how many are missing, if any.
pub fn more(left: usize) -> Markup {
    html! {
        @if left > 0 { p.more { "and " (numbers::count(left as u64)) " more" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_by_items_and_by_bytes() {
        let limit = Limit {
            items: 3,
            bytes: 10,
        };
        let cut = draw(0..10, limit, |i| html! { (i) });
        assert_eq!((cut.shown.len(), cut.left), (3, 7));
        assert_eq!(cut.more().0, "<p class=\"more\">and 7 more</p>");

        let cut = draw(0..10, limit, |_| html! { "012345" });
        assert_eq!((cut.shown.len(), cut.left), (1, 9));

        let cut = draw(0..2, limit, |i| html! { (i) });
        assert_eq!(cut.more().0, "");
    }
}
