//! The stage's config.
use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Where to begin, what to do, and into which outputs the rows go.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The input whose rows the steps begin with; needed if there is more than one.
    pub from: Option<String>,
    /// What is done, in this order.
    pub steps: Vec<StepConfig>,
    /// Into which outputs the rows go; without it they all go to `table`.
    #[schemars(with = "Option<SplitSchema>")]
    pub split: Option<Split>,
    /// Whether an output may come out without rows.
    pub allow_empty: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            from: None,
            steps: Vec::new(),
            split: None,
            allow_empty: true,
        }
    }
}

/// One step: exactly one of the operations, and the keys that belong to it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepConfig {
    /// The columns to keep, in this order.
    pub select: Option<Vec<String>>,
    /// The columns to leave out.
    pub drop: Option<Vec<String>>,
    /// New names by old ones.
    pub rename: Option<BTreeMap<String, String>>,
    /// Expressions by the names of the columns they become.
    pub derive: Option<BTreeMap<String, String>>,
    /// The condition of the rows to keep.
    pub filter: Option<String>,
    /// The input to join with.
    pub join: Option<String>,
    /// join: the columns that have to be equal: names, or a table of the other input's names by this one's.
    #[schemars(with = "Option<OnSchema>")]
    pub on: Option<On>,
    /// join: which rows come out.
    pub how: Option<How>,
    /// join: what is appended to names of the other input that are taken already.
    pub suffix: Option<String>,
    /// The columns to sort by; a minus sign before a name for descending.
    pub sort: Option<Vec<String>>,
    /// The columns of which no two rows may have the same values; an empty list for all columns.
    pub deduplicate: Option<Vec<String>>,
    /// deduplicate: which of the rows is kept.
    pub keep: Option<Keep>,
    /// The inputs whose rows are appended.
    pub union: Option<Vec<String>>,
    /// The columns whose equal values make a group; an empty list, or none, for one group of all rows.
    pub group: Option<Vec<String>>,
    /// group: expressions over `count()`, `sum(x)` and the like, by the names of the columns they become.
    pub aggregate: Option<BTreeMap<String, String>>,
    /// How many rows to keep, from the first.
    pub limit: Option<u64>,
}

/// Which rows come out of a join.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A row for each pair.
    #[default]
    Inner,
    /// As inner, and the rows without a match, with nulls.
    Left,
    /// The rows that have a match, without the other input's columns.
    Semi,
    /// The rows that have no match.
    Anti,
}

/// Which of several rows with the same values stays.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The first.
    #[default]
    First,
    /// The last.
    Last,
}

/// Pairs of columns that have to be equal: of the rows, and of the other input.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct On(pub Vec<(String, String)>);

/// How rows are spread over outputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Split {
    /// Each row goes to the first output whose condition it fulfils; none is the output for all other rows.
    Conditions(Vec<(String, Option<String>)>),
    /// Shares of the rows.
    Fractions(Fractions),
}

/// Shares of the rows by output.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fractions {
    /// The share of each output; together 1.
    pub fractions: BTreeMap<String, f64>,
    /// The columns whose values decide, so that a row goes to the same output whatever other rows there are; without it, chance does.
    pub hash: Option<Vec<String>>,
    /// With `hash`: any text; another one splits differently.
    pub salt: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum SplitSchema {
    Conditions(Vec<BTreeMap<String, ConditionSchema>>),
    Fractions(Fractions),
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum ConditionSchema {
    When(String),
    Rest(bool),
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum OnSchema {
    Names(Vec<String>),
    Pairs(BTreeMap<String, String>),
}

impl<'de> Deserialize<'de> for On {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<On, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = On;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a list of columns, or a table of the other input's names by this one's",
                )
            }

            fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> Result<On, A::Error> {
                let names = Vec::<String>::deserialize(SeqAccessDeserializer::new(names))?;
                Ok(On(names
                    .into_iter()
                    .map(|name| (name.clone(), name))
                    .collect()))
            }

            fn visit_map<A: MapAccess<'de>>(self, pairs: A) -> Result<On, A::Error> {
                let pairs = BTreeMap::deserialize(MapAccessDeserializer::new(pairs))?;
                Ok(On(pairs.into_iter().collect()))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Split {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Split, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Split;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list such as [{ train = \"x < 1\" }, { test = true }], or a table with `fractions`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, outputs: A) -> Result<Split, A::Error> {
                let outputs = Vec::<Output>::deserialize(SeqAccessDeserializer::new(outputs))?;
                Ok(Split::Conditions(
                    outputs
                        .into_iter()
                        .map(|output| (output.name, output.when))
                        .collect(),
                ))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Split, A::Error> {
                Fractions::deserialize(MapAccessDeserializer::new(map)).map(Split::Fractions)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// `{ name = "condition" }` or `{ name = true }`.
struct Output {
    name: String,
    when: Option<String>,
}

impl<'de> Deserialize<'de> for Output {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Output, D::Error> {
        let map = BTreeMap::<String, When>::deserialize(deserializer)?;
        let count = map.len();
        match map.into_iter().next() {
            Some((name, When(when))) if count == 1 => Ok(Output { name, when }),
            _ => Err(D::Error::custom(
                "one output and its condition are wanted, such as { train = \"x < 1\" }; \
                 outputs are a list, since their order counts",
            )),
        }
    }
}

struct When(Option<String>);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<When, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = When;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a condition, or true for all other rows")
            }

            fn visit_str<E: Error>(self, condition: &str) -> Result<When, E> {
                Ok(When(Some(condition.to_owned())))
            }

            fn visit_bool<E: Error>(self, rest: bool) -> Result<When, E> {
                match rest {
                    true => Ok(When(None)),
                    false => Err(E::custom("an output that no row goes to")),
                }
            }
        }

        deserializer.deserialize_any(Either)
    }
}
