//! `lockflight serve`, for as long as a client needs it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{ENDPOINT, Example};
use crate::steps::{Failure, command, run};

/// How long it may take to end once it is told to.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server of the example's endpoint on a free port. It ends with this value, however that goes.
pub struct Server {
    child: Child,
    address: String,
    /// Kept open, since the server has a last word to write.
    said: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it, and waits until it answers.
    pub fn start(example: &Example) -> Result<Self, Failure> {
        let mut command =
            example.command(&["serve", "--listen", "127.0.0.1:0", "--endpoint", ENDPOINT]);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("could not start {}: {error}", example.program.display()))?;
        let output = child
            .stdout
            .take()
            .expect("a pipe was asked for two lines above");
        let mut server = Self {
            child,
            address: String::new(),
            said: BufReader::new(output),
        };
        let mut line = String::new();
        server.said.read_line(&mut line)?;
        server.address = address(&line)
            .ok_or_else(|| format!("the first line of `serve` is {line:?}, and no address"))?
            .to_owned();
        Ok(server)
    }

    /// Where it listens: host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ends it as a service manager does; an error unless it ends well and soon.
    pub fn stop(mut self) -> Result<(), Failure> {
        let status = self.end()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the server ended with {status} when it was told to").into())
        }
    }

    fn end(&mut self) -> Result<ExitStatus, Failure> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        // `Child::kill` would not let it finish its log. The shell's own `kill` is there even where no program of that name is.
        let kill = format!("kill -TERM {}", self.child.id());
        run(&mut command("sh", &["-c", &kill]))?;
        let told = Instant::now();
        while told.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.child.kill()?;
        self.child.wait()?;
        Err(format!(
            "the server did not end within {} seconds of SIGTERM",
            PATIENCE.as_secs()
        )
        .into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Whoever wants to know how it ended calls `stop`.
        let _ = self.end();
    }
}

/// The address in the server's first line, as in `serving on http://127.0.0.1:8080`.
fn address(line: &str) -> Option<&str> {
    let address = line.trim_end().strip_prefix("serving on http://")?;
    (!address.is_empty()).then_some(address)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::process::Command;

    use super::*;

    fn stand_in(script: &str) -> Server {
        let mut child = Command::new("sh")
            .args(["-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut String::new()).unwrap();
        Server {
            child,
            address: String::new(),
            said,
        }
    }

    /// Waits in steps, for a shell deals with a signal only between two commands.
    const WAIT: &str = "echo up; while :; do sleep 0.02; done";

    #[test]
    fn the_address_is_found() {
        assert_eq!(
            address("serving on http://127.0.0.1:80\n"),
            Some("127.0.0.1:80")
        );
        assert_eq!(address("serving on http://\n"), None);
        assert_eq!(address(""), None);
    }

    #[test]
    fn it_is_told_to_end() {
        let well = stand_in(&format!("trap 'exit 0' TERM; {WAIT}"));
        assert!(well.stop().is_ok());
        let badly = stand_in(&format!("trap 'exit 3' TERM; {WAIT}"));
        assert!(badly.stop().unwrap_err().to_string().contains('3'));
    }

    #[test]
    fn it_ends_even_if_nobody_tells_it() {
        let server = stand_in(WAIT);
        let id = server.child.id();
        drop(server);
        assert!(!std::path::Path::new(&format!("/proc/{id}")).exists());
    }
}
