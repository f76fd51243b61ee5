//! What a deploy plugin is asked about: the versions of a model with their shares of the traffic, and what was observed on them.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;

use super::bench::Setup;
use super::{KitError, table};
use crate::digest::Digest;
use crate::endpoint::{self, ArmRecord, Asked, InvalidDecision};
use crate::job::InputDigest;
use crate::store::Store;
use crate::table::schema::TableSchema;
use crate::wire::Action;

/// The port of the table with the versions.
pub const ARMS: &str = "arms";

/// The inputs for versions 1, 2 and so on with these shares, of which nothing was observed yet.
///
/// # Errors
/// When the store fails.
pub fn asked(store: &Store, weights: &[f64]) -> Result<[(&'static str, Digest); 2], KitError> {
    let mut publication = store.begin();
    let arms = (1..).zip(weights);
    let asked = Asked {
        arms: arms
            .map(|(version, weight)| arm(version, *weight))
            .collect(),
        state: None,
    };
    let written = asked.write(&mut publication).map_err(table::stored)?;
    publication.commit()?;
    Ok(written)
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
    let rows = table::rows(store, digest)?;
    let versions = rows.column(0).as_string::<i32>();
    let weights = rows.column(1).as_primitive::<Float64Type>();
    let arms: Option<Vec<_>> = (0..rows.num_rows())
        .map(|row| Some(arm(versions.value(row).parse().ok()?, weights.value(row))))
        .collect();
    Ok(arms.and_then(|arms| endpoint::after(&arms, action).err()))
}
