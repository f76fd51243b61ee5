//! What differs in the columns.

use std::collections::HashMap;

use arrow_schema::{DataType, Schema};

use crate::result::{ColumnType, Moved, Retyped, SchemaDiff};

/// A column of both versions: its positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Common {
    pub old: usize,
    pub new: usize,
}

/// The columns of both versions, in the order of the new one.
pub(crate) fn common(old: &Schema, new: &Schema) -> Vec<Common> {
    let positions: HashMap<&str, usize> = names(old).zip(0..).collect();
    names(new)
        .enumerate()
        .filter_map(|(new, name)| positions.get(name).map(|&old| Common { old, new }))
        .collect()
}

fn names(schema: &Schema) -> impl Iterator<Item = &str> {
    schema.fields().iter().map(|field| field.name().as_str())
}

/// What differs in the columns.
pub(crate) fn compare(old: &Schema, new: &Schema, common: &[Common]) -> SchemaDiff {
    SchemaDiff {
        added: only_in(new, common.iter().map(|both| both.new)),
        removed: only_in(old, common.iter().map(|both| both.old)),
        retyped: common
            .iter()
            .filter_map(|both| retyped(old, new, *both))
            .collect(),
        moved: moved(new, common),
    }
}

fn only_in(schema: &Schema, common: impl Iterator<Item = usize>) -> Vec<ColumnType> {
    let mut is_common = vec![false; schema.fields().len()];
    common.for_each(|position| is_common[position] = true);
    let fields = schema.fields().iter().zip(is_common);
    fields
        .filter(|(_, is_common)| !is_common)
        .map(|(field, _)| ColumnType {
            name: field.name().clone(),
            data_type: field.data_type().to_string(),
        })
        .collect()
}

fn retyped(old: &Schema, new: &Schema, both: Common) -> Option<Retyped> {
    let (was, is) = (
        old.field(both.old).data_type(),
        new.field(both.new).data_type(),
    );
    (was != is).then(|| Retyped {
        name: new.field(both.new).name().clone(),
        old: was.to_string(),
        new: is.to_string(),
        compared: common_type(was, is).is_some(),
    })
}

/// The columns outside a longest run that kept its order: one column put to the front is one move, not one of each column.
fn moved(new: &Schema, common: &[Common]) -> Vec<Moved> {
    let old: Vec<usize> = common.iter().map(|both| both.old).collect();
    let kept = longest_increasing(&old);
    let moves = common.iter().zip(kept).filter(|(_, kept)| !kept);
    moves
        .map(|(both, _)| Moved {
            name: new.field(both.new).name().clone(),
            old: both.old,
            new: both.new,
        })
        .collect()
}

/// For each value whether it is part of a longest increasing subsequence (patience sorting). Values are distinct.
fn longest_increasing(values: &[usize]) -> Vec<bool> {
    // The position of the smallest last value of a run, by the length of the run less one.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (position, value) in values.iter().enumerate() {
        let length = tails.partition_point(|&tail| values[tail] < *value);
        before.push(length.checked_sub(1).map(|shorter| tails[shorter]));
        if length == tails.len() {
            tails.push(position);
        } else {
            tails[length] = position;
        }
    }
    let mut kept = vec![false; values.len()];
    let mut at = tails.last().copied();
    while let Some(position) = at {
        kept[position] = true;
        at = before[position];
    }
    kept
}

/// The type in which values of these types are compared; none if they are not.
pub(crate) fn common_type(old: &DataType, new: &DataType) -> Option<DataType> {
    match (old, new) {
        (DataType::Dictionary(_, values), _) if old == new => Some(values.as_ref().clone()),
        _ if old == new => Some(old.clone()),
        _ if old.is_numeric() && new.is_numeric() => Some(common_number(old, new)),
        _ => None,
    }
}

/// The narrowest of `Int64`, `UInt64`, decimals and `Float64` that holds both.
fn common_number(old: &DataType, new: &DataType) -> DataType {
    let both = [old, new];
    if both.iter().any(|number| number.is_floating()) {
        return DataType::Float64;
    }
    if both.iter().all(|number| number.is_unsigned_integer()) {
        return DataType::UInt64;
    }
    let fits_int64 = |number: &&DataType| number.is_integer() && **number != DataType::UInt64;
    if both.iter().all(fits_int64) {
        return DataType::Int64;
    }
    let ((old_digits, old_scale), (new_digits, new_scale)) = (digits(old), digits(new));
    let scale = old_scale.max(new_scale);
    let precision = i16::from(scale) + old_digits.max(new_digits);
    match u8::try_from(precision) {
        Ok(precision @ 0..=38) => DataType::Decimal128(precision.max(1), scale),
        Ok(precision @ 39..=76) => DataType::Decimal256(precision, scale),
        _ => DataType::Float64,
    }
}

/// How many digits a whole number or decimal has before the point, and its digits after it.
fn digits(number: &DataType) -> (i16, i8) {
    match number {
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => {
            (i16::from(*precision) - i16::from(*scale), (*scale).max(0))
        }
        // The most that 64 bits have.
        _ => (20, 0),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use arrow_schema::Field;

    fn schema(columns: &[(&str, DataType)]) -> Schema {
        let field =
            |(name, data_type): &(&str, DataType)| Field::new(*name, data_type.clone(), true);
        Schema::new(columns.iter().map(field).collect::<Vec<_>>())
    }

    fn ints(names: &[&'static str]) -> Schema {
        schema(
            &names
                .iter()
                .map(|name| (*name, DataType::Int64))
                .collect::<Vec<_>>(),
        )
    }

    fn compared(old: &Schema, new: &Schema) -> SchemaDiff {
        compare(old, new, &common(old, new))
    }

    #[test]
    fn added_removed_and_retyped() {
        let old = schema(&[
            ("a", DataType::Int32),
            ("b", DataType::Utf8),
            ("c", DataType::Utf8),
        ]);
        let new = schema(&[
            ("a", DataType::Int64),
            ("c", DataType::Int64),
            ("d", DataType::Date32),
        ]);
        let diff = compared(&old, &new);
        assert_eq!(diff.added[0].name, "d");
        assert_eq!(diff.added[0].data_type, "Date32");
        assert_eq!(diff.removed[0].name, "b");
        let retyped: Vec<_> = diff
            .retyped
            .iter()
            .map(|r| (r.name.as_str(), r.compared))
            .collect();
        assert_eq!(retyped, [("a", true), ("c", false)]);
        assert!(diff.moved.is_empty());
    }

    #[test]
    fn one_move_is_one_move() {
        let diff = compared(&ints(&["a", "b", "c", "d"]), &ints(&["d", "a", "b", "c"]));
        assert_eq!(
            diff.moved,
            [Moved {
                name: "d".into(),
                old: 3,
                new: 0
            }]
        );
        assert!(
            compared(&ints(&["a", "b"]), &ints(&["x", "a", "b"]))
                .moved
                .is_empty()
        );
    }

    #[test]
    fn numbers_have_a_common_type() {
        use DataType::*;
        let cases = [
            (Int8, Int32, Int64),
            (UInt8, Int32, Int64),
            (UInt64, UInt8, UInt64),
            (UInt64, Int8, Decimal128(20, 0)),
            (Int64, Float32, Float64),
            (Float16, Float32, Float64),
            (Decimal128(10, 2), Decimal128(8, 4), Decimal128(12, 4)),
            (Decimal128(38, 20), Int64, Decimal256(40, 20)),
            (Decimal256(76, 0), Decimal256(76, 10), Float64),
        ];
        for (old, new, expected) in cases {
            assert_eq!(common_type(&old, &new), Some(expected.clone()));
            assert_eq!(common_type(&new, &old), Some(expected));
        }
        assert_eq!(common_type(&Int64, &Utf8), None);
        assert_eq!(common_type(&Boolean, &Int8), None);
    }
}
