//! The templates of `plugin new`, one for each language and world.

use std::fmt::Write as _;

use clap::ValueEnum;

use super::rust_sdk;
use super::subject::{File, Subject};
use crate::plugin::build::sdk::{self, Sdk};

/// A language that there are templates for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// Rust
    Rust,
    /// Python
    Python,
    /// JavaScript
    Javascript,
    /// TypeScript
    Typescript,
    /// C
    C,
    /// Go
    Go,
}

/// Embeds a language's file that every world has one of; `$ending` is what stands behind the world's name.
macro_rules! of_world {
    ($subject:expr, $language:literal, $ending:literal) => {
        match $subject {
            Subject::Ingest => include_str!(concat!("template/", $language, "/ingest", $ending)),
            Subject::Validate => {
                include_str!(concat!("template/", $language, "/validate", $ending))
            }
            Subject::Train => include_str!(concat!("template/", $language, "/train", $ending)),
            Subject::Packaging => {
                include_str!(concat!("template/", $language, "/packaging", $ending))
            }
            Subject::Deploy => include_str!(concat!("template/", $language, "/deploy", $ending)),
            Subject::Monitor => include_str!(concat!("template/", $language, "/monitor", $ending)),
        }
    };
}

/// What tests in C need beside the SDK.
const C_TESTS: [File; 3] = [
    ("test.sh", include_str!("../../../../sdk/c/test.sh")),
    (
        "double/double.c",
        include_str!("../../../../sdk/c/double/double.c"),
    ),
    (
        "double/double.h",
        include_str!("../../../../sdk/c/double/double.h"),
    ),
];

/// What JavaScript and TypeScript share.
const SCRIPT_PACKAGE: File = (
    "package.json",
    include_str!("template/typescript/package.json"),
);

/// The plugin in JavaScript: that in TypeScript, where it names no type.
fn javascript(subject: Subject) -> &'static str {
    match subject {
        Subject::Ingest => include_str!("template/typescript/ingest.ts"),
        Subject::Validate => include_str!("template/typescript/validate.ts"),
        Subject::Train => include_str!("template/javascript/train.js"),
        Subject::Packaging => include_str!("template/javascript/packaging.js"),
        Subject::Deploy => include_str!("template/javascript/deploy.js"),
        Subject::Monitor => include_str!("template/typescript/monitor.ts"),
    }
}

/// The unit tests of JavaScript and TypeScript.
fn script_tests(subject: Subject) -> File {
    let text = of_world!(subject, "typescript", ".test.js");
    ("tests/plugin.test.js", text)
}

impl Template {
    /// All of them.
    pub const ALL: [Template; 6] = [
        Template::Rust,
        Template::Python,
        Template::Javascript,
        Template::Typescript,
        Template::C,
        Template::Go,
    ];

    /// The language's name in `plugin.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Template::Rust => "rust",
            Template::Python => "python",
            Template::Javascript => "javascript",
            Template::Typescript => "typescript",
            Template::C => "c",
            Template::Go => "go",
        }
    }

    /// The command that runs the plugin's unit tests, in its folder.
    pub const fn test(self) -> &'static str {
        match self {
            Template::Rust => "cargo test",
            Template::Python => "python3 -m unittest",
            Template::Javascript | Template::Typescript => "node --test",
            Template::C => "sh sdk/test.sh",
            Template::Go => "go test",
        }
    }

    /// All files but those of the SDK and the contract, for a plugin of that name.
    pub(super) fn files(self, subject: Subject, name: &str) -> Vec<(&'static str, String)> {
        let files = self.source(subject).into_iter();
        let files = files.chain(subject.cases().iter().copied());
        let filled = files.map(|(path, text)| (path, self.fill(text, subject, name)));
        let readme = self.fill(&self.readme(subject), subject, name);
        let manifest = self.fill(&self.manifest(subject), subject, name);
        filled
            .chain([("README.md", readme), ("plugin.toml", manifest)])
            .collect()
    }

    fn source(self, subject: Subject) -> Vec<File> {
        match self {
            Template::Rust => vec![
                ("Cargo.toml", include_str!("template/rust/Cargo.toml.txt")),
                ("src/lib.rs", of_world!(subject, "rust", ".rs")),
            ],
            Template::Python => vec![
                ("plugin.py", of_world!(subject, "python", ".py")),
                // Tells editors where the SDK is.
                (
                    "pyrightconfig.json",
                    include_str!("template/python/pyrightconfig.json"),
                ),
                (
                    "tests/__init__.py",
                    include_str!("template/python/__init__.py"),
                ),
                (
                    "tests/test_plugin.py",
                    of_world!(subject, "python", "_test.py"),
                ),
            ],
            Template::Javascript => vec![
                ("plugin.js", javascript(subject)),
                // Lets editors check types in plain JavaScript too.
                (
                    "jsconfig.json",
                    include_str!("template/javascript/jsconfig.json"),
                ),
                SCRIPT_PACKAGE,
                script_tests(subject),
            ],
            Template::Typescript => vec![
                ("plugin.ts", of_world!(subject, "typescript", ".ts")),
                (
                    "tsconfig.json",
                    include_str!("template/typescript/tsconfig.json"),
                ),
                SCRIPT_PACKAGE,
                script_tests(subject),
            ],
            Template::C => vec![
                ("plugin.c", of_world!(subject, "c", ".c")),
                // Tells editors where the SDK is.
                (
                    "compile_flags.txt",
                    include_str!("template/c/compile_flags.txt"),
                ),
                ("config.schema.json", subject.config_schema()),
                ("tests/plugin_test.c", of_world!(subject, "c", "_test.c")),
            ],
            Template::Go => vec![
                // A module of its own would be one of this repository's, hence the other name.
                ("go.mod", include_str!("template/go/go.mod.txt")),
                ("main.go", of_world!(subject, "go", ".go")),
                ("config.schema.json", subject.config_schema()),
                ("main_test.go", of_world!(subject, "go", "_test.go")),
            ],
        }
    }

    /// The `plugin.toml`.
    fn manifest(self, subject: Subject) -> String {
        let worlds = subject.worlds().iter().map(|world| format!("\"{world}\""));
        let worlds = worlds.collect::<Vec<_>>().join(", ");
        let mut text = "name = \"{{name}}\"\nversion = \"0.1.0\"\n".to_owned();
        let about = subject.about();
        let _ = writeln!(text, "description = \"{about}\"\nworlds = [{worlds}]");
        if let Template::C | Template::Go = self {
            text.push_str("config = \"config.schema.json\"\n");
        }
        let _ = writeln!(text, "\n[build]\nlanguage = \"{}\"", self.name());
        if let Template::Python | Template::Javascript | Template::Typescript = self {
            // The SDK beside the plugin, and not the one that lockflight brings.
            text.push_str("sources = [\"sdk\"]\n");
        }
        text
    }

    fn readme(self, subject: Subject) -> String {
        let language = match self {
            Template::Rust => "Rust",
            Template::Python => "Python",
            Template::Javascript => "JavaScript",
            Template::Typescript => "TypeScript",
            Template::C => "C",
            Template::Go => "Go",
        };
        include_str!("template/README.md.txt")
            .replace("{{pipeline}}", subject.pipeline().trim_end())
            .replace("{{language}}", language)
            .replace("{{lang}}", self.name())
            .replace("{{test}}", self.test())
            .replace("{{version}}", crate::VERSION)
    }

    /// The SDK's files by their path in its folder.
    pub(super) fn sdk(self) -> Vec<(&'static str, String)> {
        let of = |sdk: &Sdk| {
            let files = sdk.files.iter();
            files
                .map(|(path, text)| (*path, (*text).to_owned()))
                .collect()
        };
        match self {
            Template::Rust => rust_sdk::files(),
            Template::Python => of(&sdk::PYTHON),
            Template::Javascript | Template::Typescript => of(&sdk::TYPESCRIPT),
            Template::C => {
                let mut files: Vec<_> = of(&sdk::C);
                files.extend(C_TESTS.map(|(path, text)| (path, text.to_owned())));
                files
            }
            Template::Go => of(&sdk::GO),
        }
    }

    /// A file's text with what is known of the plugin put into it.
    fn fill(self, text: &str, subject: Subject, name: &str) -> String {
        let script = match self {
            Template::Typescript => "plugin.ts",
            _ => "plugin.js",
        };
        text.replace("{{name}}", name)
            .replace("{{about}}", subject.about())
            .replace("{{world}}", subject.worlds()[0].name())
            .replace("{{script}}", script)
            .replace("{{features}}", &features(subject.worlds()))
    }
}

/// The features of a crate for several worlds, of which one is built at a time.
fn features(worlds: &[crate::world::World]) -> String {
    if worlds.len() == 1 {
        return String::new();
    }
    let names: Vec<_> = worlds.iter().map(|world| format!("\"{world}\"")).collect();
    let mut text = format!("[features]\ndefault = [{}]\n", names.join(", "));
    for world in worlds {
        let _ = writeln!(text, "{world} = []");
    }
    text.push('\n');
    text
}
