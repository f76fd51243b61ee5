//! Holds a tree against a schema: finds columns and functions, settles types, makes conversions explicit.
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, NullArray, StringArray};
use arrow_schema::Schema;

use crate::ast::{BinaryOp, Expr, Kind, Level, Literal, UnaryOp};
use crate::checked::Checked;
use crate::fault::{Fault, Span};
use crate::node::{Node, Step};
use crate::suggest::did_you_mean;
use crate::types::Type;

mod calls;
mod convert;
mod moments;
mod operators;

use convert::{condition, folded, number};
use operators::{arithmetic, comparison};

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
        let mut items = Vec::new();
        for item in list {
            let item = self.node(item)?;
            // Each is compared as if by ==, which is done when the value is there: it is computed once.
            comparison(BinaryOp::Equal, value.clone(), item.clone(), item.span)?;
            items.push(item);
        }
        if items.is_empty() {
            return Err(Fault::new(span, "the list is empty"));
        }
        Ok(Node {
            nullable: value.nullable || items.iter().any(|item| item.nullable),
            of: Type::Bool,
            step: Step::In {
                value: Box::new(value),
                list: items,
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
