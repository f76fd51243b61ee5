//! What every method measures of a column.
use lockflight_sdk::Table;

use crate::columns::Column;
use crate::config::{Config, Method};
use crate::pair::{Category, Pair, cells};
use crate::sample::Sample;
use crate::sentences;
use crate::statistics::bins::{deciles, sturges};
use crate::statistics::chi_square::chi_square;
use crate::statistics::ks::Ks;
use crate::statistics::proportions::{Proportion, p, z};
use crate::statistics::{Cell, jensen_shannon, psi, share, wasserstein};

/// A method and what came of it.
#[derive(Debug)]
pub struct Measured {
    /// The column.
    pub column: String,
    /// The method.
    pub method: Method,
    /// What it measured, or why nothing.
    pub outcome: Result<Difference, String>,
}

/// How the window differs from the reference.
#[derive(Debug)]
pub struct Difference {
    /// The statistic that is held against a limit.
    pub value: f64,
    /// How likely that much is by chance, where the method has an answer.
    pub p: Option<f64>,
    /// Rows of the window that are wrong by themselves.
    pub failed: u64,
    /// The statistic in words.
    pub statistic: String,
    /// Sizes, and what else a reader wants to know.
    pub evidence: String,
}

/// Both samples of a column, as the methods need them.
#[derive(Debug)]
pub struct Comparison {
    /// The samples.
    pub pair: Pair,
    /// Whether the values are looked at as categories.
    pub categorical: bool,
    /// The categories, if a method looks at them.
    pub categories: Vec<Category>,
}

/// Compares a column by its methods, in their order; of the reference, the rows that are `kept`.
pub fn column(
    config: &Config,
    column: &Column,
    window: &Table,
    reference: &Table,
    kept: Option<&[bool]>,
) -> Vec<Measured> {
    let pair = Pair {
        reference: Sample::read(reference, column, kept),
        window: Sample::read(window, column, None),
    };
    let categorical = pair.is_categories();
    let methods = match &column.methods {
        Some(methods) => methods,
        None => Method::usual(categorical),
    };
    let by_category = |method: &Method| matches!(method, Method::ChiSquare | Method::Unseen);
    let categories = match categorical || methods.iter().any(by_category) {
        true => pair.categories(),
        false => Vec::new(),
    };
    let comparison = Comparison {
        pair,
        categorical,
        categories,
    };
    let measured = methods.iter().map(|method| Measured {
        column: column.name.clone(),
        method: *method,
        outcome: comparison.by(*method, config, &column.name),
    });
    measured.collect()
}

impl Comparison {
    fn by(&self, method: Method, config: &Config, column: &str) -> Result<Difference, String> {
        let by_row = method == Method::MissingRate;
        if let Some(why) = sentences::too_few(&self.pair, by_row, config, column) {
            return Err(why);
        }
        let difference = match method {
            Method::Ks => self.ks(),
            Method::Wasserstein => self.wasserstein(),
            Method::Psi => self.psi(),
            Method::JensenShannon => self.jensen_shannon(),
            Method::ChiSquare => self.chi_square(),
            Method::MissingRate => self.missing_rate(),
            Method::Unseen => self.unseen(),
        };
        match difference.value.is_nan() {
            true => Err(format!(
                "the numbers of {column} are too large to compute with"
            )),
            false => Ok(difference),
        }
    }

    fn numbers(&self) -> (&[f64], &[f64]) {
        let numbers = self.pair.numbers();
        numbers.expect("the config was held against the kinds of the columns")
    }

    /// The counts of categories, or of numbers in bins.
    fn cells(&self, bins: fn(&[f64], &[f64]) -> Vec<Cell>) -> Vec<Cell> {
        match self.pair.numbers() {
            Some((reference, window)) if !self.categorical => bins(reference, window),
            _ => cells(&self.categories),
        }
    }

    /// What changed, for a method that looks at numbers only if there are many.
    fn change(&self) -> String {
        match self.pair.numbers() {
            Some((reference, window)) if !self.categorical => sentences::medians(reference, window),
            _ => sentences::most_changed(&self.categories),
        }
    }

    fn difference(&self, value: f64, statistic: String, change: String) -> Difference {
        Difference {
            value,
            p: None,
            failed: 0,
            statistic,
            evidence: format!("{}{change}", sentences::sizes(&self.pair)),
        }
    }

    fn ks(&self) -> Difference {
        let (reference, window) = self.numbers();
        let ks = Ks::of(reference, window);
        let value = ks.distance();
        let change = sentences::medians(reference, window);
        Difference {
            p: Some(ks.p()),
            ..self.difference(value, sentences::is("the KS distance", value), change)
        }
    }

    fn wasserstein(&self) -> Difference {
        let (reference, window) = self.numbers();
        let value = wasserstein::normalised(reference, window);
        let change = sentences::medians(reference, window);
        self.difference(value, sentences::wasserstein(value), change)
    }

    fn psi(&self) -> Difference {
        let value = psi::psi(&self.cells(deciles));
        let statistic = sentences::is("the population stability index", value);
        self.difference(value, statistic, self.change())
    }

    fn jensen_shannon(&self) -> Difference {
        let value = jensen_shannon::distance(&self.cells(sturges));
        let statistic = sentences::is("the Jensen-Shannon distance", value);
        self.difference(value, statistic, self.change())
    }

    fn chi_square(&self) -> Difference {
        let found = chi_square(&cells(&self.categories));
        let change = sentences::most_changed(&self.categories);
        Difference {
            p: found.p,
            ..self.difference(found.cramers_v, sentences::chi_square(&found), change)
        }
    }

    fn missing_rate(&self) -> Difference {
        let missing = |sample: &Sample| Proportion {
            count: sample.missing,
            total: sample.rows,
        };
        let (window, reference) = (missing(&self.pair.window), missing(&self.pair.reference));
        Difference {
            value: (window.share() - reference.share()).abs(),
            p: z(window, reference).map(p),
            failed: 0,
            statistic: sentences::missing(window, reference),
            evidence: String::new(),
        }
    }

    fn unseen(&self) -> Difference {
        let unseen = |category: &&Category| category.cell.reference == 0;
        let unseen: Vec<&Category> = self.categories.iter().filter(unseen).collect();
        let failed = unseen.iter().map(|category| category.cell.window).sum();
        let (statistic, evidence) = sentences::unseen(&self.pair, &unseen, failed);
        Difference {
            value: share(failed, self.pair.window.rows),
            p: None,
            failed,
            statistic,
            evidence,
        }
    }
}
