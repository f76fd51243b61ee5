//! The limits of a job that no manifest stands behind, as options of a command.

use super::error::CliError;
use crate::{
    engine::CodeKind,
    launcher::StageOrder,
    manifest::{ByteSize, Limit, Limits, PartialLimits, WallTime, limits::Bound},
    policy::Policy,
};

/// The limits, each of which may be left out.
#[derive(Debug, clap::Args)]
pub struct LimitArgs {
    /// Wall time [default: 10m, or less if the policy allows less]
    #[arg(long, value_name = "TIME")]
    wall: Option<WallTime>,
    /// Memory of the plugin [default: 1GiB, or less if the policy allows less]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
    /// The most bytes of output [default: 4GiB, or less if the policy allows less]
    #[arg(long, value_name = "SIZE")]
    output: Option<ByteSize>,
    /// Any limit as a manifest has it, e.g. rows=1000 or log=1MiB; may be given several times
    #[arg(long = "limit", value_name = "KEY=VALUE")]
    limits: Vec<Bound>,
}

impl LimitArgs {
    /// What the job may use.
    ///
    /// # Errors
    /// When more is asked for than the policy allows.
    pub fn order(&self, code: CodeKind, policy: &Policy) -> Result<StageOrder, CliError> {
        let named = named([
            (Limit::Memory, self.memory.map(ByteSize::bytes)),
            (Limit::Output, self.output.map(ByteSize::bytes)),
            (Limit::Wall, self.wall.map(millis)),
        ]);
        let asked = named.chain(self.limits.iter().copied()).collect();
        Ok(StageOrder {
            limits: allowed(&asked, &PartialLimits::default(), policy)?,
            code,
        })
    }
}

/// Those that are given.
pub fn named<const N: usize>(limits: [(Limit, Option<u64>); N]) -> impl Iterator<Item = Bound> {
    let given = |(limit, value): (Limit, Option<u64>)| value.map(|value| Bound { limit, value });
    limits.into_iter().filter_map(given)
}

/// A time as the value of a limit.
pub fn millis(time: WallTime) -> u64 {
    u64::try_from(time.duration().as_millis()).unwrap_or(u64::MAX)
}

/// What is asked for, and for the rest `preset` or else the default, lowered to what the policy allows.
///
/// # Errors
/// When more is asked for than the policy allows.
pub fn allowed(
    asked: &PartialLimits,
    preset: &PartialLimits,
    policy: &Policy,
) -> Result<Limits, CliError> {
    let wished = asked.or(preset).or_default();
    let limits = policy.limits(&wished, |limit| asked.get(limit).is_some());
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
        let text = "[limits]\nwall = \"1m\"\nmemory = \"64MiB\"\nrows = 1000\n";
        let policy = Policy::parse(Path::new("policy.toml"), text.into()).unwrap();
        let preset: PartialLimits = ["batches=10".parse().unwrap()].into_iter().collect();
        let asked = |bound: &str| {
            let asked = [bound.parse().unwrap()].into_iter().collect();
            allowed(&asked, &preset, &policy)
        };
        let limits = asked("memory=32MiB").unwrap();
        let shown = |limit| limits.bound(limit).to_string();
        for (limit, text) in [
            (Limit::Wall, "1m"),
            (Limit::Memory, "32MiB"),
            (Limit::Output, "4GiB"),
            (Limit::Rows, "1000"),
            (Limit::Batches, "10"),
        ] {
            assert_eq!(shown(limit), text, "{}", limit.key());
        }
        for (bound, parts) in [
            (
                "memory=65MiB",
                ["`memory`", "65MiB", "64MiB", "policy.toml:3"],
            ),
            ("rows=1001", ["`rows`", "1001", "1000", "policy.toml:4"]),
        ] {
            let text = asked(bound).unwrap_err().to_string();
            for part in parts {
                assert!(text.contains(part), "{text} lacks {part}");
            }
        }
    }
}
