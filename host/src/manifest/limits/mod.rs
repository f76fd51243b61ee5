//! What a stage may use before it is ended. Limits are outside of a stage's key: raising one never runs anything again, and none
//! changes a result: what reaches its limit has no result.
//!
//! There is one table of them. Keys, notation, defaults, lowest values and the sentences of errors all come from it.

mod exceeded;
mod notation;
mod set;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use exceeded::{Exceeded, Whose};
pub use notation::{ByteSize, WallTime};
pub use set::{Limits, PartialLimits};

use super::invalid::Invalid;
use crate::enforcement::Point;

/// How the value of a limit is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// A time such as `"10m"`; the value is in milliseconds.
    Time,
    /// A size such as `"1GiB"`; the value is in bytes.
    Size,
    /// A whole number such as `100000`.
    Count,
}

/// What holds where nobody says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preset {
    /// This value.
    Is(u64),
    /// Whatever another limit of the stage is.
    As(Limit),
}

/// A row of the table.
struct Facts {
    key: &'static str,
    meaning: &'static str,
    notation: Notation,
    preset: Preset,
    /// The lowest and the highest value that are accepted.
    range: (u64, u64),
    /// What holds for `check`, which looks at schemas and small files only.
    check: u64,
    /// What is said of what went beyond; `{}` is the value.
    beyond: &'static str,
}

macro_rules! limits {
    ($($(#[doc = $meaning:literal])+ $name:ident = $key:literal, $notation:ident, $preset:expr, $range:expr, check $check:expr, $beyond:literal;)+) => {
        /// A limit of a stage.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Limit {
            $($(#[doc = $meaning])+ $name,)+
        }

        impl Limit {
            /// All of them, in the order in which they are listed to people.
            pub const ALL: [Limit; [$($key),+].len()] = [$(Limit::$name),+];
            /// Their keys in `limits = { … }`, in the same order.
            pub const KEYS: &[&str] = &[$($key),+];

            const fn facts(self) -> Facts {
                match self {
                    $(Limit::$name => Facts {
                        key: $key,
                        meaning: concat!($($meaning),+),
                        notation: Notation::$notation,
                        preset: $preset,
                        range: $range,
                        check: $check,
                        beyond: $beyond,
                    },)+
                }
            }
        }
    };
}

use Preset::{As, Is};

/// No highest value of a limit's own.
const ANY: u64 = u64::MAX;
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const SECOND: u64 = 1_000;

// The lowest values are those below which not even an empty plugin comes to its end; 0 where a stage may do without.
limits! {
    /// wall time from the start of a stage's process to its end
    Wall = "wall", Time, Is(600 * SECOND), (100, ANY), check 30 * SECOND,
        "the stage took longer than {}";
    /// processor time of a stage's process, rounded up to whole seconds
    Cpu = "cpu", Time, As(Limit::Wall), (SECOND, ANY), check 32 * SECOND,
        "the stage used more than {} of processor time";
    /// all memories and tables of the plugin together
    Memory = "memory", Size, Is(GIB), (MIB, ANY), check 512 * MIB,
        "the plugin wanted more than {} of memory";
    /// elements of all tables of functions and references together
    Tables = "tables", Count, Is(1_000_000), (0, ANY), check 1_000_000,
        "the plugin wanted tables of more than {} elements";
    /// module instances that a component is made of
    Instances = "instances", Count, Is(64), (1, 10_000), check 64,
        "the plugin is made of more than {} module instances";
    /// handles of tables, blobs, streams and the like that a plugin holds at a time
    Handles = "handles", Count, Is(10_000), (0, 1_000_000), check 10_000,
        "the plugin held more than {} handles at a time";
    /// bytes that a plugin hands over in one call, batches among them
    Call = "call", Size, Is(128 * MIB), (KIB, 256 * MIB), check 128 * MIB,
        "the plugin handed over more than {} in one call";
    /// bytes that a plugin writes: blobs, rows, schemas and metrics
    Output = "output", Size, Is(4 * GIB), (0, ANY), check 64 * KIB,
        "the plugin wrote more than {} of output";
    /// rows that a plugin writes, over all its tables
    Rows = "rows", Count, Is(1_000_000_000), (0, ANY), check 0,
        "the plugin wrote more than {} rows";
    /// batches of rows that a plugin writes, over all its tables
    Batches = "batches", Count, Is(10_000_000), (0, ANY), check 0,
        "the plugin wrote more than {} batches of rows";
    /// tables and blobs that a plugin is writing at a time
    Writers = "writers", Count, Is(256), (0, 100_000), check 16,
        "the plugin was writing more than {} tables and blobs at a time";
    /// lines of a stage's log
    LogLines = "log-lines", Count, Is(100_000), (0, 100_000_000), check 10_000,
        "the plugin wrote more than {} log lines";
    /// bytes of a stage's log
    Log = "log", Size, Is(64 * MIB), (0, 16 * GIB), check 4 * MIB,
        "the plugin wrote more than {} of log";
    /// figures that a stage records
    Metrics = "metrics", Count, Is(1_000_000), (0, 100_000_000), check 1_000,
        "the plugin recorded more than {} metrics";
    /// findings that a stage answers
    Findings = "findings", Count, Is(100_000), (0, 100_000_000), check 0,
        "the plugin answered more than {} findings";
    /// bytes of a component
    Component = "component", Size, Is(256 * MIB), (KIB, ANY), check 256 * MIB,
        "the component is larger than {}";
    /// wall time of compiling a component that the cache lacks
    Compile = "compile", Time, Is(120 * SECOND), (100, ANY), check 120 * SECOND,
        "compiling the component took longer than {}";
    /// memory of the compiler
    CompileMemory = "compile-memory", Size, Is(2 * GIB), (16 * MIB, ANY), check 2 * GIB,
        "compiling the component took more than {} of memory";
}

impl Limit {
    /// Where it is enforced.
    pub(crate) const fn point(self) -> Point {
        match self {
            Limit::Wall => Point::LimitWall,
            Limit::Cpu => Point::LimitCpu,
            Limit::Memory => Point::LimitMemory,
            Limit::Tables => Point::LimitTables,
            Limit::Instances => Point::LimitInstances,
            Limit::Handles => Point::LimitHandles,
            Limit::Call => Point::LimitCall,
            Limit::Output => Point::LimitOutput,
            Limit::Rows => Point::LimitRows,
            Limit::Batches => Point::LimitBatches,
            Limit::Writers => Point::LimitWriters,
            Limit::LogLines => Point::LimitLogLines,
            Limit::Log => Point::LimitLog,
            Limit::Metrics => Point::LimitMetrics,
            Limit::Findings => Point::LimitFindings,
            Limit::Component => Point::LimitComponent,
            Limit::Compile => Point::LimitCompile,
            Limit::CompileMemory => Point::LimitCompileMemory,
        }
    }

    /// How many there are.
    pub const COUNT: usize = Limit::ALL.len();

    /// Its key in `limits = { … }`.
    pub const fn key(self) -> &'static str {
        self.facts().key
    }

    /// What it bounds, in a few words.
    pub const fn meaning(self) -> &'static str {
        self.facts().meaning
    }

    /// How its value is written.
    pub const fn notation(self) -> Notation {
        self.facts().notation
    }

    /// The limit with this key.
    pub fn from_key(key: &str) -> Option<Limit> {
        Limit::ALL.into_iter().find(|limit| limit.key() == key)
    }

    /// The value as it is written in a manifest, without quotes.
    pub fn text(self, value: u64) -> String {
        match self.notation() {
            Notation::Time => WallTime::of_millis(value).to_string(),
            Notation::Size => ByteSize::of(value).to_string(),
            Notation::Count => value.to_string(),
        }
    }

    /// The default as it is written in a manifest, or the key of the limit that it follows.
    pub fn default_text(self) -> String {
        match self.facts().preset {
            Preset::Is(value) => self.text(value),
            Preset::As(other) => format!("as `{}`", other.key()),
        }
    }

    /// Reads a value as it is written in a manifest, without quotes.
    ///
    /// # Errors
    /// When it is not written as this limit's values are, or outside of what is accepted.
    pub fn parse(self, text: &str) -> Result<Bound, Invalid> {
        self.bound(self.value(text)?)
    }

    /// Reads a value whatever it is: what a record has was a limit then.
    fn value(self, text: &str) -> Result<u64, Invalid> {
        Ok(match self.notation() {
            Notation::Time => {
                let time = text.parse::<WallTime>()?.duration();
                u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
            }
            Notation::Size => text.parse::<ByteSize>()?.bytes(),
            Notation::Count => text.parse().map_err(|_| {
                Invalid::new(format!("{text:?} is not a whole number from 0 on"))
                    .help("write for example 100000")
            })?,
        })
    }

    /// A value of this limit: milliseconds, bytes or a count.
    ///
    /// # Errors
    /// When it is outside of what is accepted.
    pub fn bound(self, value: u64) -> Result<Bound, Invalid> {
        let (lowest, highest) = self.facts().range;
        let refuse = |how: &str, bound: u64| {
            let (key, value) = (self.key(), self.text(value));
            let bound = self.text(bound);
            Err(Invalid::new(format!(
                "`{key}` is {value}, which is {how} limit, {bound}"
            )))
        };
        if value < lowest {
            return refuse("below the lowest", lowest);
        }
        if value > highest {
            return refuse("above the highest", highest);
        }
        Ok(Bound { limit: self, value })
    }
}

/// A limit and its value; shown as it is written in a manifest, without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bound {
    /// Which limit.
    pub limit: Limit,
    /// Milliseconds, bytes or a count, by the limit's notation.
    pub value: u64,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.limit.text(self.value))
    }
}

/// `KEY=VALUE`, as on a command line.
impl std::str::FromStr for Bound {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Bound, Invalid> {
        let Some((key, value)) = text.split_once('=') else {
            return Err(Invalid::new(format!(
                "{text:?} is not KEY=VALUE, such as rows=1000"
            )));
        };
        match Limit::from_key(key) {
            Some(limit) => limit.parse(value),
            None => Err(Invalid::new(format!(
                "there is no limit `{key}`; there are {}",
                Limit::KEYS.join(", ")
            ))),
        }
    }
}

#[cfg(test)]
mod tests;
