//! The expression language of lockflight: what plugins take in their configs (`derive`, `filter`, `split`) and what gates are.
//!
//! ```
//! use std::sync::Arc;
//! use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
//! use lockflight_expression::Expression;
//!
//! let hr: ArrayRef = Arc::new(StringArray::from(vec!["6am", "11pm"]));
//! let cnt: ArrayRef = Arc::new(Int64Array::from(vec![Some(139), None]));
//! let rides = RecordBatch::try_from_iter([("hr", hr), ("cnt", cnt)]).unwrap();
//!
//! let evening = Expression::parse("hour_of(hr) >= 18 and cnt is null").unwrap();
//! assert_eq!(evening.columns(), ["hr", "cnt"]);
//! let evening = evening.check_condition(rides.schema_ref()).unwrap();
//! assert_eq!(evening.holds(&rides).unwrap().iter().collect::<Vec<_>>(), [false, true]);
//!
//! let fault = Expression::parse("hour_off(hr) > 3").unwrap().check(rides.schema_ref()).unwrap_err();
//! assert_eq!(fault.to_string(), "character 1: there is no function \"hour_off\"");
//! assert_eq!(fault.help.as_deref(), Some("did you mean \"hour_of\"?"));
//! ```
//!
//! Three steps, each of which says all that it knows before the next:
//!
//! 1. [`Expression::parse`] makes a tree of the text ([`Expr`], public: a gate rewrites calls to columns). It knows no column and
//!    no function.
//! 2. [`Expression::check`] holds the tree against a schema: columns, functions, types. It answers type and nullability.
//! 3. [`Checked::evaluate`] computes the column for a batch of that schema.
//!
//! **Evaluation never fails because of a value.** What has no answer is null: a division by zero, a whole number beyond 64 bits,
//! the root of a negative number, a text that is no date. A row's answer depends on that row alone, so batches may be cut and
//! ordered in any way; and it has the same bits on every machine, since functions such as `exp` are those of the crate `libm`
//! and not of the platform. The language itself is in the crate's README.

mod arithmetic;
mod ast;
mod check;
mod checked;
mod clock;
mod compare;
mod evaluate;
mod fault;
mod functions;
mod moments;
mod node;
mod parse;
mod print;
mod suggest;
mod texts;
mod token;
mod types;
mod value;

use std::fmt;
use std::str::FromStr;

use arrow_schema::Schema;

pub use ast::{BinaryOp, Expr, Kind, Literal, UnaryOp};
pub use checked::{Checked, EvaluateError};
pub use fault::{Fault, ParseError, Span, TypeError};
pub use functions::{FunctionDoc, functions};

/// The longest text of an expression, in characters.
pub const MAX_LENGTH: usize = 65_536;
/// How deep an expression may be nested; a chain such as `a + b + c` is one level per operator.
pub const MAX_DEPTH: usize = 128;

/// An expression that is written correctly; whether it fits a table is for [`check`](Expression::check) to say.
///
/// Two are equal when their trees are, wherever the parts stand in the text.
#[derive(Clone, Debug)]
pub struct Expression {
    source: String,
    root: Expr,
}

impl Expression {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it, where, and what to write instead.
    pub fn parse(source: &str) -> Result<Expression, ParseError> {
        Ok(Expression {
            source: source.to_owned(),
            root: parse::parse(source)?,
        })
    }

    /// Takes a tree, e.g. one that was rewritten. The text is the one it would be written as.
    ///
    /// Spans are kept as they are, so that faults still point into the text which the tree was read from.
    pub fn from_ast(root: Expr) -> Expression {
        Expression {
            source: root.to_string(),
            root,
        }
    }

    /// The text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The tree.
    pub fn root(&self) -> &Expr {
        &self.root
    }

    /// The tree, to be changed and given to [`from_ast`](Expression::from_ast).
    pub fn into_root(self) -> Expr {
        self.root
    }

    /// The columns that are named, each once, in the order of their first use.
    pub fn columns(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        self.root.walk(&mut |expr| {
            if let Kind::Column(name) = &expr.kind
                && !columns.contains(&name.as_str())
            {
                columns.push(name.as_str());
            }
        });
        columns
    }

    /// Holds it against the columns of a table.
    ///
    /// # Errors
    /// The first column or function that does not exist, or value of a type that does not fit.
    pub fn check(&self, schema: &Schema) -> Result<Checked, TypeError> {
        check::check(&self.root, schema)
    }

    /// As [`check`](Expression::check), for an expression that has to be true or false: a filter, a split, a gate.
    ///
    /// # Errors
    /// As [`check`](Expression::check), and when the expression is of another type than `bool`.
    pub fn check_condition(&self, schema: &Schema) -> Result<Checked, TypeError> {
        check::check_condition(&self.root, schema)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Expression) -> bool {
        self.root == other.root
    }
}

/// As it would be written anew: one space around operators, parentheses where they are needed.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl FromStr for Expression {
    type Err = ParseError;

    fn from_str(source: &str) -> Result<Expression, ParseError> {
        Expression::parse(source)
    }
}
