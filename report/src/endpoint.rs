//! Endpoints: who gets the traffic, and why.

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Endpoint, Report};
use crate::{Section, numbers, text};

const ENDPOINTS: Limit = Limit {
    items: 100,
    bytes: 80_000,
};
/// The most versions of an endpoint.
const MOST_ARMS: usize = 50;
/// How many colours there are.
const COLOURS: usize = 8;

/// All endpoints.
pub fn section(report: &Report) -> Option<Section> {
    if report.endpoints.is_empty() {
        return None;
    }
    let endpoints = cut::draw(&report.endpoints, ENDPOINTS, endpoint);
    let body = html! { (endpoints.all()) (endpoints.more()) };
    Some(Section::new("endpoints", "Endpoints", body))
}

fn endpoint(endpoint: &Endpoint) -> Markup {
    html! {
        article {
            h3 { (text::name(&endpoint.name)) }
            @if !endpoint.arms.is_empty() { (shares(&endpoint.arms)) }
            p { strong { (text::name(&endpoint.decision)) }
                @if !endpoint.reason.is_empty() { ": " (text::sentence(&endpoint.reason)) } }
        }
    }
}

/// A bar of all the traffic, and below it what the colours mean.
fn shares(arms: &[(String, f64)]) -> Markup {
    let shown = &arms[..arms.len().min(MOST_ARMS)];
    let widths = widths(shown);
    html! {
        div.stack aria-hidden="true" {
            @for (i, width) in widths.iter().enumerate() {
                @if *width > 0.0 { span class={ "a" (i % COLOURS) } style={ "width:" (format!("{width:.2}")) "%" } {} }
            }
        }
        ul.legend {
            @for (i, (version, share)) in shown.iter().enumerate() {
                li { span class={ "dot a" (i % COLOURS) } {} " " (text::name(version)) " " b { (numbers::percent(*share)) } }
            }
        }
        (cut::more(arms.len() - shown.len()))
    }
}

/// Percentages of the bar: the shares as they are, but never more than all.
fn widths(arms: &[(String, f64)]) -> Vec<f64> {
    let share = |share: f64| {
        if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    let total: f64 = arms.iter().map(|(_, s)| share(*s)).sum();
    let whole = total.max(1.0);
    (arms.iter())
        .map(|(_, s)| share(*s) / whole * 100.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_never_overflows() {
        let arms = [0.5, f64::NAN, -1.0, f64::INFINITY, 7.0, 1.0].map(|s| (String::new(), s));
        let widths = widths(&arms);
        assert_eq!(widths, [20.0, 0.0, 0.0, 0.0, 40.0, 40.0]);
    }
}
