//! Comparisons and arithmetic: which types go together, and what comes out.
use arrow_array::Array;
use arrow_array::cast::AsArray;

use super::convert::coerced;
use crate::ast::BinaryOp;
use crate::fault::{Fault, Span};
use crate::node::{Node, Step};
use crate::types::Type;

/// `left op right`, true or false.
pub(super) fn comparison(op: BinaryOp, left: Node, right: Node, span: Span) -> Result<Node, Fault> {
    let Some((left_as, right_as)) = left.of.compared(&right.of) else {
        return Err(not_comparable(&left, &right, span));
    };
    let (left, right) = (coerced(left, &left_as)?, coerced(right, &right_as)?);
    let nullable = left.nullable || right.nullable;
    let sides = Box::new([left, right]);
    Ok(Node {
        step: Step::Compare { op, sides },
        of: Type::Bool,
        nullable,
        span,
    })
}

/// The fault of two values that have nothing in common.
pub(super) fn not_comparable(left: &Node, right: &Node, span: Span) -> Fault {
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

/// `left op right`, a number, a date or a time.
pub(super) fn arithmetic(op: BinaryOp, left: Node, right: Node, span: Span) -> Result<Node, Fault> {
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
