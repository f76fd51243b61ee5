//! The tree of an expression.
use crate::Span;

/// A part of an expression. Two are equal when they mean the same, wherever they stand.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Where it stands in the text.
    pub span: Span,
}

/// The kinds of parts.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A constant.
    Literal(Literal),
    /// The value of a column.
    Column(String),
    /// `- x`, `not x`.
    Unary {
        /// What is done.
        op: UnaryOp,
        /// To what.
        operand: Box<Expr>,
    },
    /// `a + b`, `a < b`, `a and b`.
    Binary {
        /// What is done.
        op: BinaryOp,
        /// What stands before the sign.
        left: Box<Expr>,
        /// What stands behind it.
        right: Box<Expr>,
    },
    /// `value in [a, b]`, `value not in [a, b]`.
    In {
        /// What is looked for.
        value: Box<Expr>,
        /// Among what; never empty when parsed.
        list: Vec<Expr>,
        /// Whether it is `not in`.
        negated: bool,
    },
    /// `value is null`, `value is not null`.
    IsNull {
        /// What is looked at.
        value: Box<Expr>,
        /// Whether it is `is not null`.
        negated: bool,
    },
    /// `name(a, b)`. Any name will do here; the check knows the functions.
    Call {
        /// The function's name.
        name: String,
        /// Where the name stands.
        name_span: Span,
        /// What it is called with.
        arguments: Vec<Expr>,
    },
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `42`, `-1`
    Int(i64),
    /// `0.5`, `1e-3`, `5%`; always finite when parsed.
    Float(f64),
    /// `'winter'`, `"winter"`
    Text(String),
}

/// What stands before one value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnaryOp {
    /// `-`
    Negate,
    /// `not`
    Not,
}

/// What stands between two values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==` or `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl BinaryOp {
    /// How it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Or => "or",
            BinaryOp::And => "and",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessOrEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterOrEqual => ">=",
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
        }
    }

    pub(crate) fn level(self) -> Level {
        match self {
            BinaryOp::Or => Level::Or,
            BinaryOp::And => Level::And,
            BinaryOp::Add | BinaryOp::Subtract => Level::Sum,
            BinaryOp::Multiply | BinaryOp::Divide => Level::Product,
            _ => Level::Comparison,
        }
    }
}

/// How tightly a sign binds, loosest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Level {
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Product,
    Sign,
    Atom,
}

/// But for the place of a call's name.
impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        match (self, other) {
            (Kind::Literal(a), Kind::Literal(b)) => a == b,
            (Kind::Column(a), Kind::Column(b)) => a == b,
            (Kind::Unary { op: a, operand: x }, Kind::Unary { op: b, operand: y }) => {
                (a, x) == (b, y)
            }
            (
                Kind::Binary { op: a, left, right },
                Kind::Binary {
                    op: b,
                    left: other_left,
                    right: other_right,
                },
            ) => (a, left, right) == (b, other_left, other_right),
            (
                Kind::In {
                    value: a,
                    list: x,
                    negated: m,
                },
                Kind::In {
                    value: b,
                    list: y,
                    negated: n,
                },
            ) => (a, x, m) == (b, y, n),
            (
                Kind::IsNull {
                    value: a,
                    negated: m,
                },
                Kind::IsNull {
                    value: b,
                    negated: n,
                },
            ) => (a, m) == (b, n),
            (
                Kind::Call {
                    name: a,
                    arguments: x,
                    ..
                },
                Kind::Call {
                    name: b,
                    arguments: y,
                    ..
                },
            ) => (a, x) == (b, y),
            _ => false,
        }
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.kind == other.kind
    }
}

impl Expr {
    /// A part of the text.
    pub fn new(kind: Kind, span: Span) -> Expr {
        Expr { kind, span }
    }

    /// The parts directly below, in the order they are written.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Literal(_) | Kind::Column(_) => Vec::new(),
            Kind::Unary { operand, .. } => vec![operand],
            Kind::Binary { left, right, .. } => vec![left, right],
            Kind::In { value, list, .. } => std::iter::once(&**value).chain(list).collect(),
            Kind::IsNull { value, .. } => vec![value],
            Kind::Call { arguments, .. } => arguments.iter().collect(),
        }
    }

    /// As [`parts`](Expr::parts), to be changed.
    pub fn parts_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            Kind::Literal(_) | Kind::Column(_) => Vec::new(),
            Kind::Unary { operand, .. } => vec![operand],
            Kind::Binary { left, right, .. } => vec![left, right],
            Kind::In { value, list, .. } => std::iter::once(&mut **value).chain(list).collect(),
            Kind::IsNull { value, .. } => vec![value],
            Kind::Call { arguments, .. } => arguments.iter_mut().collect(),
        }
    }

    /// Visits this and everything below, parents first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        for part in self.parts() {
            part.walk(visit);
        }
    }

    /// Visits this and everything below to change it, children first.
    ///
    /// # Errors
    /// The first error of `change`.
    pub fn rewrite<E>(
        &mut self,
        change: &mut impl FnMut(&mut Expr) -> Result<(), E>,
    ) -> Result<(), E> {
        for part in self.parts_mut() {
            part.rewrite(change)?;
        }
        change(self)
    }

    pub(crate) fn level(&self) -> Level {
        match &self.kind {
            Kind::Literal(_) | Kind::Column(_) | Kind::Call { .. } => Level::Atom,
            Kind::Unary { op, .. } => match op {
                UnaryOp::Negate => Level::Sign,
                UnaryOp::Not => Level::Not,
            },
            Kind::Binary { op, .. } => op.level(),
            Kind::In { .. } | Kind::IsNull { .. } => Level::Comparison,
        }
    }
}
