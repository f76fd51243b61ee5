//! What a deploy plugin is asked about: the versions of a model with their shares of the traffic, and what was observed on them.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};

use super::bench::Setup;
use super::{KitError, table};
use crate::digest::Digest;
use crate::endpoint::{self, ArmRecord, Asked, InvalidDecision};
use crate::job::InputDigest;
use crate::store::Store;
use crate::table::schema::TableSchema;
use crate::wire::Action;

/// The ports of the two tables.
const ARMS: &str = "arms";
const FIGURES: &str = "figures";
/// What each figure is said to cover, in ns: an hour.
const SPAN: u64 = 3_600_000_000_000;

/// A figure that was observed on a version.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The version, from 1.
    pub version: u64,
    /// What was measured.
    pub metric: String,
    /// The slice of the traffic, if not all of it.
    pub slice: Option<&'static str>,
    /// The value.
    pub value: f64,
    /// How many observations it rests on.
    pub count: u64,
}

/// The inputs for versions 1, 2 and so on with these shares.
///
/// # Errors
/// When the store fails.
pub fn asked(
    store: &Store,
    weights: &[f64],
    figures: &[Figure],
) -> Result<Vec<(String, InputDigest)>, KitError> {
    let mut publication = store.begin();
    let arms = (1..).zip(weights);
    let asked = Asked {
        arms: arms.map(|(version, weight)| arm(version, *weight)).collect(),
        state: None,
    };
    let written = asked.write(&mut publication).map_err(table::stored)?;
    publication.commit()?;
    let mut inputs: Vec<_> = written
        .map(|(name, digest)| (name.to_owned(), InputDigest::Table(digest)))
        .into();
    if !figures.is_empty() {
        let observed = table::put(store, &rows(figures))?;
        inputs.retain(|(name, _)| name != FIGURES);
        inputs.push((FIGURES.to_owned(), InputDigest::Table(observed)));
    }
    Ok(inputs)
}

fn arm(version: u64, weight: f64) -> ArmRecord {
    let nothing = Digest::of(b"");
    ArmRecord {
        version,
        package: nothing,
        model: nothing,
        weight,
    }
}

fn rows(figures: &[Figure]) -> RecordBatch {
    let schema = schema(FIGURES).expect("a table of the world");
    let count = |value: fn(&Figure) -> u64| -> ArrayRef {
        Arc::new(UInt64Array::from_iter_values(figures.iter().map(value)))
    };
    let versions = figures.iter().map(|figure| figure.version.to_string());
    let metrics = figures.iter().map(|figure| &figure.metric);
    let slices = figures.iter().map(|figure| figure.slice);
    let values = figures.iter().map(|figure| figure.value);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(versions)),
        Arc::new(StringArray::from_iter_values(metrics)),
        Arc::new(slices.collect::<StringArray>()),
        count(|_| SPAN),
        Arc::new(Float64Array::from_iter_values(values)),
        count(|figure| figure.count),
    ];
    RecordBatch::try_new(Arc::clone(schema.arrow()), columns).expect("the columns of the schema")
}

/// The schema of an input of that name, which the world sets.
pub fn schema(port: &str) -> Option<TableSchema> {
    let mut tables = endpoint::tables().into_iter();
    tables.find_map(|(name, schema)| (name == port).then_some(schema))
}

/// Why the endpoint cannot follow a decision about a setup's arms, if it cannot. Nothing is said of arms whose versions are no numbers:
/// those of an endpoint are.
///
/// # Errors
/// When the store fails.
pub fn invalid(
    store: &Store,
    setup: &Setup,
    action: &Action,
) -> Result<Option<InvalidDecision>, KitError> {
    let Some(InputDigest::Table(digest)) = setup.inputs.get(ARMS) else {
        return Ok(None);
    };
    let rows = table::rows(store, &store.table(digest)?)?;
    let versions = rows.column(0).as_string::<i32>();
    let weights = rows.column(1).as_primitive::<Float64Type>();
    let arms: Option<Vec<_>> = (0..rows.num_rows())
        .map(|row| Some(arm(versions.value(row).parse().ok()?, weights.value(row))))
        .collect();
    Ok(arms.and_then(|arms| endpoint::after(&arms, action).err()))
}
