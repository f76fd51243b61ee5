//! What whole commands cost that find everything done: `run` and `check` of the penguins.

use criterion::Criterion;

use super::{
    bed::{Bed, penguins},
    figure::{Bound, Figure, Figures, timed},
    stages::{PROCESS, process},
};

/// Measures both.
pub fn measure(criterion: &mut Criterion, figures: &mut Figures) {
    let bed = Bed::new();
    let command = |command: &str| {
        timed(|| {
            let status = penguins(&bed.store, command).status();
            let status = status.expect("the binary starts");
            assert!(status.success(), "{command} of the penguins: {status}");
        })
    };
    // Whatever is to be done is done now.
    command("run");
    for (name, which, bound) in [
        ("run-idle", "run", Bound::MedianMilliseconds(60.0)),
        ("check-idle", "check", Bound::None),
    ] {
        let figure = Figure {
            name,
            what: format!(
                "`lockflight {which}` of the penguins with nothing to do, the whole process"
            ),
            reference: PROCESS,
            seconds: 4,
            bytes: None,
            bound,
        };
        figures.measure(criterion, figure, process, || command(which));
    }
}
