//! Cuts a text into tokens.
use crate::fault::{Fault, Span};

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A keyword, lower case.
    Keyword(&'static str),
    /// A name without backticks.
    Name(String),
    /// A name in backticks: always a column.
    Quoted(String),
    /// Digits alone.
    Int(u64),
    /// A number with a point, an exponent or a percent sign.
    Float(f64),
    /// A text in quotes.
    Text(String),
    /// A sign.
    Sign(&'static str),
    /// The end of the text.
    End,
}

const KEYWORDS: [&str; 8] = ["and", "or", "not", "in", "is", "null", "true", "false"];
/// Longer ones first.
const SIGNS: [&str; 17] = [
    "==", "!=", "<>", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", ",",
];
/// What other languages write, and what is written here.
const FOREIGN: [(&str, &str); 9] = [
    ("&&", "write and"),
    ("||", "write or; texts are joined by concat(a, b)"),
    ("**", "write pow(a, b)"),
    ("^", "write pow(a, b)"),
    ("%", "the rest of a division is mod(a, b); 5% is a number"),
    ("!", "write not"),
    ("&", "write and"),
    ("|", "write or"),
    ("?", "write if(condition, a, b)"),
];

/// Whether the word is written without backticks as a name, if it is no keyword.
pub fn is_name(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(starts_name) && characters.all(continues_name)
}

/// Whether the word is a keyword. Written in capitals it is one too.
pub fn is_keyword(word: &str) -> bool {
    keyword(word).is_some()
}

fn keyword(word: &str) -> Option<&'static str> {
    KEYWORDS
        .into_iter()
        .find(|keyword| *keyword == word || keyword.to_ascii_uppercase() == word)
}

fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// All tokens with their places, [`Token::End`] last.
pub fn tokens(source: &str) -> Result<Vec<(Token, Span)>, Fault> {
    let characters: Vec<char> = source.chars().collect();
    if characters.len() > crate::MAX_LENGTH {
        let span = Span::new(crate::MAX_LENGTH, characters.len());
        let message = format!("an expression has at most {} characters", crate::MAX_LENGTH);
        return Err(Fault::new(span, message));
    }
    let mut scanner = Scanner { characters, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = scanner.token()?;
        let end = token.0 == Token::End;
        tokens.push(token);
        if end {
            return Ok(tokens);
        }
    }
}

struct Scanner {
    characters: Vec<char>,
    at: usize,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn span(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    fn taken(&self, start: usize) -> String {
        self.characters[start..self.at].iter().collect()
    }

    fn skip_while(&mut self, test: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&test) {
            self.at += 1;
        }
    }

    fn follows(&self, sign: &str) -> bool {
        sign.chars()
            .enumerate()
            .all(|(ahead, c)| self.peek(ahead) == Some(c))
    }

    fn token(&mut self) -> Result<(Token, Span), Fault> {
        self.skip_while(char::is_whitespace);
        let start = self.at;
        let token = match self.peek(0) {
            None => Token::End,
            Some(c) if starts_name(c) => {
                self.skip_while(continues_name);
                let word = self.taken(start);
                keyword(&word).map_or(Token::Name(word), Token::Keyword)
            }
            Some(c) if c.is_ascii_digit() => self.number()?,
            Some('.') if self.peek(1).is_some_and(|c| c.is_ascii_digit()) => self.number()?,
            Some(quote @ ('\'' | '"')) => Token::Text(self.quoted(quote, "text")?),
            Some('`') => match self.quoted('`', "name")? {
                name if name.is_empty() => {
                    return Err(Fault::new(self.span(start), "a name cannot be empty"));
                }
                name => Token::Quoted(name),
            },
            Some(c) => self.sign(c)?,
        };
        Ok((token, self.span(start)))
    }

    fn sign(&mut self, c: char) -> Result<Token, Fault> {
        let start = self.at;
        let foreign = FOREIGN.iter().find(|(sign, _)| self.follows(sign));
        let sign = SIGNS.into_iter().find(|sign| self.follows(sign));
        match (sign, foreign) {
            // `**` begins like `*`, `!` is the beginning of `!=`.
            (Some(sign), foreign) if foreign.is_none_or(|(word, _)| word.len() <= sign.len()) => {
                self.at += sign.len();
                Ok(Token::Sign(sign))
            }
            (_, Some((sign, help))) => {
                self.at += sign.len();
                let message = format!("there is no {sign:?} here");
                Err(Fault::new(self.span(start), message).help(*help))
            }
            _ => {
                self.at += 1;
                let message = format!("the character {c:?} means nothing here");
                Err(Fault::new(self.span(start), message)
                    .help("texts stand in quotes, unusual names of columns in backticks"))
            }
        }
    }

    /// What stands in quotes; two quotes in it mean one.
    fn quoted(&mut self, quote: char, what: &str) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.peek(0) {
                None => {
                    let message = format!("the {what} that begins here does not end");
                    let help =
                        format!("close it with {quote}; within it, {quote} is written twice");
                    return Err(Fault::new(self.span(start), message).help(help));
                }
                Some(c) if c != quote => text.push(c),
                Some(_) if self.peek(1) == Some(quote) => {
                    text.push(quote);
                    self.at += 1;
                }
                Some(_) => {
                    self.at += 1;
                    return Ok(text);
                }
            }
            self.at += 1;
        }
    }

    fn number(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let mut float = false;
        self.skip_while(|c| c.is_ascii_digit());
        if self.peek(0) == Some('.') {
            float = true;
            self.at += 1;
            self.skip_while(|c| c.is_ascii_digit());
        }
        let mantissa = self.taken(start);
        let mut exponent = 0_i64;
        if self.exponent_follows() {
            float = true;
            self.at += 1;
            let from = self.at;
            self.at += 1;
            self.skip_while(|c| c.is_ascii_digit());
            let digits = self.taken(from);
            // What is beyond these is nothing or too much anyway.
            let bound = if digits.starts_with('-') {
                -99_999
            } else {
                99_999
            };
            exponent = digits.parse().unwrap_or(bound);
        }
        if self.peek(0) == Some('%') {
            float = true;
            self.at += 1;
            exponent = exponent.saturating_sub(2);
        }
        if self.peek(0).is_some_and(continues_name) {
            self.skip_while(continues_name);
            let message = format!("{:?} is neither a number nor a name", self.taken(start));
            let help = "a name that begins with a digit stands in backticks";
            return Err(Fault::new(self.span(start), message).help(help));
        }
        if !float {
            let help = "write it with a decimal point";
            let number = mantissa.parse().map(Token::Int);
            return number.map_err(|_| self.too_large(start).help(help));
        }
        // One reading of all digits, so that 0.1% is exactly what 0.001 is.
        match format!("{mantissa}e{exponent}").parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Token::Float(value)),
            _ => Err(self.too_large(start)),
        }
    }

    fn exponent_follows(&self) -> bool {
        let digit = |ahead| self.peek(ahead).is_some_and(|c| c.is_ascii_digit());
        let signed = matches!(self.peek(1), Some('+' | '-'));
        matches!(self.peek(0), Some('e' | 'E')) && (digit(1) || signed && digit(2))
    }

    fn too_large(&self, start: usize) -> Fault {
        Fault::new(self.span(start), "the number is too large")
    }
}
