//! What has to come out the same.

use super::{Outcome, Trial, ran};
use crate::plugin::kit::bench::{Called, Came, Fault, Ran, SECOND};
use crate::plugin::kit::{KitError, table};
use crate::run::differences;
use crate::wire::FaultKind;

/// Two runs give the same bytes, whatever bits this processor gives a NaN.
pub fn twice(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    let first = ran!(trial);
    match trial.bench.run_as(trial.setup(), SECOND)? {
        Called::Answer(second) => same(trial, first, &second, "a second run"),
        Called::Refused(what) => Ok(otherwise(&what)),
        Called::Fault(fault) => Ok(otherwise(&fault.told())),
    }
}

fn otherwise(what: &str) -> Outcome {
    Outcome::Failed(format!("a second run ended otherwise: {what}"))
}

fn same(trial: &Trial<'_>, first: &Ran, other: &Ran, who: &str) -> Result<Outcome, KitError> {
    if first.digest == other.digest {
        return Ok(Outcome::Ok);
    }
    let found = differences(trial.bench.ground.store, &first.result, &other.result)?;
    let parts: Vec<_> = found.iter().map(ToString::to_string).collect();
    let parts = parts.join("; ");
    Ok(Outcome::Failed(format!(
        "{who} gave something else: {parts}"
    )))
}

/// The same rows in other batches give the same result, bit for bit.
pub fn recut(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    ran!(trial);
    let changes: [(&str, table::Change); 3] = [
        ("in one batch", table::whole),
        ("in batches of one row", table::many_batches),
        ("in batches of seven rows", table::sevens),
    ];
    let mut whole: Option<Ran> = None;
    for (how, change) in changes {
        let Some(cut) = table::changed(trial.bench.ground.store, trial.setup(), change)? else {
            return Ok(trial.lacks("no table with rows"));
        };
        match (trial.bench.run(&cut)?, &whole) {
            (Called::Answer(ran), None) => whole = Some(ran),
            (Called::Answer(ran), Some(whole)) => {
                let outcome = same(trial, whole, &ran, &format!("the same rows {how}"))?;
                if outcome != Outcome::Ok {
                    return Ok(outcome);
                }
            }
            (Called::Refused(why), None) => {
                let why = format!("the rows, repeated, are refused: {why}");
                return Ok(Outcome::Ignored(why));
            }
            // A fault in many batches is told by the rule of that name.
            (Called::Refused(what) | Called::Fault(Fault { message: what, .. }), _) => {
                let why = format!("the rows {how} have no result: {what}");
                return Ok(Outcome::Ignored(why));
            }
        }
    }
    Ok(Outcome::Ok)
}

/// A scorer's answer to a row does not depend on the rows beside it.
pub fn row_wise(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    kept(trial, FaultKind::NotRowWise)
}

/// A scorer's answer to a row does not depend on what it was asked before.
pub fn repeatable(trial: &Trial<'_>) -> Result<Outcome, KitError> {
    kept(trial, FaultKind::NotRepeatable)
}

/// The host tries both on a sample of the rows of every run; here that is as large as it can be.
fn kept(trial: &Trial<'_>, breach: FaultKind) -> Result<Outcome, KitError> {
    if let Came::Fault(_, fault) = &trial.base.came
        && fault.kind == Some(breach)
    {
        return Ok(Outcome::Failed(fault.message.clone()));
    }
    ran!(trial);
    let store = trial.bench.ground.store;
    let Some(whole) = table::changed(store, trial.setup(), table::whole)? else {
        return Ok(trial.lacks("no table with rows"));
    };
    Ok(match trial.bench.run(&whole)? {
        Called::Fault(fault) if fault.kind == Some(breach) => Outcome::Failed(fault.message),
        Called::Answer(_) => Outcome::Ok,
        Called::Refused(what) | Called::Fault(Fault { message: what, .. }) => {
            Outcome::Ignored(format!("the rows, repeated, have no result: {what}"))
        }
    })
}
