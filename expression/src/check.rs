//! Holds a tree against a schema: finds columns and functions, settles types, makes conversions explicit.
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, NullArray, RecordBatch,
    RecordBatchOptions, StringArray,
};
use arrow_schema::Schema;

use crate::ast::{BinaryOp, Expr, Kind, Level, Literal, UnaryOp};
use crate::checked::Checked;
use crate::evaluate::evaluate;
use crate::fault::{Fault, Span};
use crate::node::{Node, Step};
use crate::suggest::did_you_mean;
use crate::types::{Type, per_second};

mod calls;

/// Holds a tree against a schema.
pub fn check(root: &Expr, schema: &Schema) -> Result<Checked, Fault> {
    let root = Checker { schema }.node(root)?;
    if root.of == Type::Null {
        return Err(Fault::new(root.span, "the type of this null is not known")
            .help("give it one, e.g. by number(null)"));
    }
    Ok(Checked { root })
}

/// Holds a tree that has to be true or false against a schema.
pub fn check_condition(root: &Expr, schema: &Schema) -> Result<Checked, Fault> {
    let root = Checker { schema }.node(root)?;
    let root = condition(root, "a condition is")?;
    Ok(Checked { root })
}

struct Checker<'a> {
    schema: &'a Schema,
}

impl Checker<'_> {
    fn node(&self, expr: &Expr) -> Result<Node, Fault> {
        let node = match &expr.kind {
            Kind::Literal(literal) => constant(literal, expr.span),
            Kind::Column(name) => self.column(name, expr.span)?,
            Kind::Unary { op, operand } => self.unary(*op, operand, expr.span)?,
            Kind::Binary { op, left, right } => self.binary(*op, left, right, expr.span)?,
            Kind::In {
                value,
                list,
                negated,
            } => {
                let found = self.within(value, list, expr.span)?;
                negate_if(*negated, found)
            }
            Kind::IsNull { value, negated } => {
                let value = self.node(value)?;
                let null = Node {
                    step: Step::IsNull(Box::new(value)),
                    of: Type::Bool,
                    nullable: false,
                    span: expr.span,
                };
                negate_if(*negated, null)
            }
            Kind::Call {
                name,
                name_span,
                arguments,
            } => self.call(name, *name_span, arguments, expr.span)?,
        };
        folded(node)
    }

    fn column(&self, name: &str, span: Span) -> Result<Node, Fault> {
        let Some((_, field)) = self.schema.fields().find(name) else {
            return Err(self.no_column(name, span));
        };
        let stored = field.data_type().clone();
        // Whole numbers beyond the signed ones are null.
        let lossy = stored == arrow_schema::DataType::UInt64;
        Ok(Node {
            of: Type::of(&stored),
            step: Step::Column {
                name: name.to_owned(),
                stored,
            },
            nullable: field.is_nullable() || lossy,
            span,
        })
    }

    fn no_column(&self, name: &str, span: Span) -> Fault {
        let names = || {
            self.schema
                .fields()
                .iter()
                .map(|field| field.name().as_str())
        };
        let fault = Fault::new(span, format!("there is no column {name:?}"));
        if let Some(guess) = did_you_mean(name, names()) {
            return fault.help(format!("did you mean {guess:?}?"));
        }
        let mut listed: Vec<_> = names().take(12).collect();
        if names().count() > listed.len() {
            listed.push("…");
        }
        match listed.is_empty() {
            true => fault.help("there are no columns; a text stands in quotes"),
            false => fault.help(format!(
                "the columns are {}; a text stands in quotes",
                listed.join(", ")
            )),
        }
    }

    fn unary(&self, op: UnaryOp, operand: &Expr, span: Span) -> Result<Node, Fault> {
        let operand = self.node(operand)?;
        if op == UnaryOp::Not {
            let operand = condition(operand, "\"not\" wants")?;
            return Ok(negate_if(true, Node { span, ..operand }));
        }
        let operand = number(operand, "\"-\" wants a number")?;
        Ok(Node {
            of: operand.of.clone(),
            nullable: operand.nullable || operand.of == Type::Int,
            step: Step::Negate(Box::new(operand)),
            span,
        })
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Result<Node, Fault> {
        let (left, right) = (self.node(left)?, self.node(right)?);
        match op.level() {
            Level::Or | Level::And => {
                let wants = format!("{:?} wants", op.symbol());
                let sides = [condition(left, &wants)?, condition(right, &wants)?];
                Ok(Node {
                    nullable: sides.iter().any(|side| side.nullable),
                    of: Type::Bool,
                    step: Step::Logic {
                        or: op == BinaryOp::Or,
                        sides: Box::new(sides),
                    },
                    span,
                })
            }
            Level::Comparison => comparison(op, left, right, span),
            _ => arithmetic(op, left, right, span),
        }
    }

    fn within(&self, value: &Expr, list: &[Expr], span: Span) -> Result<Node, Fault> {
        let value = self.node(value)?;
        let mut nodes = Vec::new();
        let mut common = value.of.clone();
        for item in list {
            let item = self.node(item)?;
            if let (Type::Opaque(_), _) | (_, Type::Opaque(_)) = (&value.of, &item.of) {
                return Err(not_comparable(&value, &item, span));
            }
            common = match common.common(&item.of) {
                Some(common) => common,
                None => return Err(not_comparable(&value, &item, item.span)),
            };
            nodes.push(item);
        }
        if nodes.is_empty() {
            return Err(Fault::new(span, "the list is empty"));
        }
        let list = nodes.into_iter().map(|item| coerced(item, &common));
        let list = list.collect::<Result<Vec<_>, _>>()?;
        let value = coerced(value, &common)?;
        Ok(Node {
            nullable: value.nullable || list.iter().any(|item| item.nullable),
            of: Type::Bool,
            step: Step::In {
                value: Box::new(value),
                list,
            },
            span,
        })
    }
}

fn constant(literal: &Literal, span: Span) -> Node {
    let (of, array): (Type, ArrayRef) = match literal {
        Literal::Null => (Type::Null, Arc::new(NullArray::new(1))),
        Literal::Bool(value) => (Type::Bool, Arc::new(BooleanArray::from(vec![*value]))),
        Literal::Int(value) => (Type::Int, Arc::new(Int64Array::from(vec![*value]))),
        Literal::Float(value) => (Type::Float, Arc::new(Float64Array::from(vec![*value]))),
        Literal::Text(text) => (Type::Text, Arc::new(StringArray::from(vec![text.as_str()]))),
    };
    Node {
        nullable: of == Type::Null,
        of,
        step: Step::Constant(array),
        span,
    }
}

fn negate_if(negated: bool, node: Node) -> Node {
    if !negated {
        return node;
    }
    Node {
        of: Type::Bool,
        nullable: node.nullable,
        span: node.span,
        step: Step::Not(Box::new(node)),
    }
}

fn comparison(op: BinaryOp, left: Node, right: Node, span: Span) -> Result<Node, Fault> {
    let fits = match (&left.of, &right.of) {
        (Type::Opaque(_), _) | (_, Type::Opaque(_)) => false,
        (Type::Timestamp(_, a), Type::Timestamp(_, b)) => a.is_some() == b.is_some(),
        (a, b) => a.common(b).is_some(),
    };
    if !fits {
        return Err(not_comparable(&left, &right, span));
    }
    let (left, right) = match (&left.of, &right.of) {
        // Timestamps are compared exactly, whatever their units; so a date need not fit the other's unit.
        (Type::Timestamp(..), Type::Timestamp(..)) => (left, right),
        (Type::Timestamp(_, zone), Type::Date) => {
            let midnight = Type::Timestamp(arrow_schema::TimeUnit::Second, zone.clone());
            (left, coerced(right, &midnight)?)
        }
        (Type::Date, Type::Timestamp(_, zone)) => {
            let midnight = Type::Timestamp(arrow_schema::TimeUnit::Second, zone.clone());
            (coerced(left, &midnight)?, right)
        }
        (a, b) => {
            let common = a.common(b).expect("compared above");
            (coerced(left, &common)?, coerced(right, &common)?)
        }
    };
    let nullable = left.nullable || right.nullable;
    // Two nulls of no type: the answer is null.
    let sides = Box::new([left, right]);
    Ok(Node {
        step: Step::Compare { op, sides },
        of: Type::Bool,
        nullable,
        span,
    })
}

fn not_comparable(left: &Node, right: &Node, span: Span) -> Fault {
    let message = format!("{} and {} cannot be compared", left.of, right.of);
    let fault = Fault::new(span, message);
    match (&left.of, &right.of) {
        (Type::Text, Type::Date) | (Type::Date, Type::Text) => {
            fault.help("a date is written date('2024-02-29')")
        }
        (Type::Text, Type::Timestamp(..)) | (Type::Timestamp(..), Type::Text) => {
            fault.help("a time is written timestamp('2024-02-29T12:30'), a day date('2024-02-29')")
        }
        (Type::Timestamp(..), Type::Timestamp(..)) => fault.help(
            "only one of them has a zone; write the other with one, e.g. timestamp('2024-02-29T12:30Z'), or without",
        ),
        (Type::Text, other) | (other, Type::Text) if other.is_number() => {
            fault.help("put the number in quotes, or read the text by number(text)")
        }
        (Type::Bool, other) | (other, Type::Bool) if other.is_number() => {
            fault.help("compare with true or false, or write integer(condition)")
        }
        (Type::Opaque(_), _) | (_, Type::Opaque(_)) => {
            fault.help("such columns can only be compared with null, by \"is null\"")
        }
        _ => fault,
    }
}

fn arithmetic(op: BinaryOp, left: Node, right: Node, span: Span) -> Result<Node, Fault> {
    use BinaryOp::{Add, Divide, Subtract};
    let (left, right, of) = match (&left.of, op, &right.of) {
        (Type::Date, Add | Subtract, Type::Int) => (left, right, Type::Date),
        (Type::Int, Add, Type::Date) => (right, left, Type::Date),
        (Type::Date, Subtract, Type::Date) => (left, right, Type::Int),
        (Type::Timestamp(_, a), Subtract, Type::Timestamp(_, b)) if a.is_some() == b.is_some() => {
            (left, right, Type::Float)
        }
        (a, _, b) if a.is_number() && b.is_number() => {
            let common = match op {
                Divide => Type::Float,
                _ => match a.common(b) {
                    Some(Type::Null) | None => Type::Float,
                    Some(common) => common,
                },
            };
            (coerced(left, &common)?, coerced(right, &common)?, common)
        }
        _ => return Err(not_numbers(op, &left, &right, span)),
    };
    let nullable = left.nullable || right.nullable;
    // Only floats that are added or multiplied always have an answer.
    let total = of == Type::Float && op != Divide || left.of == Type::Date && of == Type::Int;
    let nonzero = matches!(op, Divide) && never_zero(&right);
    let sides = Box::new([left, right]);
    Ok(Node {
        step: Step::Arithmetic { op, sides },
        nullable: nullable || !(total || nonzero),
        of,
        span,
    })
}

fn never_zero(node: &Node) -> bool {
    use arrow_array::cast::AsArray;
    let float = node.as_constant().filter(|_| node.of == Type::Float);
    float.is_some_and(|array| {
        let value = array.as_primitive::<arrow_array::types::Float64Type>();
        value.is_valid(0) && value.value(0) != 0.0
    })
}

fn not_numbers(op: BinaryOp, left: &Node, right: &Node, span: Span) -> Fault {
    let (a, b) = (&left.of, &right.of);
    let message = format!("{a} {} {b} has no meaning", op.symbol());
    let fault = Fault::new(span, message);
    match (a, b) {
        (Type::Text, Type::Text) if op == BinaryOp::Add => {
            fault.help("texts are joined by concat(a, b)")
        }
        (Type::Text, _) | (_, Type::Text) => {
            fault.help("a text is read as a number by number(text)")
        }
        (Type::Bool, _) | (_, Type::Bool) => fault.help("write integer(condition) for 1 or 0"),
        _ => fault,
    }
}

/// True or false, or null; `wants` is the beginning of the message.
fn condition(node: Node, wants: &str) -> Result<Node, Fault> {
    if let Type::Bool | Type::Null = node.of {
        return coerced(node, &Type::Bool);
    }
    let message = format!("{wants} true or false; this is {}", node.of);
    let fault = Fault::new(node.span, message);
    Err(match node.of {
        Type::Int | Type::Float => fault.help("compare it with a number, e.g. x != 0"),
        Type::Text => fault.help("compare it with a text, e.g. x == 'yes'"),
        _ => fault,
    })
}

/// A number; null becomes one.
fn number(node: Node, wants: &str) -> Result<Node, Fault> {
    match node.of {
        Type::Int | Type::Float => Ok(node),
        Type::Null => coerced(node, &Type::Float),
        _ => {
            let fault = Fault::new(node.span, format!("{wants}; this is {}", node.of));
            Err(match node.of {
                Type::Text => fault.help("a text is read as a number by number(text)"),
                Type::Bool => fault.help("write integer(condition) for 1 or 0"),
                _ => fault,
            })
        }
    }
}

/// The value as one of another type, if it can be one.
fn coerced(node: Node, to: &Type) -> Result<Node, Fault> {
    if node.of == *to {
        return Ok(node);
    }
    let fits = node.of.common(to).as_ref() == Some(to);
    if let Type::Timestamp(_, Some(zone)) = to
        && node.of == Type::Date
    {
        known_zone(zone, node.span)?;
    }
    if !fits {
        let message = format!("{to} is wanted here; this is {}", node.of);
        return Err(Fault::new(node.span, message));
    }
    let exact = match (&node.of, to) {
        (Type::Date, Type::Timestamp(unit, _)) => per_second(*unit) == 1,
        (Type::Timestamp(a, _), Type::Timestamp(b, _)) => a == b,
        _ => true,
    };
    folded(Node {
        nullable: node.nullable || !exact,
        of: to.clone(),
        span: node.span,
        step: Step::Cast(Box::new(node)),
    })
}

fn known_zone(zone: &str, span: Span) -> Result<(), Fault> {
    if crate::clock::offset_seconds(zone).is_some() {
        return Ok(());
    }
    let message = format!("the clock of the zone {zone:?} is not known here");
    let help = "only UTC and offsets such as +02:00 are; convert the column when it is read";
    Err(Fault::new(span, message).help(help))
}

/// A part without columns is computed here and now. If it has no answer, it never will.
fn folded(node: Node) -> Result<Node, Fault> {
    let parts = node.parts();
    if matches!(node.step, Step::Constant(_))
        || !parts.iter().all(|part| part.as_constant().is_some())
    {
        return Ok(node);
    }
    if matches!(node.step, Step::Column { .. }) {
        return Ok(node);
    }
    let given = parts.iter().all(|part| {
        part.as_constant()
            .is_some_and(|array| array.logical_null_count() == 0)
    });
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let nothing = Arc::new(Schema::empty());
    let batch = RecordBatch::try_new_with_options(nothing, Vec::new(), &options)
        .expect("a row without columns");
    let value = evaluate(&node, &batch).expect("there are no columns to be missing");
    let array = value.array;
    if given && array.logical_null_count() > 0 {
        return Err(no_answer(&node));
    }
    Ok(Node {
        nullable: array.logical_null_count() > 0,
        step: Step::Constant(array),
        of: node.of,
        span: node.span,
    })
}

fn no_answer(node: &Node) -> Fault {
    let fault = Fault::new(node.span, "this is always null: it has no answer");
    match &node.step {
        Step::Arithmetic {
            op: BinaryOp::Divide,
            ..
        } => fault.help("it divides by zero"),
        Step::Arithmetic { .. } | Step::Negate(_) => {
            fault.help("the number is too large; with a decimal point it is a float")
        }
        Step::Call { .. } => fault.help("see what the function takes"),
        _ => fault,
    }
}
