//! Whether a result shows a NaN: what processors give other bits for, and what code of one NaN is compiled for.

use std::io::Read;

use super::KitError;
use crate::canonical_json;
use crate::digest::Digest;
use crate::job::StageResult;
use crate::store::Store;
use crate::store::reach::{Local, Node, Reach, digests_in};

/// Whether bytes that read as a NaN stand anywhere in what a result names: a table's rows, a state, a file.
///
/// # Errors
/// When the store fails.
pub fn shown(store: &Store, result: &StageResult) -> Result<bool, KitError> {
    let text = canonical_json::to_string(result).expect("the result was published as this text");
    let mut reach = Reach::default();
    for digest in digests_in(text.as_bytes()) {
        reach.follow(&mut Local(store), digest)?;
    }
    for node in reach.nodes() {
        let bytes = match node {
            Node::Blob(digest) => store.blob(digest)?,
            Node::Block(digest) => block(store, digest)?,
            Node::Result { .. } => continue,
        };
        if stands_in(&bytes) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn block(store: &Store, digest: &Digest) -> Result<Vec<u8>, KitError> {
    let mut bytes = Vec::new();
    let read = store.open_block_of(digest)?.read_to_end(&mut bytes);
    read.map_err(|error| KitError::Read {
        path: store.path(),
        error,
    })?;
    Ok(bytes)
}

/// Whether the NaN that float operations give, of either sign, stands in these bytes: of 32 or 64 bits, of either order, at any place.
fn stands_in(bytes: &[u8]) -> bool {
    let four = bytes.windows(4).any(|window| {
        matches!(
            window,
            [0, 0, 0xc0, 0x7f | 0xff] | [0x7f | 0xff, 0xc0, 0, 0]
        )
    });
    let eight = || {
        bytes.windows(8).any(|window| {
            matches!(
                window,
                [0, 0, 0, 0, 0, 0, 0xf8, 0x7f | 0xff] | [0x7f | 0xff, 0xf8, 0, 0, 0, 0, 0, 0]
            )
        })
    };
    four || eight()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use arrow_array::{Array, BinaryArray, Float64Array, RecordBatch};
    use proptest::prelude::*;

    use super::*;
    use crate::job::{Fitted, OutputRecord};
    use crate::plugin::kit::table;
    use crate::store::testing::store;
    use crate::table::schema::TableSchema;

    fn result(table: Option<Digest>, state: Option<Digest>) -> StageResult {
        let takes: TableSchema = crate::table::testing::schema(&[("x", "g", false)]);
        StageResult {
            outputs: table
                .map(|digest| {
                    let (rows, bytes) = (1, 8);
                    (
                        "table".into(),
                        OutputRecord::Table {
                            digest,
                            rows,
                            bytes,
                        },
                    )
                })
                .into_iter()
                .collect(),
            fitted: state.map(|state| Fitted {
                state,
                bytes: 8,
                takes: takes.clone(),
                gives: takes,
            }),
            ..StageResult::default()
        }
    }

    #[test]
    fn one_in_a_table_or_in_a_state_is_seen() {
        let (_dir, store) = store();
        let nan = -f64::NAN;
        let put = |column: Arc<dyn Array>| {
            let rows = RecordBatch::try_from_iter([("x", column)]).unwrap();
            table::put(&store, &rows).unwrap()
        };
        let numbers = |x| put(Arc::new(Float64Array::from(vec![0.5, x])));
        let seen = |table, state| shown(&store, &result(table, state)).unwrap();

        assert!(!seen(Some(numbers(1.5)), None));
        assert!(seen(Some(numbers(nan)), None));
        let bytes = nan.to_le_bytes();
        let binary = put(Arc::new(BinaryArray::from(vec![&bytes[..]])));
        assert!(seen(Some(binary), None));

        let state = |x: f64| store.put_blob(&[&b"head"[..], &x.to_le_bytes()].concat());
        assert!(!seen(None, Some(state(1.5).unwrap())));
        assert!(seen(None, Some(state(nan).unwrap())));
        assert!(!seen(None, None));
    }

    proptest! {
        #[test]
        fn it_is_seen_wherever_it_stands(
            before in prop::collection::vec(any::<u8>(), 0..9),
            after in prop::collection::vec(any::<u8>(), 0..9),
            (negative, single, big) in any::<(bool, bool, bool)>(),
        ) {
            let sign = if negative { -1.0 } else { 1.0 };
            let nan = match (single, big) {
                (true, true) => f32::NAN.copysign(sign).to_be_bytes().to_vec(),
                (true, false) => f32::NAN.copysign(sign).to_le_bytes().to_vec(),
                (false, true) => f64::NAN.copysign(f64::from(sign)).to_be_bytes().to_vec(),
                (false, false) => f64::NAN.copysign(f64::from(sign)).to_le_bytes().to_vec(),
            };
            prop_assert!(stands_in(&[before, nan, after].concat()));
        }
    }
}
