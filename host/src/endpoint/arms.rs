//! What a deploy plugin is asked, and what its decision makes of the arms.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};

use super::record::{ArmRecord, Asked, EndpointRecord};
use crate::{
    digest::Digest,
    store::Publication,
    table::{
        schema::TableSchema,
        writer::{TableWriter, WriteError},
    },
    wire::Action,
};

/// How far from 1 the sum of all weights may be.
const TOLERANCE: f64 = 1e-9;

/// A decision that the endpoint cannot follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the plugin decided {0}; its author can mend that")]
pub struct InvalidDecision(String);

/// What is asked when this version is to be deployed. If it was the newest one the last time, that is the same question again. If it
/// has most of the traffic already, it is to be alone again: what came after it is given up. Else it comes behind the versions that
/// have traffic.
pub fn asked_with(latest: Option<&EndpointRecord>, newest: ArmRecord) -> Asked {
    let Some(latest) = latest else {
        return Asked {
            arms: vec![newest],
            state: None,
        };
    };
    let asked = latest.asked.arms.last();
    if asked.is_some_and(|last| last.package == newest.package) {
        return latest.asked.clone();
    }
    let mut arms: Vec<ArmRecord> = latest.arms.clone();
    let served = arms.iter().position(|arm| arm.package == newest.package);
    let most = arms.iter().map(|arm| arm.weight).fold(0.0, f64::max);
    if let Some(arm) = served.map(|place| &arms[place])
        && arm.weight > 0.0
        && arm.weight >= most
    {
        return Asked {
            arms: vec![ArmRecord {
                weight: 1.0,
                ..arm.clone()
            }],
            state: None,
        };
    }
    let newest = served.map_or(newest, |place| arms.remove(place));
    arms.retain(|arm| arm.weight > 0.0);
    arms.push(newest);
    Asked {
        arms,
        state: latest.decision.state,
    }
}

/// The schemas of the tables `arms` and `figures`, as the world `deploy` has them.
pub fn tables() -> [(&'static str, TableSchema); 2] {
    let field = |name: &str, data_type, nullable| Field::new(name, data_type, nullable);
    let arms = vec![
        field("version", DataType::Utf8, false),
        field("weight", DataType::Float64, false),
    ];
    let figures = vec![
        field("version", DataType::Utf8, false),
        field("metric", DataType::Utf8, false),
        field("slice", DataType::Utf8, true),
        field("span", DataType::UInt64, false),
        field("value", DataType::Float64, false),
        field("count", DataType::UInt64, false),
    ];
    [("arms", arms), ("figures", figures)].map(|(name, fields)| {
        let schema = TableSchema::from_arrow(&Schema::new(fields));
        (name, schema.expect("types that tables have"))
    })
}

impl Asked {
    /// Writes the tables `arms` and `figures`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn write(
        &self,
        publication: &mut Publication,
    ) -> Result<[(&'static str, Digest); 2], WriteError> {
        let [(arms, arms_schema), (figures, figures_schema)] = tables();
        let versions = self.arms.iter().map(|arm| arm.version.to_string());
        let weights = self.arms.iter().map(|arm| arm.weight);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(versions)),
            Arc::new(Float64Array::from_iter_values(weights)),
        ];
        let rows = RecordBatch::try_new(Arc::clone(arms_schema.arrow()), columns);
        let mut writer = TableWriter::new(arms_schema);
        writer.write(&rows.expect("the columns of the schema"), publication)?;
        let written = writer.finish(publication)?.digest;
        // Nothing is observed before there is traffic.
        let observed = TableWriter::new(figures_schema).finish(publication)?.digest;
        Ok([(arms, written), (figures, observed)])
    }
}

/// The arms after a decision about these.
///
/// # Errors
/// When it names a version that is none of them, or weights that are no shares.
pub fn after(arms: &[ArmRecord], action: &Action) -> Result<Vec<ArmRecord>, InvalidDecision> {
    match action {
        Action::Hold | Action::Pause => Ok(arms.to_vec()),
        Action::Promote(version) => {
            let promoted = place(arms, version)?;
            Ok(weighed(arms, |index| {
                f64::from(u8::from(index == promoted))
            }))
        }
        Action::RollBack(version) => rolled_back(arms, version),
        Action::Shift(shares) => {
            let mut weights = vec![0.0; arms.len()];
            for share in shares {
                if !(0.0..=1.0).contains(&share.weight) {
                    let weight = share.weight;
                    return Err(InvalidDecision(format!(
                        "to give version {} the share {weight}",
                        share.version
                    )));
                }
                weights[place(arms, &share.version)?] = share.weight;
            }
            let sum: f64 = weights.iter().sum();
            if (sum - 1.0).abs() > TOLERANCE {
                return Err(InvalidDecision(format!(
                    "shares that add up to {sum} and not to 1"
                )));
            }
            Ok(weighed(arms, |index| weights[index]))
        }
    }
}

/// The version's traffic goes to the others in the proportion that they have; if they have none, to the one before it.
fn rolled_back(arms: &[ArmRecord], version: &str) -> Result<Vec<ArmRecord>, InvalidDecision> {
    let back = place(arms, version)?;
    let others = arms.iter().enumerate().filter(|(index, _)| *index != back);
    let rest: f64 = others.map(|(_, arm)| arm.weight).sum();
    if rest > 0.0 {
        return Ok(weighed(arms, |index| match index == back {
            true => 0.0,
            false => arms[index].weight / rest,
        }));
    }
    match back {
        0 => Ok(weighed(arms, |_| 0.0)),
        _ => Ok(weighed(arms, |index| {
            f64::from(u8::from(index + 1 == back))
        })),
    }
}

fn place(arms: &[ArmRecord], version: &str) -> Result<usize, InvalidDecision> {
    let found = arms
        .iter()
        .position(|arm| arm.version.to_string() == version);
    found.ok_or_else(|| {
        let known: Vec<_> = arms.iter().map(|arm| arm.version.to_string()).collect();
        InvalidDecision(format!(
            "on version {version:?}; the endpoint has {}",
            known.join(", ")
        ))
    })
}

fn weighed(arms: &[ArmRecord], weight: impl Fn(usize) -> f64) -> Vec<ArmRecord> {
    let arms = arms.iter().enumerate();
    arms.map(|(index, arm)| ArmRecord {
        weight: weight(index),
        ..arm.clone()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{job::Decision, wire::Arm};

    fn arm(version: u64, weight: f64) -> ArmRecord {
        let digest = Digest::of(version.to_string().as_bytes());
        ArmRecord {
            version,
            package: digest,
            model: digest,
            weight,
        }
    }

    fn record(asked: Asked, arms: Vec<ArmRecord>) -> EndpointRecord {
        EndpointRecord {
            name: "demand".into(),
            model: "demand".into(),
            pipeline: "bikes".into(),
            run: "run-1".into(),
            time: String::new(),
            key: Digest::of(b"key"),
            asked,
            decision: Decision {
                action: Action::Hold,
                reason: String::new(),
                state: Some(Digest::of(b"state")),
            },
            arms,
        }
    }

    fn weights(arms: &[ArmRecord], action: Action) -> Vec<f64> {
        let after = after(arms, &action).unwrap();
        after.iter().map(|arm| arm.weight).collect()
    }

    #[test]
    fn the_same_version_is_the_same_question() {
        let first = asked_with(None, arm(1, 0.0));
        let latest = record(first.clone(), vec![arm(1, 1.0)]);
        assert_eq!(asked_with(Some(&latest), arm(1, 0.0)), first);
        let second = asked_with(Some(&latest), arm(2, 0.0));
        assert_eq!(second.arms, [arm(1, 1.0), arm(2, 0.0)]);
        assert_eq!(second.state, latest.decision.state);
        // Rolled back, then on with a third one: the second is gone.
        let latest = record(second, vec![arm(1, 1.0), arm(2, 0.0)]);
        let third = asked_with(Some(&latest), arm(3, 0.0));
        assert_eq!(third.arms, [arm(1, 1.0), arm(3, 0.0)]);
        assert_eq!(asked_with(Some(&latest), arm(1, 0.0)).arms, [arm(1, 1.0)]);
        // Back from a shift that went wrong: the one that bore most of the traffic bears all of it again.
        let shifted = record(third, vec![arm(1, 0.9), arm(3, 0.1)]);
        assert_eq!(asked_with(Some(&shifted), arm(1, 0.0)).arms, [arm(1, 1.0)]);
    }

    #[test]
    fn decisions_move_the_traffic() {
        let arms = [arm(1, 0.75), arm(2, 0.25)];
        let share = |version: u64, weight| Arm {
            version: version.to_string(),
            weight,
        };
        assert_eq!(weights(&arms, Action::Hold), [0.75, 0.25]);
        assert_eq!(weights(&arms, Action::Promote("2".into())), [0.0, 1.0]);
        assert_eq!(weights(&arms, Action::RollBack("2".into())), [1.0, 0.0]);
        assert_eq!(
            weights(&[arm(1, 0.0), arm(2, 1.0)], Action::RollBack("2".into())),
            [1.0, 0.0]
        );
        assert_eq!(weights(&[arm(1, 1.0)], Action::RollBack("1".into())), [0.0]);
        assert_eq!(
            weights(&arms, Action::Shift(vec![share(2, 0.5), share(1, 0.5)])),
            [0.5, 0.5]
        );
        assert!(after(&arms, &Action::Promote("3".into())).is_err());
        assert!(after(&arms, &Action::Shift(vec![share(2, 0.5)])).is_err());
        assert!(after(&arms, &Action::Shift(vec![share(2, f64::NAN)])).is_err());
    }
}
