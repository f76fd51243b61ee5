//! Every point at which something is enforced can be unplugged, in a build for one test alone: `cargo xtask unplug` takes one away
//! after the other and sees whether a test fails. A check that nothing would miss is no check.
//!
//! Only the feature `unplug` makes a switch of it. Without it [`stands`] is a constant, and no program that is used has a switch.

mod points;

pub use points::Point;

#[cfg(all(feature = "unplug", not(debug_assertions)))]
compile_error!("the feature `unplug` takes checks away: it is for a test, never for a release");

/// Whether this point is enforced: always.
#[cfg(not(feature = "unplug"))]
#[inline(always)]
pub const fn stands(_: Point) -> bool {
    true
}

/// Hands on to a child what is unplugged: nothing ever is.
#[cfg(not(feature = "unplug"))]
#[inline(always)]
pub fn hand_on(_: &mut std::process::Command) {}

#[cfg(feature = "unplug")]
mod unplugged {
    use std::{process::Command, sync::OnceLock};

    use super::Point;

    /// The names of the points that are unplugged, with commas between them.
    const VARIABLE: &str = "LOCKFLIGHT_UNPLUG";

    /// Whether this point is enforced.
    ///
    /// # Panics
    /// When something is to be unplugged that is no point.
    pub fn stands(point: Point) -> bool {
        static UNPLUGGED: OnceLock<Vec<Point>> = OnceLock::new();
        !UNPLUGGED.get_or_init(read).contains(&point)
    }

    fn read() -> Vec<Point> {
        let named = std::env::var(VARIABLE).unwrap_or_default();
        let names = named.split(',').filter(|name| !name.is_empty());
        let point = |name: &str| {
            let found = Point::ALL.iter().find(|point| point.name() == name);
            *found.unwrap_or_else(|| panic!("{VARIABLE}: there is no point {name:?}"))
        };
        names.map(point).collect()
    }

    /// Hands on to a child what is unplugged: it has no environment otherwise.
    pub fn hand_on(child: &mut Command) {
        if let Some(named) = std::env::var_os(VARIABLE) {
            child.env(VARIABLE, named);
        }
    }
}

#[cfg(feature = "unplug")]
pub use unplugged::{hand_on, stands};

#[cfg(test)]
mod tests {
    use super::Point;

    #[test]
    fn every_point_has_a_name_of_its_own() {
        let mut names: Vec<_> = Point::ALL.iter().map(|point| point.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Point::ALL.len());
        assert!(names.iter().all(|name| !name.contains(',')));
    }
}
