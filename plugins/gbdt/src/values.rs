//! Columns as numbers, and categories in an order.

use std::collections::BTreeMap;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, PrimitiveArray, StringArray};
use arrow_schema::DataType;

/// As if every category had this many more rows, with the mean of all.
const SMOOTHING: f64 = 10.0;

/// Whether a column of this type is one of numbers, as [`numbers`] reads them.
pub fn is_number(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Boolean
            | DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
            | DataType::UInt64
            | DataType::Float32
            | DataType::Float64
    )
}

/// Some rows of a column of numbers: NaN under nulls, 0 and 1 for bool.
///
/// # Panics
/// When the column is not one of numbers, or does not have these rows, or `into` is not as long.
pub fn numbers(array: &dyn Array, rows: Range<usize>, into: &mut [f64]) {
    macro_rules! read {
        ($($variant:ident => $type:ty),*) => {
            match array.data_type() {
                $(DataType::$variant => copy(array.as_primitive::<$type>(), rows, into, |value| value as f64),)*
                DataType::Boolean => {
                    let bits = array.as_boolean().values();
                    for (into, row) in into.iter_mut().zip(rows.clone()) {
                        *into = f64::from(u8::from(bits.value(row)));
                    }
                    clear(array, rows, into);
                }
                other => unreachable!("{other} is not a type of numbers"),
            }
        };
    }
    assert_eq!(rows.len(), into.len(), "one number a row");
    read!(
        Int8 => Int8Type, Int16 => Int16Type, Int32 => Int32Type, Int64 => Int64Type,
        UInt8 => UInt8Type, UInt16 => UInt16Type, UInt32 => UInt32Type, UInt64 => UInt64Type,
        Float32 => Float32Type, Float64 => Float64Type
    );
}

fn copy<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    rows: Range<usize>,
    into: &mut [f64],
    number: impl Fn(T::Native) -> f64,
) {
    for (into, value) in into.iter_mut().zip(&array.values()[rows.clone()]) {
        *into = number(*value);
    }
    clear(array, rows, into);
}

/// Puts NaN where the array has a null.
fn clear(array: &dyn Array, rows: Range<usize>, into: &mut [f64]) {
    if let Some(nulls) = array.nulls() {
        for (into, row) in into.iter_mut().zip(rows) {
            if nulls.is_null(row) {
                *into = f64::NAN;
            }
        }
    }
}

/// The categories of a column in an order that trees can cut: from those with the lowest target to those with the highest.
///
/// For one split this loses nothing: of all ways to part the categories in two, the best one by squared error or log loss is a cut
/// of this order (Fisher 1958; Breiman and others 1984).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Categories {
    /// The categories in their order.
    ordered: Vec<String>,
    /// Places in the order, sorted by category.
    places: Vec<u32>,
}

impl Categories {
    /// Categories that are in their order already.
    ///
    /// # Errors
    /// When one is there twice.
    pub fn new(ordered: Vec<String>) -> Result<Categories, String> {
        let mut places: Vec<u32> = (0..ordered.len() as u32).collect();
        places.sort_by(|a, b| ordered[*a as usize].cmp(&ordered[*b as usize]));
        let same = |pair: &[u32]| ordered[pair[0] as usize] == ordered[pair[1] as usize];
        if places.windows(2).any(same) {
            return Err("a category is there twice".to_owned());
        }
        Ok(Categories { ordered, places })
    }

    /// The categories in their order.
    pub fn ordered(&self) -> &[String] {
        &self.ordered
    }

    /// The place of a category in the order.
    pub fn place(&self, category: &str) -> Option<f64> {
        let found = self
            .places
            .binary_search_by(|place| self.ordered[*place as usize].as_str().cmp(category));
        found.ok().map(|index| f64::from(self.places[index]))
    }

    /// Some rows of a text column as places: NaN under nulls and for what is not among the categories; of the latter the first one
    /// is returned.
    ///
    /// # Panics
    /// When the column does not have these rows, or `into` is not as long.
    pub fn numbers<'a>(
        &self,
        array: &'a StringArray,
        rows: Range<usize>,
        into: &mut [f64],
    ) -> Option<&'a str> {
        assert_eq!(rows.len(), into.len(), "one number a row");
        let mut unknown = None;
        for (into, row) in into.iter_mut().zip(rows) {
            *into = f64::NAN;
            if array.is_valid(row) {
                let category = array.value(row);
                match self.place(category) {
                    Some(place) => *into = place,
                    None => unknown = unknown.or(Some(category)),
                }
            }
        }
        unknown
    }
}

/// Orders categories by the mean of the target.
#[derive(Debug, Default)]
pub struct Ordering {
    /// For each category the sums of target times weight and of weight.
    sums: BTreeMap<String, [f64; 2]>,
}

impl Ordering {
    /// Takes rows of the column, with as many targets and weights.
    pub fn add(&mut self, array: &StringArray, targets: &[f64], weight: impl Fn(usize) -> f64) {
        for (row, target) in targets.iter().enumerate() {
            if array.is_null(row) {
                continue;
            }
            let category = array.value(row);
            let add = |sums: &mut [f64; 2]| {
                sums[0] += target * weight(row);
                sums[1] += weight(row);
            };
            match self.sums.get_mut(category) {
                Some(sums) => add(sums),
                None => add(self.sums.entry(category.to_owned()).or_default()),
            }
        }
    }

    /// The order; `mean` is that of all rows, to which categories with few rows are drawn. Of equal ones the name decides.
    pub fn finish(self, mean: f64) -> Categories {
        let ranked = self.sums.into_iter().map(|(category, sums)| {
            let drawn = (sums[0] + SMOOTHING * mean) / (sums[1] + SMOOTHING);
            (drawn, category)
        });
        let mut ranked: Vec<_> = ranked.collect();
        // Stable, and sorted by name before.
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        let ordered = ranked.into_iter().map(|(_, category)| category).collect();
        Categories::new(ordered).expect("the keys of a map differ")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow_array::{BooleanArray, Float32Array, Int64Array};

    use super::*;

    fn read(array: &dyn Array, rows: Range<usize>) -> Vec<Option<f64>> {
        let mut into = vec![0.0; rows.len()];
        numbers(array, rows, &mut into);
        into.into_iter()
            .map(|value| (!value.is_nan()).then_some(value))
            .collect()
    }

    #[test]
    fn numbers_of_any_type_are_read_and_nulls_are_missing() {
        let ints = Int64Array::from(vec![Some(1), None, Some(-3)]);
        assert_eq!(read(&ints, 0..3), [Some(1.0), None, Some(-3.0)]);
        assert_eq!(read(&ints.slice(1, 2), 1..2), [Some(-3.0)]);
        let floats = Float32Array::from(vec![0.5, f32::NAN]);
        assert_eq!(read(&floats, 0..2), [Some(0.5), None]);
        let bools = BooleanArray::from(vec![Some(true), None, Some(false)]);
        assert_eq!(read(&bools, 0..3), [Some(1.0), None, Some(0.0)]);
    }

    #[test]
    fn categories_are_ordered_by_their_target_and_rare_ones_drawn_to_the_mean() {
        let mut ordering = Ordering::default();
        let column = StringArray::from(vec![
            Some("low"),
            Some("high"),
            Some("rare"),
            None,
            Some("even"),
            Some("also"),
        ]);
        for _ in 0..100 {
            let some = column.slice(0, 2);
            ordering.add(&some, &[0.0, 1.0], |_| 1.0);
        }
        ordering.add(&column.slice(2, 4), &[1.0, 9.0, 0.5, 0.5], |_| 1.0);
        let categories = ordering.finish(0.5);
        assert_eq!(
            categories.ordered(),
            ["low", "also", "even", "rare", "high"]
        );
        assert_eq!(categories.place("rare"), Some(3.0));
        let mut into = [0.0; 3];
        let column = StringArray::from(vec![Some("high"), None, Some("new")]);
        let unknown = categories.numbers(&column, 0..3, &mut into);
        assert_eq!(
            (into[0], into[1].is_nan(), into[2].is_nan(), unknown),
            (4.0, true, true, Some("new"))
        );
        assert!(Categories::new(vec!["a".into(), "a".into()]).is_err());
    }
}
