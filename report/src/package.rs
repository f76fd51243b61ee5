//! Packages: what is in them, what they take and give.

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Package, Report};
use crate::{Section, cells, numbers, text};

const PACKAGES: Limit = Limit {
    items: 60,
    bytes: 100_000,
};
const ROWS: Limit = Limit {
    items: 200,
    bytes: 30_000,
};

/// All packages.
pub fn section(report: &Report) -> Option<Section> {
    if report.packages.is_empty() {
        return None;
    }
    let packages = cut::draw(&report.packages, PACKAGES, package);
    let body = html! { (packages.all()) (packages.more()) };
    Some(Section::new("packages", "Packages", body))
}

fn package(package: &Package) -> Markup {
    html! {
        article {
            h3 { (text::name(&package.name)) }
            dl.facts {
                div { dt { "Size" } dd { (numbers::bytes(package.bytes)) } }
                div { dt { "Digest" } dd.digest { (text::name(&package.digest)) } }
            }
            @if !package.layers.is_empty() { (layers(&package.layers)) }
            div.columns {
                @if !package.takes.is_empty() { div { (schema("Takes", &package.takes)) } }
                @if !package.gives.is_empty() { div { (schema("Gives", &package.gives)) } }
            }
        }
    }
}

fn layers(layers: &[(String, u64, String)]) -> Markup {
    let rows = cut::draw(layers, ROWS, |(file, bytes, digest)| {
        html! {
            tr {
                (cells::name(file))
                td.num { (numbers::bytes(*bytes)) }
                td.digest { (text::name(digest)) }
            }
        }
    });
    html! {
        h4 { "Layers" }
        div.scroll tabindex="0" role="region" aria-label="Layers" {
            table {
                thead { tr { th { "File" } th.num { "Size" } th { "Digest" } } }
                tbody { (rows.all()) }
            }
        }
        (rows.more())
    }
}

fn schema(title: &str, columns: &[(String, String, bool)]) -> Markup {
    let rows = cut::draw(columns, ROWS, |(name, kind, may_miss)| {
        html! {
            tr {
                (cells::name(name))
                (cells::short(kind))
                td { @if *may_miss { "may be missing" } @else { "required" } }
            }
        }
    });
    html! {
        h4 { (title) }
        div.scroll tabindex="0" role="region" aria-label=(title) {
            table {
                thead { tr { th { "Column" } th { "Type" } th { "Value" } } }
                tbody { (rows.all()) }
            }
        }
        (rows.more())
    }
}
