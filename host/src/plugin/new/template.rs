//! The templates of `plugin new`, one for each language.

use clap::ValueEnum;

use super::rust_sdk;
use crate::plugin::build::sdk::{self, Sdk};

/// A language that there is a template for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// Rust
    Rust,
    /// Python
    Python,
    /// TypeScript
    Typescript,
    /// C
    C,
    /// Go
    Go,
}

/// A template's files by their path in the plugin's folder. Those whose template has another name are no part of this workspace.
macro_rules! files {
    ($language:literal: $($path:literal = $from:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("template/", $language, "/", $from)))),*]
    };
}

/// What tests in C need beside the SDK.
const C_TESTS: [(&str, &str); 3] = [
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

impl Template {
    /// All of them.
    pub const ALL: [Template; 5] = [
        Template::Rust,
        Template::Python,
        Template::Typescript,
        Template::C,
        Template::Go,
    ];

    /// The language's name in `plugin.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Template::Rust => "rust",
            Template::Python => "python",
            Template::Typescript => "typescript",
            Template::C => "c",
            Template::Go => "go",
        }
    }

    /// The command that runs the plugin's own tests, in its folder.
    pub const fn test(self) -> &'static str {
        match self {
            Template::Rust => "cargo test",
            Template::Python => "python3 -m unittest",
            Template::Typescript => "node --test",
            Template::C => "sh sdk/test.sh",
            Template::Go => "go test",
        }
    }

    /// The files and their texts; `{{name}}` in them is the plugin's name.
    pub(super) const fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Template::Rust => files!("rust":
                "plugin.toml" = "plugin.toml",
                "Cargo.toml" = "Cargo.toml.txt",
                "src/lib.rs" = "lib.rs",
            ),
            Template::Python => files!("python":
                "plugin.toml" = "plugin.toml",
                "plugin.py" = "plugin.py",
                "tests/__init__.py" = "__init__.py",
                "tests/test_plugin.py" = "test_plugin.py",
            ),
            Template::Typescript => files!("typescript":
                "plugin.toml" = "plugin.toml",
                "plugin.ts" = "plugin.ts",
                "package.json" = "package.json",
                "tsconfig.json" = "tsconfig.json",
                "tests/plugin.test.js" = "plugin.test.js",
            ),
            Template::C => files!("c":
                "plugin.toml" = "plugin.toml",
                "plugin.c" = "plugin.c",
                "config.schema.json" = "config.schema.json",
                "tests/plugin_test.c" = "plugin_test.c",
            ),
            Template::Go => files!("go":
                "plugin.toml" = "plugin.toml",
                "go.mod" = "go.mod.txt",
                "main.go" = "main.go",
                "main_test.go" = "main_test.go",
                "config.schema.json" = "config.schema.json",
            ),
        }
    }

    /// The README; `{{name}}` in it is the plugin's name.
    pub(super) fn readme(self) -> String {
        let language = match self {
            Template::Rust => "Rust",
            Template::Python => "Python",
            Template::Typescript => "TypeScript",
            Template::C => "C",
            Template::Go => "Go",
        };
        include_str!("template/README.md.txt")
            .replace("{{language}}", language)
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
            Template::Typescript => of(&sdk::TYPESCRIPT),
            Template::C => {
                let mut files: Vec<_> = of(&sdk::C);
                files.extend(C_TESTS.map(|(path, text)| (path, text.to_owned())));
                files
            }
            Template::Go => of(&sdk::GO),
        }
    }
}
