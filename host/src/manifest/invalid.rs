//! Why a single value of the manifest was refused.

/// A value that cannot be read as what it should be; the reader adds the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", .help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default())]
pub struct Invalid {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Invalid {
    /// A refusal without advice.
    pub fn new(message: impl Into<String>) -> Invalid {
        Invalid {
            message: message.into(),
            help: None,
        }
    }

    /// Adds advice.
    pub fn help(self, help: impl Into<String>) -> Invalid {
        Invalid {
            help: Some(help.into()),
            ..self
        }
    }
}
