//! The limits of a job that no manifest stands behind, as options of a command.

use super::error::CliError;
use crate::{
    launcher::StageOrder,
    manifest::{ByteSize, Limits, WallTime, authored::PartialLimits},
    policy::Policy,
};

/// The limits, each of which may be left out.
#[derive(Debug, clap::Args)]
pub struct LimitArgs {
    /// Wall time [default: 10m, or less if the policy allows less]
    #[arg(long, value_name = "TIME")]
    wall: Option<WallTime>,
    /// Memory of the guest [default: 1GiB, or less if the policy allows less]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
    /// Bytes of output [default: 4GiB, or less if the policy allows less]
    #[arg(long, value_name = "SIZE")]
    output: Option<ByteSize>,
}

impl LimitArgs {
    /// What the job may use.
    ///
    /// # Errors
    /// When more is asked for than the policy allows.
    pub fn order(&self, nan_canonical: bool, policy: &Policy) -> Result<StageOrder, CliError> {
        let asked = PartialLimits {
            wall: self.wall,
            memory: self.memory,
            output: self.output,
            ..PartialLimits::default()
        };
        let limits = allowed(&asked, Limits::DEFAULT, policy)?;
        Ok(StageOrder::new(&limits, nan_canonical))
    }
}

/// What is asked for, and for the rest `default`, lowered to what the policy allows.
///
/// # Errors
/// When more is asked for than the policy allows.
pub fn allowed(
    asked: &PartialLimits,
    default: Limits,
    policy: &Policy,
) -> Result<Limits, CliError> {
    // A key that was left out takes whatever the rest says, so it is asked for if both rests agree.
    let (low, high) = (asked.or(Limits::LOWEST), asked.or(Limits::UNBOUNDED));
    let given: Vec<_> = low
        .each()
        .into_iter()
        .zip(high.each())
        .filter(|(low, high)| low == high)
        .map(|((key, _), _)| key)
        .collect();
    let limits = policy.limits(&asked.or(default), |key| given.contains(&key));
    limits.map_err(|refused| {
        let mut refused = refused.into_values();
        refused.next().expect("an error has a refusal").into()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::*;

    #[test]
    fn what_is_left_out_is_lowered_and_what_is_asked_for_refused() {
        let text = "[limits]\nwall = \"1m\"\nmemory = \"64MiB\"\n";
        let policy = Policy::parse(Path::new("policy.toml"), text.into()).unwrap();
        let asked = |memory: &str| PartialLimits {
            memory: Some(memory.parse().unwrap()),
            ..PartialLimits::default()
        };
        let limits = allowed(&asked("32MiB"), Limits::DEFAULT, &policy).unwrap();
        let each = limits.each();
        let shown: Vec<_> = each.iter().map(|(_, amount)| amount.to_string()).collect();
        assert_eq!(shown, ["1m", "32MiB", "4GiB"]);
        let error = allowed(&asked("65MiB"), Limits::DEFAULT, &policy).unwrap_err();
        let text = error.to_string();
        for part in ["`memory`", "65MiB", "64MiB", "policy.toml:3"] {
            assert!(text.contains(part), "{text} lacks {part}");
        }
    }
}
