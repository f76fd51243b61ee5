//! Numbers: what is added, rounded, read of a text. What has no answer is null; floats otherwise follow IEEE 754.
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{ArrayRef, Float64Array, Int64Array};

use crate::ast::BinaryOp;
use crate::functions::Function;
use crate::types::{Type, per_second};
use crate::value::{Value, binary, flags_of, rows_of, ticks};

/// `-x`
pub fn negate(value: &Value, of: &Type) -> Value {
    match of {
        Type::Int => ints(value, i64::checked_neg),
        _ => floats(value, |x| Some(-x)),
    }
}

/// `a op b`, for the types that the check lets pass.
pub fn arithmetic(op: BinaryOp, left: &Value, right: &Value, a: &Type, b: &Type) -> Value {
    match (a, b) {
        (Type::Int, Type::Int) => {
            let compute = match op {
                BinaryOp::Add => i64::checked_add,
                BinaryOp::Subtract => i64::checked_sub,
                _ => i64::checked_mul,
            };
            binary::<Int64Type, Int64Type, Int64Type>(left, right, compute)
        }
        (Type::Float, _) => float(op, left, right),
        (Type::Date, Type::Int) => {
            binary::<Date32Type, Int64Type, Date32Type>(left, right, |date, days| {
                let moved = match op {
                    BinaryOp::Add => i64::from(date).checked_add(days),
                    _ => i64::from(date).checked_sub(days),
                };
                i32::try_from(moved?).ok()
            })
        }
        (Type::Date, _) => binary::<Date32Type, Date32Type, Int64Type>(left, right, |a, b| {
            Some(i64::from(a) - i64::from(b))
        }),
        (Type::Timestamp(unit, _), Type::Timestamp(other, _)) => {
            let (a_ticks, b_ticks) = (ticks(&left.array), ticks(&right.array));
            let ns =
                |ticks: i64, unit| i128::from(ticks) * i128::from(1_000_000_000 / per_second(unit));
            rows_of::<Float64Type>(&[left, right], |row| {
                let a = ns(a_ticks.value(row * left.stride()), *unit);
                let b = ns(b_ticks.value(row * right.stride()), *other);
                Some((a - b) as f64 / 1e9)
            })
        }
        _ => unreachable!("the check refuses {a} {} {b}", op.symbol()),
    }
}

fn float(op: BinaryOp, left: &Value, right: &Value) -> Value {
    type F = Float64Type;
    match op {
        BinaryOp::Add => binary::<F, F, F>(left, right, |a, b| Some(a + b)),
        BinaryOp::Subtract => binary::<F, F, F>(left, right, |a, b| Some(a - b)),
        BinaryOp::Multiply => binary::<F, F, F>(left, right, |a, b| Some(a * b)),
        _ => binary::<F, F, F>(left, right, |a, b| (b != 0.0).then(|| a / b)),
    }
}

/// A function of numbers.
pub fn call(function: Function, values: &[Value], from: &Type) -> Value {
    let x = &values[0];
    let int = *from == Type::Int;
    match function {
        Function::Abs if int => ints(x, i64::checked_abs),
        Function::Abs => floats(x, |x| Some(x.abs())),
        Function::Ceil | Function::Floor | Function::Round if int => x.clone(),
        Function::Ceil => floats(x, |x| Some(libm::ceil(x))),
        Function::Floor => floats(x, |x| Some(libm::floor(x))),
        Function::Round => {
            let digits = values.get(1).map_or(0, |digits| {
                digits.array.as_primitive::<Int64Type>().value(0)
            });
            // An exact power of ten up to 22 digits.
            let scale = 10_f64.powi(digits as i32);
            floats(x, |x| Some(round(x, scale)))
        }
        Function::Exp => floats(x, |x| Some(libm::exp(x))),
        Function::Ln => floats(x, |x| answer(libm::log(x), x)),
        Function::Log10 => floats(x, |x| answer(libm::log10(x), x)),
        Function::Sqrt => floats(x, |x| answer(libm::sqrt(x), x)),
        Function::Pow => {
            binary::<Float64Type, Float64Type, Float64Type>(x, &values[1], |base, exponent| {
                if base == 0.0 && exponent < 0.0 {
                    return None;
                }
                let power = libm::pow(base, exponent);
                let unknown = base.is_nan() || exponent.is_nan();
                (!power.is_nan() || unknown).then_some(power)
            })
        }
        Function::Mod if int => binary::<Int64Type, Int64Type, Int64Type>(x, &values[1], |a, b| {
            let rest = a.checked_rem(b).or((b == -1).then_some(0))?;
            Some(if rest != 0 && (rest < 0) != (b < 0) {
                rest + b
            } else {
                rest
            })
        }),
        Function::Mod => binary::<Float64Type, Float64Type, Float64Type>(x, &values[1], |a, b| {
            let rest = libm::fmod(a, b);
            let unknown = a.is_nan() || b.is_nan();
            if rest.is_nan() && !unknown {
                return None;
            }
            Some(if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
                rest + b
            } else {
                rest
            })
        }),
        Function::IsNan => {
            let floats = x.array.as_primitive::<Float64Type>();
            flags_of(&[x], |row| floats.value(row).is_nan())
        }
        Function::Number => number(x, from),
        _ => integer(x, from),
    }
}

/// Half away from zero. What is too large to have digits behind the point stays as it is.
fn round(x: f64, scale: f64) -> f64 {
    let scaled = libm::round(x * scale);
    if scaled.is_finite() {
        scaled / scale
    } else {
        x
    }
}

/// Nothing where a number has no such value; NaN stays NaN.
fn answer(y: f64, x: f64) -> Option<f64> {
    (y > f64::NEG_INFINITY || x.is_nan()).then_some(y)
}

fn number(x: &Value, from: &Type) -> Value {
    match from {
        Type::Text => {
            let texts = x.array.as_string::<i32>();
            rows_of::<Float64Type>(&[x], |row| texts.value(row).trim().parse().ok())
        }
        Type::Bool => {
            let flags = x.array.as_boolean();
            rows_of::<Float64Type>(&[x], |row| Some(f64::from(u8::from(flags.value(row)))))
        }
        _ => x.clone(),
    }
}

fn integer(x: &Value, from: &Type) -> Value {
    match from {
        Type::Text => {
            let texts = x.array.as_string::<i32>();
            rows_of::<Int64Type>(&[x], |row| texts.value(row).trim().parse().ok())
        }
        Type::Bool => {
            let flags = x.array.as_boolean();
            rows_of::<Int64Type>(&[x], |row| Some(i64::from(flags.value(row))))
        }
        Type::Float => {
            let column = x.array.as_primitive::<Float64Type>();
            // The upper bound itself is 2^63, one more than fits.
            let bounds = -9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0;
            let ints: Int64Array = column.unary_opt(|x| bounds.contains(&x).then_some(x as i64));
            Value::like(&[x], Arc::new(ints))
        }
        _ => x.clone(),
    }
}

fn ints(value: &Value, compute: impl Fn(i64) -> Option<i64>) -> Value {
    let column = value.array.as_primitive::<Int64Type>();
    let answers: Int64Array = column.unary_opt(compute);
    Value::like(&[value], Arc::new(answers))
}

fn floats(value: &Value, compute: impl Fn(f64) -> Option<f64>) -> Value {
    let column = value.array.as_primitive::<Float64Type>();
    let answers: Float64Array = column.unary_opt(compute);
    Value::like(&[value], Arc::new(answers) as ArrayRef)
}
