//! Rows by the values of some columns, as bytes that are equal, and ordered, as the values are.
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_row::{RowConverter, Rows, SortField};
use arrow_schema::{DataType, Schema, SortOptions};
use lockflight_sdk::Failure;

/// What makes the bytes of some columns.
#[derive(Debug)]
pub struct Encoder {
    columns: Vec<usize>,
    types: Vec<DataType>,
    converter: RowConverter,
}

impl Encoder {
    /// For these columns, ascending.
    pub fn new(schema: &Schema, columns: &[usize]) -> Result<Encoder, Failure> {
        let ascending = columns
            .iter()
            .map(|column| (*column, SortOptions::new(false, false)));
        Encoder::ordered(schema, &ascending.collect::<Vec<_>>())
    }

    /// For these columns, each in its own order.
    pub fn ordered(schema: &Schema, columns: &[(usize, SortOptions)]) -> Result<Encoder, Failure> {
        let types = columns
            .iter()
            .map(|(column, _)| schema.field(*column).data_type().clone());
        let types: Vec<_> = types.collect();
        let options = columns.iter().map(|(_, options)| *options);
        Encoder::build(
            columns.iter().map(|(column, _)| *column).collect(),
            types,
            options,
        )
    }

    /// For columns that are compared with those of another table, as values of these types.
    pub fn of_types(columns: Vec<usize>, types: Vec<DataType>) -> Result<Encoder, Failure> {
        let options = vec![SortOptions::new(false, false); types.len()];
        Encoder::build(columns, types, options)
    }

    fn build(
        columns: Vec<usize>,
        types: Vec<DataType>,
        options: impl IntoIterator<Item = SortOptions>,
    ) -> Result<Encoder, Failure> {
        let fields = types.iter().zip(options);
        let fields = fields.map(|(of, options)| SortField::new_with_options(of.clone(), options));
        Ok(Encoder {
            columns,
            converter: RowConverter::new(fields.collect())?,
            types,
        })
    }

    /// The bytes of every row. Of floats, -0 counts as 0 and all NaN as one.
    pub fn encode(&self, batch: &RecordBatch) -> Result<Rows, Failure> {
        let columns = self.columns.iter().zip(&self.types);
        let columns: Vec<_> = columns
            .map(|(column, of)| plain(batch.column(*column), of))
            .collect();
        Ok(self.converter.convert_columns(&columns)?)
    }

    /// What turns bytes into columns again.
    pub fn converter(&self) -> &RowConverter {
        &self.converter
    }

    /// Whether a key column of a row is null.
    pub fn has_null(&self, batch: &RecordBatch, row: usize) -> bool {
        self.columns
            .iter()
            .any(|column| batch.column(*column).is_null(row))
    }
}

/// The type as which keys of two tables are compared; none if they never can be equal.
pub fn common_type(a: &DataType, b: &DataType) -> Option<DataType> {
    if a == b {
        return Some(a.clone());
    }
    match (
        a.is_integer() && b.is_integer(),
        a.is_floating() && b.is_floating(),
    ) {
        (true, _) => Some(DataType::Int64),
        (_, true) => Some(DataType::Float64),
        _ => None,
    }
}

/// The column as the type, with one bit pattern for each value.
pub fn plain(column: &ArrayRef, of: &DataType) -> ArrayRef {
    match (column.data_type(), of) {
        (DataType::Float64, _) => Arc::new(
            column
                .as_primitive::<Float64Type>()
                .unary::<_, Float64Type>(one_zero),
        ),
        (DataType::Float32, DataType::Float64) => {
            let wide = |value: f32| one_zero(f64::from(value));
            Arc::new(
                column
                    .as_primitive::<Float32Type>()
                    .unary::<_, Float64Type>(wide),
            )
        }
        (DataType::Float32, _) => {
            let one = |value: f32| {
                if value.is_nan() {
                    f32::NAN
                } else {
                    value + 0.0
                }
            };
            Arc::new(
                column
                    .as_primitive::<Float32Type>()
                    .unary::<_, Float32Type>(one),
            )
        }
        (from, DataType::Int64) if from != of => integers(column),
        _ => column.clone(),
    }
}

/// -0 plus 0 is 0.
fn one_zero(value: f64) -> f64 {
    if value.is_nan() {
        f64::NAN
    } else {
        value + 0.0
    }
}

/// What does not fit is null, and thus matches nothing.
fn integers(column: &ArrayRef) -> ArrayRef {
    fn of<T: ArrowPrimitiveType>(column: &ArrayRef) -> ArrayRef
    where
        i64: TryFrom<T::Native>,
    {
        let ints: Int64Array = column
            .as_primitive::<T>()
            .unary_opt(|value| i64::try_from(value).ok());
        Arc::new(ints)
    }
    match column.data_type() {
        DataType::Int8 => of::<Int8Type>(column),
        DataType::Int16 => of::<Int16Type>(column),
        DataType::Int32 => of::<Int32Type>(column),
        DataType::UInt8 => of::<UInt8Type>(column),
        DataType::UInt16 => of::<UInt16Type>(column),
        DataType::UInt32 => of::<UInt32Type>(column),
        DataType::UInt64 => of::<UInt64Type>(column),
        _ => of::<Int64Type>(column),
    }
}
