//! The types of a file's columns as its values look, for files that nobody has described.

use std::{io::BufReader, path::Path, sync::Arc};

use arrow_schema::{DataType, Field, Schema};

use super::{
    FileFormat, ImportError, TableSchema, arrow, format_of, malformed, open, parquet, plain,
};

/// The columns of a file: an .arrow or .parquet says their types itself; those of a CSV are what all of its values allow: boolean, int64,
/// float64, dates, times, else text.
///
/// # Errors
/// When the file cannot be read or is not of its format.
pub fn inferred(path: &Path) -> Result<TableSchema, ImportError> {
    let found = match format_of(path)? {
        FileFormat::Csv => {
            let format = arrow_csv::reader::Format::default().with_header(true);
            let inferred = format.infer_schema(BufReader::new(open(path)?), None);
            Arc::new(inferred.map_err(|error| malformed(path, &error))?.0)
        }
        FileFormat::Parquet => parquet(path)?.schema,
        FileFormat::Arrow => arrow(path)?.schema,
    };
    let fields = found.fields().iter().map(|field| {
        let data_type = match field.data_type() {
            // A column without any value.
            DataType::Null => DataType::Utf8,
            other => plain(other),
        };
        Arc::new(Field::new(field.name(), data_type, field.is_nullable()))
    });
    TableSchema::from_arrow(&Schema::new(fields.collect::<Vec<_>>())).map_err(|source| {
        ImportError::Schema {
            path: path.to_owned(),
            source,
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::table::show::type_name;

    use super::*;

    #[test]
    fn values_say_the_types_of_a_csv() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.csv");
        std::fs::write(
            &path,
            "i,f,b,d,t,none\n1,1,true,2024-01-31,a,\n-2,2.5,false,2024-02-01,1,\n,,,,,\n",
        )
        .unwrap();
        let schema = inferred(&path).unwrap();
        let types: Vec<_> = schema
            .fields()
            .iter()
            .map(|field| type_name(field.data_type()))
            .collect();
        assert_eq!(
            types,
            ["int64", "float64", "boolean", "date", "text", "text"]
        );
    }
}
