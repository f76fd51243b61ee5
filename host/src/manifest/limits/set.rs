//! The limits of one stage, all of them or some.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, Visitor},
    ser::SerializeMap,
};

use super::{Bound, Limit, Notation, Preset};

/// The limits of one stage: a value for each.
///
/// As JSON an object with the notation of the manifest; a key that is missing there has its default, so that records made before the
/// limit was are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    values: [u64; Limit::COUNT],
}

impl Limits {
    /// What holds where the manifest says nothing.
    pub const DEFAULT: Limits = Limits::defaults();
    /// What holds for `check`, whatever a stage may use.
    pub const CHECK: Limits = Limits::of_checks();

    const fn defaults() -> Limits {
        let mut values = [0; Limit::COUNT];
        let mut at = 0;
        while at < Limit::COUNT {
            values[at] = match Limit::ALL[at].facts().preset {
                Preset::Is(value) => value,
                // Those that follow another stand behind it.
                Preset::As(other) => values[other as usize],
            };
            at += 1;
        }
        Limits { values }
    }

    const fn of_checks() -> Limits {
        let mut values = [0; Limit::COUNT];
        let mut at = 0;
        while at < Limit::COUNT {
            values[at] = Limit::ALL[at].facts().check;
            at += 1;
        }
        Limits { values }
    }

    /// The value of a limit: milliseconds, bytes or a count.
    pub const fn get(&self, limit: Limit) -> u64 {
        self.values[limit as usize]
    }

    /// A limit and its value.
    pub const fn bound(&self, limit: Limit) -> Bound {
        Bound {
            limit,
            value: self.get(limit),
        }
    }

    /// The value of a limit that is a time.
    pub const fn time(&self, limit: Limit) -> Duration {
        assert!(matches!(limit.notation(), Notation::Time));
        Duration::from_millis(self.get(limit))
    }

    /// The same with another value for one.
    #[must_use]
    pub const fn with(mut self, bound: Bound) -> Limits {
        self.values[bound.limit as usize] = bound.value;
        self
    }

    /// Every limit with its value; a value's text is what it is shown as, and [`Limit::parse`] reads that back.
    pub fn iter(&self) -> impl Iterator<Item = Bound> + '_ {
        Limit::ALL.into_iter().map(|limit| self.bound(limit))
    }

    /// The same with none above `highest`. One that is as the limit it follows is lowered with that.
    #[must_use]
    pub fn lowered_to(&self, highest: &PartialLimits) -> Limits {
        let mut lowered = *self;
        for limit in Limit::ALL {
            let value = self.get(limit).min(highest.get(limit).unwrap_or(u64::MAX));
            lowered.values[limit as usize] = match limit.facts().preset {
                // Those that follow another stand behind it.
                Preset::As(other) if self.get(limit) == self.get(other) => {
                    value.min(lowered.get(other))
                }
                Preset::As(_) | Preset::Is(_) => value,
            };
        }
        lowered
    }

    /// The same with none below the other's.
    #[must_use]
    pub fn raised_to(mut self, other: &Limits) -> Limits {
        for (value, other) in self.values.iter_mut().zip(other.values) {
            *value = other.max(*value);
        }
        self
    }

    /// What `check` of a stage with these limits may use: what every check may, and the stage's own limits of its code.
    #[must_use]
    pub fn of_check(&self) -> Limits {
        [Limit::Component, Limit::Compile, Limit::CompileMemory]
            .into_iter()
            .fold(Limits::CHECK, |check, limit| check.with(self.bound(limit)))
    }

    /// Those that are not the default.
    pub fn unusual(&self) -> impl Iterator<Item = Bound> + '_ {
        self.iter().filter(|bound| {
            let preset = match bound.limit.facts().preset {
                Preset::Is(value) => value,
                Preset::As(other) => self.get(other),
            };
            bound.value != preset
        })
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::DEFAULT
    }
}

/// Limits, any of them left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PartialLimits {
    values: [Option<u64>; Limit::COUNT],
}

impl PartialLimits {
    /// Sets one.
    pub fn set(&mut self, bound: Bound) {
        self.values[bound.limit as usize] = Some(bound.value);
    }

    /// The value of a limit, if it is set: milliseconds, bytes or a count.
    pub fn get(&self, limit: Limit) -> Option<u64> {
        self.values[limit as usize]
    }

    /// Those that are set.
    pub fn iter(&self) -> impl Iterator<Item = Bound> + '_ {
        Limit::ALL.into_iter().filter_map(|limit| {
            let value = self.get(limit)?;
            Some(Bound { limit, value })
        })
    }

    /// These, and of `others` what is not set here.
    #[must_use]
    pub fn or(mut self, others: &PartialLimits) -> PartialLimits {
        for (own, other) in self.values.iter_mut().zip(others.values) {
            *own = own.or(other);
        }
        self
    }

    /// These, and the defaults of what is not set.
    pub fn or_default(&self) -> Limits {
        let mut limits = Limits::DEFAULT;
        for limit in Limit::ALL {
            let value = match (self.get(limit), limit.facts().preset) {
                (Some(value), _) => value,
                (None, Preset::Is(value)) => value,
                (None, Preset::As(other)) => limits.get(other),
            };
            limits.values[limit as usize] = value;
        }
        limits
    }
}

impl FromIterator<Bound> for PartialLimits {
    fn from_iter<I: IntoIterator<Item = Bound>>(bounds: I) -> PartialLimits {
        let mut limits = PartialLimits::default();
        bounds.into_iter().for_each(|bound| limits.set(bound));
        limits
    }
}

impl Serialize for Limits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.iter(), serializer)
    }
}

/// As [`Limits`], without the keys that are not set.
impl Serialize for PartialLimits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.iter(), serializer)
    }
}

fn serialize<S: Serializer>(
    bounds: impl Iterator<Item = Bound>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for bound in bounds {
        let key = bound.limit.key();
        match bound.limit.notation() {
            Notation::Count => map.serialize_entry(key, &bound.value)?,
            Notation::Time | Notation::Size => map.serialize_entry(key, &bound.to_string())?,
        }
    }
    map.end()
}

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Limits, D::Error> {
        deserializer.deserialize_map(Read)
    }
}

/// A value as JSON has it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Count(u64),
    Text(String),
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Limits;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of limits")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Limits, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some((key, value)) = map.next_entry::<String, Written>()? {
            entries.insert(key, value);
        }
        let mut limits = PartialLimits::default();
        for (key, value) in entries {
            // A limit that a later version has is none of this one's.
            let Some(limit) = Limit::from_key(&key) else {
                continue;
            };
            let value = match (value, limit.notation()) {
                (Written::Count(value), Notation::Count) => value,
                (Written::Text(text), Notation::Time | Notation::Size) => {
                    limit.value(&text).map_err(A::Error::custom)?
                }
                _ => return Err(A::Error::custom(format!("`{key}` has another type"))),
            };
            limits.set(Bound { limit, value });
        }
        Ok(limits.or_default())
    }
}
