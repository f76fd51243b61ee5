//! Groups of rows with equal values in some columns.
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_row::OwnedRow;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_expression::{Checked, Expr, Expression, Fault, Kind, Span};
use lockflight_sdk::{Failure, Problem, did_you_mean, type_name};

use crate::aggregate::{Accumulator, Function, NAMES};
use crate::columns::{internal, schema_like};
use crate::flow::{Flow, Open, Step, batch, picked};
use crate::keys::Encoder;
use crate::order::key;
use crate::problem::At;

/// One row per group, in the order in which the groups begin.
#[derive(Debug)]
pub struct Group {
    input: SchemaRef,
    keys: Vec<usize>,
    aggregates: Vec<Aggregate>,
    /// The keys, and the aggregates under the names they are called by in `columns`.
    inner: SchemaRef,
    /// What is computed of the above for each column behind the keys.
    columns: Vec<Checked>,
    schema: SchemaRef,
}

/// A call such as `sum(cnt)`.
#[derive(Debug)]
struct Aggregate {
    function: Function,
    /// What it is computed of; none for `count()`.
    argument: Option<Checked>,
    field: Field,
}

impl Group {
    /// The columns whose values make a group, and expressions over aggregates by name.
    pub fn new(
        schema: &SchemaRef,
        names: &[String],
        expressions: &BTreeMap<String, String>,
        step: &At,
    ) -> Result<Group, Vec<Problem>> {
        let keys_at = step.below("group");
        let keys = keys_at.columns(schema, names)?;
        for (position, name) in names.iter().enumerate() {
            key(schema, name, &keys_at.below(position)).map_err(|problem| vec![problem])?;
        }
        if names.is_empty() && expressions.is_empty() {
            return Err(vec![
                step.problem("neither a column to group by nor an aggregate is given"),
            ]);
        }
        let key_fields: Vec<_> = keys
            .iter()
            .map(|column| schema.fields()[*column].clone())
            .collect();
        let mut problems = Vec::new();
        let mut aggregates = Vec::new();
        let mut rewritten = Vec::new();
        for (name, source) in expressions {
            let at = step.below("aggregate").below(name);
            if key_fields.iter().any(|field| field.name() == name) {
                problems.push(at.problem(format!("{name:?} is a column that is grouped by")));
                continue;
            }
            let expression = at.expression(source).and_then(|expression| {
                let mut root = expression.into_root();
                let mut calls = Calls {
                    schema,
                    keys: &key_fields,
                    aggregates: &mut aggregates,
                };
                let replaced = calls.replace(&mut root);
                replaced.map_err(|fault| at.fault(source, fault))?;
                Ok(Expression::from_ast(root))
            });
            match expression {
                Ok(expression) => rewritten.push((name, source, expression)),
                Err(problem) => problems.push(problem),
            }
        }
        let mut fields = key_fields.clone();
        fields.extend(
            aggregates
                .iter()
                .map(|aggregate| Arc::new(aggregate.field.clone())),
        );
        let inner = Arc::new(Schema::new(fields));
        let mut fields = key_fields;
        let mut columns = Vec::new();
        for (name, source, expression) in rewritten {
            match expression.check(&inner) {
                Ok(checked) => {
                    fields.push(Arc::new(checked.field(name)));
                    columns.push(checked);
                }
                Err(fault) => {
                    problems.push(step.below("aggregate").below(name).fault(source, fault));
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Group {
            input: schema.clone(),
            keys,
            aggregates,
            inner,
            columns,
            schema: schema_like(schema, fields),
        })
    }
}

/// Finds the aggregates of an expression and puts columns in their places.
struct Calls<'a> {
    schema: &'a Schema,
    keys: &'a [Arc<Field>],
    aggregates: &'a mut Vec<Aggregate>,
}

impl Calls<'_> {
    fn replace(&mut self, expr: &mut Expr) -> Result<(), Fault> {
        let span = expr.span;
        match &mut expr.kind {
            Kind::Column(name) if !self.keys.iter().any(|key| key.name() == name) => {
                if self.schema.index_of(name).is_err() {
                    let fault = Fault::new(span, format!("there is no column {name:?}"));
                    let names = self
                        .schema
                        .fields()
                        .iter()
                        .map(|field| field.name().as_str());
                    return Err(match did_you_mean(name, names) {
                        Some(guess) => fault.help(format!("did you mean {guess:?}?")),
                        None => fault,
                    });
                }
                let message = format!("column {name:?} has many values in a group");
                Err(Fault::new(span, message).help(format!(
                    "say which: mean({name}), first({name}); or group by it"
                )))
            }
            Kind::Call {
                name,
                name_span,
                arguments,
            } => match Function::named(name) {
                Some(function) => {
                    let argument = self.argument(function, name, arguments, span)?;
                    // No column is called like this.
                    let label = format!("\0{function:?}({})", listed(arguments));
                    expr.kind = Kind::Column(self.column(function, argument, label));
                    Ok(())
                }
                None if name == "avg" || name == "average" => {
                    Err(no_function(name, *name_span, Some("mean")))
                }
                None if lockflight_expression::functions()
                    .iter()
                    .all(|known| known.name != name) =>
                {
                    Err(no_function(name, *name_span, did_you_mean(name, NAMES)))
                }
                None => arguments
                    .iter_mut()
                    .try_for_each(|argument| self.replace(argument)),
            },
            _ => expr
                .parts_mut()
                .into_iter()
                .try_for_each(|part| self.replace(part)),
        }
    }

    /// Holds the argument against the rows' columns, as a value of the type that the aggregate computes with.
    fn argument(
        &self,
        function: Function,
        name: &str,
        arguments: &[Expr],
        span: Span,
    ) -> Result<Option<Checked>, Fault> {
        let argument = match (arguments, function) {
            ([], Function::Count) => return Ok(None),
            ([argument], _) => argument,
            _ => {
                let message = format!("{name} takes one value");
                return Err(Fault::new(span, message));
            }
        };
        let checked = Expression::from_ast(argument.clone()).check(self.schema)?;
        let of = checked.data_type();
        let wrap = match function {
            Function::Sum if of == DataType::Boolean => Some("integer"),
            // Of one value: that value, in the type that expressions compute with.
            Function::Sum => Some("coalesce"),
            Function::Mean | Function::Median | Function::Std => Some("number"),
            _ => None,
        };
        let Some(wrap) = wrap else {
            if let DataType::FixedSizeList(..) = of {
                let message = format!("{name} cannot take {}", type_name(&of));
                return Err(Fault::new(argument.span, message));
            }
            return Ok(Some(checked));
        };
        if !(of.is_numeric() || of == DataType::Boolean) {
            let message = format!("{name} wants numbers; this is {}", type_name(&of));
            return Err(Fault::new(argument.span, message));
        }
        let call = Kind::Call {
            name: wrap.to_owned(),
            name_span: argument.span,
            arguments: vec![argument.clone()],
        };
        let wrapped = Expression::from_ast(Expr::new(call, argument.span));
        wrapped.check(self.schema).map(Some)
    }

    /// The column that holds the aggregate; the same one for the same call.
    fn column(&mut self, function: Function, argument: Option<Checked>, label: String) -> String {
        if self
            .aggregates
            .iter()
            .all(|aggregate| *aggregate.field.name() != label)
        {
            let of = argument
                .as_ref()
                .map_or(DataType::Int64, Checked::data_type);
            let (of, nullable) = match function {
                Function::Count | Function::CountDistinct => (DataType::Int64, false),
                _ => (of, true),
            };
            self.aggregates.push(Aggregate {
                function,
                argument,
                field: Field::new(&label, of, nullable),
            });
        }
        label
    }
}

fn listed(arguments: &[Expr]) -> String {
    arguments.iter().map(ToString::to_string).collect()
}

fn no_function(name: &str, span: Span, guess: Option<&str>) -> Fault {
    let fault = Fault::new(span, format!("there is no function {name:?}"));
    match guess {
        Some(guess) => fault.help(format!("did you mean {guess:?}?")),
        None => fault.help(format!("aggregates are {}", NAMES.join(", "))),
    }
}

/// The groups found so far.
struct Groups {
    encoder: Encoder,
    /// Only looked up.
    numbers: HashMap<Vec<u8>, u32>,
    keys: Vec<OwnedRow>,
    accumulators: Vec<Accumulator>,
}

impl Step for Group {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn apply<'a>(&'a self, rows: Flow<'a>, _: Open<'a>) -> Result<Flow<'a>, Failure> {
        let start = |aggregate: &Aggregate| {
            let of = aggregate
                .argument
                .as_ref()
                .map_or(DataType::Null, Checked::data_type);
            aggregate.function.start(&of)
        };
        let mut groups = Groups {
            encoder: Encoder::new(&self.input, &self.keys)?,
            numbers: HashMap::new(),
            keys: Vec::new(),
            accumulators: self
                .aggregates
                .iter()
                .map(start)
                .collect::<Result<_, _>>()?,
        };
        for batch in rows {
            self.see(&mut groups, &batch?)?;
        }
        let all = self.finish(groups)?;
        let rows = (0..all.num_rows() as u32).collect();
        Ok(picked(all, rows))
    }
}

impl Group {
    fn see(&self, groups: &mut Groups, rows: &RecordBatch) -> Result<(), Failure> {
        let group_of = groups.of_rows(rows, self.keys.is_empty())?;
        for (aggregate, accumulator) in self.aggregates.iter().zip(&mut groups.accumulators) {
            let values = aggregate
                .argument
                .as_ref()
                .map(|argument| argument.evaluate(rows));
            let values = values.transpose().map_err(internal)?;
            accumulator.grow(groups.keys.len().max(usize::from(self.keys.is_empty())));
            accumulator.update(&group_of, values.as_ref())?;
        }
        Ok(())
    }

    fn finish(&self, groups: Groups) -> Result<RecordBatch, Failure> {
        let count = if self.keys.is_empty() {
            1
        } else {
            groups.keys.len()
        };
        let mut columns: Vec<ArrayRef> = match self.keys.is_empty() {
            true => Vec::new(),
            false => {
                let rows = groups.keys.iter().map(OwnedRow::row);
                groups.encoder.converter().convert_rows(rows)?
            }
        };
        let keys = columns.clone();
        for mut accumulator in groups.accumulators {
            accumulator.grow(count);
            columns.push(accumulator.finish()?);
        }
        let inner = batch(&self.inner, columns, count)?;
        let mut columns = keys;
        for column in &self.columns {
            columns.push(column.evaluate(&inner).map_err(internal)?);
        }
        batch(&self.schema, columns, count)
    }
}

impl Groups {
    /// The number of each row's group. Groups have numbers in the order in which they begin.
    fn of_rows(&mut self, rows: &RecordBatch, one: bool) -> Result<Vec<u32>, Failure> {
        if one {
            return Ok(vec![0; rows.num_rows()]);
        }
        let encoded = self.encoder.encode(rows)?;
        let mut group_of = Vec::with_capacity(rows.num_rows());
        for row in &encoded {
            let number = match self.numbers.get(row.as_ref()) {
                Some(number) => *number,
                None => {
                    let number = self.keys.len() as u32;
                    self.numbers.insert(row.as_ref().to_vec(), number);
                    self.keys.push(row.owned());
                    number
                }
            };
            group_of.push(number);
        }
        Ok(group_of)
    }
}
