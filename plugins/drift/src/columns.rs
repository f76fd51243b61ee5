//! Which columns are compared.
use arrow_schema::{DataType, Schema};
use lockflight_sdk::{Problem, Problems, info, type_name};

use crate::config::{Config, Method, methods_pointer};
use crate::{REFERENCE, WINDOW};

/// What the values of a column are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Numbers, of whatever width.
    Number,
    /// Truth values.
    Flag,
    /// Texts.
    Text,
}

impl Kind {
    /// The kind of a type whose values can be compared.
    fn of(data_type: &DataType) -> Option<Kind> {
        match data_type {
            DataType::Boolean => Some(Kind::Flag),
            DataType::Utf8 => Some(Kind::Text),
            DataType::Float32 | DataType::Float64 => Some(Kind::Number),
            whole if whole.is_integer() => Some(Kind::Number),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Number => "numbers",
            Kind::Flag => "truth values",
            Kind::Text => "texts",
        }
    }
}

/// A column that is compared.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its values are, in both tables.
    pub kind: Kind,
    /// The methods that the config wants, in order.
    pub methods: Option<Vec<Method>>,
}

/// The columns that are compared, in the window's order. [`Tables::problems`] found none.
pub fn looked_at(config: &Config, window: &Schema, reference: &Schema) -> Vec<Column> {
    let column = |field: &arrow_schema::FieldRef| {
        let name = field.name();
        let kind = Kind::of(field.data_type())?;
        let other = Kind::of(reference.field_with_name(name).ok()?.data_type())?;
        let methods = config.methods.get(name).map(|methods| {
            let mut methods = methods.clone();
            methods.sort_unstable();
            methods
        });
        (wanted(config, name) && kind == other).then(|| Column {
            name: name.clone(),
            kind,
            methods,
        })
    };
    window.fields().iter().filter_map(column).collect()
}

/// Whether the config lets a column be looked at.
fn wanted(config: &Config, name: &String) -> bool {
    let listed = config.columns.is_empty() || config.columns.contains(name);
    listed && !config.ignore.contains(name) && !config.matched.contains(name)
}

/// The schemas as far as they are known.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    /// That of the window.
    pub window: Option<&'a Schema>,
    /// That of the reference.
    pub reference: Option<&'a Schema>,
}

impl<'a> Tables<'a> {
    /// Holds the columns that the config names against the tables: all that is wrong.
    pub fn problems(&self, config: &Config) -> Problems {
        let mut problems = Problems::new();
        for (index, name) in config.columns.iter().enumerate() {
            let pointer = format!("/columns/{index}");
            problems.0.extend(self.kind(&pointer, name).err());
        }
        for (index, name) in config.ignore.iter().enumerate() {
            problems
                .0
                .extend(self.unknown(&format!("/ignore/{index}"), name));
        }
        for (index, name) in config.matched.iter().enumerate() {
            problems
                .0
                .extend(self.unmatched(&format!("/match/{index}"), name));
        }
        for (name, methods) in &config.methods {
            let pointer = methods_pointer(name);
            match self.kind(&pointer, name) {
                // Said already, with the place in `columns`.
                Err(_) if config.columns.contains(name) => {}
                Err(problem) => problems.push(problem),
                Ok(None) => {}
                Ok(Some(kind)) => {
                    let misfits = misfits(&pointer, name, methods, kind);
                    problems.0.extend(misfits);
                }
            }
        }
        if let (Some(window), Some(reference), true) =
            (self.window, self.reference, problems.0.is_empty())
            && looked_at(config, window, reference).is_empty()
        {
            let message = "there is no column to compare";
            let help = "the window and the reference need a column of numbers, texts or truth values in common";
            problems.push(Problem::stage(message).help(help));
        }
        problems
    }

    /// Logs which columns of the window are left out though nobody asked for it: silence would look like a pass.
    pub fn tell_left_out(&self, config: &Config) {
        for field in self.window.into_iter().flat_map(Schema::fields) {
            let name = field.name();
            if wanted(config, name)
                && let Err(problem) = self.kind("", name)
            {
                info!("column {name:?} is not looked at: {}", problem.message);
            }
        }
    }

    fn known(&self) -> impl Iterator<Item = (&'static str, &'a Schema)> {
        let window = self.window.map(|schema| (WINDOW, schema));
        window
            .into_iter()
            .chain(self.reference.map(|schema| (REFERENCE, schema)))
    }

    /// A column's type in every table that is known.
    ///
    /// # Errors
    /// The problem that a table does not have it.
    fn types(
        &self,
        pointer: &str,
        name: &str,
    ) -> Result<Vec<(&'static str, &'a DataType)>, Problem> {
        let data_type = |(table, schema): (&'static str, &'a Schema)| {
            let field = schema.field_with_name(name);
            let field = field.map_err(|_| absent(pointer, name, table, schema))?;
            Ok((table, field.data_type()))
        };
        self.known().map(data_type).collect()
    }

    /// The kind of a column, if a table is known.
    ///
    /// # Errors
    /// The problem that it cannot be compared.
    fn kind(&self, pointer: &str, name: &str) -> Result<Option<Kind>, Problem> {
        let mut kind = None;
        for (table, data_type) in self.types(pointer, name)? {
            let is = type_name(data_type);
            let found = Kind::of(data_type).ok_or_else(|| {
                let message = format!("column {name:?} is {is} in the table `{table}`");
                let help = "numbers, texts and truth values are compared";
                Problem::config(pointer, message).help(help)
            })?;
            match kind {
                Some(other) if other != found => {
                    let message = format!(
                        "column {name:?} has {} in the window and {} in the reference",
                        Kind::name(other),
                        Kind::name(found)
                    );
                    return Err(Problem::config(pointer, message));
                }
                _ => kind = Some(found),
            }
        }
        Ok(kind)
    }

    /// The problem of an ignored column that neither table has.
    fn unknown(&self, pointer: &str, name: &str) -> Option<Problem> {
        let (window, reference) = (self.window?, self.reference?);
        let has = |schema: &Schema| schema.field_with_name(name).is_ok();
        (!has(window) && !has(reference)).then(|| absent(pointer, name, WINDOW, window))
    }

    /// The problem of a column by which no rows can be matched.
    fn unmatched(&self, pointer: &str, name: &str) -> Option<Problem> {
        let types = match self.types(pointer, name) {
            Ok(types) => types,
            Err(problem) => return Some(problem),
        };
        for (table, data_type) in types {
            let fits =
                matches!(data_type, DataType::Utf8 | DataType::Boolean) || data_type.is_integer();
            if !fits {
                let is = type_name(data_type);
                let message = format!("column {name:?} is {is} in the table `{table}`");
                let help = "rows are matched by texts, truth values and whole numbers";
                return Some(Problem::config(pointer, message).help(help));
            }
        }
        self.kind(pointer, name).err()
    }
}

fn absent(pointer: &str, name: &str, table: &str, schema: &Schema) -> Problem {
    let names: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
    let listed = format!("it has {}", names.join(", "));
    let message = format!("the table `{table}` has no column {name:?}");
    let problem = Problem::config(pointer, message).help(listed);
    problem.suggest(name, names)
}

/// The problems of methods that cannot compare columns of a kind.
fn misfits(pointer: &str, name: &str, methods: &[Method], kind: Kind) -> Vec<Problem> {
    let misfit = |(index, method): (usize, &Method)| {
        (!method.fits(kind)).then(|| {
            let message = format!(
                "{:?} compares numbers, and column {name:?} has {}",
                method.name(),
                kind.name()
            );
            let help =
                "of texts and truth values: psi, jensen-shannon, chi-square, missing-rate, unseen";
            Problem::config(format!("{pointer}/{index}"), message).help(help)
        })
    };
    methods.iter().enumerate().filter_map(misfit).collect()
}
