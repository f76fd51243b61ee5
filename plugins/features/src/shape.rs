//! What a step does to names and types. Planning and scoring both ask here, so that `check` promises what `run` keeps.
use arrow_schema::{DataType, Field};
use lockflight_sdk::type_name;

use crate::config::{Unknown, UnknownMean};
use crate::value::{Key, has_keys};

/// The kind of a change, as far as it decides names and types.
#[derive(Clone, Copy, Debug)]
pub enum Shape<'a> {
    /// Adds `NAME_missing`.
    Flag,
    /// Fills; with a float the column becomes float64.
    Fill {
        /// Whether it is a mean or a median.
        float: bool,
    },
    /// A column for each of these categories; none when they are known only after fitting.
    OneHot(Option<&'a [Key]>),
    /// The number of the category.
    Ordinal(Unknown),
    /// The mean of the target.
    TargetMean(UnknownMean),
    /// Shifted and stretched.
    Scale,
    /// The number of the range.
    Bin,
    /// Nothing.
    Drop,
}

/// What stands in the place of a column after a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// These columns.
    Become(Vec<Field>),
    /// The column as it was, and one more at the end of the table.
    Add(Field),
    /// Columns that are not known yet.
    Open,
}

/// Why a step does not fit the columns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Misfit {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Misfit {
    /// A misfit without help.
    pub fn new(message: impl Into<String>) -> Misfit {
        Misfit {
            message: message.into(),
            help: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Misfit {
        self.help = Some(help.into());
        self
    }
}

impl Shape<'_> {
    /// What becomes of a column.
    ///
    /// # Errors
    /// The column's type is none for this.
    pub fn outcome(&self, field: &Field) -> Result<Outcome, Misfit> {
        self.fits(field)?;
        let (name, nullable) = (field.name(), field.is_nullable());
        let one =
            |data_type, nullable| Outcome::Become(vec![Field::new(name, data_type, nullable)]);
        Ok(match self {
            Shape::Flag => Outcome::Add(Field::new(
                format!("{name}_missing"),
                DataType::UInt8,
                false,
            )),
            Shape::Fill { float: true } => one(DataType::Float64, false),
            Shape::Fill { float: false } => one(field.data_type().clone(), false),
            Shape::OneHot(None) => Outcome::Open,
            Shape::OneHot(Some(categories)) => {
                let shown = categories.iter().map(|key| key.show(field.data_type()));
                let names = shown.map(|category| format!("{name}={category}"));
                Outcome::Become(
                    names
                        .map(|name| Field::new(name, DataType::UInt8, false))
                        .collect(),
                )
            }
            Shape::Ordinal(unknown) => {
                one(DataType::Int32, nullable || *unknown == Unknown::Missing)
            }
            Shape::TargetMean(unknown) => one(
                DataType::Float64,
                nullable || *unknown == UnknownMean::Missing,
            ),
            Shape::Scale => one(
                DataType::Float64,
                nullable || field.data_type().is_floating(),
            ),
            Shape::Bin => one(DataType::Int32, nullable || field.data_type().is_floating()),
            Shape::Drop => Outcome::Become(Vec::new()),
        })
    }

    fn fits(&self, field: &Field) -> Result<(), Misfit> {
        let data_type = field.data_type();
        let number = data_type.is_integer() || data_type.is_floating();
        let (fits, wanted, help) = match self {
            Shape::Flag | Shape::Drop => return Ok(()),
            Shape::Fill { float: false } => (
                data_type.is_floating() || has_keys(data_type),
                "a column of numbers, text, truth values, dates or times",
                None,
            ),
            Shape::Fill { float: true } => (
                number,
                "a column of numbers",
                Some("fill it with most-frequent or a constant"),
            ),
            Shape::Scale | Shape::Bin => (
                number,
                "a column of numbers",
                Some("derive a number from it first, e.g. with number(…), hour_of(…) or month(…)"),
            ),
            Shape::OneHot(_) | Shape::Ordinal(_) | Shape::TargetMean(_) => (
                has_keys(data_type),
                "a column of categories: text, whole numbers, truth values, dates or times",
                data_type
                    .is_floating()
                    .then_some("cut it into ranges with bin first"),
            ),
        };
        if fits {
            return Ok(());
        }
        let misfit = Misfit::new(format!(
            "column {:?} is {}, and this needs {wanted}",
            field.name(),
            type_name(data_type)
        ));
        Err(match help {
            Some(help) => misfit.help(help),
            None => misfit,
        })
    }
}

/// The columns at a point between two steps, in order.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    fields: Vec<Field>,
}

impl Layout {
    /// These columns.
    pub fn new(fields: impl IntoIterator<Item = Field>) -> Layout {
        Layout {
            fields: fields.into_iter().collect(),
        }
    }

    /// The columns.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|field| field.name().as_str())
    }

    /// Where a column stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names().position(|other| other == name)
    }

    /// Adds a column at the end.
    ///
    /// # Errors
    /// There is one of that name.
    pub fn add(&mut self, field: Field) -> Result<(), Misfit> {
        self.is_free(field.name())?;
        self.fields.push(field);
        Ok(())
    }

    /// Puts an outcome in the place of a column.
    ///
    /// # Errors
    /// A new column has the name of one that is there.
    pub fn put(&mut self, at: usize, outcome: Outcome) -> Result<(), Misfit> {
        match outcome {
            Outcome::Add(field) => self.add(field),
            Outcome::Open => {
                self.fields.remove(at);
                Ok(())
            }
            Outcome::Become(fields) => {
                self.fields.remove(at);
                for (place, field) in (at..).zip(fields) {
                    self.is_free(field.name())?;
                    self.fields.insert(place, field);
                }
                Ok(())
            }
        }
    }

    fn is_free(&self, name: &str) -> Result<(), Misfit> {
        match self.position(name) {
            None => Ok(()),
            Some(_) => Err(Misfit::new(format!("there is a column {name:?} already"))
                .help("choose another name, or drop that column in a step before")),
        }
    }
}
