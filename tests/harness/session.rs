//! The file `session` of a scenario: what it shows, and shell commands with what they are expected to print.
//!
//! ```text
//! A sentence or two on what this scenario shows.
//!
//! $ lockflight run --quiet
//! error: …                       what standard output and standard error show, as they come
//! ? 3                            the exit code, if it is not 0
//!
//! $ sed -i s/a/b/ lockflight.toml && \
//! > lockflight check             a command may go on in lines that start with "> "
//! ```
//! An expected line may hold `[..]`, which stands for anything, and a line `...` stands for any number of lines. Digests, times,
//! sizes in memory and the like are replaced by names such as `[DIGEST]` before anything is compared; see `pattern.rs`.

use std::fmt;

use super::{pattern, sandbox};

/// The name of the file.
pub const FILE: &str = "session";

/// What a scenario does and shows.
pub struct Session {
    about: Vec<String>,
    steps: Vec<Step>,
}

/// A command and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    command: String,
    shown: Vec<String>,
    exit: i32,
}

impl Session {
    pub fn read(text: &str) -> Session {
        let mut session = Session {
            about: Vec::new(),
            steps: Vec::new(),
        };
        for line in text.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                session.steps.push(Step {
                    command: command.to_owned(),
                    shown: Vec::new(),
                    exit: 0,
                });
                continue;
            }
            let Some(step) = session.steps.last_mut() else {
                session.about.push(line.to_owned());
                continue;
            };
            if let Some(more) = line.strip_prefix("> ").filter(|_| step.shown.is_empty()) {
                step.command.push('\n');
                step.command.push_str(more);
            } else if let Some(code) = line.strip_prefix("? ") {
                step.exit = code.parse().expect("an exit code");
            } else {
                step.shown.push(line.to_owned());
            }
        }
        for step in &mut session.steps {
            trim(&mut step.shown);
        }
        trim(&mut session.about);
        assert!(
            !session.about.is_empty(),
            "a session begins with what it shows"
        );
        assert!(!session.steps.is_empty(), "a session has a command");
        session
    }

    /// What this machine lacks for it.
    pub fn missing(&self) -> Option<&'static str> {
        let mounts = self
            .steps
            .iter()
            .any(|step| step.command.contains("unshare"));
        (mounts && !sandbox::may_mount())
            .then_some("this machine lets nobody mount a file system for one process alone")
    }

    /// The same commands with what they really show.
    pub fn played(&self, shell: impl Fn(&str) -> (String, i32)) -> Session {
        let steps = self.steps.iter().map(|step| {
            let (output, exit) = shell(&step.command);
            let mut shown: Vec<_> = output
                .lines()
                .map(|line| line.trim_end().to_owned())
                .collect();
            trim(&mut shown);
            Step {
                command: step.command.clone(),
                shown,
                exit,
            }
        });
        Session {
            about: self.about.clone(),
            steps: steps.collect(),
        }
    }

    /// Whether this is what was expected.
    pub fn is_as(&self, expected: &Session) -> bool {
        self.steps
            .iter()
            .zip(&expected.steps)
            .all(|(found, expected)| found.is_as(expected))
    }

    /// What was expected where it came so, what came where it did not.
    pub fn blessed(&self, expected: &Session) -> Session {
        let steps = self.steps.iter().zip(&expected.steps);
        let blessed = steps.map(|(found, expected)| {
            if found.is_as(expected) {
                expected
            } else {
                found
            }
        });
        Session {
            about: self.about.clone(),
            steps: blessed.cloned().collect(),
        }
    }

    /// The steps that came otherwise, both ways.
    pub fn difference(&self, expected: &Session) -> String {
        let steps = self.steps.iter().zip(&expected.steps);
        let other = steps.filter(|(found, expected)| !found.is_as(expected));
        other
            .map(|(found, expected)| format!("--- expected\n{expected}\n--- found\n{found}\n"))
            .collect()
    }
}

impl Step {
    fn is_as(&self, expected: &Step) -> bool {
        self.exit == expected.exit && pattern::matches(&expected.shown, &self.shown)
    }
}

/// Drops the empty lines at the beginning and the end, which separate the steps.
fn trim(lines: &mut Vec<String>) {
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    let start = lines.iter().take_while(|line| line.is_empty()).count();
    lines.drain(..start);
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}", self.command.replace('\n', "\n> "))?;
        for line in &self.shown {
            writeln!(f, "{line}")?;
        }
        if self.exit != 0 {
            writeln!(f, "? {}", self.exit)?;
        }
        Ok(())
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.about {
            writeln!(f, "{line}")?;
        }
        for step in &self.steps {
            write!(f, "\n{step}")?;
        }
        Ok(())
    }
}
