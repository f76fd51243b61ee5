//! The figures that lockflight holds itself to: `cargo xtask bench`. See BENCHMARKS.md.
//!
//! Criterion measures; every measurement takes its reference along in turn, since a machine that others use as well is not the same
//! machine a minute later. At the end there is a table of all figures, each beside its bound. `cargo xtask bench --peers` is a run of
//! its own, since it needs other people's libraries.

mod authoring;
mod bed;
mod boundary;
mod canonical;
mod chain;
mod commands;
mod figure;
mod flights;
mod ingest;
mod load;
mod peers;
mod pipeline;
mod stages;
mod versions;

use criterion::Criterion;

fn main() {
    if peers::asked() {
        println!("\n{}", peers::measure());
        return;
    }
    if load::asked() {
        println!("\n{}", load::measure());
        return;
    }
    if authoring::asked() {
        println!("\n{}", authoring::measure());
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    let mut figures = figure::Figures::default();
    canonical::measure(&mut criterion, &mut figures);
    stages::measure(&mut criterion, &mut figures);
    commands::measure(&mut criterion, &mut figures);
    pipeline::measure(&mut criterion, &mut figures);
    chain::measure(&mut criterion, &mut figures);
    versions::measure(&mut criterion, &mut figures);
    boundary::measure(&mut criterion, &mut figures);
    ingest::measure(&mut criterion, &mut figures);
    criterion.final_summary();
    println!("\n{figures}");
}
