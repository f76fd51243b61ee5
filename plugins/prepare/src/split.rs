//! Spreads rows over outputs: by conditions, by chance, by the hash of a key.
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{DataType, Schema, TimeUnit};
use lockflight_expression::Checked;
use lockflight_sdk::{Failure, Problem};

use crate::columns::internal;
use crate::config::{Fractions, Split};
use crate::order::key;
use crate::problem::At;

/// How far the fractions may be from adding up to 1.
const TOLERANCE: f64 = 1e-9;

/// Where rows go.
#[derive(Debug)]
pub struct Splitter {
    /// The outputs.
    pub names: Vec<String>,
    by: By,
}

#[derive(Debug)]
enum By {
    /// One condition per output; none for all other rows.
    Conditions(Vec<Option<Checked>>),
    /// The end of each output's share.
    Chance(Vec<f64>),
    /// As chance, with the columns that decide.
    Hash {
        ends: Vec<f64>,
        columns: Vec<usize>,
        salt: String,
    },
}

impl Splitter {
    /// Holds a split against the columns it splits.
    pub fn new(schema: &Schema, split: &Split) -> Result<Splitter, Vec<Problem>> {
        let at = At::key("split");
        match split {
            Split::Conditions(outputs) => conditions(schema, outputs, &at),
            Split::Fractions(fractions) => shares(schema, fractions, &at),
        }
    }

    /// Whether all rows have to be counted before the first one is given away.
    pub fn needs_count(&self) -> bool {
        matches!(self.by, By::Chance(_))
    }

    /// Starts to give rows away; `rows` is their number if it is needed.
    pub fn start(&self, seed: u64, rows: usize) -> Assigner<'_> {
        let drawn = match &self.by {
            By::Chance(ends) => draw(seed, rows, ends),
            _ => Vec::new(),
        };
        Assigner {
            splitter: self,
            drawn,
            next: 0,
        }
    }
}

/// Gives rows to outputs, batch after batch.
#[derive(Debug)]
pub struct Assigner<'a> {
    splitter: &'a Splitter,
    /// With chance: the output of every row.
    drawn: Vec<u16>,
    next: usize,
}

impl Assigner<'_> {
    /// The rows of the next batch that go to each output; a row that no condition wants goes nowhere.
    pub fn assign(&mut self, batch: &RecordBatch) -> Result<Vec<BooleanBuffer>, Failure> {
        let rows = batch.num_rows();
        let first = self.next;
        self.next += rows;
        let outputs = 0..self.splitter.names.len();
        let by_number = |number_of: &dyn Fn(usize) -> u16| {
            outputs
                .clone()
                .map(|output| {
                    BooleanBuffer::collect_bool(rows, |row| number_of(row) as usize == output)
                })
                .collect()
        };
        Ok(match &self.splitter.by {
            By::Chance(_) => by_number(&|row| self.drawn[first + row]),
            By::Hash {
                ends,
                columns,
                salt,
            } => {
                let hashes = hashes(batch, columns, salt);
                by_number(&|row| share_of(hashes[row], ends))
            }
            By::Conditions(conditions) => {
                let mut left = BooleanBuffer::new_set(rows);
                let mut parts = Vec::new();
                for condition in conditions {
                    let part = match condition {
                        Some(condition) => &condition.holds(batch).map_err(internal)? & &left,
                        None => left.clone(),
                    };
                    left = &left & &!&part;
                    parts.push(part);
                }
                parts
            }
        })
    }
}

fn check_name(name: &str, at: &At) -> Option<Problem> {
    const LONGEST: usize = 64;
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    let fits = starts && name.len() <= LONGEST && name.split(['-', '_']).all(word);
    (!fits).then(|| {
        at.problem(format!("{name:?} cannot be the name of an output"))
            .help("names are lower-case letters and digits in words joined by - or _, and start with a letter")
    })
}

fn conditions(
    schema: &Schema,
    outputs: &[(String, Option<String>)],
    at: &At,
) -> Result<Splitter, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut conditions = Vec::new();
    if outputs.is_empty() {
        problems.push(at.problem("a split needs an output"));
    }
    for (position, (name, when)) in outputs.iter().enumerate() {
        let at = at.below(position).below(name);
        problems.extend(check_name(name, &at));
        if names.contains(name) {
            problems.push(
                at.problem(format!("there are two outputs {name:?}"))
                    .help("join the conditions by or"),
            );
        }
        if when.is_none() && position + 1 < outputs.len() {
            problems.push(
                at.problem("no row is left for the outputs after this one")
                    .help("move it to the end"),
            );
        }
        names.push(name.clone());
        let checked = when.as_ref().map(|source| {
            at.expression(source)?
                .check_condition(schema)
                .map_err(|fault| at.fault(source, fault))
        });
        match checked.transpose() {
            Ok(checked) => conditions.push(checked),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Splitter {
        names,
        by: By::Conditions(conditions),
    })
}

fn shares(schema: &Schema, split: &Fractions, at: &At) -> Result<Splitter, Vec<Problem>> {
    let mut problems = Vec::new();
    let fractions_at = at.below("fractions");
    let mut ends = Vec::new();
    let mut end = 0.0;
    for (name, share) in &split.fractions {
        let at = fractions_at.below(name);
        problems.extend(check_name(name, &at));
        if !(*share > 0.0 && *share <= 1.0) {
            problems.push(at.problem(format!("a share is above 0 and at most 1; this is {share}")));
        }
        end += share;
        ends.push(end);
    }
    if (end - 1.0).abs() > TOLERANCE {
        let message = format!("the shares add up to {end}, not to 1");
        let help = "give what is left an output of its own";
        problems.push(fractions_at.problem(message).help(help));
    }
    if split.fractions.len() > usize::from(u16::MAX) {
        problems.push(fractions_at.problem("there are too many outputs"));
    }
    // What is drawn is below 1; the last share takes what rounding leaves.
    if let Some(last) = ends.last_mut() {
        *last = 1.0;
    }
    let by = match &split.hash {
        None => {
            if split.salt.is_some() {
                problems.push(
                    at.below("salt")
                        .problem("a salt belongs to hash")
                        .help("chance follows the seed"),
                );
            }
            By::Chance(ends)
        }
        Some(names) => {
            let hash_at = at.below("hash");
            let mut columns = Vec::new();
            if names.is_empty() {
                problems.push(hash_at.problem("no column is named"));
            }
            for (position, name) in names.iter().enumerate() {
                match key(schema, name, &hash_at.below(position)) {
                    Ok(column) => columns.push(column),
                    Err(problem) => problems.push(problem),
                }
            }
            By::Hash {
                ends,
                columns,
                salt: split.salt.clone().unwrap_or_default(),
            }
        }
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Splitter {
        names: split.fractions.keys().cloned().collect(),
        by,
    })
}

/// The output of every row: each share gets its exact number of rows, rounded, and chance decides which.
fn draw(seed: u64, rows: usize, ends: &[f64]) -> Vec<u16> {
    let mut order: Vec<(u64, u32)> = (0..rows as u32)
        .map(|row| (mixed(mixed(seed) ^ u64::from(row)), row))
        .collect();
    order.sort_unstable();
    let mut drawn = vec![0; rows];
    let mut output = 0;
    for (rank, (_, row)) in order.into_iter().enumerate() {
        while rank >= (ends[output] * rows as f64).round() as usize && output + 1 < ends.len() {
            output += 1;
        }
        drawn[row as usize] = output as u16;
    }
    drawn
}

/// The first output whose share ends above the hash.
fn share_of(hash: u64, ends: &[f64]) -> u16 {
    // 53 bits: exact as a float, and below 1.
    let place = (hash >> 11) as f64 / (1_u64 << 53) as f64;
    let output = ends.iter().position(|end| place < *end);
    output.unwrap_or(ends.len() - 1) as u16
}

/// The finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): every bit of the
/// number has a say in every bit of the result.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// FNV-1a over the salt and the values, then mixed. Values that are equal have the same hash whatever the width of their type; it
/// must never change, since splits would.
fn hashes(batch: &RecordBatch, columns: &[usize], salt: &str) -> Vec<u64> {
    let start = fnv(0xcbf2_9ce4_8422_2325, salt.as_bytes());
    let mut hashes = vec![start; batch.num_rows()];
    for column in columns {
        let column = batch.column(*column);
        let mut take = |row: usize, kind: u8, bytes: &[u8]| {
            let hash = fnv(hashes[row], &[kind]);
            let hash = fnv(hash, &(bytes.len() as u64).to_le_bytes());
            hashes[row] = fnv(hash, bytes);
        };
        each(column, &mut take);
    }
    hashes.into_iter().map(mixed).collect()
}

fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(hash, step)
}

/// Hands over each value: its row, its kind, its bytes.
fn each(column: &ArrayRef, take: &mut dyn FnMut(usize, u8, &[u8])) {
    fn ints<T: ArrowPrimitiveType>(
        column: &ArrayRef,
        kind: u8,
        scale: i128,
        take: &mut dyn FnMut(usize, u8, &[u8]),
    ) where
        i128: From<T::Native>,
    {
        let column = column.as_primitive::<T>();
        for row in 0..column.len() {
            match column.is_null(row) {
                true => take(row, 0, &[]),
                false => take(
                    row,
                    kind,
                    &(i128::from(column.value(row)) * scale).to_le_bytes(),
                ),
            }
        }
    }
    fn others<'a, T>(
        column: &ArrayRef,
        value: impl Fn(usize) -> T,
        take: &mut dyn FnMut(usize, u8, &[u8]),
        kind: u8,
    ) where
        T: AsRef<[u8]> + 'a,
    {
        for row in 0..column.len() {
            match column.is_null(row) {
                true => take(row, 0, &[]),
                false => take(row, kind, value(row).as_ref()),
            }
        }
    }
    let float = |value: f64| {
        (if value.is_nan() {
            f64::NAN
        } else {
            value + 0.0
        })
        .to_bits()
        .to_le_bytes()
    };
    match column.data_type() {
        DataType::Boolean => {
            let flags = column.as_boolean();
            others(column, |row| [u8::from(flags.value(row))], take, 1);
        }
        DataType::Int8 => ints::<Int8Type>(column, 2, 1, take),
        DataType::Int16 => ints::<Int16Type>(column, 2, 1, take),
        DataType::Int32 => ints::<Int32Type>(column, 2, 1, take),
        DataType::Int64 => ints::<Int64Type>(column, 2, 1, take),
        DataType::UInt8 => ints::<UInt8Type>(column, 2, 1, take),
        DataType::UInt16 => ints::<UInt16Type>(column, 2, 1, take),
        DataType::UInt32 => ints::<UInt32Type>(column, 2, 1, take),
        DataType::UInt64 => ints::<UInt64Type>(column, 2, 1, take),
        DataType::Float32 => {
            let floats = column.as_primitive::<Float32Type>();
            others(column, |row| float(f64::from(floats.value(row))), take, 3);
        }
        DataType::Float64 => {
            let floats = column.as_primitive::<Float64Type>();
            others(column, |row| float(floats.value(row)), take, 3);
        }
        DataType::Utf8 => {
            let texts = column.as_string::<i32>();
            others(column, |row| texts.value(row).as_bytes().to_vec(), take, 4);
        }
        DataType::Binary => {
            let bytes = column.as_binary::<i32>();
            others(column, |row| bytes.value(row).to_vec(), take, 5);
        }
        DataType::Date32 => ints::<Date32Type>(column, 6, 1, take),
        DataType::Timestamp(TimeUnit::Second, _) => {
            ints::<TimestampSecondType>(column, 7, 1_000_000_000, take)
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            ints::<TimestampMillisecondType>(column, 7, 1_000_000, take)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            ints::<TimestampMicrosecondType>(column, 7, 1_000, take)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            ints::<TimestampNanosecondType>(column, 7, 1, take)
        }
        other => unreachable!("the check refuses {other} as a key"),
    }
}
