//! Where everything came from, with full digests.

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Lineage, Report};
use crate::{Section, cells, numbers, text};

const TABLES: Limit = Limit {
    items: 50,
    bytes: 200_000,
};
const ROWS: Limit = Limit {
    items: 1000,
    bytes: 150_000,
};

/// All tables of digests.
pub fn section(report: &Report) -> Option<Section> {
    if report.lineage.is_empty() {
        return None;
    }
    let tables = cut::draw(&report.lineage, TABLES, table);
    let body = html! { (tables.all()) (tables.more()) };
    Some(Section::new("lineage", "Lineage", body))
}

fn table(lineage: &Lineage) -> Markup {
    let rows = cut::draw(&lineage.rows, ROWS, |(name, what, digest)| {
        html! {
            tr {
                (cells::name(name))
                td.text { (text::sentence(what)) }
                td.digest { (text::name(digest)) }
            }
        }
    });
    html! {
        details {
            summary { (text::name(&lineage.title)) " " span.quiet { "(" (numbers::count(lineage.rows.len() as u64)) ")" } }
            div.scroll tabindex="0" role="region" aria-label=(text::name(&lineage.title)) {
                table {
                    thead { tr { th { "Name" } th { "What" } th { "Digest" } } }
                    tbody { (rows.all()) }
                }
            }
            (rows.more())
        }
    }
}
