//! Errors as the user meets them: the context is added here, the exit code decided.

use crate::{
    diagnostic::{self, Problem, Problems},
    endpoint::EndpointsError,
    engine::CodeCacheError,
    init::PluginsError,
    launcher::LaunchError,
    model::ModelsError,
    oci::LayoutError,
    package::{ContentsError, PackagesError},
    policy::{PolicyError, Refusal},
    printable,
    registry::RegistryError,
    run::{HistoryError, UnknownStage},
    serve::ServeError,
    share::ShareError,
    store::{StoreError, remote::RemoteError},
    table::{export::ExportError, import::ImportError},
};

use super::text;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum CliError {
    /// Wrong use, and what to do: exit 2.
    Usage(String),
    /// Problems in a manifest or config, each with its place: exit 2, or 3 if the store or a plugin failed while it was checked.
    Problems(Problems),
    /// A plugin or the host failed: exit 3.
    Failed(String),
    /// It may go better another time: exit 75.
    TryAgain(String),
}

impl CliError {
    /// The documented exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            CliError::Problems(problems) if problems.iter().any(is_failure) => 3,
            CliError::Usage(_) | CliError::Problems(_) => 2,
            CliError::Failed(_) => 3,
            CliError::TryAgain(_) => 75,
        }
    }

    /// Shows it on the error stream.
    pub fn print(&self) {
        match self {
            CliError::Problems(problems) => {
                eprint!(
                    "{}",
                    diagnostic::render(problems, text::color_on_stderr(), text::width())
                );
                let errors = problems.errors();
                let s = if errors == 1 { "" } else { "s" };
                eprintln!("\n{errors} problem{s}; nothing was run.");
            }
            CliError::Usage(message) | CliError::Failed(message) | CliError::TryAgain(message) => {
                eprintln!("{} {}", text::error_word(), printable::lines(message));
            }
        }
    }
}

impl std::fmt::Display for CliError {
    /// On one line, without places.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CliError::Problems(problems) => {
                let messages: Vec<_> = problems.iter().map(|p| p.message.as_str()).collect();
                f.write_str(&messages.join("; "))
            }
            CliError::Usage(message) | CliError::Failed(message) | CliError::TryAgain(message) => {
                f.write_str(message)
            }
        }
    }
}

/// Whether a problem is none of the manifest's or the config's.
fn is_failure(problem: &Problem) -> bool {
    [
        "store",
        "plugin-failed",
        "source-failed",
        "plugin-unfetched",
    ]
    .contains(&problem.code)
}

impl From<Problems> for CliError {
    fn from(problems: Problems) -> Self {
        CliError::Problems(problems)
    }
}

impl From<RegistryError> for CliError {
    fn from(error: RegistryError) -> Self {
        let help = error.help().map(|help| format!("\n{help}"));
        let message = format!("{error}{}", help.unwrap_or_default());
        match error.code() {
            "plugin-unfetched" => CliError::Failed(message),
            _ => CliError::Usage(message),
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        CliError::Failed(error.to_string())
    }
}

impl From<ExportError> for CliError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::UnknownEnding(_) => CliError::Usage(error.to_string()),
            other => CliError::Failed(other.to_string()),
        }
    }
}

impl From<PackagesError> for CliError {
    fn from(error: PackagesError) -> Self {
        match error {
            PackagesError::Store(error) => error.into(),
            unknown => CliError::Usage(unknown.to_string()),
        }
    }
}

impl From<EndpointsError> for CliError {
    fn from(error: EndpointsError) -> Self {
        match error {
            EndpointsError::Store(error) => error.into(),
            unknown => CliError::Usage(unknown.to_string()),
        }
    }
}

impl From<ContentsError> for CliError {
    fn from(error: ContentsError) -> Self {
        match error {
            ContentsError::Store(error) => error.into(),
            broken => CliError::Failed(broken.to_string()),
        }
    }
}

impl From<LayoutError> for CliError {
    fn from(error: LayoutError) -> Self {
        match error {
            LayoutError::Store(error) => error.into(),
            LayoutError::Occupied(_) => CliError::Usage(error.to_string()),
            other => CliError::Failed(other.to_string()),
        }
    }
}

impl From<ImportError> for CliError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            file => CliError::Usage(file.to_string()),
        }
    }
}

impl From<CodeCacheError> for CliError {
    fn from(error: CodeCacheError) -> Self {
        CliError::Failed(error.to_string())
    }
}

impl From<ServeError> for CliError {
    fn from(error: ServeError) -> Self {
        match error.is_refused() {
            true => CliError::Usage(error.to_string()),
            false => CliError::Failed(error.to_string()),
        }
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        CliError::Usage(refusal.to_string())
    }
}

impl From<LaunchError> for CliError {
    fn from(error: LaunchError) -> Self {
        match error.is_refused() {
            true => CliError::Usage(error.to_string()),
            false => CliError::Failed(error.to_string()),
        }
    }
}

impl From<HistoryError> for CliError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Store(error) => error.into(),
            HistoryError::Empty => {
                CliError::Usage(format!("{error}: run a pipeline with `lockflight run`"))
            }
            other => CliError::Usage(format!("{other}; `lockflight runs` lists them")),
        }
    }
}

impl From<UnknownStage> for CliError {
    fn from(error: UnknownStage) -> Self {
        CliError::Usage(error.to_string())
    }
}

impl From<RemoteError> for CliError {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Store(error) => error.into(),
            RemoteError::NoFolder { .. } | RemoteError::Unusable(_) => {
                CliError::Usage(error.to_string())
            }
            failed => CliError::Failed(failed.to_string()),
        }
    }
}

impl From<ShareError> for CliError {
    fn from(error: ShareError) -> Self {
        match error {
            ShareError::Store(error) => error.into(),
            ShareError::Remote(error) => error.into(),
            ShareError::History(error) => error.into(),
            ShareError::Busy { .. } => CliError::TryAgain(error.to_string()),
            refused => CliError::Failed(refused.to_string()),
        }
    }
}

impl From<PolicyError> for CliError {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::Invalid(problems) => problems.into(),
            other => CliError::Usage(other.to_string()),
        }
    }
}

impl From<ModelsError> for CliError {
    fn from(error: ModelsError) -> Self {
        match error {
            ModelsError::Store(error) => error.into(),
            unknown @ ModelsError::Unknown { .. } => CliError::Usage(unknown.to_string()),
        }
    }
}

impl From<PluginsError> for CliError {
    fn from(error: PluginsError) -> Self {
        CliError::Usage(error.to_string())
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        CliError::Failed(error.to_string())
    }
}

impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        CliError::Failed(format!("the result cannot be written as JSON: {error}"))
    }
}
