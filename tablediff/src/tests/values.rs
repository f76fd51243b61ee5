//! When values are equal, and the counts of each column.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, MapBuilder, StringBuilder};
use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, FixedSizeListArray, Float32Array,
    Float64Array, Int8Array, Int32Array, Int64Array, ListArray, NullArray, RunArray, StringArray,
    StringViewArray, StructArray, UInt64Array, UnionArray,
};
use arrow_schema::{DataType, Field, UnionFields};
use serde_json::json;

use super::{Table, array, column, compare, compare_values, table};

fn changed(old: ArrayRef, new: ArrayRef) -> u64 {
    compare_values(old, new).rows.changed
}

#[test]
fn nan_is_nan_and_zeros_have_a_sign() {
    let other_nan = f64::from_bits(0xfff8_0000_0000_0001);
    let old = Float64Array::from(vec![Some(f64::NAN), Some(0.0), None, Some(1.0), None]);
    let new = Float64Array::from(vec![
        Some(other_nan),
        Some(-0.0),
        None,
        None,
        Some(f64::NAN),
    ]);
    let found = compare_values(array(old), array(new));
    let v = column(&found, "v");
    assert_eq!((v.changed, v.null_to_value, v.value_to_null), (3, 1, 1));
    assert_eq!(found.samples.changed[2].columns[0].new, json!("NaN"));
    let singles = |bits| array(Float32Array::from(vec![f32::from_bits(bits)]));
    assert_eq!(changed(singles(0x7fc0_0000), singles(0xffc0_0001)), 0);
}

#[test]
fn nan_keys_are_equal() {
    let version = |nan: f64, value: i64| {
        table(vec![
            ("k", array(Float64Array::from(vec![nan]))),
            ("v", array(Int64Array::from(vec![value]))),
        ])
    };
    let found = compare(&version(f64::NAN, 1), &version(-f64::NAN, 2), &["k"]);
    assert_eq!(found.rows.changed, 1);
}

#[test]
fn statistics_of_numbers() {
    let old = Int64Array::from(vec![Some(1), Some(10), None, Some(i64::MIN), Some(5)]);
    let new = Int64Array::from(vec![Some(2), Some(7), Some(3), Some(i64::MIN), None]);
    let found = compare_values(array(old), array(new));
    let v = column(&found, "v");
    assert_eq!((v.changed, v.null_to_value, v.value_to_null), (4, 1, 1));
    let difference = v.difference.unwrap();
    assert_eq!(
        (difference.rows, difference.mean, difference.largest),
        (2, -1.0, 3.0)
    );
    assert_eq!((v.before.count, v.before.nulls), (4, 1));
    assert_eq!(
        (&v.before.min, &v.before.max),
        (&Some(json!(1)), &Some(json!(10)))
    );
    assert_eq!((v.after.mean, v.before.mean), (Some(4.0), Some(16.0 / 3.0)));
    assert_eq!(column(&found, "k").changed, 0);
}

#[test]
fn large_whole_numbers_keep_their_difference() {
    let found = compare_values(
        array(Int64Array::from(vec![i64::MAX - 1])),
        array(Int64Array::from(vec![i64::MAX])),
    );
    assert_eq!(column(&found, "v").difference.unwrap().mean, 1.0);
}

#[test]
fn statistics_leave_out_what_is_not_finite() {
    let old = Float64Array::from(vec![f64::NAN, 1.0, 2.0]);
    let new = Float64Array::from(vec![1.0, f64::INFINITY, 4.0]);
    let found = compare_values(array(old), array(new));
    let v = column(&found, "v");
    assert_eq!(v.difference.unwrap().rows, 1);
    assert_eq!(
        (v.before.not_finite, &v.before.min, &v.before.max),
        (1, &Some(json!(1.0)), &Some(json!(2.0)))
    );
    assert_eq!(
        (v.after.mean, &v.after.max),
        (Some(2.5), &Some(json!("inf")))
    );
}

#[test]
fn text_and_booleans_have_ends_but_no_mean() {
    let texts = |texts: Vec<&str>| array(StringArray::from(texts));
    let found = compare_values(texts(vec!["b", "a"]), texts(vec!["c", "d"]));
    let v = column(&found, "v");
    assert_eq!(
        (&v.before.min, &v.after.max, v.after.mean),
        (&Some(json!("a")), &Some(json!("d")), None)
    );
    assert!(v.difference.is_none());
    let booleans = |booleans: Vec<bool>| array(BooleanArray::from(booleans));
    assert_eq!(changed(booleans(vec![true]), booleans(vec![false])), 1);
}

#[test]
fn numbers_of_another_type_are_compared_by_value() {
    let found = compare_values(
        array(Int32Array::from(vec![1, 2])),
        array(Float64Array::from(vec![1.0, 2.5])),
    );
    assert_eq!(
        (found.rows.changed, found.schema.retyped[0].compared),
        (1, true)
    );
    assert_eq!(column(&found, "v").difference.unwrap().mean, 0.5);
    assert_eq!(column(&found, "v").data_type, "Float64");
    let small = || array(Int8Array::from(vec![-1, 5]));
    let large = || array(UInt64Array::from(vec![u64::MAX, 5]));
    assert_eq!(changed(small(), large()), 1);
    let decimal = Decimal128Array::from(vec![-100, 500])
        .with_precision_and_scale(5, 2)
        .unwrap();
    assert_eq!(changed(small(), array(decimal)), 0);
}

#[test]
fn other_changes_of_type_are_left_out() {
    let found = compare_values(
        array(Int32Array::from(vec![1])),
        array(StringArray::from(vec!["2"])),
    );
    assert_eq!((found.rows.unchanged, found.rows.changed), (1, 0));
    assert_eq!(
        (found.columns.len(), found.schema.retyped[0].compared),
        (1, false)
    );
    assert!(!found.is_empty());
}

#[test]
fn dictionaries_are_compared_by_value() {
    let old: DictionaryArray<Int32Type> = ["a", "b", "a"].into_iter().collect();
    let new: DictionaryArray<Int32Type> = ["a", "a", "b"].into_iter().collect();
    let found = compare_values(array(old), array(new));
    assert_eq!(found.rows.changed, 2);
    assert_eq!(found.samples.changed[0].columns[0].new, json!("a"));
}

#[test]
fn lists() {
    let lists = |last: f64, nan: f64| {
        let lists = [
            Some(vec![Some(1.0), None]),
            None,
            Some(vec![Some(nan), Some(last)]),
        ];
        array(ListArray::from_iter_primitive::<Float64Type, _, _>(lists))
    };
    assert_eq!(changed(lists(1.0, f64::NAN), lists(1.0, -f64::NAN)), 0);
    let found = compare_values(lists(1.0, f64::NAN), lists(2.0, f64::NAN));
    let v = column(&found, "v");
    assert_eq!((v.changed, &v.before.min), (1, &None));
    assert_eq!(found.samples.changed[0].columns[0].new, json!("[NaN, 2.0]"));
}

#[test]
fn structs_with_dictionaries() {
    let structs = |words: [&str; 2]| {
        let words: DictionaryArray<Int32Type> = words.into_iter().collect();
        let field = Field::new(
            "word",
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
            true,
        );
        array(StructArray::from(vec![(Arc::new(field), array(words))]))
    };
    let found = compare_values(structs(["a", "b"]), structs(["a", "a"]));
    assert_eq!(found.rows.changed, 1);
    assert_eq!(found.samples.changed[0].columns[0].old, json!("{word: b}"));
}

#[test]
fn maps() {
    let map = |value: i32| {
        let mut builder = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
        builder.keys().append_value("a");
        builder.values().append_value(value);
        builder.append(true).unwrap();
        array(builder.finish())
    };
    assert_eq!(changed(map(1), map(1)), 0);
    assert_eq!(changed(map(1), map(2)), 1);
}

#[test]
fn other_nested_and_view_types() {
    let fixed = |last: f64| {
        let lists = [
            Some(vec![Some(1.0), None]),
            None,
            Some(vec![Some(f64::NAN), Some(last)]),
        ];
        array(FixedSizeListArray::from_iter_primitive::<Float64Type, _, _>(lists, 2))
    };
    assert_eq!(
        (
            changed(fixed(1.0), fixed(1.0)),
            changed(fixed(1.0), fixed(2.0))
        ),
        (0, 1)
    );
    let views = |text: &str| {
        array(StringViewArray::from(vec![
            Some(text),
            None,
            Some("a text beyond twelve bytes"),
        ]))
    };
    assert_eq!(
        (
            changed(views("a"), views("a")),
            changed(views("a"), views("b"))
        ),
        (0, 1)
    );
    let runs = |values: [&str; 4]| array(values.into_iter().collect::<RunArray<Int32Type>>());
    assert_eq!(
        changed(runs(["a", "a", "b", "b"]), runs(["a", "a", "a", "b"])),
        1
    );
    let union = |number: i32| {
        let fields = [
            (0, Arc::new(Field::new("n", DataType::Int32, true))),
            (1, Arc::new(Field::new("t", DataType::Utf8, true))),
        ];
        let children = vec![
            array(Int32Array::from(vec![number])),
            array(StringArray::from(vec!["t"])),
        ];
        let fields: UnionFields = fields.into_iter().collect();
        array(
            UnionArray::try_new(fields, vec![0, 1].into(), Some(vec![0, 0].into()), children)
                .unwrap(),
        )
    };
    assert_eq!(
        (changed(union(1), union(1)), changed(union(1), union(2))),
        (0, 1)
    );
    let nothing = || array(NullArray::new(2));
    assert_eq!(changed(nothing(), nothing()), 0);
}

#[test]
fn blocks_may_be_slices_of_larger_arrays() {
    let structs = |offset: usize| {
        let values =
            Float64Array::from(vec![Some(9.0), Some(1.0), Some(f64::NAN), None, Some(9.0)]);
        let field = Field::new("x", DataType::Float64, true);
        let structs = StructArray::from(vec![(Arc::new(field), array(values) as ArrayRef)]);
        array(structs.slice(offset, 3))
    };
    assert_eq!(changed(structs(1), structs(1)), 0);
    assert_eq!(changed(structs(1), structs(2)), 3);
    let lists = ListArray::from_iter_primitive::<Float64Type, _, _>([
        Some(vec![Some(1.0)]),
        Some(vec![Some(f64::NAN), Some(3.0)]),
        None,
    ]);
    let plain = ListArray::from_iter_primitive::<Float64Type, _, _>([
        Some(vec![Some(-f64::NAN), Some(3.0)]),
        None,
    ]);
    assert_eq!(changed(array(lists.slice(1, 2)), array(plain)), 0);
}

#[test]
fn more_columns_than_before() {
    let keys = || array(Int64Array::from(vec![1, 2]));
    let old: Table = table(vec![("k", keys()), ("v", keys())]);
    let new = table(vec![("n", keys()), ("v", keys()), ("k", keys())]);
    let found = compare(&old, &new, &["k"]);
    assert_eq!(
        (
            found.rows.unchanged,
            found.schema.added.len(),
            found.schema.moved.len()
        ),
        (2, 1, 1)
    );
    let names: Vec<_> = found
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["v", "k"]);
}
