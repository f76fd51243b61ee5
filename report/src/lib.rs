//! The report of a run as one self-contained HTML page.

mod bound;
mod cells;
mod chart;
mod checks;
mod cut;
pub mod data;
mod endpoint;
mod findings;
mod graph;
mod head;
mod heat;
mod layout;
mod lineage;
mod marks;
mod monitor;
mod numbers;
mod package;
mod pivot;
mod plot;
mod stages;
mod text;
mod ticks;
mod training;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use data::Report;

/// A part of the page.
struct Section {
    id: &'static str,
    title: &'static str,
    body: Markup,
}

impl Section {
    fn new(id: &'static str, title: &'static str, body: Markup) -> Section {
        Section { id, title, body }
    }
}

/// The page: no script, no network, light and dark, readable on a phone.
///
/// Whatever the texts are, they are shown and never understood: nothing in a report becomes HTML. A page stays below about 2 MB;
/// what does not fit is counted.
pub fn html(report: &Report) -> String {
    let sections: Vec<Section> = [
        graph::section,
        stages::section,
        findings::section,
        training::section,
        monitor::section,
        package::section,
        endpoint::section,
        lineage::section,
    ]
    .into_iter()
    .filter_map(|section: fn(&Report) -> Option<Section>| section(report))
    .collect();

    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (head::title(report)) }
                // The one text that is not escaped: it is ours.
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                (head::head(report, &sections))
                main { @for section in &sections { (drawn(section)) } }
            }
        }
    };
    page.into_string()
}

fn drawn(section: &Section) -> Markup {
    html! {
        section id=(section.id) aria-labelledby={ (section.id) "-title" } {
            h2 id={ (section.id) "-title" } { (section.title) }
            (section.body)
        }
    }
}
