//! Problems that point into the config.
use arrow_schema::Schema;
use lockflight_expression::{Expression, Fault};
use lockflight_sdk::Problem;

/// A place in the config: a JSON pointer (RFC 6901).
#[derive(Clone, Debug)]
pub struct At(String);

impl At {
    /// A key of the config.
    pub fn key(key: &str) -> At {
        At(String::new()).below(key)
    }

    /// A key or an index below this.
    pub fn below(&self, step: impl std::fmt::Display) -> At {
        let step = step.to_string().replace('~', "~0").replace('/', "~1");
        At(format!("{}/{step}", self.0))
    }

    /// A problem of the value at this place.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::config(self.0.clone(), message)
    }

    /// A problem of the expression at this place.
    pub fn fault(&self, source: &str, fault: Fault) -> Problem {
        let problem = self.problem(fault.underlined(source));
        match fault.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }

    /// Reads the expression at this place.
    pub fn expression(&self, source: &str) -> Result<Expression, Problem> {
        Expression::parse(source).map_err(|fault| self.fault(source, fault))
    }

    /// The number of the column whose name stands at this place.
    pub fn column(&self, schema: &Schema, name: &str) -> Result<usize, Problem> {
        let names = schema.fields().iter().map(|field| field.name().as_str());
        schema.index_of(name).map_err(|_| {
            let problem = self.problem(format!("there is no column {name:?}"));
            let listed: Vec<_> = names.clone().collect();
            let all = format!("the columns are {}", listed.join(", "));
            problem.help(all).suggest(name, names)
        })
    }

    /// The numbers of the columns that are listed at this place, each once.
    pub fn columns(&self, schema: &Schema, names: &[String]) -> Result<Vec<usize>, Vec<Problem>> {
        let mut found = Vec::new();
        let mut problems = Vec::new();
        for (position, name) in names.iter().enumerate() {
            let at = self.below(position);
            match at.column(schema, name) {
                Ok(index) if found.contains(&index) => {
                    problems.push(at.problem(format!("{name:?} is listed twice")));
                }
                Ok(index) => found.push(index),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            Ok(found)
        } else {
            Err(problems)
        }
    }
}
