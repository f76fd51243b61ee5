//! The stages as a table.

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Report, Stage};
use crate::{Section, cells, marks, numbers, text};

const LIMIT: Limit = Limit {
    items: 500,
    bytes: 250_000,
};

/// The id of a stage's row.
pub fn id(stage: usize) -> String {
    format!("stage-{stage}")
}

/// The table of stages.
pub fn section(report: &Report) -> Option<Section> {
    if report.stages.is_empty() {
        return None;
    }
    let known = |s: &Stage| s.seconds.filter(|s| s.is_finite() && *s > 0.0);
    let total: f64 = report.stages.iter().filter_map(known).sum();
    let rows = cut::draw(report.stages.iter().enumerate(), LIMIT, |(i, stage)| {
        row(i, stage, known(stage).map_or(0.0, |s| s / total))
    });
    let body = html! {
        div.scroll tabindex="0" role="region" aria-label="Stages" {
            table.stages {
                thead { tr {
                    th { "Stage" } th { "Kind" } th { "Worker" } th { "Status" }
                    th { "Time" } th.num { "CPU" } th.num { "Memory" } th.num { "In" } th.num { "Out" }
                    th { "Result" }
                } }
                tbody { (rows.all()) }
            }
        }
        (rows.more())
    };
    Some(Section::new("stages", "Stages", body))
}

/// One stage, with its share of the time of all.
fn row(i: usize, stage: &Stage, share: f64) -> Markup {
    html! {
        tr id=(id(i)) .implied[stage.name.contains('.')] {
            (cells::name(&stage.name))
            (cells::short(&stage.kind))
            (cells::short(&stage.worker))
            td { (marks::status(stage.status).badge()) }
            td.time { @if let Some(seconds) = stage.seconds { (time(seconds, share)) } }
            td.num { @if let Some(cpu) = stage.cpu.filter(|cpu| cpu.is_finite()) { (numbers::seconds(cpu)) } }
            (bytes(stage.memory))
            (bytes(stage.bytes_in))
            (bytes(stage.bytes_out))
            td.text {
                (text::sentence(&stage.made))
                @if let Some(error) = &stage.error { div.error { "✗ " (text::error(error)) } }
            }
        }
    }
}

fn bytes(bytes: Option<u64>) -> Markup {
    html! { td.num { @if let Some(bytes) = bytes { (numbers::bytes(bytes)) } } }
}

fn time(seconds: f64, share: f64) -> Markup {
    html! {
        span.figure { (numbers::seconds(seconds)) }
        span.bar title={ (numbers::percent(share)) " of the time of all stages" } {
            span.fill style={ "width:" (format!("{:.1}", share.clamp(0.0, 1.0) * 100.0)) "%" } {}
        }
    }
}
