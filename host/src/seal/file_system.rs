//! Landlock: a process that has closed the file system opens nothing any more, whatever its user may.

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetStatus,
    Scope,
};

use crate::enforcement::{Point, stands};

/// The newest version whose rights are known here. An older kernel handles those that it has.
const KNOWN: ABI = ABI::V7;

/// Takes every right to files and TCP ports from this thread and all that it starts, and the right to signal or to reach by an
/// abstract socket whatever is outside. Descriptors that are open stay open.
///
/// # Errors
/// When the kernel refuses.
pub fn close() -> wasmtime::Result<()> {
    if !stands(Point::Landlock) {
        return Ok(());
    }
    let restricted = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .restrict_self()?;
    if restricted.ruleset == RulesetStatus::NotEnforced {
        wasmtime::bail!("the kernel offers landlock, but enforces none of it");
    }
    Ok(())
}
