//! Computes a checked expression for a batch.
use std::sync::Arc;

use arrow_arith::boolean::{and_kleene, is_null, not, or_kleene};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};

use crate::ast::BinaryOp;
use crate::checked::{EvaluateError, column};
use crate::clock::Format;
use crate::functions::Function;
use crate::node::{Node, Step};
use crate::types::Type;
use crate::value::{Value, cast, choose, common_rows, widened};
use crate::{arithmetic, compare, moments, texts};

/// One value per row, or a constant.
pub fn evaluate(node: &Node, batch: &RecordBatch) -> Result<Value, EvaluateError> {
    let of = |part: &Node| evaluate(part, batch);
    Ok(match &node.step {
        Step::Constant(array) => Value::constant(array.clone()),
        Step::Column { name, stored } => Value::rows(widened(column(batch, name, stored)?)),
        Step::Cast(inner) => cast(&of(inner)?, &inner.of, &node.of),
        Step::Not(inner) => flags(&of(inner)?, not),
        Step::Negate(inner) => arithmetic::negate(&of(inner)?, &node.of),
        Step::IsNull(inner) => {
            let value = of(inner)?;
            let nulls = is_null(&value.array).expect("any array will do");
            Value::like(&[&value], Arc::new(nulls))
        }
        Step::Logic { or, sides } => logic(*or, &of(&sides[0])?, &of(&sides[1])?),
        Step::Compare { op, sides } => compare::compare(
            *op,
            &of(&sides[0])?,
            &of(&sides[1])?,
            &sides[0].of,
            &sides[1].of,
        ),
        Step::Arithmetic { op, sides } => {
            let (left, right) = (of(&sides[0])?, of(&sides[1])?);
            if left.is_constant_null() || right.is_constant_null() {
                return Ok(Value::null(&node.of));
            }
            arithmetic::arithmetic(*op, &left, &right, &sides[0].of, &sides[1].of)
        }
        Step::In { value, list } => {
            let left = of(value)?;
            let mut found: Option<Value> = None;
            for item in list {
                let types = value.of.compared(&item.of);
                let (left_as, right_as) = types.expect("the check compared them");
                let left = cast(&left, &value.of, &left_as);
                let right = cast(&of(item)?, &item.of, &right_as);
                let same = compare::compare(BinaryOp::Equal, &left, &right, &left_as, &right_as);
                found = Some(match found {
                    None => same,
                    Some(found) => logic(true, &found, &same),
                });
            }
            found.expect("the check refuses empty lists")
        }
        Step::Call {
            function,
            arguments,
            format,
        } => {
            let values = arguments.iter().map(of).collect::<Result<Vec<_>, _>>()?;
            call(*function, &values, arguments, format.as_deref(), &node.of)
        }
    })
}

fn call(
    function: Function,
    values: &[Value],
    arguments: &[Node],
    format: Option<&Format>,
    of: &Type,
) -> Value {
    match function {
        Function::Coalesce => {
            let (last, first) = values.split_last().expect("the check counts them");
            return first.iter().rev().fold(last.clone(), |rest, value| {
                let nulls = is_null(&value.array).expect("any array will do");
                let missing = Value::like(&[value], Arc::new(nulls));
                if_else(&missing, &rest, value)
            });
        }
        Function::If => return if_else(&values[0], &values[1], &values[2]),
        _ => {}
    }
    if values.iter().any(Value::is_constant_null) {
        return Value::null(of);
    }
    let from = &arguments[0].of;
    match function {
        Function::Coalesce | Function::If => unreachable!("above"),
        Function::Least | Function::Greatest => {
            let op = match function {
                Function::Least => BinaryOp::LessOrEqual,
                _ => BinaryOp::GreaterOrEqual,
            };
            let (first, rest) = values.split_first().expect("the check counts them");
            let best = |best: Value, value: &Value| compare::best(op, &best, value, of);
            rest.iter().fold(first.clone(), best)
        }
        Function::Abs
        | Function::Ceil
        | Function::Exp
        | Function::Floor
        | Function::Integer
        | Function::IsNan
        | Function::Ln
        | Function::Log10
        | Function::Mod
        | Function::Number
        | Function::Pow
        | Function::Round
        | Function::Sqrt => arithmetic::call(function, values, from),
        Function::Concat
        | Function::Contains
        | Function::EndsWith
        | Function::Length
        | Function::Lower
        | Function::Replace
        | Function::StartsWith
        | Function::Substring
        | Function::Text
        | Function::Trim
        | Function::Upper => texts::call(function, values, from),
        Function::Date
        | Function::Day
        | Function::DayOfYear
        | Function::Hour
        | Function::HourOf
        | Function::Minute
        | Function::MinuteOf
        | Function::Month
        | Function::Second
        | Function::Timestamp
        | Function::Week
        | Function::Weekday
        | Function::Year => moments::call(function, &values[0], from, format, of),
    }
}

/// Where the condition is true the first, else (null too) the second.
fn if_else(condition: &Value, first: &Value, second: &Value) -> Value {
    if condition.constant {
        let flag = condition.array.as_boolean();
        let holds = flag.is_valid(0) && flag.value(0);
        return if holds { first.clone() } else { second.clone() };
    }
    let mask = condition.array.as_boolean();
    let (first, second) = (first.datum(), second.datum());
    Value::rows(choose(mask, first.as_ref(), second.as_ref()))
}

fn logic(or: bool, left: &Value, right: &Value) -> Value {
    let rows = common_rows(&[left, right]);
    let (a, b) = (left.expanded(rows), right.expanded(rows));
    let (a, b) = (a.as_boolean(), b.as_boolean());
    let joined = if or {
        or_kleene(a, b)
    } else {
        and_kleene(a, b)
    };
    let joined: ArrayRef = Arc::new(joined.expect("both are of one length"));
    Value::like(&[left, right], joined)
}

fn flags<E: std::fmt::Debug>(
    value: &Value,
    compute: impl Fn(&BooleanArray) -> Result<BooleanArray, E>,
) -> Value {
    let array = compute(value.array.as_boolean()).expect("any flags will do");
    Value::like(&[value], Arc::new(array))
}
