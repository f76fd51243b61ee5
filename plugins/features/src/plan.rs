//! A config held against a table: what each step works on, and what comes out, as far as it is known before fitting.
mod lookup;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_schema::{Field, Schema, SchemaRef};
use lockflight_expression::Expression;
use lockflight_sdk::{Problem, Problems, type_name};

use crate::categories::repeated;
use crate::change::fill::Fill;
use crate::config::{Config, Given, ImputeConfig, ImputeWith, Step};
use crate::learn::Task;
use crate::pipeline::misfit_of;
use crate::shape::{Layout, Misfit, Outcome};
use crate::target::Target;
use crate::validate::{self, Place};
use crate::value::{Key, has_keys};

/// What is to be done.
#[derive(Debug)]
pub struct Plan {
    /// The steps, one for each column that they make or change.
    pub actions: Vec<Action>,
    /// The raw columns that steps touch, in the order of the table.
    pub takes: SchemaRef,
    /// What becomes of them; none when that is known only after fitting.
    pub gives: Option<SchemaRef>,
    /// What is to be predicted.
    pub target: Option<Target>,
}

/// One thing to do.
#[derive(Debug)]
pub struct Action {
    /// The step that it is part of.
    pub place: Place,
    /// The column that it makes or changes.
    pub column: String,
    /// What it does.
    pub work: Work,
}

/// What there is to do.
#[derive(Debug)]
pub enum Work {
    /// Add the column.
    Derive(Expression),
    /// Change it.
    Change(Task),
}

impl Plan {
    /// Plans the steps for a table.
    ///
    /// # Errors
    /// Everything that is wrong, as far as it does not follow from something else that is.
    pub fn of(config: &Config, schema: &Schema) -> Result<Plan, Problems> {
        let own = validate::problems(config);
        if !own.is_empty() {
            return Err(own.into());
        }
        let target = Target::of(config, schema)?;
        let mut planner = Planner::new(schema, target);
        for (number, step) in config.steps.iter().enumerate() {
            if let Some(step) = step.step() {
                planner.step(&Place::of(number, &step), step);
            }
        }
        planner.finish()
    }
}

struct Planner<'a> {
    schema: &'a Schema,
    target: Option<Target>,
    layout: Layout,
    /// Raw columns that no step has touched so far. They pass by, and so does the target.
    untouched: BTreeSet<String>,
    /// Columns that a step took away, with that step.
    gone: BTreeMap<String, String>,
    /// Columns of which nothing is known, since the step that makes or changes them has a problem.
    lost: BTreeSet<String>,
    /// Whether some columns are known only after fitting.
    open: bool,
    actions: Vec<Action>,
    problems: Problems,
}

impl<'a> Planner<'a> {
    fn new(schema: &'a Schema, target: Option<Target>) -> Planner<'a> {
        // Metadata are not the steps' business, and would make equal schemas unequal.
        let plain = |field: &Field| {
            Field::new(field.name(), field.data_type().clone(), field.is_nullable())
        };
        let fields = schema.fields().iter();
        Planner {
            schema,
            target,
            layout: Layout::new(fields.clone().map(|field| plain(field))),
            untouched: fields.map(|field| field.name().clone()).collect(),
            gone: BTreeMap::new(),
            lost: BTreeSet::new(),
            open: false,
            actions: Vec::new(),
            problems: Problems::new(),
        }
    }

    fn step(&mut self, place: &Place, step: Step<'_>) {
        match step {
            Step::Derive(columns) => self.derive(place, columns),
            Step::Impute(impute) => self.each(place, &impute.columns, |planner, at, field| {
                planner.impute(place, impute, at, field)
            }),
            Step::OneHot(one_hot) => self.each(place, &one_hot.columns, |planner, _, field| {
                let given = planner.given(place, &one_hot.categories, field)?;
                Some(vec![Task::OneHot {
                    given,
                    unknown: one_hot.unknown,
                    max: one_hot.max_categories,
                }])
            }),
            Step::Ordinal(ordinal) => self.each(place, &ordinal.columns, |planner, _, field| {
                let given = planner.given(place, &ordinal.categories, field)?;
                let unknown = ordinal.unknown;
                Some(vec![Task::Ordinal { given, unknown }])
            }),
            Step::TargetMean(means) => {
                let key = means.key.as_deref();
                let key_is_good = self.key(place, key.unwrap_or_default());
                let schema = self.schema;
                let target = self.target.as_ref();
                let no_means = target.and_then(|target| target.has_means(schema).err());
                self.problems.0.extend(no_means);
                self.each(place, &means.columns, |_, _, _| {
                    key_is_good.then(|| {
                        vec![Task::TargetMean {
                            folds: means.folds,
                            smoothing: means.smoothing,
                            key: means.key.clone(),
                            unknown: means.unknown,
                        }]
                    })
                });
            }
            Step::Scale(scale) => self.each(place, &scale.columns, |_, _, _| {
                Some(vec![Task::Scale(scale.with)])
            }),
            Step::Bin(bin) => self.each(place, &bin.columns, |_, _, _| {
                let edges = bin.edges.clone().map(Task::Edges);
                let ranges = || bin.bins.map(|bins| Task::Ranges(bin.with, bins));
                edges.or_else(ranges).map(|task| vec![task])
            }),
            Step::Drop(columns) => self.each(place, columns, |_, _, _| Some(vec![Task::Drop])),
        }
    }

    /// Plans the tasks of a step for each of its columns. `tasks` answers none when it has found a problem.
    fn each(
        &mut self,
        place: &Place,
        columns: &[String],
        mut tasks: impl FnMut(&mut Planner<'a>, &str, &Field) -> Option<Vec<Task>>,
    ) {
        for (index, name) in columns.iter().enumerate() {
            let pointer = place.column(index);
            if place.kind == "drop" && self.untouched.contains(name) && !self.is_target(name) {
                let message = format!(
                    "no step before this one uses column {name:?}: dropping it here would only make the model ask for it"
                );
                let problem = Problem::config(&pointer, message);
                self.problem(problem.help("it is not part of this model's input anyway; to hide it from the next trainer, drop it before, in an ingest stage, or name it in that trainer's `ignore`"));
                continue;
            }
            let Some(at) = self.find(name, &pointer) else {
                self.lost.insert(name.clone());
                continue;
            };
            let field = self.layout.fields()[at].clone();
            match tasks(self, &pointer, &field) {
                None => {
                    self.lost.insert(name.clone());
                }
                Some(tasks) => {
                    for task in tasks {
                        self.change(place, name, &pointer, task);
                    }
                }
            }
        }
    }

    fn change(&mut self, place: &Place, name: &str, pointer: &str, task: Task) {
        let Some(at) = self.layout.position(name) else {
            return;
        };
        let outcome = task.shape().outcome(&self.layout.fields()[at]);
        let outcome = outcome.and_then(|outcome| {
            self.layout.put(at, outcome.clone())?;
            Ok(outcome)
        });
        match outcome {
            Err(misfit) => {
                self.lost.insert(name.to_owned());
                self.misfit(pointer, misfit);
            }
            Ok(outcome) => {
                self.open |= outcome == Outcome::Open;
                if self.layout.position(name).is_none() {
                    self.gone.insert(name.to_owned(), place.shown());
                }
                self.actions.push(Action {
                    place: place.clone(),
                    column: name.to_owned(),
                    work: Work::Change(task),
                });
            }
        }
    }

    fn derive(&mut self, place: &Place, columns: &BTreeMap<String, String>) {
        let before = Schema::new(self.layout.fields().to_vec());
        for (name, source) in columns {
            let pointer = place.key(name);
            let Ok(expression) = Expression::parse(source) else {
                continue;
            };
            if expression
                .columns()
                .iter()
                .any(|used| self.lost.contains(*used))
            {
                self.lost.insert(name.clone());
                continue;
            }
            let checked = expression
                .check(&before)
                .map_err(|fault| misfit_of(&fault, source));
            let added = checked.and_then(|checked| self.layout.add(checked.field(name)));
            if let Err(misfit) = added {
                self.lost.insert(name.clone());
                self.misfit(&pointer, misfit);
                continue;
            }
            for used in expression.columns() {
                self.find(used, &pointer);
            }
            self.actions.push(Action {
                place: place.clone(),
                column: name.clone(),
                work: Work::Derive(expression),
            });
        }
    }

    fn impute(
        &mut self,
        place: &Place,
        impute: &ImputeConfig,
        at: &str,
        field: &Field,
    ) -> Option<Vec<Task>> {
        let fill = match impute.with {
            ImputeWith::Mean => Task::Mean,
            ImputeWith::Median => Task::Median,
            ImputeWith::MostFrequent => Task::MostFrequent,
            ImputeWith::Constant => {
                let data_type = field.data_type();
                let value = impute.value.as_ref()?;
                let fill = if data_type.is_floating() {
                    value.float(data_type).map(Fill::Float)
                } else if has_keys(data_type) {
                    value.key(data_type).map(Fill::Key)
                } else {
                    Err(format!("{} cannot be filled", type_name(data_type)))
                };
                match fill {
                    Ok(fill) => Task::Constant(fill),
                    Err(message) => {
                        let message = format!("column {:?}: {message}", field.name());
                        let pointer = if data_type.is_floating() || has_keys(data_type) {
                            place.key("value")
                        } else {
                            at.to_owned()
                        };
                        self.problem(Problem::config(pointer, message));
                        return None;
                    }
                }
            }
        };
        let flag = impute.indicator.then_some(Task::Flag);
        Some(flag.into_iter().chain([fill]).collect())
    }

    /// The categories that are given for a column, as values of its type.
    #[allow(
        clippy::option_option,
        reason = "none with a problem, none within without categories"
    )]
    fn given(&mut self, place: &Place, given: &Given, field: &Field) -> Option<Option<Vec<Key>>> {
        let Some(values) = given.get(field.name()) else {
            return Some(None);
        };
        let pointer = place.key("categories") + &place.key(field.name())[place.pointer().len()..];
        let mut keys = Vec::new();
        for (index, value) in values.iter().enumerate() {
            match value.key(field.data_type()) {
                Ok(key) => keys.push(key),
                Err(message) => {
                    self.problem(Problem::config(format!("{pointer}/{index}"), message));
                    return None;
                }
            }
        }
        if let Some(key) = repeated(&keys) {
            let message = format!("category {:?} is there twice", key.show(field.data_type()));
            self.problem(Problem::config(pointer, message));
            return None;
        }
        Some(Some(keys))
    }

    fn misfit(&mut self, pointer: &str, misfit: Misfit) {
        let mut problem = Problem::config(pointer, misfit.message);
        problem.help = misfit.help;
        self.problem(problem);
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn finish(self) -> Result<Plan, Problems> {
        let passes = |name: &str| self.untouched.contains(name);
        let raw = self.schema.fields().iter();
        let takes: Vec<Field> = raw
            .filter(|field| !passes(field.name()))
            .map(|field| Field::new(field.name(), field.data_type().clone(), field.is_nullable()))
            .collect();
        let gives = self
            .layout
            .fields()
            .iter()
            .filter(|field| !passes(field.name()));
        let gives = Schema::new(gives.cloned().collect::<Vec<_>>());
        self.problems.or(Plan {
            actions: self.actions,
            takes: Arc::new(Schema::new(takes)),
            gives: (!self.open).then(|| Arc::new(gives)),
            target: self.target,
        })
    }
}
