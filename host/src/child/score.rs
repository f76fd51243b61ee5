//! The built-in stage `score`: a table passes through the scorers of a model, batch by batch, in constant memory. Nothing is taken
//! from the scorers on trust: that they are row-wise and remember nothing is tried on a sample of the rows.

use std::{fs::File, os::fd::OwnedFd, os::unix::fs::FileExt};

use arrow_array::{RecordBatch, UInt64Array};
use arrow_select::take::take_record_batch;
use wasmtime::{Engine, Store, component::Component};

use super::{guest::Guest, probe::Probe, sample::Sample, store_of};
use crate::{
    enforcement::{Point, stands},
    engine,
    model::{Flow, FlowError, Link},
    seal,
    table::{raw, schema::TableSchema},
    wire::{
        Answer, ColumnLayout, Ending, Failure, Fault, FaultKind, GuestLimits, InputContent, Needed,
        Order, Output, Problem, Said, Scoring, StepFacts,
    },
    world::score::{ScoreError, Scorer},
};

/// The most rows that a scorer gets at a time.
const MAX_ROWS: u32 = 8192;
/// The most bytes that a scorer gets at a time, unless one row has more.
const MAX_BYTES: usize = 4 << 20;
/// How much of a state a scorer gets at a time.
const STATE_PART: u64 = 4 << 20;
/// The name of the only output.
const OUTPUT: &str = "table";

/// What ends the stage.
enum End {
    Failure(Failure),
    Fault(Fault),
    Error(wasmtime::Error),
}

impl<E: Into<wasmtime::Error>> From<E> for End {
    fn from(error: E) -> Self {
        End::Error(error.into())
    }
}

impl End {
    /// What a scorer's error means for the stage.
    fn of_step(number: usize, error: ScoreError, limits: &GuestLimits) -> Self {
        let step = number + 1;
        match error {
            ScoreError::State(text) => End::Failure(Failure::Data(format!(
                "step {step} of the model refuses its state: {text}"
            ))),
            ScoreError::Rows(text) => End::Failure(Failure::Data(format!(
                "step {step} of the model refuses the rows: {text}"
            ))),
            ScoreError::Answer(text) => misuse(format!(
                "step {step} of the model answered what does not fit the columns it gives: {text}"
            )),
            ScoreError::Ended(error) => {
                let fault = super::fault(&error, limits);
                End::Fault(Fault {
                    message: format!("step {step} of the model was ended: {}", fault.message),
                    ..fault
                })
            }
        }
    }
}

fn misuse(message: String) -> End {
    breach_of(FaultKind::Misuse, message)
}

fn breach_of(kind: FaultKind, message: String) -> End {
    End::Fault(Fault {
        kind,
        message,
        frames: Vec::new(),
    })
}

/// An error of the flow on the way, of which `End` has to be made.
struct Flowed(End);

impl From<FlowError> for Flowed {
    fn from(error: FlowError) -> Self {
        Flowed(End::Failure(Failure::Data(error.to_string())))
    }
}

/// Scores the job's table.
pub(super) fn run(mut guest: Guest, order: &Order, scoring: &Scoring) -> (Guest, Ending) {
    let codes = match codes(&mut guest, scoring) {
        Ok(codes) => codes,
        Err(error) => return (guest, host_fault(&error.into())),
    };
    let (engine, components) = match load(order, &codes) {
        Ok(loaded) => loaded,
        Err(error) => return (guest, host_fault(&error)),
    };
    drop(codes);
    let mut store = store_of(&engine, guest);
    let limits = store.data().limits;
    let ending = match score(&mut store, scoring, &components) {
        Ok(answer) => Ending::Answer(Box::new(answer)),
        Err(End::Failure(failure)) => Ending::Failure(failure),
        Err(End::Fault(fault)) => Ending::Fault(fault),
        Err(End::Error(error)) => Ending::Fault(super::fault(&error, &limits)),
    };
    (store.into_data(), ending)
}

fn host_fault(error: &wasmtime::Error) -> Ending {
    Ending::Fault(Fault {
        kind: FaultKind::Host,
        message: format!("{error:#}"),
        frames: Vec::new(),
    })
}

fn codes(guest: &mut Guest, scoring: &Scoring) -> Result<Vec<OwnedFd>, crate::wire::WireError> {
    (0..scoring.steps.len() as u32)
        .map(|step| guest.need(Needed::StepCode { step }))
        .collect()
}

/// Maps the code of all steps. No step has run yet: that is for after the seal.
fn load(order: &Order, codes: &[OwnedFd]) -> wasmtime::Result<(Engine, Vec<Component>)> {
    seal::limit(&order.limits, codes)?;
    let engine = engine::engine(order.code)?;
    let components = codes.iter().map(|code| engine::load(&engine, code));
    let components = components.collect::<wasmtime::Result<_>>()?;
    Ok((engine, components))
}

fn score(
    store: &mut Store<Guest>,
    scoring: &Scoring,
    components: &[Component],
) -> Result<Answer, End> {
    store.data_mut().sealed(seal::seal()?);
    let mut steps = scoring
        .steps
        .iter()
        .zip(components)
        .enumerate()
        .map(|(number, (facts, component))| StepRun::new(store, number, facts, component))
        .collect::<Result<Vec<_>, _>>()?;
    for step in &steps {
        step.load(store)?;
    }
    store.data_mut().started()?;
    let (schema, blocks) = table(store.data())?;
    let links: Vec<_> = steps.iter().map(StepRun::link).collect();
    let flow = Flow::new(&schema, &links, scoring.keeps).map_err(|error| {
        End::Failure(Failure::Config(vec![Problem {
            place: crate::wire::Place::Input(OUTPUT.into()),
            message: error.message,
            help: error.help,
        }]))
    })?;
    let writer = open_writer(store.data_mut(), flow.output())?;
    let total = blocks.iter().sum::<u64>();
    let (mut done, wanted) = (0, scoring.sample.map_or(total, |rows| rows.min(total)));
    let columns: Vec<usize> = (0..schema.fields().len()).collect();
    let picked = Sample::of(total, scoring.sample);
    let mut before = 0;
    for (block, rows) in (0..).zip(&blocks) {
        let picked = picked.within(before, *rows);
        before += rows;
        if picked.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        let mut rows = store.data_mut().load_block(0, block, &columns)?;
        if let Some(picked) = picked {
            rows = take_record_batch(&rows, &UInt64Array::from(picked))?;
        }
        let mut from = 0;
        while from < rows.num_rows() {
            let count = raw::cut(&rows, from, MAX_ROWS, MAX_BYTES);
            let scored = flow
                .apply(&rows.slice(from, count), |number, taken| {
                    steps[number].score(store, taken).map_err(Flowed)
                })
                .map_err(|Flowed(end)| end)?;
            write(store.data_mut(), writer, &scored)?;
            from += count;
            done += count as u64;
            store.data_mut().progress(done, wanted)?;
        }
    }
    if scoring.sample == Some(0) {
        let none = RecordBatch::new_empty(schema.arrow().clone());
        flow.apply(&none, |number, taken| {
            steps[number].score(store, taken).map_err(Flowed)
        })
        .map_err(|Flowed(end)| end)?;
    }
    for step in &mut steps {
        step.prove_again(store)?;
    }
    Ok(Answer {
        outputs: vec![Output {
            name: OUTPUT.into(),
            writer,
        }],
        ..Answer::default()
    })
}

/// The schema of the job's table and the rows of its blocks.
fn table(guest: &Guest) -> Result<(TableSchema, Vec<u64>), End> {
    let content = guest.job.inputs.first().map(|input| &input.content);
    let Some(InputContent::Table {
        schema: Some(schema),
        blocks,
    }) = content
    else {
        return Err(wasmtime::Error::msg("a score stage has one table").into());
    };
    Ok((schema.clone().try_into()?, blocks.clone()))
}

fn open_writer(guest: &mut Guest, schema: &TableSchema) -> Result<u32, End> {
    let writer = guest.next_writer();
    guest.say(&Said::TableOpened {
        writer,
        schema: schema.into(),
    })?;
    Ok(writer)
}

fn write(guest: &mut Guest, writer: u32, rows: &RecordBatch) -> Result<(), End> {
    let columns = raw::disassemble(rows, 0, rows.num_rows());
    let length = |buffer: &Option<Vec<u8>>| buffer.as_ref().map(|b| b.len() as u32);
    let layout = columns.iter().map(|column| ColumnLayout {
        length: column.length,
        validity: length(&column.validity),
        offsets: length(&column.offsets),
        values: column.values.len() as u32,
    });
    let said = Said::TableRows {
        writer,
        rows: rows.num_rows() as u32,
        columns: layout.collect(),
    };
    let body: Vec<&[u8]> = columns
        .iter()
        .flat_map(|c| [c.validity.as_deref(), c.offsets.as_deref(), Some(&c.values)])
        .flatten()
        .collect();
    Ok(guest.channel.send(&said, &body, None)?)
}

/// One step at work.
struct StepRun {
    number: usize,
    scorer: Scorer,
    takes: TableSchema,
    gives: TableSchema,
    state: u64,
    probe: Option<Probe>,
}

impl StepRun {
    fn new(
        store: &mut Store<Guest>,
        number: usize,
        facts: &StepFacts,
        component: &Component,
    ) -> Result<Self, End> {
        let gives: TableSchema = facts.gives.clone().try_into()?;
        let scorer = Scorer::new(store, component, gives.clone())
            .map_err(|error| End::of_step(number, error.into(), &store.data().limits))?;
        Ok(StepRun {
            number,
            scorer,
            takes: facts.takes.clone().try_into()?,
            gives,
            state: facts.state,
            probe: None,
        })
    }

    fn link(&self) -> Link<'_> {
        Link {
            takes: &self.takes,
            gives: &self.gives,
        }
    }

    fn load(&self, store: &mut Store<Guest>) -> Result<(), End> {
        let needed = Needed::StepState {
            step: self.number as u32,
        };
        let file = File::from(store.data_mut().need(needed)?);
        let mut from = 0;
        loop {
            let mut part = vec![0; (self.state - from).min(STATE_PART) as usize];
            file.read_exact_at(&mut part, from)?;
            from += part.len() as u64;
            let rest = self.state - from;
            store.data_mut().cross();
            self.scorer
                .load(&mut *store, &part, rest)
                .map_err(|error| End::of_step(self.number, error, &store.data().limits))?;
            if rest == 0 {
                return Ok(());
            }
        }
    }

    fn ask(&self, store: &mut Store<Guest>, rows: &RecordBatch) -> Result<RecordBatch, End> {
        store.data_mut().cross();
        self.scorer
            .score(&mut *store, rows)
            .map_err(|error| End::of_step(self.number, error, &store.data().limits))
    }

    fn score(&mut self, store: &mut Store<Guest>, rows: &RecordBatch) -> Result<RecordBatch, End> {
        let answer = self.ask(store, rows)?;
        if self.probe.is_none() {
            let probe = Probe::new(rows, &answer);
            if let Some(row) = probe.cut_and_turned(|rows| self.ask(store, rows))? {
                // What the very same call is answered now tells what the other answer is due to: the calls before, or the other rows.
                let again = Probe::new(rows, &self.ask(store, rows)?);
                self.judge(match probe.agrees(&again) {
                    true => Breach::RowWise(row),
                    false => Breach::Repeatable(row),
                })?;
            }
            self.probe = Some(probe);
        }
        Ok(answer)
    }

    /// Asks for the sample again, now that the scorer has seen all rows.
    fn prove_again(&self, store: &mut Store<Guest>) -> Result<(), End> {
        let Some(probe) = &self.probe else {
            return Ok(());
        };
        match probe.again(|rows| self.ask(store, rows))? {
            Some(row) => self.judge(Breach::Repeatable(row)),
            None => Ok(()),
        }
    }

    fn judge(&self, breach: Breach) -> Result<(), End> {
        if !stands(Point::RowWise) {
            return Ok(());
        }
        let step = self.number + 1;
        let (kind, what) = match breach {
            Breach::RowWise(row) => (
                FaultKind::NotRowWise,
                format!(
                    "is not row-wise: its answer to row {row} of the table is another when the same rows come cut or turned round"
                ),
            ),
            Breach::Repeatable(row) => (
                FaultKind::NotRepeatable,
                format!(
                    "remembers what it was asked before: its answer to row {row} of the table is another when it is asked again"
                ),
            ),
        };
        Err(breach_of(
            kind,
            format!("step {step} of the model {what}; its author can mend that"),
        ))
    }
}

/// What a scorer's answer to this row depends on beside the row and its state.
enum Breach {
    /// The rows beside it.
    RowWise(usize),
    /// What was asked before.
    Repeatable(usize),
}
