//! The lockflight command; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lockflight::cli::main()
}
