//! Options that set limits of a stage that no manifest is asked for.

use crate::manifest::{ByteSize, Limit, Limits, PartialLimits, WallTime, limits::Bound};

/// What a stage may use.
#[derive(Debug, clap::Args)]
pub struct LimitArgs {
    /// Wall time [default: 10m]
    #[arg(long, value_name = "TIME")]
    wall: Option<WallTime>,
    /// Memory of the plugin [default: 1GiB]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
    /// The most bytes of output [default: 4GiB]
    #[arg(long, value_name = "SIZE")]
    output: Option<ByteSize>,
    /// Any limit as a manifest has it, e.g. rows=1000 or log=1MiB; may be given several times
    #[arg(long = "limit", value_name = "KEY=VALUE")]
    limits: Vec<Bound>,
}

impl LimitArgs {
    /// All limits: those given, else the defaults.
    pub fn limits(&self) -> Limits {
        let wall = self.wall.map(|time| time.duration().as_millis() as u64);
        let named = [
            (Limit::Wall, wall),
            (Limit::Memory, self.memory.map(ByteSize::bytes)),
            (Limit::Output, self.output.map(ByteSize::bytes)),
        ];
        let named = named
            .into_iter()
            .filter_map(|(limit, value)| value.map(|value| Bound { limit, value }));
        let limits: PartialLimits = named.chain(self.limits.iter().copied()).collect();
        limits.or_default()
    }
}
