//! Calls of functions: how many arguments, of which types.
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;

use super::Checker;
use super::convert::{coerced, condition, known_zone, number};
use crate::ast::Expr;
use crate::clock::Format;
use crate::fault::{Fault, Span};
use crate::functions::{Function, FunctionDoc, find, functions, synonym};
use crate::node::{Node, Step};
use crate::suggest::did_you_mean;
use crate::types::Type;

/// The most digits that `round` keeps.
const MAX_DIGITS: i64 = 15;

impl Checker<'_> {
    pub(super) fn call(
        &self,
        name: &str,
        name_span: Span,
        arguments: &[Expr],
        span: Span,
    ) -> Result<Node, Fault> {
        let Some(doc) = find(name) else {
            let names = functions().iter().map(|doc| doc.name);
            let guess = synonym(name).or_else(|| did_you_mean(name, names));
            let fault = Fault::new(name_span, format!("there is no function {name:?}"));
            return Err(match guess {
                Some(guess) => fault.help(format!("did you mean {guess:?}?")),
                None => fault,
            });
        };
        let (least, most) = doc.arity;
        if !(least..=most).contains(&arguments.len()) {
            let message = format!("{name} is called as {}", doc.usage);
            let given = match arguments.len() {
                1 => "1 argument is given".to_owned(),
                count => format!("{count} arguments are given"),
            };
            return Err(Fault::new(span, message).help(given));
        }
        let arguments = arguments.iter().map(|argument| self.node(argument));
        let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
        let call = Call {
            doc,
            span,
            arguments,
        };
        call.typed()
    }
}

/// A call whose arguments are checked.
pub(super) struct Call {
    pub(super) doc: &'static FunctionDoc,
    pub(super) span: Span,
    pub(super) arguments: Vec<Node>,
}

impl Call {
    fn typed(self) -> Result<Node, Fault> {
        match self.doc.function {
            Function::Abs | Function::Ceil | Function::Floor => self.number_to_itself(),
            Function::Round => self.round(),
            Function::Exp => self.floats(false),
            Function::Ln | Function::Log10 | Function::Pow | Function::Sqrt => self.floats(true),
            Function::IsNan => {
                let nullable = self.nullable();
                Ok(Node {
                    of: Type::Bool,
                    nullable,
                    ..self.floats(false)?
                })
            }
            Function::Mod => self.modulo(),
            Function::Least | Function::Greatest => self.best(),
            Function::If => self.choice(),
            Function::Coalesce => self.coalesce(),
            Function::Lower | Function::Upper | Function::Trim => self.texts(1, Type::Text, false),
            Function::Concat => self.texts(usize::MAX, Type::Text, false),
            Function::Replace => self.texts(3, Type::Text, false),
            Function::Substring => self.texts(1, Type::Text, false),
            Function::Length => self.texts(1, Type::Int, false),
            Function::HourOf | Function::MinuteOf => self.texts(1, Type::Int, true),
            Function::Contains | Function::StartsWith | Function::EndsWith => {
                self.texts(2, Type::Bool, false)
            }
            Function::Text | Function::Number | Function::Integer => self.converted(),
            Function::Date | Function::Timestamp => self.moment(),
            Function::Hour | Function::Minute | Function::Second => self.part_of(false),
            Function::Day
            | Function::DayOfYear
            | Function::Month
            | Function::Week
            | Function::Weekday
            | Function::Year => self.part_of(true),
        }
    }

    pub(super) fn nullable(&self) -> bool {
        self.arguments.iter().any(|argument| argument.nullable)
    }

    pub(super) fn name(&self) -> &'static str {
        self.doc.name
    }

    /// `partial`: whether there may be no answer.
    pub(super) fn answer(self, of: Type, partial: bool) -> Node {
        self.answer_of(of, partial, None)
    }

    pub(super) fn answer_of(self, of: Type, partial: bool, format: Option<Arc<Format>>) -> Node {
        Node {
            nullable: partial || self.nullable(),
            of,
            span: self.span,
            step: Step::Call {
                function: self.doc.function,
                arguments: self.arguments,
                format,
            },
        }
    }

    pub(super) fn map_arguments(
        mut self,
        map: impl Fn(Node) -> Result<Node, Fault>,
    ) -> Result<Call, Fault> {
        let mapped: Result<Vec<_>, _> = self.arguments.into_iter().map(map).collect();
        self.arguments = mapped?;
        Ok(self)
    }

    fn numbers(self) -> Result<Call, Fault> {
        let wants = format!("{} wants a number", self.name());
        self.map_arguments(|argument| number(argument, &wants))
    }

    fn number_to_itself(self) -> Result<Node, Fault> {
        let call = self.numbers()?;
        let of = call.arguments[0].of.clone();
        let partial = call.doc.function == Function::Abs && of == Type::Int;
        Ok(call.answer(of, partial))
    }

    fn round(self) -> Result<Node, Fault> {
        let call = self.numbers()?;
        if let Some(digits) = call.arguments.get(1) {
            let constant = digits.as_constant().filter(|_| digits.of == Type::Int);
            let digits_given = constant.map(|array| array.as_primitive::<Int64Type>().value(0));
            if !digits_given.is_some_and(|digits| (0..=MAX_DIGITS).contains(&digits)) {
                let message = format!("the digits are a whole number from 0 to {MAX_DIGITS}");
                return Err(Fault::new(digits.span, message));
            }
        }
        let of = call.arguments[0].of.clone();
        Ok(call.answer(of, false))
    }

    fn floats(self, partial: bool) -> Result<Node, Fault> {
        let call = self.numbers()?;
        let call = call.map_arguments(|argument| coerced(argument, &Type::Float))?;
        Ok(call.answer(Type::Float, partial))
    }

    fn modulo(self) -> Result<Node, Fault> {
        let call = self.numbers()?;
        let of = call.arguments[0].of.common(&call.arguments[1].of);
        let of = of.expect("numbers have a common type");
        let call = call.map_arguments(|argument| coerced(argument, &of))?;
        Ok(call.answer(of, true))
    }

    /// All arguments from `from` on as one type.
    fn alike(self, from: usize) -> Result<(Call, Type), Fault> {
        let mut common = Type::Null;
        for argument in &self.arguments[from..] {
            common = match common.common(&argument.of) {
                Some(Type::Opaque(_)) | None => {
                    let name = self.name();
                    let message = format!(
                        "{name} wants values of one type; this is {}, and what is before it {common}",
                        argument.of
                    );
                    let of_opaque = format!("{name} cannot take {}", argument.of);
                    let message = match argument.of {
                        Type::Opaque(_) => of_opaque,
                        _ => message,
                    };
                    return Err(Fault::new(argument.span, message));
                }
                Some(common) => common,
            };
        }
        let mut arguments = self.arguments;
        let rest = arguments.split_off(from);
        for argument in rest {
            arguments.push(coerced(argument, &common)?);
        }
        Ok((Call { arguments, ..self }, common))
    }

    fn best(self) -> Result<Node, Fault> {
        let (call, of) = self.alike(0)?;
        if matches!(of, Type::Null | Type::Bool) {
            let message = format!("{} wants numbers, texts, dates or times", call.name());
            return Err(Fault::new(call.span, message));
        }
        Ok(call.answer(of, false))
    }

    fn coalesce(self) -> Result<Node, Fault> {
        let (call, of) = self.alike(0)?;
        if of == Type::Null {
            return Err(Fault::new(
                call.span,
                "the type of these nulls is not known",
            ));
        }
        let nullable = call.arguments.iter().all(|argument| argument.nullable);
        Ok(Node {
            nullable,
            ..call.answer(of, false)
        })
    }

    fn choice(mut self) -> Result<Node, Fault> {
        let tested = self.arguments.remove(0);
        self.arguments.insert(0, condition(tested, "if wants")?);
        let (call, of) = self.alike(1)?;
        if of == Type::Null {
            return Err(Fault::new(
                call.span,
                "the type of these nulls is not known",
            ));
        }
        let nullable = call.arguments[1..].iter().any(|argument| argument.nullable);
        Ok(Node {
            nullable,
            ..call.answer(of, false)
        })
    }

    /// The first `count` arguments are texts, the others whole numbers.
    fn texts(mut self, count: usize, of: Type, partial: bool) -> Result<Node, Fault> {
        let name = self.name();
        let mut arguments = Vec::new();
        for (position, argument) in self.arguments.drain(..).enumerate() {
            let wanted = if position < count {
                Type::Text
            } else {
                Type::Int
            };
            let what = if position < count {
                "a text"
            } else {
                "a whole number"
            };
            if argument.of != wanted && argument.of != Type::Null {
                let message = format!("{name} wants {what} here; this is {}", argument.of);
                let fault = Fault::new(argument.span, message);
                return Err(match wanted {
                    Type::Text => fault.help("other values become texts by text(x)"),
                    _ => fault,
                });
            }
            arguments.push(coerced(argument, &wanted)?);
        }
        self.arguments = arguments;
        Ok(self.answer(of, partial))
    }

    fn converted(self) -> Result<Node, Fault> {
        let given = &self.arguments[0];
        let of = match self.doc.function {
            Function::Text => Type::Text,
            Function::Number => Type::Float,
            _ => Type::Int,
        };
        let fits = match (&given.of, &of) {
            (Type::Opaque(_), _) => false,
            (Type::Date | Type::Timestamp(..), to) => *to == Type::Text,
            _ => true,
        };
        if !fits {
            let message = format!("{} cannot take {}", self.name(), given.of);
            return Err(Fault::new(given.span, message));
        }
        if let Type::Timestamp(_, Some(zone)) = &given.of {
            known_zone(zone, given.span)?;
        }
        let partial = match (&given.of, &of) {
            (Type::Int | Type::Bool | Type::Null, _) => false,
            (Type::Float, to) => *to == Type::Int,
            (Type::Text, to) => *to != Type::Text,
            _ => true,
        };
        let call = match &of {
            Type::Float if given.of == Type::Int => {
                self.map_arguments(|argument| coerced(argument, &Type::Float))?
            }
            _ if given.of == Type::Null => self.map_arguments(|argument| coerced(argument, &of))?,
            _ => self,
        };
        Ok(call.answer(of, partial))
    }
}
