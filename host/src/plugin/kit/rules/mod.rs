//! The rules for the worlds `ingest`, `validate` and `train`. Each changes a setup that the plugin accepts, and says what has to hold.

use super::bench::{Bench, Called, Ran, Setup};
use super::{KitError, Outcome, table, wrong};
use crate::job::InputDigest;

/// A rule.
type Rule = fn(&Bench<'_>, &Setup) -> Result<Outcome, KitError>;

/// All rules, in the order they are tried.
pub const RULES: [(&str, Rule); 11] = [
    ("check-and-run", check_and_run),
    ("twice", twice),
    ("empty-table", |bench, setup| {
        bears(bench, setup, table::empty)
    }),
    ("one-row", |bench, setup| {
        bears(bench, setup, table::one_row)
    }),
    ("all-null", |bench, setup| {
        bears(bench, setup, table::all_null)
    }),
    ("many-batches", |bench, setup| {
        bears(bench, setup, table::many_batches)
    }),
    ("recut", recut),
    ("every-format", |bench, setup| {
        bears(bench, setup, table::every_format)
    }),
    ("broken-file", broken_file),
    ("unknown-column", unknown_column),
    ("bad-config", bad_config),
];

/// A rule cannot be tried with a setup that the plugin refuses or fails on.
fn untried(setup: &Setup, why: &str) -> Outcome {
    Outcome::Ignored(format!(
        "{} does not get past the plugin: {why}",
        setup.from
    ))
}

fn fault(call: &str, what: &str) -> Outcome {
    Outcome::Failed(format!("`{call}` ended with: {what}"))
}

/// What `check` accepts and promises, `run` gives.
fn check_and_run(bench: &Bench<'_>, setup: &Setup) -> Result<Outcome, KitError> {
    let ports = match bench.check(setup)? {
        Called::Answer(ports) => ports,
        Called::Refused(why) => return Ok(untried(setup, &why)),
        Called::Fault(what) => return Ok(fault("check", &what)),
    };
    Ok(match bench.run(setup)? {
        Called::Answer(ran) => match bench.broken(&ports, &ran.result)? {
            Some(broken) => Outcome::Failed(broken),
            None => Outcome::Ok,
        },
        Called::Refused(why) => untried(setup, &why),
        Called::Fault(what) => fault("run", &what),
    })
}

/// Two runs give the same bytes.
fn twice(bench: &Bench<'_>, setup: &Setup) -> Result<Outcome, KitError> {
    let first = match accepted(bench, setup)? {
        Ok(ran) => ran,
        Err(outcome) => return Ok(outcome),
    };
    Ok(match bench.run(setup)? {
        Called::Answer(second) => same(&first, &second, "a second run"),
        Called::Refused(what) | Called::Fault(what) => fault("run", &what),
    })
}

/// The run of a setup that has to work for a rule to be tried.
fn accepted(bench: &Bench<'_>, setup: &Setup) -> Result<Result<Ran, Outcome>, KitError> {
    Ok(match bench.check(setup)? {
        Called::Refused(why) | Called::Fault(why) => Err(untried(setup, &why)),
        Called::Answer(_) => match bench.run(setup)? {
            Called::Answer(ran) => Ok(ran),
            Called::Refused(why) | Called::Fault(why) => Err(untried(setup, &why)),
        },
    })
}

fn same(first: &Ran, second: &Ran, who: &str) -> Outcome {
    if first.digest == second.digest {
        return Outcome::Ok;
    }
    let mut parts = Vec::new();
    for (name, record) in &first.result.outputs {
        if second.result.outputs.get(name) != Some(record) {
            parts.push(format!("the output `{name}`"));
        }
    }
    let (one, other) = (&first.result, &second.result);
    for (differs, part) in [
        (one.findings != other.findings, "the findings"),
        (one.metrics != other.metrics, "the figures"),
        (one.fitted != other.fitted, "the fitted step"),
    ] {
        if differs {
            parts.push(part.to_owned());
        }
    }
    if parts.is_empty() {
        parts.push("the result".to_owned());
    }
    Outcome::Failed(format!("{who} gave something else: {}", parts.join(", ")))
}

/// With other tables, the plugin may refuse, in good order; what it accepts and gives has to be what it promised.
fn bears(bench: &Bench<'_>, setup: &Setup, change: table::Change) -> Result<Outcome, KitError> {
    if let Err(outcome) = accepted(bench, setup)? {
        return Ok(outcome);
    }
    let Some(changed) = table::changed(bench.ground.store, setup, change)? else {
        return Ok(Outcome::Ignored(format!(
            "{} has no table to change so",
            setup.from
        )));
    };
    Ok(match check_and_run(bench, &changed)? {
        Outcome::Ignored(_) => Outcome::Ok,
        other => other,
    })
}

/// The same rows in other batches give the same result, bit for bit.
fn recut(bench: &Bench<'_>, setup: &Setup) -> Result<Outcome, KitError> {
    if let Err(outcome) = accepted(bench, setup)? {
        return Ok(outcome);
    }
    let store = bench.ground.store;
    let changes: [(&str, table::Change); 3] = [
        ("in one batch", table::whole),
        ("in batches of one row", table::many_batches),
        ("in batches of seven rows", table::sevens),
    ];
    let mut whole: Option<Ran> = None;
    for (how, change) in changes {
        let Some(cut) = table::changed(store, setup, change)? else {
            return Ok(Outcome::Ignored(format!(
                "{} has no table with rows",
                setup.from
            )));
        };
        match (bench.run(&cut)?, &whole) {
            (Called::Answer(ran), None) => whole = Some(ran),
            (Called::Answer(ran), Some(whole)) => {
                let outcome = same(whole, &ran, &format!("the same rows {how}"));
                if outcome != Outcome::Ok {
                    return Ok(outcome);
                }
            }
            (Called::Refused(why), None) => {
                return Ok(Outcome::Ignored(format!(
                    "the rows, repeated, are refused: {why}"
                )));
            }
            // A fault in many batches is told by the rule of that name.
            (Called::Refused(what) | Called::Fault(what), _) => {
                return Ok(Outcome::Ignored(format!(
                    "the rows {how} have no result: {what}"
                )));
            }
        }
    }
    Ok(Outcome::Ok)
}

/// A file that is empty, cut off or nonsense is refused or read, without a fault.
fn broken_file(bench: &Bench<'_>, setup: &Setup) -> Result<Outcome, KitError> {
    if let Err(outcome) = accepted(bench, setup)? {
        return Ok(outcome);
    }
    let mut tried = false;
    for (name, input) in &setup.inputs {
        let InputDigest::Blob(digest) = input else {
            continue;
        };
        tried = true;
        let bytes = bench.ground.store.blob(digest)?;
        let nonsense: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for (how, broken) in [
            ("empty", &[][..]),
            ("cut off in the middle", &bytes[..bytes.len() / 2]),
            ("nonsense", &nonsense),
        ] {
            let mut changed = setup.clone();
            let blob = bench.ground.store.put_blob(broken)?;
            changed.inputs.insert(name.clone(), InputDigest::Blob(blob));
            if let Outcome::Failed(what) = check_and_run(bench, &changed)? {
                return Ok(Outcome::Failed(format!("with `{name}` {how}, {what}")));
            }
        }
    }
    Ok(match tried {
        true => Outcome::Ok,
        false => Outcome::Ignored(format!("{} has no file among its inputs", setup.from)),
    })
}

/// A config that names a column that is not there is refused.
fn unknown_column(bench: &Bench<'_>, setup: &Setup) -> Result<Outcome, KitError> {
    if let Err(outcome) = accepted(bench, setup)? {
        return Ok(outcome);
    }
    let columns = table::columns(bench.ground.store, setup)?;
    let Some((config, column)) = wrong::unknown_column(&setup.config, &columns) else {
        return Ok(Outcome::Ignored(format!(
            "{}: the config names no column of the tables",
            setup.from
        )));
    };
    refuses(
        bench,
        setup,
        config,
        &format!("naming \"{}\" for \"{column}\"", wrong::NO_COLUMN),
    )
}

/// A config that its own schema does not allow is refused.
fn bad_config(bench: &Bench<'_>, setup: &Setup) -> Result<Outcome, KitError> {
    let Some(schema) = &bench.schema else {
        return Ok(Outcome::Ignored(
            "the component tells no schema of its config".into(),
        ));
    };
    let configs = wrong::configs(schema, &setup.config);
    if configs.is_empty() {
        return Ok(Outcome::Ignored(
            "the schema of the config allows whatever the kit can think of".into(),
        ));
    }
    for (config, how) in configs {
        let outcome = refuses(bench, setup, config, &how)?;
        if outcome != Outcome::Ok {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Ok)
}

fn refuses(
    bench: &Bench<'_>,
    setup: &Setup,
    config: serde_json::Value,
    how: &str,
) -> Result<Outcome, KitError> {
    let changed = Setup {
        config,
        ..setup.clone()
    };
    Ok(match bench.check(&changed)? {
        Called::Refused(_) => Outcome::Ok,
        Called::Answer(_) => Outcome::Failed(format!("`check` accepts a config {how}")),
        Called::Fault(what) => {
            Outcome::Failed(format!("with a config {how}, `check` ended with: {what}"))
        }
    })
}
