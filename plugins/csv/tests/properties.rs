//! What holds for any text and any dialect.
#![allow(clippy::unwrap_used, missing_docs)]

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch};
use lockflight_csv::{Config, Layout, Sink, parse};
use lockflight_sdk::Failure;
use proptest::prelude::*;

#[derive(Default)]
struct Collect {
    rows: Vec<RecordBatch>,
    rejects: usize,
}

impl Sink for Collect {
    fn rows(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.rows.push(batch.clone());
        Ok(())
    }

    fn rejects(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.rejects += batch.num_rows();
        Ok(())
    }
}

/// Writes fields as the dialect wants them, all quoted.
fn write(
    rows: &[Vec<String>],
    delimiter: char,
    quote: char,
    escape: Option<char>,
    end: &str,
) -> String {
    let field = |field: &String| {
        let inner: String = field
            .chars()
            .flat_map(|c| match escape {
                Some(escape) if c == quote || c == escape => vec![escape, c],
                None if c == quote => vec![quote, quote],
                _ => vec![c],
            })
            .collect();
        format!("{quote}{inner}{quote}")
    };
    rows.iter()
        .map(|row| {
            row.iter()
                .map(field)
                .collect::<Vec<_>>()
                .join(&delimiter.to_string())
                + end
        })
        .collect()
}

/// A reader that hands out a few bytes at a time.
struct Trickle<'a>(&'a [u8], usize);

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(self.0.len()).min(into.len());
        into[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

proptest! {
    #[test]
    fn text_comes_back_in_any_dialect(
        width in 1_usize..5,
        cells in prop::collection::vec("[a-z,;|\"'\\\\\n\r\t äß#]{0,12}", 0..60),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        quote in prop::sample::select(vec!['"', '\'']),
        escape in prop::sample::select(vec![None, Some('\\')]),
        end in prop::sample::select(vec!["\n", "\r\n"]),
        step in 1_usize..100,
    ) {
        let names: Vec<String> = (0..width).map(|i| format!("c{i}")).collect();
        let rows: Vec<Vec<String>> = cells.chunks_exact(width).map(<[String]>::to_vec).collect();
        let file = write(&rows, delimiter, quote, escape, end);
        let config = serde_json::json!({
            "delimiter": delimiter, "quote": quote, "escape": escape.map_or(String::new(), String::from),
            "double-quote": escape.is_none(), "header": false, "names": names, "nulls": [], "infer-rows": 0,
        });
        let config: Config = serde_json::from_value(config).unwrap();
        if rows.is_empty() {
            prop_assert!(Layout::of(file.as_bytes(), &config, "f").is_err());
            return Ok(());
        }
        let layout = Layout::of(Trickle(file.as_bytes(), step), &config, "f").unwrap();
        let mut sink = Collect::default();
        let summary = parse(Trickle(file.as_bytes(), step), &config, &layout, "f", &mut sink).unwrap();
        prop_assert_eq!(summary.rows, rows.len() as u64);
        let batch = &sink.rows[0];
        for (index, row) in rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                prop_assert_eq!(batch.column(column).as_string::<i32>().value(index), cell);
            }
        }
    }

    #[test]
    fn any_bytes_give_a_table_or_an_error(
        bytes in prop::collection::vec(prop_oneof![
            any::<u8>(),
            prop::sample::select(b",\"\n\r;#0123456789-:T".to_vec()),
        ], 0..400),
        config in prop::sample::select(vec![
            "{}",
            r#"{"header":false,"bad-rows":"reject"}"#,
            r##"{"quote":"","comment":"#","skip-rows":2,"bad-rows":"reject","header":false,"trim":true}"##,
            r#"{"header":false,"infer-rows":1,"bad-rows":"reject","nulls":["","0"],"decimal":","}"#,
        ]),
    ) {
        let config: Config = serde_json::from_str(config).unwrap();
        if let Ok(layout) = Layout::of(bytes.as_slice(), &config, "f") {
            let mut sink = Collect::default();
            if let Ok(summary) = parse(bytes.as_slice(), &config, &layout, "f", &mut sink) {
                let rows: usize = sink.rows.iter().map(RecordBatch::num_rows).sum();
                prop_assert_eq!((rows as u64, sink.rejects as u64), (summary.rows, summary.rejected));
            }
        }
    }

    #[test]
    fn numbers_come_back(ints in prop::collection::vec(any::<Option<i64>>(), 1..50), floats in prop::collection::vec(any::<f64>(), 50)) {
        let mut file = "i,f\n".to_owned();
        for (int, float) in ints.iter().zip(&floats) {
            file += &format!("{},{float:?}\n", int.map_or(String::new(), |int| int.to_string()));
        }
        let config: Config = serde_json::from_str(r#"{"columns":{"i":"int64","f":"float64"}}"#).unwrap();
        let layout = Layout::of(file.as_bytes(), &config, "f").unwrap();
        let mut sink = Collect::default();
        parse(file.as_bytes(), &config, &layout, "f", &mut sink).unwrap();
        let i = sink.rows[0].column(0).as_primitive::<arrow_array::types::Int64Type>();
        let f = sink.rows[0].column(1).as_primitive::<arrow_array::types::Float64Type>();
        for (row, (int, float)) in ints.iter().zip(&floats).enumerate() {
            prop_assert_eq!(i.is_valid(row).then(|| i.value(row)), *int);
            prop_assert!(f.value(row).to_bits() == float.to_bits() || float.is_nan() && f.value(row).is_nan());
        }
    }
}
