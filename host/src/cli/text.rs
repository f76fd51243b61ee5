//! How numbers, sizes, times and words look on a terminal.

use std::{
    io::{IsTerminal, Write},
    os::fd::AsFd,
    time::Duration,
};

/// Whether the error stream takes colours.
pub fn color_on_stderr() -> bool {
    color(std::io::stderr().is_terminal())
}

/// Whether standard output takes colours.
pub fn color_on_stdout() -> bool {
    color(std::io::stdout().is_terminal())
}

/// See <https://no-color.org>: any value but an empty one turns colours off.
fn color(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The width of the terminal on the error stream, 100 where there is none.
pub fn width() -> usize {
    terminal_width(std::io::stderr()).unwrap_or(100).min(140)
}

/// The width of the terminal on standard output; 0, which means no limit, where there is none.
pub fn width_of_stdout() -> usize {
    terminal_width(std::io::stdout()).unwrap_or(0)
}

fn terminal_width(stream: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|width| *width > 0)
}

/// Paints text, or not.
#[derive(Debug, Clone, Copy)]
pub struct Paint(pub bool);

impl Paint {
    /// Good news.
    pub fn green(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// A caution.
    pub fn yellow(self, text: &str) -> String {
        self.wrap("33", text)
    }

    /// Bad news.
    pub fn red(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// A heading.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// What matters less.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Writes to standard output. A reader that has seen enough, as `head` has, ends the program without a word.
pub fn write_out(text: std::fmt::Arguments<'_>) {
    // As a whole: a piece of it may be a part of a secret.
    let text = text.to_string();
    let mut out = std::io::stdout().lock();
    match out.write_all(crate::secret::hide(&text).as_bytes()) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            eprintln!(
                "{} standard output cannot be written: {error}",
                error_word()
            );
            std::process::exit(3);
        }
    }
}

/// As `println!`, through [`write_out`].
macro_rules! say {
    () => { $crate::cli::text::write_out(format_args!("\n")) };
    ($($arg:tt)*) => { $crate::cli::text::write_out(format_args!("{}\n", format_args!($($arg)*))) };
}
pub(crate) use say;

/// `error:` as it stands before messages.
pub fn error_word() -> String {
    Paint(color_on_stderr()).red("error:")
}

/// `344`, `12,345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `344 rows`.
pub fn rows(number: u64) -> String {
    format!(
        "{} {}",
        count(number),
        if number == 1 { "row" } else { "rows" }
    )
}

/// `512 B`, `1.5 MiB`.
pub use crate::table::show::size as bytes;

/// `850 µs`, `12 ms`, `3.4 s`, `2 min 5 s`.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.001 {
        format!("{:.0} µs", seconds * 1e6)
    } else if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1e3)
    } else if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

/// A time that is stored as seconds.
pub fn seconds(value: f64) -> String {
    time(Duration::try_from_secs_f64(value).unwrap_or_default())
}

/// Pads to a width in characters; colours do not count.
pub fn pad(text: &str, width: usize) -> String {
    let visible = visible(text);
    format!("{text}{}", " ".repeat(width.saturating_sub(visible)))
}

fn visible(text: &str) -> usize {
    let mut count = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(|c| *c == 'm');
        } else {
            count += 1;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [count(0), count(999), count(1000), count(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!([rows(1), rows(2)], ["1 row", "2 rows"]);
        assert_eq!(
            [bytes(1023), bytes(1024), bytes(1_572_864), bytes(1 << 30)],
            ["1023 B", "1.0 KiB", "1.5 MiB", "1.0 GiB"]
        );
    }

    #[test]
    fn times_read_well() {
        let ms = Duration::from_millis;
        assert_eq!(
            [time(ms(12)), time(ms(3400)), time(ms(125_000))],
            ["12 ms", "3.4 s", "2 min 5 s"]
        );
        assert_eq!(time(Duration::from_micros(85)), "85 µs");
    }

    #[test]
    fn padding_does_not_count_colours() {
        assert_eq!(pad(&Paint(true).red("ab"), 4), "\u{1b}[31mab\u{1b}[0m  ");
    }
}
