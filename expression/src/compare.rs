//! Comparisons. Floats compare as IEEE 754 says: NaN equals nothing and is neither less nor greater; 0 equals -0.
use std::cmp::Ordering;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Float64Type, Int64Type};

use crate::ast::BinaryOp;
use crate::types::{Type, per_second};
use crate::value::{Value, binary, cast, choose, common_nulls, common_rows, flags_of, ticks};

/// True or false for each row, null where either side is.
pub fn compare(
    op: BinaryOp,
    left: &Value,
    right: &Value,
    left_of: &Type,
    right_of: &Type,
) -> Value {
    if left.is_constant_null() || right.is_constant_null() {
        return Value::null(&Type::Bool);
    }
    match (left_of, right_of) {
        (Type::Int, _) => primitives::<Int64Type>(op, left, right),
        (Type::Float, _) => primitives::<Float64Type>(op, left, right),
        (Type::Date, _) => primitives::<Date32Type>(op, left, right),
        (Type::Timestamp(unit, _), Type::Timestamp(other, _)) => {
            let (a, b) = (ticks(&left.array), ticks(&right.array));
            let (a_stride, b_stride) = (left.stride(), right.stride());
            // Nanoseconds of any timestamp fit 128 bits.
            let (a_ns, b_ns) = (
                i128::from(1_000_000_000 / per_second(*unit)),
                i128::from(1_000_000_000 / per_second(*other)),
            );
            rows(op, left, right, |row| {
                let a = i128::from(a.value(row * a_stride)) * a_ns;
                a.partial_cmp(&(i128::from(b.value(row * b_stride)) * b_ns))
            })
        }
        (Type::Text, _) => {
            let (a, b) = (
                left.array.as_string::<i32>(),
                right.array.as_string::<i32>(),
            );
            let (a_stride, b_stride) = (left.stride(), right.stride());
            rows(op, left, right, |row| {
                a.value(row * a_stride).partial_cmp(b.value(row * b_stride))
            })
        }
        _ => {
            let (a, b) = (left.array.as_boolean(), right.array.as_boolean());
            let (a_stride, b_stride) = (left.stride(), right.stride());
            rows(op, left, right, |row| {
                a.value(row * a_stride)
                    .partial_cmp(&b.value(row * b_stride))
            })
        }
    }
}

fn primitives<T: ArrowPrimitiveType>(op: BinaryOp, left: &Value, right: &Value) -> Value
where
    T::Native: PartialOrd,
{
    let (a, b) = (
        left.array.as_primitive::<T>(),
        right.array.as_primitive::<T>(),
    );
    let (a_stride, b_stride) = (left.stride(), right.stride());
    let (a, b) = (a.values(), b.values());
    rows(op, left, right, |row| {
        a[row * a_stride].partial_cmp(&b[row * b_stride])
    })
}

/// No order: one of them is NaN.
fn rows(
    op: BinaryOp,
    left: &Value,
    right: &Value,
    order: impl Fn(usize) -> Option<Ordering>,
) -> Value {
    let from = [left, right];
    match op {
        BinaryOp::Equal => flags_of(&from, |row| order(row) == Some(Ordering::Equal)),
        BinaryOp::NotEqual => flags_of(&from, |row| order(row) != Some(Ordering::Equal)),
        BinaryOp::Less => flags_of(&from, |row| order(row) == Some(Ordering::Less)),
        BinaryOp::Greater => flags_of(&from, |row| order(row) == Some(Ordering::Greater)),
        BinaryOp::LessOrEqual => flags_of(&from, |row| order(row).is_some_and(Ordering::is_le)),
        BinaryOp::GreaterOrEqual => flags_of(&from, |row| order(row).is_some_and(Ordering::is_ge)),
        _ => unreachable!("not a comparison"),
    }
}

/// The left where `left op right` holds, else the right; null where either is, NaN where either is that.
pub fn best(op: BinaryOp, left: &Value, right: &Value, of: &Type) -> Value {
    if *of == Type::Float {
        return binary::<Float64Type, Float64Type, Float64Type>(left, right, |a, b| {
            let first = match op {
                BinaryOp::LessOrEqual => a <= b,
                _ => a >= b,
            };
            Some(if first || a.is_nan() { a } else { b })
        });
    }
    let wins = compare(op, left, right, of, of);
    let from = [left, right];
    let rows = common_rows(&from);
    let wins = wins.expanded(rows);
    let best = choose(
        wins.as_boolean(),
        left.datum().as_ref(),
        right.datum().as_ref(),
    );
    let best = match common_nulls(&from) {
        None => best,
        Some(nulls) => {
            let valid = arrow_array::BooleanArray::new(nulls.into_inner(), None);
            let null = cast(&Value::null(&Type::Null), &Type::Null, of);
            choose(&valid, &best, null.datum().as_ref())
        }
    };
    Value::like(&from, best)
}
