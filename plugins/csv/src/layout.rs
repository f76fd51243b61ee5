//! What the columns of a file are: their names, from the header or the config, and their types, declared or inferred.
use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use chrono::FixedOffset;
use lockflight_sdk::{Problem, Problems};

use crate::config::{BadRows, Column, Config};
use crate::infer::Candidates;
use crate::nulls::Nulls;
use crate::rows::Rows;
use crate::tokens::{TokenError, Tokens};
use crate::value::{Format, offset};

/// All columns of a file, in its order.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The columns.
    pub columns: Vec<ColumnLayout>,
}

/// One column.
#[derive(Clone, Debug)]
pub struct ColumnLayout {
    /// Its name.
    pub name: String,
    /// Its type; a timestamp's zone is in it.
    pub data_type: DataType,
    /// How dates and times are written, if not as ISO 8601.
    pub format: Option<Format>,
    /// The offset of times that are written without one.
    pub offset: Option<FixedOffset>,
    /// Whether it may hold nulls.
    pub nullable: bool,
    /// Whether the type was inferred.
    pub inferred: bool,
}

impl Layout {
    /// The schema of the table.
    pub fn schema(&self) -> SchemaRef {
        let fields = self
            .columns
            .iter()
            .map(|column| Field::new(&column.name, column.data_type.clone(), column.nullable));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The layout of a file from its first rows. `input` is the file's name in problems.
    ///
    /// # Errors
    /// Everything that is wrong with the config or does not fit the file's header.
    pub fn of(reader: impl Read, config: &Config, input: &str) -> Result<Layout, Problems> {
        let declared = declared(config)?;
        let refuse = |error| Problem::input(input, token_error(&error));
        let mut tokens = Tokens::new(reader, config).map_err(refuse)?;
        let mut rows = Rows::default();
        if !tokens.next(&mut rows).map_err(refuse)? {
            return Err(Problem::input(input, "the file has no rows, not even a header").into());
        }
        let names = names(&rows, config, input)?;
        check_columns(&names, config)?;
        if config.header {
            rows.clear();
        }
        let mut open: Vec<(usize, Candidates)> = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if !declared.contains_key(name.as_str()) {
                open.push((index, Candidates::default()));
            }
        }
        if !open.is_empty() {
            infer(&mut tokens, rows, config, names.len(), &mut open).map_err(refuse)?;
        }
        let mut open = open.into_iter();
        let columns = names
            .into_iter()
            .map(|name| match declared.get(name.as_str()) {
                Some(column) => column.clone(),
                None => {
                    let (_, candidates) = open.next().expect("one for every column without a type");
                    let data_type = candidates.data_type();
                    ColumnLayout {
                        name,
                        offset: zone_offset(&data_type),
                        data_type,
                        format: None,
                        nullable: true,
                        inferred: true,
                    }
                }
            });
        Ok(Layout {
            columns: columns.collect(),
        })
    }

    /// The layout as far as the config alone gives it: when it names and types every column.
    ///
    /// # Errors
    /// Everything that is wrong with the config.
    pub fn without_file(config: &Config) -> Result<Option<Layout>, Problems> {
        let declared = declared(config)?;
        let Some(names) = &config.names else {
            return Ok(None);
        };
        check_columns(names, config)?;
        let columns = names
            .iter()
            .map(|name| declared.get(name.as_str()).cloned());
        Ok(columns
            .collect::<Option<Vec<_>>>()
            .map(|columns| Layout { columns }))
    }
}

/// The columns under `columns` by name.
fn declared(config: &Config) -> Result<HashMap<&str, ColumnLayout>, Problems> {
    let mut problems = Problems::new();
    if config.quote.0 == Some(config.delimiter.0) {
        problems.push(Problem::config("/quote", "the quote is the delimiter"));
    }
    if config.max_rejects.is_some() && config.bad_rows == BadRows::Fail {
        let problem = Problem::config("/max-rejects", "nothing is rejected");
        problems.push(problem.help("set bad-rows = \"reject\""));
    }
    let mut declared = HashMap::new();
    for (name, column) in &config.columns {
        match declare(name, column) {
            Ok(layout) => drop(declared.insert(name.as_str(), layout)),
            Err(problem) => problems.push(problem),
        }
    }
    if let Some(names) = &config.names {
        for (index, name) in names.iter().enumerate() {
            let place = format!("/names/{index}");
            if name.is_empty() {
                problems.push(Problem::config(place, "a column needs a name"));
            } else if names[..index].contains(name) {
                problems.push(Problem::config(place, format!("{name:?} is named twice")));
            }
        }
    }
    problems.or(declared)
}

fn declare(name: &str, column: &Column) -> Result<ColumnLayout, Problem> {
    let at = |key: &str| format!("{}/{key}", pointer(name));
    let is_time = matches!(column.data_type, DataType::Timestamp(..));
    let mut data_type = column.data_type.clone();
    let format = match &column.format {
        None => None,
        Some(_) if !is_time && data_type != DataType::Date32 => {
            let message = "a format goes with the types date and timestamp only";
            return Err(Problem::config(at("format"), message));
        }
        Some(text) => Some(Format::new(text).map_err(|message| {
            let problem = Problem::config(at("format"), message);
            problem.help("the letters are those of strftime, e.g. \"%d.%m.%Y %H:%M\"")
        })?),
    };
    let mut zone = None;
    if let DataType::Timestamp(unit, in_type) = &column.data_type {
        if in_type.is_some() && column.zone.is_some() {
            let message = "the zone is in the type already";
            return Err(Problem::config(at("zone"), message));
        }
        zone = in_type.as_deref().or(column.zone.as_deref());
        data_type = DataType::Timestamp(*unit, zone.map(Into::into));
    } else if column.zone.is_some() {
        return Err(Problem::config(
            at("zone"),
            "a zone goes with timestamps only",
        ));
    }
    let offset = match zone {
        None => None,
        Some(zone) => Some(offset(zone).ok_or_else(|| {
            let problem = Problem::config(at("zone"), format!("there is no zone {zone:?} here"));
            problem.help("give \"UTC\" or an offset such as \"+02:00\"")
        })?),
    };
    Ok(ColumnLayout {
        name: name.to_owned(),
        data_type,
        format,
        offset,
        nullable: column.nullable,
        inferred: false,
    })
}

/// The offset of an inferred zone, which is UTC.
fn zone_offset(data_type: &DataType) -> Option<FixedOffset> {
    match data_type {
        DataType::Timestamp(_, Some(zone)) => offset(zone),
        _ => None,
    }
}

/// The names of the columns, from the config or the first row.
fn names(rows: &Rows, config: &Config, input: &str) -> Result<Vec<String>, Problems> {
    let width = rows.width(0);
    if let Some(names) = &config.names {
        if names.len() != width {
            let message = format!("{} names for the {width} columns of {input:?}", names.len());
            return Err(Problem::config("/names", message).into());
        }
        return Ok(names.clone());
    }
    if !config.header {
        return Ok((1..=width)
            .map(|number| format!("column_{number}"))
            .collect());
    }
    let mut names: Vec<String> = Vec::with_capacity(width);
    let mut problems = Problems::new();
    for (index, field) in rows.fields(0).enumerate() {
        let name = String::from_utf8_lossy(field.trim_ascii()).into_owned();
        let refuse = |what: String| {
            let message = format!("line {}: {what}", rows.line(0));
            Problem::input(input, message).help("give the names of all columns as `names`")
        };
        if name.is_empty() {
            problems.push(refuse(format!(
                "column {} of the header has no name",
                index + 1
            )));
        } else if let Some(first) = names.iter().position(|other| *other == name) {
            let (first, second) = (first + 1, index + 1);
            problems.push(refuse(format!(
                "columns {first} and {second} are both named {name:?}"
            )));
        }
        names.push(name);
    }
    problems.or(names)
}

/// Holds the names under `columns` against those of the file.
fn check_columns(names: &[String], config: &Config) -> Result<(), Problems> {
    let mut problems = Problems::new();
    for name in config.columns.keys().filter(|name| !names.contains(name)) {
        let problem = Problem::config(pointer(name), format!("there is no column {name:?}"));
        let known = problem
            .clone()
            .help(format!("the columns are {}", names.join(", ")));
        let guess = problem.suggest(name, names.iter().map(String::as_str));
        problems.push(if guess.help.is_some() { guess } else { known });
    }
    if config.strict_columns {
        for name in names
            .iter()
            .filter(|name| !config.columns.contains_key(*name))
        {
            let message = format!("column {name:?} is not declared");
            let help = format!("add it under columns, e.g. {name:?} = \"text\"");
            problems.push(Problem::config("/columns", message).help(help));
        }
    }
    problems.or(())
}

fn pointer(name: &str) -> String {
    format!("/columns/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Shows the candidates the values of the first `infer-rows` rows, among them those that `rows` holds already.
fn infer<R: Read>(
    tokens: &mut Tokens<R>,
    mut rows: Rows,
    config: &Config,
    width: usize,
    open: &mut [(usize, Candidates)],
) -> Result<(), TokenError> {
    let nulls = Nulls::new(config);
    let mut left = config.infer_rows;
    while left > 0 {
        if rows.is_empty() && !tokens.next(&mut rows)? {
            break;
        }
        left -= 1;
        if rows.width(0) == width {
            for (index, candidates) in &mut *open {
                let field = nulls.trimmed(rows.field(0, *index));
                if !nulls.contains(field) {
                    candidates.see(field, config.decimal);
                }
            }
        }
        rows.clear();
    }
    Ok(())
}

/// What a person should know of text that could not be cut into rows.
pub fn token_error(error: &TokenError) -> String {
    match error {
        TokenError::Io(error) => format!("the file could not be read: {error}"),
        TokenError::TooLong(line) => format!(
            "the row that starts on line {line} has more than 64 MiB; is a quote never closed?"
        ),
        TokenError::Encoding(encoding) => {
            format!("the file is {encoding}; convert it to UTF-8 first")
        }
    }
}
