//! Conditions over figures: expressions in which a name is the value of a finding or a metric.

use std::fmt;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use lockflight_expression::{Checked, Expr, Expression, Fault, Kind, Literal, Span, functions};

use crate::diagnostic::closest;

/// The functions that say which figure of a name is meant, each with an example.
const CHOICES: [(&str, &str); 4] = [
    ("subject", "subject(missing, 'age')"),
    ("slice", "slice(r2, 'season = winter')"),
    ("lowest", "lowest(r2, 'season')"),
    ("highest", "highest(mae, 'season')"),
];

/// A condition over figures, its types checked.
#[derive(Debug, Clone)]
pub struct Figures {
    text: String,
    checked: Checked,
    figures: Vec<Figure>,
    /// A column for each figure.
    schema: SchemaRef,
}

/// Equal when they are written alike.
impl PartialEq for Figures {
    fn eq(&self, other: &Figures) -> bool {
        self.text == other.text
    }
}

/// The value of a finding or a metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// The finding's or metric's name.
    pub name: String,
    /// What it was measured of, where that has to be said.
    pub subject: Option<String>,
    /// Of which rows.
    pub part: Part,
}

/// The rows that a figure is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// All of them.
    All,
    /// Those of a slice, by its name in the finding, e.g. `season = winter`.
    Slice(String),
    /// Those of the slice of this column whose figure is lowest.
    Lowest(String),
    /// Those of the slice of this column whose figure is highest.
    Highest(String),
}

impl Figures {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong with it; the span counts characters of the text.
    pub fn parse(text: &str) -> Result<Figures, Fault> {
        let mut root = Expression::parse(text)?.into_root();
        let mut figures = Vec::new();
        replace(&mut root, &mut figures)?;
        if figures.is_empty() {
            let message = "this names no figure, so it is always the same";
            let fault = Fault::new(root.span, message);
            return Err(fault.help("name a finding or a metric of the stage, e.g. \"r2 >= 0.8\""));
        }
        // What is undefined, as the area under the curve of one class is, is null.
        let field = |figure: &Figure| Field::new(figure.to_string(), DataType::Float64, true);
        let schema = Arc::new(Schema::new(figures.iter().map(field).collect::<Vec<_>>()));
        let checked = Expression::from_ast(root).check_condition(&schema)?;
        Ok(Figures {
            text: text.to_owned(),
            checked,
            figures,
            schema,
        })
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The figures it is about, each once, in the order they are named.
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// Whether it holds for these values of the figures, in their order; what is undefined has none. A condition that comes out
    /// as neither true nor false does not hold.
    pub fn holds(&self, values: &[Option<f64>]) -> bool {
        let columns = values
            .iter()
            .map(|value| -> ArrayRef { Arc::new(Float64Array::from(vec![*value])) });
        let row = RecordBatch::try_new(self.schema.clone(), columns.collect());
        let answer = self.checked.holds(&row.expect("a value for each figure"));
        answer
            .expect("the row has the schema of the check")
            .value(0)
    }
}

/// Makes a column of every figure.
fn replace(expr: &mut Expr, figures: &mut Vec<Figure>) -> Result<(), Fault> {
    match &expr.kind {
        Kind::Column(name) => {
            let figure = Figure::of(name);
            expr.kind = column(figure, figures);
        }
        Kind::Call { name, .. } if is_choice(name) => {
            let figure = chosen(expr)?;
            expr.kind = column(figure, figures);
        }
        Kind::Call {
            name, name_span, ..
        } if let Some(choice) = misspelt_choice(name) => {
            let fault = Fault::new(*name_span, format!("there is no function {name:?}"));
            return Err(fault.help(format!("did you mean {choice:?}?")));
        }
        _ => {
            for part in expr.parts_mut() {
                replace(part, figures)?;
            }
        }
    }
    Ok(())
}

fn is_choice(name: &str) -> bool {
    CHOICES.iter().any(|(known, _)| *known == name)
}

fn column(figure: Figure, figures: &mut Vec<Figure>) -> Kind {
    let name = figure.to_string();
    if !figures.contains(&figure) {
        figures.push(figure);
    }
    Kind::Column(name)
}

/// Which of the functions here was meant, if it is nearer than all others; of these the check of the expression knows.
fn misspelt_choice(name: &str) -> Option<&'static str> {
    let others = functions().iter().map(|function| function.name);
    if others.clone().any(|other| other == name) {
        return None;
    }
    let choices = CHOICES.map(|(choice, _)| choice);
    closest(name, choices.into_iter().chain(others))
        .and_then(|guess| choices.into_iter().find(|choice| *choice == guess))
}

/// The figure that a call of one of the functions, or what is within it, says.
fn chosen(expr: &Expr) -> Result<Figure, Fault> {
    let (name, name_span, arguments) = match &expr.kind {
        Kind::Column(name) => return Ok(Figure::of(name)),
        Kind::Call {
            name,
            name_span,
            arguments,
        } if is_choice(name) => (name.as_str(), *name_span, arguments),
        _ => {
            let fault = Fault::new(expr.span, "this has to be the name of a figure");
            return Err(fault.help("a name with dashes stands in backticks: `not-null`"));
        }
    };
    let example = || {
        CHOICES
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, example)| example)
    };
    let [of, text] = &arguments[..] else {
        let message = format!(
            "{name} takes a figure and a text, not {}",
            given(arguments.len())
        );
        return Err(Fault::new(expr.span, message).help(format!("write {}", example())));
    };
    let Kind::Literal(Literal::Text(text)) = &text.kind else {
        let fault = Fault::new(
            text.span,
            format!("this has to be a text in quotes, as in {}", example()),
        );
        return Err(fault);
    };
    let mut figure = chosen(of)?;
    if name == "subject" {
        if figure.subject.replace(text.clone()).is_some() {
            return Err(Fault::new(name_span, "a figure has one subject"));
        }
        return Ok(figure);
    }
    if figure.part != Part::All {
        return Err(Fault::new(
            name_span,
            "the slice of this figure is chosen already",
        ));
    }
    figure.part = match name {
        "slice" => Part::Slice(text.clone()),
        "lowest" => Part::Lowest(text.clone()),
        _ => Part::Highest(text.clone()),
    };
    Ok(figure)
}

fn given(count: usize) -> String {
    match count {
        0 => "nothing".to_owned(),
        1 => "one thing alone".to_owned(),
        more => format!("{more} things"),
    }
}

impl Figure {
    fn of(name: &str) -> Figure {
        Figure {
            name: name.to_owned(),
            subject: None,
            part: Part::All,
        }
    }
}

/// As it is written in a condition.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = Span::default();
        let call = |function: &str, of: Expr, text: &str| {
            let text = Expr::new(Kind::Literal(Literal::Text(text.to_owned())), span);
            let kind = Kind::Call {
                name: function.to_owned(),
                name_span: span,
                arguments: vec![of, text],
            };
            Expr::new(kind, span)
        };
        let mut figure = Expr::new(Kind::Column(self.name.clone()), span);
        if let Some(subject) = &self.subject {
            figure = call("subject", figure, subject);
        }
        figure = match &self.part {
            Part::All => figure,
            Part::Slice(slice) => call("slice", figure, slice),
            Part::Lowest(column) => call("lowest", figure, column),
            Part::Highest(column) => call("highest", figure, column),
        };
        figure.fmt(f)
    }
}
