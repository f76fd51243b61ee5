//! Values as the types that are wanted; and what can be computed before there are rows.
use std::sync::Arc;

use arrow_array::{Array, RecordBatch, RecordBatchOptions};
use arrow_schema::Schema;

use crate::ast::BinaryOp;
use crate::evaluate::evaluate;
use crate::fault::{Fault, Span};
use crate::node::{Node, Step};
use crate::types::{Type, per_second};

/// True or false, or null; `wants` is the beginning of the message.
pub(super) fn condition(node: Node, wants: &str) -> Result<Node, Fault> {
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
pub(super) fn number(node: Node, wants: &str) -> Result<Node, Fault> {
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
pub(super) fn coerced(node: Node, to: &Type) -> Result<Node, Fault> {
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

/// Whether the clock of the zone can be read.
pub(super) fn known_zone(zone: &str, span: Span) -> Result<(), Fault> {
    if crate::clock::offset_seconds(zone).is_some() {
        return Ok(());
    }
    let message = format!("the clock of the zone {zone:?} is not known here");
    let help = "only UTC and offsets such as +02:00 are; convert the column when it is read";
    Err(Fault::new(span, message).help(help))
}

/// A part without columns is computed here and now. If it has no answer, it never will.
pub(super) fn folded(node: Node) -> Result<Node, Fault> {
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
