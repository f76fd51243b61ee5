//! The parts of the sentences that explain a finding.
use lockflight_sdk::words::{counted, percent, shown};

use crate::config::Config;
use crate::pair::{self, Category, Pair};
use crate::statistics::bins::quantile;
use crate::statistics::chi_square::ChiSquare;
use crate::statistics::proportions::Proportion;

/// Why a column cannot be judged, by its rows or by its values.
pub fn too_few(pair: &Pair, by_row: bool, config: &Config, column: &str) -> Option<String> {
    let least = config.min_rows;
    let wanted = format!("fewer than the {least} of min-rows");
    let (window, reference) = (&pair.window, &pair.reference);
    if window.rows < least {
        let rows = counted(window.rows, "row");
        return Some(format!("the window has {rows}, {wanted}"));
    }
    if reference.rows < least {
        let rows = counted(reference.rows, "row");
        return Some(match config.matched.as_slice() {
            [] => format!("the reference has {rows}, {wanted}"),
            columns => format!(
                "the reference has {rows} that match the window in {}, {wanted}",
                columns.join(", ")
            ),
        });
    }
    let mut samples = [(window, "window"), (reference, "reference")].into_iter();
    let (sample, table) = samples.find(|(sample, _)| !by_row && sample.present() < least)?;
    let values = counted(sample.present(), "value");
    Some(format!("{column} has {values} in the {table}, {wanted}"))
}

/// A statistic with its value.
pub fn is(name: &str, value: f64) -> String {
    format!("{name} is {}", shown(value))
}

/// The Wasserstein distance.
pub fn wasserstein(value: f64) -> String {
    match value.is_finite() {
        true => format!(
            "the Wasserstein distance is {} standard deviations of the reference",
            shown(value)
        ),
        false => "the values differ, and those of the reference are all the same".to_owned(),
    }
}

/// The outcome of the chi-square test.
pub fn chi_square(found: &ChiSquare) -> String {
    format!(
        "Cramér's V is {} with a chi-square of {} at {} of freedom",
        shown(found.cramers_v),
        shown(found.statistic),
        match found.freedom {
            1 => "1 degree".to_owned(),
            degrees => format!("{degrees} degrees"),
        }
    )
}

/// The shares of missing values.
pub fn missing(window: Proportion, reference: Proportion) -> String {
    format!(
        "{} of {} of the window have no value, {} of {} of the reference",
        percent(window.share()),
        counted(window.total, "row"),
        percent(reference.share()),
        counted(reference.total, "row")
    )
}

/// The rows with values that the reference does not have, and the most frequent of these.
pub fn unseen(pair: &Pair, unseen: &[&Category], rows: u64) -> (String, String) {
    let statistic = format!(
        "{rows} of {} of the window have a value that is not among the {} of the reference",
        counted(pair.window.rows, "row"),
        counted(pair.reference.present(), "value")
    );
    // Of several the first; `max_by_key` would take the last.
    let most = unseen
        .iter()
        .rev()
        .max_by_key(|category| category.cell.window);
    let evidence = most.map_or_else(String::new, |category| {
        let Category { name, cell } = category;
        format!(
            "; most frequent is {name}, in {}",
            counted(cell.window, "row")
        )
    });
    (statistic, evidence)
}

/// How many values were compared.
pub fn sizes(pair: &Pair) -> String {
    format!(
        " over {} of the window and {} of the reference",
        counted(pair.window.present(), "value"),
        pair.reference.present()
    )
}

/// How the middle of numbers moved.
pub fn medians(reference: &[f64], window: &[f64]) -> String {
    format!(
        "; the median is {} in the window and {} in the reference",
        shown(quantile(window, 0.5)),
        shown(quantile(reference, 0.5))
    )
}

/// Which category's share changed most.
pub fn most_changed(categories: &[Category]) -> String {
    match pair::most_changed(categories) {
        Some((category, before, now)) if before != now => format!(
            "; most changed is {}, {} of the window and {} of the reference",
            category.name,
            percent(now),
            percent(before)
        ),
        _ => "; all shares are the same".to_owned(),
    }
}

/// A p-value in parentheses, as the test gave it and adjusted for the number of tests.
pub fn p_values(raw: f64, adjusted: f64) -> String {
    format!(" (p {}, adjusted {})", shown(raw), shown(adjusted))
}
