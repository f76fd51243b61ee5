//! Writes a tree as text, with as few parentheses as will do.
use std::fmt::{self, Display, Formatter, Write};

use crate::ast::{BinaryOp, Expr, Kind, Level, Literal, UnaryOp};
use crate::token::{is_keyword, is_name};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Literal(literal) => literal.fmt(f),
            Kind::Column(name) => column(f, name),
            Kind::Unary { op, operand } => match op {
                // `-5` is a constant, so that the smallest whole number can be written.
                UnaryOp::Negate if matches!(operand.kind, Kind::Literal(_)) => {
                    write!(f, "-({operand})")
                }
                UnaryOp::Negate => {
                    f.write_char('-')?;
                    at_least(f, operand, Level::Sign)
                }
                UnaryOp::Not => {
                    f.write_str("not ")?;
                    at_least(f, operand, Level::Not)
                }
            },
            Kind::Binary { op, left, right } => {
                let (left_level, right_level) = sides(*op);
                at_least(f, left, left_level)?;
                write!(f, " {} ", op.symbol())?;
                at_least(f, right, right_level)
            }
            Kind::In {
                value,
                list: values,
                negated,
            } => {
                at_least(f, value, Level::Sum)?;
                f.write_str(if *negated { " not in [" } else { " in [" })?;
                list(f, values)?;
                f.write_char(']')
            }
            Kind::IsNull { value, negated } => {
                at_least(f, value, Level::Sum)?;
                f.write_str(if *negated { " is not null" } else { " is null" })
            }
            Kind::Call {
                name, arguments, ..
            } => {
                write!(f, "{name}(")?;
                list(f, arguments)?;
                f.write_char(')')
            }
        }
    }
}

/// What the sides have to bind like. Chains grow to the left; comparisons make none.
fn sides(op: BinaryOp) -> (Level, Level) {
    match op.level() {
        Level::Or => (Level::Or, Level::And),
        Level::And => (Level::And, Level::Not),
        Level::Sum => (Level::Sum, Level::Product),
        Level::Product => (Level::Product, Level::Sign),
        _ => (Level::Sum, Level::Sum),
    }
}

fn at_least(f: &mut Formatter<'_>, expr: &Expr, level: Level) -> fmt::Result {
    if expr.level() >= level {
        expr.fmt(f)
    } else {
        write!(f, "({expr})")
    }
}

fn list(f: &mut Formatter<'_>, values: &[Expr]) -> fmt::Result {
    for (position, value) in values.iter().enumerate() {
        if position > 0 {
            f.write_str(", ")?;
        }
        value.fmt(f)?;
    }
    Ok(())
}

fn column(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    if is_name(name) && !is_keyword(name) {
        f.write_str(name)
    } else {
        write!(f, "`{}`", name.replace('`', "``"))
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => f.write_str("null"),
            Literal::Bool(value) => value.fmt(f),
            Literal::Int(value) => value.fmt(f),
            // The shortest digits that are read as the same number, always with a mark of a float.
            Literal::Float(value) => write!(f, "{value:?}"),
            Literal::Text(text) => write!(f, "'{}'", text.replace('\'', "''")),
        }
    }
}
