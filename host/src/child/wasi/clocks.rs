//! `wasi:clocks`: a logical clock that starts at the job's time and moves only because the guest asks or waits.

use wasmtime::component::{ComponentType, Lift, Lower};

use super::{Functions, Handle};

/// How far the clock moves whenever it is read, in ns: a guest that waits for time to pass in a loop gets on.
const TICK: u64 = 1_000;

/// The logical clock.
#[derive(Debug)]
pub struct Clock {
    /// The job's time in ns since 1970.
    start: i64,
    /// Time since the guest started, in ns.
    elapsed: u64,
}

/// `wasi:clocks/wall-clock.datetime`.
#[derive(Debug, Clone, Copy, ComponentType, Lower, Lift)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

impl Clock {
    pub fn new(start: i64) -> Self {
        Clock { start, elapsed: 0 }
    }

    /// Reads the monotonic clock.
    pub fn now(&mut self) -> u64 {
        self.elapsed = self.elapsed.saturating_add(TICK);
        self.elapsed
    }

    /// The time without moving it.
    pub fn peek(&self) -> u64 {
        self.elapsed
    }

    /// Lets time pass to a point that the guest waits for.
    pub fn advance_to(&mut self, time: u64) {
        self.elapsed = self.elapsed.max(time);
    }

    fn wall(&mut self) -> Datetime {
        let ns = self.start.saturating_add_unsigned(self.now()).max(0) as u64;
        Datetime {
            seconds: ns / 1_000_000_000,
            nanoseconds: (ns % 1_000_000_000) as u32,
        }
    }
}

/// Adds the function if it is one of these interfaces'; says whether it was.
pub fn add(into: &mut Functions<'_, '_>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match (interface, name) {
        ("clocks/monotonic-clock", "now") => into.func_wrap(name, |mut store, (): ()| {
            Ok((store.data_mut().wasi.clock.now(),))
        }),
        ("clocks/monotonic-clock", "resolution") => into.func_wrap(name, |_, (): ()| Ok((TICK,))),
        ("clocks/monotonic-clock", "subscribe-duration") => {
            into.func_wrap(name, |mut store, (duration,): (u64,)| {
                let guest = store.data_mut();
                let until = guest.wasi.clock.peek().saturating_add(duration);
                Ok((guest.resources.push(Handle::Pollable(until))?,))
            })
        }
        ("clocks/monotonic-clock", "subscribe-instant") => {
            into.func_wrap(name, |mut store, (until,): (u64,)| {
                Ok((store.data_mut().resources.push(Handle::Pollable(until))?,))
            })
        }
        ("clocks/wall-clock", "now") => into.func_wrap(name, |mut store, (): ()| {
            Ok((store.data_mut().wasi.clock.wall(),))
        }),
        ("clocks/wall-clock", "resolution") => into.func_wrap(name, |_, (): ()| {
            Ok((Datetime {
                seconds: 0,
                nanoseconds: TICK as u32,
            },))
        }),
        _ => return Ok(false),
    }?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_by_reading_and_waiting_only() {
        let mut clock = Clock::new(5_000_000_000);
        assert_eq!(clock.now(), TICK);
        clock.advance_to(2_000_000_000);
        assert_eq!(clock.peek(), 2_000_000_000);
        clock.advance_to(7);
        let wall = clock.wall();
        assert_eq!((wall.seconds, wall.nanoseconds), (7, TICK as u32));
    }

    #[test]
    fn a_time_before_1970_is_shown_as_1970() {
        assert_eq!(Clock::new(i64::MIN).wall().seconds, 0);
    }
}
