//! Makes a tree of tokens, by precedence climbing.
//!
//! Written by hand and not with a parser crate: what counts here is that each of the faults names its place and what to write
//! instead, which a grammar of combinators makes longer and not shorter, and guests carry no code for it.
use crate::ast::{BinaryOp, Expr, Kind, Level, Literal, UnaryOp};
use crate::fault::{Fault, Span};
use crate::token::{Token, tokens};
use crate::{MAX_DEPTH, suggest};

/// Reads a whole text.
pub fn parse(source: &str) -> Result<Expr, Fault> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        at: 0,
        open: 0,
    };
    if parser.peek() == &Token::End {
        return Err(Fault::new(parser.span(), "an expression is missing here"));
    }
    let tree = parser.expression(Level::Or)?;
    match parser.peek() {
        Token::End => Ok(tree.expr),
        _ => Err(parser.unexpected("the end, or an operator such as + or and")),
    }
}

/// A tree, how deep it is, and whether it stood in parentheses.
struct Tree {
    expr: Expr,
    depth: usize,
    closed: bool,
}

struct Parser {
    tokens: Vec<(Token, Span)>,
    at: usize,
    /// How many calls of [`Parser::expression`] are under way.
    open: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn span(&self) -> Span {
        self.tokens[self.at].1
    }

    /// Takes the token. The end is never passed.
    fn advance(&mut self) -> (Token, Span) {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn take_sign(&mut self, sign: &'static str) -> Option<Span> {
        (self.peek() == &Token::Sign(sign)).then(|| self.advance().1)
    }

    fn take_keyword(&mut self, word: &'static str) -> Option<Span> {
        (self.peek() == &Token::Keyword(word)).then(|| self.advance().1)
    }

    fn expect_sign(&mut self, sign: &'static str) -> Result<Span, Fault> {
        self.take_sign(sign)
            .ok_or_else(|| self.unexpected(&format!("{sign:?}")))
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let (token, span) = &self.tokens[self.at];
        let found = match token {
            Token::End => "the text ends".to_owned(),
            Token::Sign(sign) => format!("there is {sign:?}"),
            Token::Keyword(word) => format!("there is {word:?}"),
            Token::Name(name) | Token::Quoted(name) => format!("there is the name {name:?}"),
            Token::Int(_) | Token::Float(_) => "there is a number".to_owned(),
            Token::Text(_) => "there is a text".to_owned(),
        };
        let fault = Fault::new(*span, format!("{found} where {wanted} should be"));
        match token {
            Token::Name(name) => match suggest::did_you_mean(name, ["and", "or", "in", "is"]) {
                Some(guess) => fault.help(format!("did you mean {guess:?}?")),
                None => fault.help("a name of several words stands in backticks"),
            },
            Token::Keyword(_) => fault.help("a column of this name stands in backticks"),
            _ => fault,
        }
    }

    /// An expression whose signs bind at least as tightly as `least`.
    fn expression(&mut self, least: Level) -> Result<Tree, Fault> {
        // A level of the tree passes here twice at most, the second time for its parentheses.
        self.open += 1;
        if self.open > 2 * MAX_DEPTH + 1 {
            return Err(too_deep(self.span()));
        }
        let mut left = self.prefix(least)?;
        while let Some(level) = self.infix_level() {
            if level < least {
                break;
            }
            let compared = left.expr.level() == Level::Comparison && !left.closed;
            if level == Level::Comparison && compared {
                return Err(self.chained());
            }
            left = self.infix(left, level)?;
        }
        self.open -= 1;
        Ok(left)
    }

    fn chained(&self) -> Fault {
        Fault::new(self.span(), "comparisons cannot be chained")
            .help("write 1 < x and x < 5, or put one of them in parentheses")
    }

    fn prefix(&mut self, least: Level) -> Result<Tree, Fault> {
        if let Some(span) = self.take_sign("-") {
            if let Token::Int(_) | Token::Float(_) = self.peek() {
                return self.negative_number(span);
            }
            let operand = self.expression(Level::Sign)?;
            return unary(UnaryOp::Negate, span, operand);
        }
        if let Some(span) = self.take_sign("+") {
            return Err(Fault::new(span, "a value needs no sign +").help("leave it out"));
        }
        if let Some(span) = self.take_keyword("not") {
            if least > Level::Not {
                return Err(
                    Fault::new(span, "\"not\" binds more loosely than what is before it")
                        .help("put it in parentheses with its condition: (not x)"),
                );
            }
            let operand = self.expression(Level::Not)?;
            return unary(UnaryOp::Not, span, operand);
        }
        self.atom()
    }

    fn negative_number(&mut self, minus: Span) -> Result<Tree, Fault> {
        let (token, span) = self.advance();
        let span = minus.to(span);
        let literal = match token {
            Token::Int(value) => match 0_i64.checked_sub_unsigned(value) {
                Some(value) => Literal::Int(value),
                None => return Err(too_large(span)),
            },
            Token::Float(value) => Literal::Float(-value),
            _ => unreachable!("the caller saw a number"),
        };
        leaf(Kind::Literal(literal), span)
    }

    fn atom(&mut self) -> Result<Tree, Fault> {
        let (token, span) = self.tokens[self.at].clone();
        let kind = match token {
            Token::Keyword("null") => Kind::Literal(Literal::Null),
            Token::Keyword("true") => Kind::Literal(Literal::Bool(true)),
            Token::Keyword("false") => Kind::Literal(Literal::Bool(false)),
            Token::Int(value) => match i64::try_from(value) {
                Ok(value) => Kind::Literal(Literal::Int(value)),
                Err(_) => return Err(too_large(span)),
            },
            Token::Float(value) => Kind::Literal(Literal::Float(value)),
            Token::Text(text) => Kind::Literal(Literal::Text(text)),
            Token::Quoted(name) => Kind::Column(name),
            Token::Name(name) if self.tokens[self.at + 1].0 == Token::Sign("(") => {
                self.advance();
                return self.call(name, span);
            }
            Token::Name(name) => Kind::Column(name),
            Token::Sign("(") => {
                self.advance();
                let mut inner = self.expression(Level::Or)?;
                self.expect_closed(span)?;
                inner.closed = true;
                return Ok(inner);
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.advance();
        leaf(kind, span)
    }

    fn expect_closed(&mut self, open: Span) -> Result<Span, Fault> {
        if self.peek() == &Token::End {
            return Err(Fault::new(open, "this parenthesis is not closed").help("add a )"));
        }
        self.expect_sign(")")
    }

    fn call(&mut self, name: String, name_span: Span) -> Result<Tree, Fault> {
        let open = self.advance().1;
        let mut arguments = Vec::new();
        let mut depth = 0;
        if self.peek() != &Token::Sign(")") {
            (arguments, depth) = self.list()?;
        }
        let end = match self.peek() {
            Token::End => self.expect_closed(open)?,
            _ => match self.take_sign(")") {
                Some(end) => end,
                None => return Err(self.unexpected("\",\" or \")\"")),
            },
        };
        let kind = Kind::Call {
            name,
            name_span,
            arguments,
        };
        grown(Expr::new(kind, name_span.to(end)), depth)
    }

    /// Expressions between commas; a comma at the end is allowed.
    fn list(&mut self) -> Result<(Vec<Expr>, usize), Fault> {
        let mut values = Vec::new();
        let mut depth = 0;
        loop {
            let value = self.expression(Level::Or)?;
            depth = depth.max(value.depth);
            values.push(value.expr);
            let more = self.take_sign(",").is_some();
            if !more || matches!(self.peek(), Token::Sign(")" | "]")) {
                return Ok((values, depth));
            }
        }
    }

    fn infix_level(&self) -> Option<Level> {
        match self.peek() {
            Token::Sign(sign) => binary(sign).map(BinaryOp::level),
            Token::Keyword("or") => Some(Level::Or),
            Token::Keyword("and") => Some(Level::And),
            Token::Keyword("in" | "is" | "not") => Some(Level::Comparison),
            _ => None,
        }
    }

    fn infix(&mut self, left: Tree, level: Level) -> Result<Tree, Fault> {
        let (token, _) = self.advance();
        let op = match token {
            Token::Keyword("or") => BinaryOp::Or,
            Token::Keyword("and") => BinaryOp::And,
            Token::Keyword("is") => return self.is_null(left),
            Token::Keyword("in") => return self.is_in(left, false),
            Token::Keyword(_) => {
                return match self.take_keyword("in") {
                    Some(_) => self.is_in(left, true),
                    None => Err(self.unexpected("\"in\" after \"not\"")),
                };
            }
            Token::Sign(sign) => binary(sign).expect("the caller saw an operator"),
            _ => unreachable!("the caller saw an operator"),
        };
        let right_least = match level {
            Level::Or => Level::And,
            Level::And => Level::Not,
            Level::Comparison => Level::Sum,
            Level::Sum => Level::Product,
            _ => Level::Sign,
        };
        let right = self.expression(right_least)?;
        let depth = left.depth.max(right.depth);
        let span = left.expr.span.to(right.expr.span);
        let kind = Kind::Binary {
            op,
            left: Box::new(left.expr),
            right: Box::new(right.expr),
        };
        grown(Expr::new(kind, span), depth)
    }

    fn is_null(&mut self, value: Tree) -> Result<Tree, Fault> {
        let negated = self.take_keyword("not").is_some();
        let Some(end) = self.take_keyword("null") else {
            let fault = self.unexpected("\"null\" after \"is\"");
            return Err(fault.help("other values are compared with =="));
        };
        let span = value.expr.span.to(end);
        let kind = Kind::IsNull {
            value: Box::new(value.expr),
            negated,
        };
        grown(Expr::new(kind, span), value.depth)
    }

    fn is_in(&mut self, value: Tree, negated: bool) -> Result<Tree, Fault> {
        if self.take_sign("[").is_none() {
            let fault = self.unexpected("\"[\" after \"in\"");
            return Err(fault.help("write x in [1, 2]"));
        }
        if self.peek() == &Token::Sign("]") {
            return Err(Fault::new(self.span(), "the list is empty"));
        }
        let (list, depth) = self.list()?;
        let Some(end) = self.take_sign("]") else {
            return Err(self.unexpected("\",\" or \"]\""));
        };
        let span = value.expr.span.to(end);
        let depth = depth.max(value.depth);
        let kind = Kind::In {
            value: Box::new(value.expr),
            list,
            negated,
        };
        grown(Expr::new(kind, span), depth)
    }
}

fn binary(sign: &str) -> Option<BinaryOp> {
    Some(match sign {
        "=" | "==" => BinaryOp::Equal,
        "!=" | "<>" => BinaryOp::NotEqual,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessOrEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterOrEqual,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        _ => return None,
    })
}

fn unary(op: UnaryOp, span: Span, operand: Tree) -> Result<Tree, Fault> {
    let span = span.to(operand.expr.span);
    let kind = Kind::Unary {
        op,
        operand: Box::new(operand.expr),
    };
    grown(Expr::new(kind, span), operand.depth)
}

fn leaf(kind: Kind, span: Span) -> Result<Tree, Fault> {
    grown(Expr::new(kind, span), 0)
}

/// One level above `below`.
fn grown(expr: Expr, below: usize) -> Result<Tree, Fault> {
    let depth = below + 1;
    if depth > MAX_DEPTH {
        return Err(too_deep(expr.span));
    }
    Ok(Tree {
        expr,
        depth,
        closed: false,
    })
}

fn too_deep(span: Span) -> Fault {
    let message = format!("the expression is nested more than {MAX_DEPTH} levels deep");
    Fault::new(span, message).help("compare with a list: x in [1, 2]; or derive a column first")
}

fn too_large(span: Span) -> Fault {
    Fault::new(span, "the number is too large").help("write it with a decimal point")
}
