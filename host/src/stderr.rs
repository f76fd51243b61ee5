//! The error stream of this crate: `eprint!` and `eprintln!` as the standard library has them, with secrets hidden. They stand in the
//! place of those, so that nothing that is printed can be forgotten.

use std::fmt::Arguments;

/// Writes to the error stream; as the standard library's macros, but for a stream that is closed, which is no reason to panic.
pub fn write(text: Arguments<'_>) {
    use std::io::Write;
    let text = text.to_string();
    let _ = std::io::stderr().write_all(crate::secret::hide(&text).as_bytes());
}

macro_rules! eprint {
    ($($arg:tt)*) => { $crate::stderr::write(format_args!($($arg)*)) };
}

macro_rules! eprintln {
    () => { $crate::stderr::write(format_args!("\n")) };
    ($($arg:tt)*) => { $crate::stderr::write(format_args!("{}\n", format_args!($($arg)*))) };
}
