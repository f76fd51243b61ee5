//! Delimited text under any config: a table, or an error; and the rows that were counted are the rows that were given.
//! The first line of an input is the config.

use arrow_array::{Array, RecordBatch};
use lockflight_csv::{Config, Layout, Sink, parse};
use lockflight_sdk::Failure;

#[derive(Default)]
struct Count {
    rows: u64,
    rejects: u64,
}

impl Sink for Count {
    fn rows(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        for column in batch.columns() {
            column.to_data().validate_full().expect("rows are valid");
        }
        self.rows += batch.num_rows() as u64;
        Ok(())
    }

    fn rejects(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        self.rejects += batch.num_rows() as u64;
        Ok(())
    }
}

/// Whether all of it is a table.
pub fn run(data: &[u8]) -> bool {
    let end = data
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(data.len());
    let (config, text) = data.split_at(end);
    let Ok(config) = serde_json::from_slice::<Config>(config) else {
        return false;
    };
    let text = text.get(1..).unwrap_or_default();
    let Ok(layout) = Layout::of(text, &config, "f") else {
        return false;
    };
    let mut count = Count::default();
    let Ok(summary) = parse(text, &config, &layout, "f", &mut count) else {
        return false;
    };
    assert_eq!(
        (count.rows, count.rejects),
        (summary.rows, summary.rejected)
    );
    true
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        "{}\na,b,c\n1,2.5,x\n\"3\",,\"y\"\"\nz\"\n",
        "{\"header\":false,\"bad-rows\":\"reject\",\"max-rejects\":9}\n1,2\n3\n4,5,6\n2024-02-29T01:02:03Z,true\n",
        "{\"delimiter\":\";\",\"quote\":\"\",\"comment\":\"#\",\"skip-rows\":2,\"trim\":true,\"decimal\":\",\",\"nulls\":[\"\",\"NA\"]}\nq\nr\na;b\n# c\n 1,5 ;NA\n",
        "{\"quote\":\"'\",\"escape\":\"\\\\\",\"double-quote\":false,\"names\":[\"a\",\"b\"],\"header\":false,\"infer-rows\":1}\n'a\\'b',2\nc,3\n",
        "{\"strict-columns\":true,\"bad-rows\":\"reject\",\"columns\":{\"a\":\"int64\",\"b\":{\"type\":\"timestamp[ns]\",\"format\":\"%d.%m.%Y %H:%M\",\"zone\":\"UTC\",\"nullable\":false}}}\na,b\n9223372036854775807,01.02.2024 03:04\n-1,x\n",
        "{\"columns\":{\"a\":{\"type\":\"date\",\"format\":\"%Y%m%d\"},\"b\":\"float32\",\"c\":\"bool\",\"d\":\"uint8\"},\"bad-rows\":\"reject\"}\na,b,c,d\n20240229,1e39,true,255\n,nan,0,256\n",
    ]
    .map(Vec::from)
    .into()
}
