//! A checked expression: types are known, columns are found, conversions are explicit.
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_schema::DataType;

use crate::ast::BinaryOp;
use crate::clock::Format;
use crate::fault::Span;
use crate::functions::Function;
use crate::types::Type;

/// A part with its type.
#[derive(Clone, Debug)]
pub struct Node {
    /// How it is computed.
    pub step: Step,
    /// What comes out.
    pub of: Type,
    /// Whether null may come out.
    pub nullable: bool,
    /// Where it stands in the text.
    pub span: Span,
}

/// How a value is computed.
#[derive(Clone, Debug)]
pub enum Step {
    /// One value for every row.
    Constant(ArrayRef),
    /// A column of the batch, and its type there.
    Column { name: String, stored: DataType },
    /// From the type of the node to the outer one.
    Cast(Box<Node>),
    /// `not`
    Not(Box<Node>),
    /// The minus sign before one value.
    Negate(Box<Node>),
    /// `and`, `or` by Kleene's rules.
    Logic { or: bool, sides: Box<[Node; 2]> },
    /// A comparison of two values of one type, or of two timestamps of any unit.
    Compare { op: BinaryOp, sides: Box<[Node; 2]> },
    /// `+ - * /`
    Arithmetic { op: BinaryOp, sides: Box<[Node; 2]> },
    /// `in`: each of the list is compared as if by `==`.
    In { value: Box<Node>, list: Vec<Node> },
    /// `is null`
    IsNull(Box<Node>),
    /// A function.
    Call {
        function: Function,
        arguments: Vec<Node>,
        /// How a text is read as a date or a time.
        format: Option<Arc<Format>>,
    },
}

impl Node {
    /// The constant's value.
    pub fn as_constant(&self) -> Option<&ArrayRef> {
        match &self.step {
            Step::Constant(array) => Some(array),
            _ => None,
        }
    }

    /// The parts below.
    pub fn parts(&self) -> Vec<&Node> {
        match &self.step {
            Step::Constant(_) | Step::Column { .. } => Vec::new(),
            Step::Cast(node) | Step::Not(node) | Step::Negate(node) | Step::IsNull(node) => {
                vec![node]
            }
            Step::Logic { sides, .. }
            | Step::Compare { sides, .. }
            | Step::Arithmetic { sides, .. } => sides.iter().collect(),
            Step::In { value, list } => std::iter::once(&**value).chain(list).collect(),
            Step::Call { arguments, .. } => arguments.iter().collect(),
        }
    }
}
