//! What a new plugin is for, and what the templates of all languages share of it: the same example, so the same cases.

use crate::world::World;

/// A file of a template: its path in the plugin's folder, and its text.
pub(super) type File = (&'static str, &'static str);

/// What a new plugin is for: a world, and with `train` the world `score` too, since a step is fitted and applied by one plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Sources become tables.
    Ingest,
    /// A table is checked.
    Validate,
    /// A table becomes a step of a model.
    Train,
    /// A model becomes an artifact.
    Packaging,
    /// Decides on traffic.
    Deploy,
    /// Watches a window.
    Monitor,
}

/// Embeds files of a world's folder.
macro_rules! files {
    ($world:literal: $($path:literal),* $(,)?) => {
        &[$((concat!("tests/", $path), include_str!(concat!("template/world/", $world, "/", $path)))),*]
    };
}

/// Embeds a file that every world has.
macro_rules! text {
    ($subject:expr, $file:literal) => {
        match $subject {
            Subject::Ingest => include_str!(concat!("template/world/ingest/", $file)),
            Subject::Validate => include_str!(concat!("template/world/validate/", $file)),
            Subject::Train => include_str!(concat!("template/world/train/", $file)),
            Subject::Packaging => include_str!(concat!("template/world/packaging/", $file)),
            Subject::Deploy => include_str!(concat!("template/world/deploy/", $file)),
            Subject::Monitor => include_str!(concat!("template/world/monitor/", $file)),
        }
    };
}

impl Subject {
    /// All of them.
    pub const ALL: [Subject; 6] = [
        Subject::Ingest,
        Subject::Validate,
        Subject::Train,
        Subject::Packaging,
        Subject::Deploy,
        Subject::Monitor,
    ];

    /// The worlds that the plugin has components for.
    pub const fn worlds(self) -> &'static [World] {
        match self {
            Subject::Ingest => &[World::Ingest],
            Subject::Validate => &[World::Validate],
            Subject::Train => &[World::Train, World::Score],
            Subject::Packaging => &[World::Packaging],
            Subject::Deploy => &[World::Deploy],
            Subject::Monitor => &[World::Monitor],
        }
    }

    /// What the example does, in a sentence.
    pub(super) const fn about(self) -> &'static str {
        match self {
            Subject::Ingest => "Reads a text file with a number on each line into a table.",
            Subject::Validate => "Fails if a column has negative values.",
            Subject::Train => "Centres a column: learns its mean, and gives the column without it.",
            Subject::Packaging => {
                "Packs what applies a model: its document, and the scorer and state of each step."
            }
            Subject::Deploy => {
                "Gives a new version half of the traffic, and all of it once a figure is known and fine."
            }
            Subject::Monitor => "Fails a window in which too many rows have no value in a column.",
        }
    }

    /// The JSON Schema of the example's config, for languages whose SDK does not derive it.
    pub(super) const fn config_schema(self) -> &'static str {
        text!(self, "config.schema.json")
    }

    /// The example in a manifest.
    pub(super) const fn pipeline(self) -> &'static str {
        text!(self, "pipeline.toml.txt")
    }

    /// The cases of `lockflight plugin test`.
    pub(super) const fn cases(self) -> &'static [File] {
        match self {
            Subject::Ingest => files!("ingest":
                "numbers/config.json",
                "numbers/files/file.txt",
                "numbers/output.csv",
                "no-number/config.json",
                "no-number/files/file.txt",
                "no-number/problem.txt",
            ),
            Subject::Validate => files!("validate":
                "negative/config.json",
                "negative/findings.json",
                "negative/input.csv",
                "negative/types.json",
            ),
            Subject::Train => files!("train":
                "mass/config.json",
                "mass/input.csv",
                "mass/outputs/learned.csv",
                "mass/types.json",
                "score-mass/input.csv",
                "score-mass/output.csv",
            ),
            Subject::Packaging => files!("packaging":
                "two-steps/artifact.json",
                "two-steps/config.json",
            ),
            Subject::Deploy => files!("deploy":
                "first/config.json",
                "first/decision.json",
                "first/input.csv",
                "good/config.json",
                "good/decision.json",
                "good/input.csv",
                "good/inputs/figures.csv",
                "slow/config.json",
                "slow/decision.json",
                "slow/input.csv",
                "slow/inputs/figures.csv",
            ),
            Subject::Monitor => files!("monitor":
                "gaps/config.json",
                "gaps/findings.json",
                "gaps/input.csv",
                "gaps/observation.json",
                "gaps/types.json",
            ),
        }
    }
}

impl From<World> for Subject {
    fn from(world: World) -> Subject {
        match world {
            World::Ingest => Subject::Ingest,
            World::Validate => Subject::Validate,
            World::Train | World::Score => Subject::Train,
            World::Packaging => Subject::Packaging,
            World::Deploy => Subject::Deploy,
            World::Monitor => Subject::Monitor,
        }
    }
}
