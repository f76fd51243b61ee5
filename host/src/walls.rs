//! The walls around a guest: which there are, which this machine offers, which stood.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A wall between a guest and the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wall {
    /// WebAssembly, and a world without any import that it does not need.
    Wasm,
    /// A process of its own, with an empty environment, killed at its limits.
    Process,
    /// Resource limits of the kernel.
    Rlimits,
    /// No capability, no new ones, no other process may look into it.
    Privileges,
    /// No file, no directory, no TCP port, no signal to others: the kernel's landlock.
    Landlock,
    /// Some forty system calls and no others.
    Seccomp,
}

impl Wall {
    /// All of them, the innermost first.
    pub const ALL: [Wall; 6] = [
        Wall::Wasm,
        Wall::Process,
        Wall::Rlimits,
        Wall::Privileges,
        Wall::Landlock,
        Wall::Seccomp,
    ];

    /// The wall of this name.
    pub fn from_name(name: &str) -> Option<Wall> {
        Wall::ALL.into_iter().find(|wall| wall.name() == name)
    }

    /// Its name in records and policies.
    pub const fn name(self) -> &'static str {
        match self {
            Wall::Wasm => "wasm",
            Wall::Process => "process",
            Wall::Rlimits => "rlimits",
            Wall::Privileges => "privileges",
            Wall::Landlock => "landlock",
            Wall::Seccomp => "seccomp",
        }
    }
}

impl fmt::Display for Wall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of walls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Wall>", into = "Vec<Wall>")]
pub struct Walls(u8);

impl Walls {
    /// These.
    pub fn of(walls: &[Wall]) -> Walls {
        walls.iter().copied().collect()
    }

    /// Those that a stage has on this machine: what depends on the kernel is asked of it.
    pub fn offered() -> Walls {
        let stands = |wall: &Wall| match wall {
            Wall::Landlock => landlock_version() > 0,
            Wall::Seccomp => seccomp_filters(),
            Wall::Wasm | Wall::Process | Wall::Rlimits | Wall::Privileges => true,
        };
        Wall::ALL.into_iter().filter(stands).collect()
    }

    /// Those of a served model: `serve` runs scorers in its own process.
    pub fn of_serving() -> Walls {
        Walls::of(&[Wall::Wasm])
    }

    /// Whether this one is among them.
    pub const fn has(self, wall: Wall) -> bool {
        self.0 & (1 << wall as u8) != 0
    }

    /// Adds one.
    pub fn insert(&mut self, wall: Wall) {
        self.0 |= 1 << wall as u8;
    }

    /// They, the innermost first.
    pub fn iter(self) -> impl Iterator<Item = Wall> {
        Wall::ALL.into_iter().filter(move |wall| self.has(*wall))
    }

    /// Their names, the innermost first.
    pub fn names(self) -> Vec<&'static str> {
        self.iter().map(Wall::name).collect()
    }
}

impl fmt::Display for Walls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(", "))
    }
}

impl FromIterator<Wall> for Walls {
    fn from_iter<I: IntoIterator<Item = Wall>>(walls: I) -> Walls {
        let mut set = Walls::default();
        walls.into_iter().for_each(|wall| set.insert(wall));
        set
    }
}

impl From<Vec<Wall>> for Walls {
    fn from(walls: Vec<Wall>) -> Walls {
        walls.into_iter().collect()
    }
}

impl From<Walls> for Vec<Wall> {
    fn from(walls: Walls) -> Vec<Wall> {
        walls.iter().collect()
    }
}

/// The version of landlock's interface that this kernel has, 0 for none.
fn landlock_version() -> i64 {
    const ASK_FOR_VERSION: u32 = 1;
    // SAFETY: without a ruleset the call reads nothing and only answers a number (landlock_create_ruleset(2)).
    unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<u8>(),
            0usize,
            ASK_FOR_VERSION,
        )
    }
}

/// Whether this kernel filters system calls.
fn seccomp_filters() -> bool {
    const ACTION_AVAILABLE: u32 = 2;
    let action = libc::SECCOMP_RET_KILL_PROCESS;
    // SAFETY: reads the one number that is pointed to (seccomp(2), SECCOMP_GET_ACTION_AVAIL).
    unsafe { libc::syscall(libc::SYS_seccomp, ACTION_AVAILABLE, 0u32, &raw const action) == 0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn walls_are_written_as_a_list_of_names() {
        let walls = Walls::of(&[Wall::Seccomp, Wall::Wasm]);
        let json = serde_json::to_string(&walls).unwrap();
        assert_eq!(json, r#"["wasm","seccomp"]"#);
        assert_eq!(serde_json::from_str::<Walls>(&json).unwrap(), walls);
        for wall in Wall::ALL {
            assert_eq!(
                serde_json::to_string(&wall).unwrap(),
                format!("\"{}\"", wall.name())
            );
        }
    }
}
