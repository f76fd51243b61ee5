//! The columns of a model, prepared once for all of its requests.

use std::collections::HashMap;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::datatype::Datatype;

/// Why a table cannot be read from or written to JSON. It is the model's fault and not the request's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ColumnError {
    /// The protocol has no datatype for a column.
    #[error(
        "the column {name:?} is of the type {data_type}, which the Open Inference Protocol cannot carry"
    )]
    Type {
        /// The column.
        name: String,
        /// Its type.
        data_type: DataType,
    },
    /// Two columns have one name, and requests name columns.
    #[error("there are two columns {0:?}")]
    Duplicate(String),
}

/// The columns of a model, prepared once: what a request's names are looked up in.
#[derive(Clone, Debug)]
pub struct Columns {
    schema: SchemaRef,
    index: HashMap<String, usize>,
}

impl Columns {
    /// Prepares a schema.
    ///
    /// # Errors
    /// When two columns have one name, or one has a type other than boolean, integer, float32, float64, utf8, binary, date32,
    /// timestamp, or a fixed-size list of float32.
    pub fn new(schema: SchemaRef) -> Result<Columns, ColumnError> {
        let mut index = HashMap::with_capacity(schema.fields().len());
        for (number, field) in schema.fields().iter().enumerate() {
            known(field)?;
            if index.insert(field.name().clone(), number).is_some() {
                return Err(ColumnError::Duplicate(field.name().clone()));
            }
        }
        Ok(Columns { schema, index })
    }

    /// The schema.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The column of a name. `guess` is looked at first: names mostly come in the columns' order.
    pub(crate) fn find(&self, name: &str, guess: usize) -> Option<usize> {
        match self.schema.fields().get(guess) {
            Some(field) if field.name() == name => Some(guess),
            _ => self.index.get(name).copied(),
        }
    }

    pub(crate) fn name(&self, index: usize) -> &str {
        self.schema.field(index).name()
    }

    /// The names, for whoever asked for another one.
    pub(crate) fn names(schema: &Schema) -> String {
        let names = schema.fields().iter().take(20);
        let mut names: Vec<String> = names.map(|field| format!("{:?}", field.name())).collect();
        if schema.fields().len() > names.len() {
            names.push("…".to_owned());
        }
        names.join(", ")
    }
}

/// Whether a column's type has a datatype.
pub(crate) fn known(field: &Field) -> Result<Datatype, ColumnError> {
    Datatype::of(field.data_type()).ok_or_else(|| ColumnError::Type {
        name: field.name().clone(),
        data_type: field.data_type().clone(),
    })
}

/// How many elements a row has in a column.
pub(crate) fn width(data_type: &DataType) -> usize {
    match data_type {
        DataType::FixedSizeList(_, size) => {
            usize::try_from(*size).expect("known types have a positive size")
        }
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use super::*;

    fn columns(fields: Vec<Field>) -> Result<Columns, ColumnError> {
        Columns::new(Arc::new(Schema::new(fields)))
    }

    #[test]
    fn what_requests_cannot_name_or_carry_is_refused() {
        let a = Field::new("a", DataType::Int8, true);
        let twice = columns(vec![a.clone(), a]).unwrap_err();
        assert_eq!(twice.to_string(), "there are two columns \"a\"");
        let none = Arc::new(Field::new("item", DataType::Float32, true));
        let list = Field::new("l", DataType::FixedSizeList(none, 0), true);
        assert!(matches!(columns(vec![list]), Err(ColumnError::Type { .. })));
        let null = Field::new("n", DataType::Null, true);
        assert!(
            columns(vec![null])
                .unwrap_err()
                .to_string()
                .contains("Null")
        );
    }

    #[test]
    fn a_name_is_found_whatever_the_guess() {
        let names = ["a", "b", "c"].map(|name| Field::new(name, DataType::Utf8, true));
        let columns = columns(names.into()).unwrap();
        for guess in 0..5 {
            assert_eq!(columns.find("b", guess), Some(1));
            assert_eq!(columns.find("d", guess), None);
        }
        assert_eq!(Columns::names(columns.schema()), r#""a", "b", "c""#);
    }
}
