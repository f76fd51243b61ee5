//! The texts of a drafted manifest and contract.

use std::fmt::Write;

use arrow_schema::DataType;

use super::{Column, Dialect, Profile};

/// What a manifest is drafted from.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The pipeline's name.
    pub name: String,
    /// The name of the source.
    pub source: String,
    /// The file of the source, relative to the manifest.
    pub file: String,
    /// The file of the contract, relative to the manifest.
    pub contract: String,
    /// How the file is written.
    pub dialect: Dialect,
}

/// The manifest: the data is read and held against the contract. Without a contract it only reads.
pub fn manifest(draft: &Draft, with_contract: bool) -> String {
    let mut text = format!(
        "# Drafted by `lockflight init`. `lockflight run` runs it, `lockflight show` tells what it did.\n\n\
         [pipeline]\nname = {}\n\n[plugins]\ncsv = {{ path = \"plugins/csv.wasm\" }}\n",
        quoted(&draft.name)
    );
    if with_contract {
        text.push_str("contract = { path = \"plugins/contract.wasm\" }\n");
    }
    write!(
        text,
        "\n[source.{}]\nfile = {}\n\n[ingest.raw]\nplugin = \"csv\"\ninputs = {{ file = {} }}\n",
        draft.source,
        quoted(&draft.file),
        quoted(&draft.source)
    )
    .expect("a string takes every text");
    if !draft.dialect.is_plain() {
        let nulls: Vec<_> = draft
            .dialect
            .nulls
            .iter()
            .map(|null| quoted(null))
            .collect();
        writeln!(
            text,
            "config = {{ delimiter = {}, nulls = [{}] }}",
            quoted(&draft.dialect.delimiter.to_string()),
            nulls.join(", ")
        )
        .expect("a string takes every text");
    }
    if with_contract {
        write!(
            text,
            "\n# Rows that break the contract are set aside in `clean.quarantine`; the gate closes when a check as a whole fails.\n\
             [validate.clean]\nplugin = \"contract\"\ninputs = {{ table = \"raw\" }}\nfiles = {{ contract = {} }}\ngate = \"no-fail\"\n",
            quoted(&draft.contract)
        )
        .expect("a string takes every text");
    }
    text
}

/// The contract: what held for every row of the data. Ranges and shares of missing values only warn, as the next data may
/// rightly differ.
pub fn contract(profile: &Profile) -> String {
    let rows = profile.rows;
    let mut text = format!(
        "# Drafted from {rows} rows: what held for all of them. Make it say what has to hold: tighten it, drop what is chance,\n\
         # and let what matters fail instead of warn.\n"
    );
    let mut check = |lines: &[String]| {
        text.push_str("\n[[check]]\n");
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
    };
    let names = |columns: &mut dyn Iterator<Item = &Column>| -> String {
        let names: Vec<_> = columns.map(|column| quoted(&column.name)).collect();
        format!("[{}]", names.join(", "))
    };
    check(&[
        kind("columns"),
        format!("names = {}", names(&mut profile.columns.iter())),
    ]);
    check(&[kind("row-count-between"), "min = 1".into()]);
    let whole = || profile.columns.iter().filter(|column| column.nulls == 0);
    if whole().next().is_some() && rows > 0 {
        check(&[
            kind("not-null"),
            format!("column = {}", names(&mut whole())),
        ]);
    }
    for column in &profile.columns {
        if let Some(mostly) = usual_share(column.nulls, rows) {
            check(&[
                kind("not-null"),
                format!("column = {}", quoted(&column.name)),
                format!("mostly = {mostly}"),
                "severity = \"warn\"".into(),
            ]);
        }
        if let Some(categories) = &column.categories {
            let values: Vec<_> = categories.iter().map(|value| quoted(value)).collect();
            check(&[
                kind("in-set"),
                format!("column = {}", quoted(&column.name)),
                format!("values = [{}]", values.join(", ")),
            ]);
        }
        if let Some((least, greatest)) = &column.range {
            check(&[
                kind("between"),
                format!("column = {}", quoted(&column.name)),
                format!("min = {}", literal(least, &column.data_type)),
                format!("max = {}", literal(greatest, &column.data_type)),
                "severity = \"warn\"".into(),
            ]);
        }
    }
    text
}

fn kind(kind: &str) -> String {
    format!("kind = \"{kind}\"")
}

/// The share of rows with a value that a column with gaps should keep: some less than now, in hundredths.
fn usual_share(nulls: u64, rows: u64) -> Option<String> {
    if nulls == 0 || nulls == rows {
        return None;
    }
    let hundredths = (rows - nulls) * 100 / rows;
    Some(format!("0.{:02}", hundredths.saturating_sub(2).max(1)))
}

/// A value as TOML has it; floats need a point.
fn literal(written: &str, data_type: &DataType) -> String {
    let float = matches!(data_type, DataType::Float32 | DataType::Float64);
    match float && written.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        true => format!("{written}.0"),
        false => written.to_owned(),
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn column(name: &str, data_type: DataType) -> Column {
        Column {
            name: name.into(),
            data_type,
            nulls: 0,
            range: None,
            categories: None,
        }
    }

    #[test]
    fn drafts_are_toml_whatever_the_names() {
        let profile = Profile {
            rows: 100,
            columns: vec![
                Column {
                    categories: Some(vec!["a \"b\"".into(), "c\\d\n".into()]),
                    ..column("odd \"name\"\\", DataType::Utf8)
                },
                Column {
                    nulls: 5,
                    range: Some(("-1".into(), "1e300".into())),
                    ..column("x", DataType::Float64)
                },
                Column {
                    range: Some(("2024-01-01".into(), "2024-02-29".into())),
                    ..column("day", DataType::Date32)
                },
                column("empty", DataType::Boolean),
            ],
        };
        let text = contract(&profile);
        let table: toml::Table = text.parse().unwrap();
        let checks = table["check"].as_array().unwrap();
        assert_eq!(checks.len(), 7, "{text}");
        assert!(
            text.contains("min = -1.0\n") && text.contains("mostly = 0.93"),
            "{text}"
        );
        let draft = Draft {
            name: "p".into(),
            source: "s".into(),
            file: "data/a \"b\".csv".into(),
            contract: "p.contract.toml".into(),
            dialect: Dialect::guess("a\tb\n1\tNA\n"),
        };
        for with_contract in [false, true] {
            let text = manifest(&draft, with_contract);
            let table: toml::Table = text.parse().unwrap();
            assert_eq!(table["source"]["s"]["file"].as_str().unwrap(), draft.file);
            assert_eq!(
                table["ingest"]["raw"]["config"]["delimiter"]
                    .as_str()
                    .unwrap(),
                "\t"
            );
        }
    }
}
