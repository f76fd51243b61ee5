//! A measurement beside its reference, and the table of all of them.

use std::{
    cell::RefCell,
    fmt,
    time::{Duration, Instant},
};

use criterion::Criterion;

/// What a figure is held to.
pub enum Bound {
    /// Bytes per second, in 10⁹.
    GigabytesPerSecond(f64),
    /// The speed relative to the reference.
    OfReference(f64),
    /// The median, in milliseconds.
    MedianMilliseconds(f64),
    /// None: the figure is there to be looked at.
    None,
}

/// What is measured.
pub struct Figure {
    /// Its name, for criterion's filter.
    pub name: &'static str,
    /// What it is, in words.
    pub what: String,
    /// What is measured in turn with it.
    pub reference: &'static str,
    /// How long to measure, by and large; at least ten times in any case.
    pub seconds: u64,
    /// How many bytes both go through, where that means something.
    pub bytes: Option<u64>,
    /// What it is held to.
    pub bound: Bound,
}

struct Measured {
    figure: Figure,
    /// Sorted.
    times: Vec<Duration>,
    /// Sorted.
    references: Vec<Duration>,
}

/// All figures of this run.
#[derive(Default)]
pub struct Figures(Vec<Measured>);

impl Figures {
    /// Measures a figure and its reference in turn, each by the duration it answers with.
    pub fn measure(
        &mut self,
        criterion: &mut Criterion,
        figure: Figure,
        mut reference: impl FnMut() -> Duration,
        mut subject: impl FnMut() -> Duration,
    ) {
        let taken = RefCell::new((Vec::new(), Vec::new()));
        let mut group = criterion.benchmark_group("figures");
        group
            .sample_size(10)
            .sampling_mode(criterion::SamplingMode::Flat)
            .warm_up_time(Duration::from_millis(100))
            .measurement_time(Duration::from_secs(figure.seconds));
        group.bench_function(figure.name, |bencher| {
            bencher.iter_custom(|rounds| {
                let mut taken = taken.borrow_mut();
                let mut total = Duration::ZERO;
                for _ in 0..rounds {
                    taken.1.push(reference());
                    let time = subject();
                    taken.0.push(time);
                    total += time;
                }
                total
            });
        });
        group.finish();
        let (mut times, mut references) = taken.into_inner();
        if times.is_empty() {
            // Criterion's filter left it out.
            return;
        }
        times.sort();
        references.sort();
        self.0.push(Measured {
            figure,
            times,
            references,
        });
    }
}

/// How long a piece of work takes.
pub fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

impl Measured {
    /// How it stands to the reference: the share of its speed, or the multiple of its time.
    fn ratio(&self) -> String {
        match self.figure.bytes {
            Some(_) => format!("{:.2} of its speed", self.speed()),
            None => format!("{:.1} times as long", 1.0 / self.speed()),
        }
    }

    /// The speed relative to the reference: best against best, since what disturbs a measurement only ever slows it.
    fn speed(&self) -> f64 {
        self.references[0].as_secs_f64() / self.times[0].as_secs_f64()
    }

    fn is_met(&self) -> Option<bool> {
        match self.figure.bound {
            Bound::GigabytesPerSecond(bound) => Some(self.gigabytes(self.times[0]) >= bound),
            Bound::OfReference(bound) => Some(self.speed() >= bound),
            Bound::MedianMilliseconds(bound) => Some(milliseconds(middle(&self.times)) <= bound),
            Bound::None => None,
        }
    }

    fn gigabytes(&self, time: Duration) -> f64 {
        self.figure.bytes.unwrap_or(0) as f64 / time.as_secs_f64() / 1e9
    }

    /// A duration as speed, where bytes are counted.
    fn raw(&self, time: Duration) -> String {
        match self.figure.bytes {
            Some(_) => format!("{:.2} GB/s", self.gigabytes(time)),
            None => format!("{:.1} ms", milliseconds(time)),
        }
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The median of sorted durations.
fn middle(times: &[Duration]) -> Duration {
    times[times.len() / 2]
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::GigabytesPerSecond(bound) => write!(f, "≥ {bound} GB/s"),
            Bound::OfReference(bound) => write!(f, "≥ {bound} of the reference"),
            Bound::MedianMilliseconds(bound) => write!(f, "median ≤ {bound} ms"),
            Bound::None => f.write_str("–"),
        }
    }
}

impl fmt::Display for Figures {
    /// A table in Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| figure | bound | | best | median | of | reference | its best | ratio |"
        )?;
        writeln!(f, "|---|---|---|---:|---:|---:|---|---:|---:|")?;
        for measured in &self.0 {
            let figure = &measured.figure;
            let met = match measured.is_met() {
                Some(true) => "met",
                Some(false) => "**missed**",
                None => "",
            };
            writeln!(
                f,
                "| {}: {} | {} | {met} | {} | {} | {} | {} | {} | {} |",
                figure.name,
                figure.what,
                figure.bound,
                measured.raw(measured.times[0]),
                measured.raw(middle(&measured.times)),
                measured.times.len(),
                figure.reference,
                measured.raw(measured.references[0]),
                measured.ratio(),
            )?;
        }
        Ok(())
    }
}
