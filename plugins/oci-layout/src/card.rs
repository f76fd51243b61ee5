//! The model card: what a person wants to know before they use a model, in Markdown.
use std::fmt::Write;

use serde_json::Value;

use crate::Config;
use crate::input::{Column, Found, Model, Report};

/// The card's text.
pub fn of(config: &Config, model: &Model, reports: &[Report]) -> String {
    let mut card = Card(String::new());
    card.head(config, model);
    card.columns("Takes", &model.takes);
    card.columns("Gives", &model.gives);
    for report in reports {
        card.report(report);
    }
    card.training(model);
    card.steps(model);
    if let Some(limitations) = &config.limitations {
        card.line(&format!("\n## Limitations\n\n{limitations}"));
    }
    card.0
}

struct Card(String);

impl Card {
    fn line(&mut self, text: &str) {
        writeln!(self.0, "{text}").expect("a text grows");
    }

    fn row(&mut self, cells: &[&str]) {
        let cells: Vec<String> = cells.iter().map(|cell| cell_text(cell)).collect();
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    fn head(&mut self, config: &Config, model: &Model) {
        self.line(&format!("# {}\n", config.name(model)));
        if let Some(description) = &config.description {
            self.line(&format!("{description}\n"));
        }
        self.line("| | |");
        self.line("|---|---|");
        self.row(&["model", &format!("`{}`", model.model)]);
        self.row(&["pipeline", &model.pipeline]);
        let lists = [("authors", &config.authors), ("licence", &config.licenses)];
        for (name, list) in lists {
            if !list.is_empty() {
                self.row(&[name, &list.join(", ")]);
            }
        }
        let texts = [
            ("vendor", &config.vendor),
            ("source", &config.source_url),
            ("documentation", &config.doc_url),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                self.row(&[name, text]);
            }
        }
    }

    fn columns(&mut self, title: &str, columns: &[Column]) {
        self.line(&format!("\n## {title}\n"));
        self.line("| column | type | may be missing |");
        self.line("|---|---|---|");
        for column in columns {
            let nullable = if column.nullable { "yes" } else { "no" };
            self.row(&[&column.name, &column.data_type, nullable]);
        }
    }

    fn report(&mut self, report: &Report) {
        self.line(&format!("\n## Report: {}\n", report.stage));
        let conditions = report.gate.iter().flat_map(|gate| &gate.conditions);
        for condition in conditions {
            let holds = if condition.holds {
                "holds"
            } else {
                "does not hold"
            };
            self.line(&format!("- `{}` {holds}", condition.rule.replace('`', "'")));
        }
        if report.findings.is_empty() {
            return;
        }
        self.line("\n| figure | of | slice | value | bound | rows | verdict |");
        self.line("|---|---|---|---|---|---|---|");
        for found in &report.findings {
            self.row(&[
                &found.name,
                &found.subject,
                found.slice.as_deref().unwrap_or("all"),
                &value(found),
                found.limit.as_deref().unwrap_or(""),
                &found.rows.to_string(),
                &found.verdict,
            ]);
        }
    }

    fn training(&mut self, model: &Model) {
        if model.metrics.is_empty() {
            return;
        }
        self.line("\n## Figures of the training\n");
        self.line("| figure | value |");
        self.line("|---|---|");
        for figure in &model.metrics {
            self.row(&[&figure.name, &number(&figure.value)]);
        }
    }

    fn steps(&mut self, model: &Model) {
        self.line("\n## Steps\n");
        for (number, step) in (1..).zip(&model.steps) {
            self.line(&format!(
                "{number}. `{}`: plugin {} {}",
                step.name, step.plugin, step.version
            ));
        }
    }
}

fn value(found: &Found) -> String {
    found.value.as_ref().map(number).unwrap_or_default()
}

/// A number with six significant digits, which is what people compare.
fn number(value: &Value) -> String {
    match value.as_f64() {
        Some(value) if value.fract() == 0.0 && value.abs() < 1e15 => format!("{value}"),
        Some(value) => {
            let whole = value.abs().log10().floor().clamp(-4.0, 6.0);
            let digits = (5.0 - whole).max(0.0) as usize;
            let text = format!("{value:.digits$}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        None => value.as_str().unwrap_or_default().to_owned(),
    }
}

/// Text in a cell of a table.
fn cell_text(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let of = |value: f64| number(&Value::from(value));
        assert_eq!(of(0.920_123_456), "0.920123");
        assert_eq!(of(1234.5), "1234.5");
        assert_eq!(of(12.0), "12");
        assert_eq!(number(&Value::from("NaN")), "NaN");
    }
}
