//! The stage's config, as it is written.
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::value::Literal;

/// What is computed per row, step after step.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The steps in order; each sees the columns as the one before left them.
    pub steps: Vec<StepConfig>,
    /// The column that is to be predicted. No step may touch it, but for `target-mean`, which learns from it.
    pub target: Option<String>,
    /// With a target of two texts: the one that counts as 1.
    pub positive: Option<String>,
}

/// One step: exactly one of the keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct StepConfig {
    /// New columns by name, each an expression over the columns before the step.
    pub derive: Option<BTreeMap<String, String>>,
    /// Fills what is missing.
    pub impute: Option<ImputeConfig>,
    /// A column of zeros and ones for each category.
    #[serde(deserialize_with = "list_or_table")]
    #[schemars(with = "Option<ListOr<OneHotConfig>>")]
    pub one_hot: Option<OneHotConfig>,
    /// The number of the category, from 0.
    #[serde(deserialize_with = "list_or_table")]
    #[schemars(with = "Option<ListOr<OrdinalConfig>>")]
    pub ordinal: Option<OrdinalConfig>,
    /// The mean of the target over the rows of the category.
    #[serde(deserialize_with = "list_or_table")]
    #[schemars(with = "Option<ListOr<TargetMeanConfig>>")]
    pub target_mean: Option<TargetMeanConfig>,
    /// Shifts and stretches numbers.
    #[serde(deserialize_with = "list_or_table")]
    #[schemars(with = "Option<ListOr<ScaleConfig>>")]
    pub scale: Option<ScaleConfig>,
    /// The number of the range that a number is in, from 0.
    pub bin: Option<BinConfig>,
    /// Columns to leave out.
    pub drop: Option<Vec<String>>,
}

/// The only key of a step, with its value.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "as the keys of `StepConfig`")]
pub enum Step<'a> {
    Derive(&'a BTreeMap<String, String>),
    Impute(&'a ImputeConfig),
    OneHot(&'a OneHotConfig),
    Ordinal(&'a OrdinalConfig),
    TargetMean(&'a TargetMeanConfig),
    Scale(&'a ScaleConfig),
    Bin(&'a BinConfig),
    Drop(&'a [String]),
}

impl StepConfig {
    /// The step; none when there is no key, or more than one.
    pub fn step(&self) -> Option<Step<'_>> {
        let mut steps = [
            self.derive.as_ref().map(Step::Derive),
            self.impute.as_ref().map(Step::Impute),
            self.one_hot.as_ref().map(Step::OneHot),
            self.ordinal.as_ref().map(Step::Ordinal),
            self.target_mean.as_ref().map(Step::TargetMean),
            self.scale.as_ref().map(Step::Scale),
            self.bin.as_ref().map(Step::Bin),
            self.drop.as_deref().map(Step::Drop),
        ]
        .into_iter()
        .flatten();
        steps.next().filter(|_| steps.next().is_none())
    }
}

/// What becomes of a category that the training table did not hold, or that `categories` does not list.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// It counts as missing.
    #[default]
    Missing,
    /// The rows are refused.
    Error,
}

/// Config of `impute`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ImputeConfig {
    /// The columns to fill.
    pub columns: Vec<String>,
    /// What with.
    pub with: ImputeWith,
    /// The value, with `with = "constant"`.
    pub value: Option<Literal>,
    /// Whether to add a column `NAME_missing` that is 1 where a value was missing.
    #[serde(default)]
    pub indicator: bool,
}

/// What fills a missing value.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ImputeWith {
    /// The mean of the training table.
    Mean,
    /// Its median.
    Median,
    /// The value that most rows of it have; of several the smallest.
    MostFrequent,
    /// The value given as `value`.
    Constant,
}

/// Categories by column.
pub type Given = BTreeMap<String, Vec<Literal>>;

/// Config of `one-hot`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OneHotConfig {
    /// The columns to encode.
    pub columns: Vec<String>,
    /// The categories of a column, instead of those that the training table holds.
    #[serde(default)]
    pub categories: Given,
    /// What becomes of others.
    #[serde(default)]
    pub unknown: Unknown,
    /// How many categories of one column are too many.
    #[serde(default = "hundred")]
    pub max_categories: u32,
    /// Whether it was written as a list of columns.
    #[serde(skip)]
    pub listed: bool,
}

fn hundred() -> u32 {
    100
}

impl From<Vec<String>> for OneHotConfig {
    fn from(columns: Vec<String>) -> OneHotConfig {
        OneHotConfig {
            columns,
            categories: Given::new(),
            unknown: Unknown::default(),
            max_categories: hundred(),
            listed: true,
        }
    }
}

/// Config of `ordinal`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OrdinalConfig {
    /// The columns to encode.
    pub columns: Vec<String>,
    /// The categories of a column in their order, instead of those that the training table holds, sorted.
    #[serde(default)]
    pub categories: Given,
    /// What becomes of others.
    #[serde(default)]
    pub unknown: Unknown,
    /// Whether it was written as a list of columns.
    #[serde(skip)]
    pub listed: bool,
}

impl From<Vec<String>> for OrdinalConfig {
    fn from(columns: Vec<String>) -> OrdinalConfig {
        OrdinalConfig {
            columns,
            categories: Given::new(),
            unknown: Unknown::default(),
            listed: true,
        }
    }
}

/// Config of `target-mean`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TargetMeanConfig {
    /// The columns to encode.
    pub columns: Vec<String>,
    /// Into how many folds the rows fall, 2 to 100; 0 for none, so that a row's own target is in its value.
    #[serde(default = "five")]
    pub folds: u32,
    /// How many rows with the mean of all count for every category.
    #[serde(default = "ten")]
    pub smoothing: f64,
    /// The raw columns that tell rows apart and so decide the fold; all that the model takes by default.
    pub key: Option<Vec<String>>,
    /// What becomes of categories that the training table did not hold.
    #[serde(default)]
    pub unknown: UnknownMean,
    /// Whether it was written as a list of columns.
    #[serde(skip)]
    pub listed: bool,
}

fn five() -> u32 {
    5
}

fn ten() -> f64 {
    10.0
}

impl From<Vec<String>> for TargetMeanConfig {
    fn from(columns: Vec<String>) -> TargetMeanConfig {
        TargetMeanConfig {
            columns,
            folds: five(),
            smoothing: ten(),
            key: None,
            unknown: UnknownMean::default(),
            listed: true,
        }
    }
}

/// What becomes of a category that the training table did not hold, in `target-mean`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownMean {
    /// It gets the mean of all rows.
    #[default]
    Mean,
    /// It counts as missing.
    Missing,
    /// The rows are refused.
    Error,
}

/// Config of `scale`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScaleConfig {
    /// The columns to scale.
    pub columns: Vec<String>,
    /// How.
    #[serde(default)]
    pub with: ScaleWith,
    /// Whether it was written as a list of columns.
    #[serde(skip)]
    pub listed: bool,
}

impl From<Vec<String>> for ScaleConfig {
    fn from(columns: Vec<String>) -> ScaleConfig {
        ScaleConfig {
            columns,
            with: ScaleWith::default(),
            listed: true,
        }
    }
}

/// What becomes 0, and what 1.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ScaleWith {
    /// The mean becomes 0, one standard deviation above it 1.
    #[default]
    Standard,
    /// The smallest value becomes 0, the greatest 1.
    MinMax,
    /// The median becomes 0; the quartiles lie 1 apart.
    Robust,
}

/// Config of `bin`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BinConfig {
    /// The columns to cut into ranges.
    pub columns: Vec<String>,
    /// What the ranges have in common.
    pub with: BinWith,
    /// How many ranges, 2 to 1000, with `quantile` and `width`.
    pub bins: Option<u32>,
    /// Where a range ends and the next begins, ascending, with `edges`.
    pub edges: Option<Vec<f64>>,
}

/// How to find the ranges.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum BinWith {
    /// Each holds as many rows of the training table.
    Quantile,
    /// Each is as wide.
    Width,
    /// They are given.
    Edges,
}

/// The two ways to write a step, for the JSON Schema.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum ListOr<T> {
    /// The columns alone; all else as by default.
    Columns(Vec<String>),
    /// The columns, and more.
    Table(T),
}

/// Reads a list of columns or a table. An untagged enum would lose the place of what is wrong within the table.
fn list_or_table<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: DeserializeOwned + From<Vec<String>>,
    D: Deserializer<'de>,
{
    struct Either<T>(PhantomData<T>);

    impl<'de, T: DeserializeOwned + From<Vec<String>>> Visitor<'de> for Either<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of columns, or a table with `columns`")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
            let columns = Vec::<String>::deserialize(SeqAccessDeserializer::new(list))?;
            Ok(columns.into())
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(Either(PhantomData)).map(Some)
}
