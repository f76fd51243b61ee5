//! Trainings: what they told by round, and what counted.

use maud::{Markup, html};

use crate::cut::{self, Limit};
use crate::data::{Report, Training};
use crate::plot::{Frame, thinned};
use crate::ticks::{Range, drawable, ticks, whole_ticks};
use crate::{Section, numbers, text};

const TRAININGS: Limit = Limit {
    items: 60,
    bytes: 250_000,
};
const PLOTS: Limit = Limit {
    items: 12,
    bytes: 120_000,
};
const FIGURES: Limit = Limit {
    items: 100,
    bytes: 40_000,
};
const FOLDED: Limit = Limit {
    items: 500,
    bytes: 80_000,
};
/// The most lines in a plot: as many as there are colours and dashes.
const MOST_LINES: usize = 8;
/// The most points of a line: about one per pixel.
const MOST_POINTS: usize = 600;
/// How many features are shown at once.
const TOP: usize = 15;
const SIZE: (f64, f64) = (440.0, 220.0);

/// A named line.
type Series = (String, Vec<(u64, f64)>);

/// All trainings.
pub fn section(report: &Report) -> Option<Section> {
    if report.trainings.is_empty() {
        return None;
    }
    let trainings = cut::draw(&report.trainings, TRAININGS, training);
    let body = html! { (trainings.all()) (trainings.more()) };
    Some(Section::new("training", "Training", body))
}

fn training(training: &Training) -> Markup {
    let plots = cut::draw(groups(&training.series), PLOTS, |group| plot(&group));
    let figures = cut::draw(&training.figures, FIGURES, |(name, value)| {
        html! { div { dt { (text::name(name)) } dd { (numbers::number(*value)) } } }
    });
    html! {
        article {
            h3 { (text::name(&training.stage)) }
            @if !training.figures.is_empty() { dl.facts { (figures.all()) } (figures.more()) }
            div.columns {
                @if !training.series.is_empty() { div { (plots.all()) (plots.more()) } }
                @if !training.importance.is_empty() { div { (importance(&training.importance)) } }
            }
        }
    }
}

/// Series of one figure, such as `rmse train` and `rmse test`, share a plot; others have another unit.
fn groups(series: &[Series]) -> Vec<Vec<&Series>> {
    let mut groups: Vec<Vec<&Series>> = Vec::new();
    for one in series {
        match groups
            .iter_mut()
            .find(|g| figure(&g[0].0) == figure(&one.0))
        {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

fn figure(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}

fn plot(group: &[&Series]) -> Markup {
    let lines: Vec<(&str, Vec<(f64, f64)>)> = (group.iter().take(MOST_LINES))
        .map(|(name, points)| (name.as_str(), by_round(points)))
        .collect();
    let all = || lines.iter().flat_map(|(_, points)| points);
    let name = text::line(figure(&group[0].0), 60);
    let drawn = all().filter(|(_, y)| drawable(*y).is_some());
    let ranges = (Range::of(drawn.map(|p| p.0))).zip(Range::of(all().map(|p| p.1)));
    html! {
        figure.plot {
            figcaption { (name) " by round" }
            @match ranges {
                Some((x, y)) => (svg(&name, &lines, x, y.padded())),
                None => p.quiet { "No value can be drawn." },
            }
            (legend(&lines))
            (cut::more(group.len() - lines.len()))
        }
    }
}

fn by_round(points: &[(u64, f64)]) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = points.iter().map(|(x, y)| (*x as f64, *y)).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    thinned(&points, MOST_POINTS)
}

fn svg(name: &str, lines: &[(&str, Vec<(f64, f64)>)], x: Range, y: Range) -> Markup {
    let y_ticks = ticks(y, 5);
    let frame = Frame::new(SIZE, x, y, &y_ticks, 0.0);
    html! {
        svg.chart viewBox={ "0 0 " (frame.width) " " (frame.height) } role="img" aria-label={ (name) " by round" } {
            (frame.axes(&whole_ticks(x, 6), &y_ticks))
            @for (i, (_, points)) in lines.iter().enumerate() {
                path class={ "line s" (i) } d=(frame.path(points.iter().copied())) {}
            }
        }
    }
}

/// The names of the lines with their last values.
fn legend(lines: &[(&str, Vec<(f64, f64)>)]) -> Markup {
    html! {
        ul.legend {
            @for (i, (name, points)) in lines.iter().enumerate() {
                li {
                    svg.swatch viewBox="0 0 28 8" aria-hidden="true" { path class={ "line s" (i) } d="M1 4H27" {} }
                    " " (text::name(name))
                    @if let Some((_, last)) = points.last() { " " span.quiet { "last " (numbers::number(*last)) } }
                }
            }
        }
    }
}

fn importance(features: &[(String, f64)]) -> Markup {
    let sizes = features.iter().filter_map(|(_, v)| drawable(*v));
    let most = sizes.fold(0.0, |most: f64, v| most.max(v.abs()));
    let (top, rest) = features.split_at(features.len().min(TOP));
    let rest = cut::draw(rest, FOLDED, |feature| bar(feature, most));
    html! {
        figure.importance {
            figcaption { "What counted" }
            table.bars { tbody { @for feature in top { (bar(feature, most)) } } }
            @if !rest.shown.is_empty() {
                details {
                    summary { (numbers::count((features.len() - TOP) as u64)) " more" }
                    table.bars { tbody { (rest.all()) } }
                    (rest.more())
                }
            }
        }
    }
}

fn bar((name, value): &(String, f64), most: f64) -> Markup {
    let share = drawable(*value).map_or(0.0, |v| v.abs() / most);
    // Nothing counts where nothing has a size.
    let share = if share.is_finite() { share } else { 0.0 };
    html! {
        tr {
            th scope="row" { (text::name(name)) }
            td { span.bar { span.fill.minus[*value < 0.0] style={ "width:" (format!("{:.1}", share * 100.0)) "%" } {} } }
            td.num { (numbers::number(*value)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_of_a_figure_share_a_plot() {
        let series: Vec<Series> = ["rmse train", "r2", "rmse test"]
            .map(|name| (name.to_owned(), Vec::new()))
            .into();
        let sizes: Vec<usize> = groups(&series).iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1]);
    }
}
