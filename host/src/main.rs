//! The lockflight command.
fn main() {}
