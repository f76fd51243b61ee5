//! How the candidate's figures stand to their bounds.
use crate::config::Config;
use crate::tables::Figure;

/// What the figures say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// A figure is over its bound: which, and by what.
    Over(String),
    /// Something is not known yet: what is waited for.
    Lacking(String),
    /// All figures are within their bounds, over at least this many observations each.
    Within(u64),
}

/// A candidate, the version that it is to replace, and their figures.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The bounds.
    pub config: &'a Config,
    /// What was observed, on all versions.
    pub figures: &'a [Figure],
    /// The candidate.
    pub candidate: &'a str,
    /// The version that it is compared with.
    pub stable: &'a str,
}

impl<'a> Pair<'a> {
    /// What the figures say. One over its bound counts for more than any that is lacking.
    pub fn standing(self) -> Standing {
        if let Some(why) = self.over_max().or_else(|| self.over_ratio()) {
            return Standing::Over(why);
        }
        let least = self.config.metrics().into_iter().map(|metric| {
            let count = self.whole(metric).map(|figure| figure.count).max();
            (count.unwrap_or(0), metric)
        });
        let Some((count, metric)) = least.min_by_key(|(count, _)| *count) else {
            return Standing::Lacking("no metric has a bound".to_owned());
        };
        let needed = self.config.min_count;
        if count < needed {
            return Standing::Lacking(format!(
                "waiting for {needed} observations, {count} so far of {metric} on {}",
                self.candidate
            ));
        }
        match self.incomparable() {
            Some(metric) => Standing::Lacking(format!(
                "waiting for {metric} on {}, with which {} is compared",
                self.stable, self.candidate
            )),
            None => Standing::Within(count),
        }
    }

    /// The candidate's figures of a metric over all of the traffic.
    fn whole(self, metric: &'a str) -> impl Iterator<Item = &'a Figure> {
        self.judged(metric).filter(|figure| figure.slice.is_none())
    }

    /// The candidate's figures of a metric that are held against a bound.
    fn judged(self, metric: &'a str) -> impl Iterator<Item = &'a Figure> {
        self.of(self.candidate, metric)
    }

    /// A version's figures of a metric. A slice counts once there is enough of it: among many small ones, some are always over.
    fn of(self, version: &'a str, metric: &'a str) -> impl Iterator<Item = &'a Figure> {
        let figures = self.figures.iter();
        figures.filter(move |figure| {
            let enough = figure.slice.is_none() || figure.count >= self.config.min_count;
            figure.version == version && figure.metric == metric && enough
        })
    }

    /// What the stable version shows in the same slice over the same span, if the candidate's figure can be divided by it.
    fn partner(self, figure: &'a Figure) -> Option<&'a Figure> {
        self.of(self.stable, &figure.metric).find(|other| {
            let comparable = other.value.is_finite() && other.value >= 0.0;
            comparable && other.slice == figure.slice && other.span == figure.span
        })
    }

    fn over_max(self) -> Option<String> {
        self.config.max.iter().find_map(|(metric, max)| {
            let over = self.judged(metric).find(|figure| figure.value > *max)?;
            Some(format!("{}, more than {max}", described(over)))
        })
    }

    fn over_ratio(self) -> Option<String> {
        self.config.max_ratio.iter().find_map(|(metric, ratio)| {
            self.judged(metric).find_map(|figure| {
                let stable = self.partner(figure)?;
                // Multiplied, since a stable value of 0 cannot be divided by: anything above it is too much.
                (figure.value > ratio * stable.value).then(|| {
                    format!(
                        "{}, more than {ratio} times the {} on {} over {} observations",
                        described(figure),
                        stable.value,
                        stable.version,
                        stable.count
                    )
                })
            })
        })
    }

    /// A metric with a ratio that rests on enough observations in no span for which the stable version has a figure too.
    fn incomparable(self) -> Option<&'a str> {
        let mut metrics = self.config.max_ratio.keys().map(String::as_str);
        metrics.find(|metric| {
            let needed = self.config.min_count;
            let mut enough = self.whole(metric).filter(|figure| figure.count >= needed);
            !enough.any(|figure| self.partner(figure).is_some())
        })
    }
}

/// A figure in words.
fn described(figure: &Figure) -> String {
    let Figure {
        version,
        metric,
        value,
        count,
        ..
    } = figure;
    let of_slice = match &figure.slice {
        Some(slice) => format!(" with {slice}"),
        None => String::new(),
    };
    format!("{metric} is {value} on {version} over {count} observations{of_slice}")
}
