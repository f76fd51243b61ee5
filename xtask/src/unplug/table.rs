//! Which test notices which point. A point without a row does not compile.

use super::points::Point;

/// A program of tests of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The unit tests.
    Unit,
    /// `tests/scenarios.rs`
    Scenarios,
    /// `tests/hostile.rs`
    Hostile,
    /// `tests/taken_over/`
    TakenOver,
    /// `host/tests/sources/`
    Sources,
    /// `host/tests/registry/`
    Registry,
}

impl Target {
    pub const ALL: [Target; 6] = [
        Target::Unit,
        Target::Scenarios,
        Target::Hostile,
        Target::TakenOver,
        Target::Sources,
        Target::Registry,
    ];

    /// What cargo is told to build it.
    pub fn flags(self) -> Vec<&'static str> {
        match self {
            Target::Unit => vec!["--lib"],
            other => vec!["--test", other.program()],
        }
    }

    /// The beginning of its program's name.
    pub fn program(self) -> &'static str {
        match self {
            Target::Unit => "lockflight",
            Target::Scenarios => "scenarios",
            Target::Hostile => "hostile",
            Target::TakenOver => "taken_over",
            Target::Sources => "sources",
            Target::Registry => "registry",
        }
    }
}

/// Tests that fail without a point.
pub struct Row {
    pub target: Target,
    /// By their full names.
    pub tests: &'static [&'static str],
    /// Points that are unplugged too, before and after: those in front of the one that is meant.
    pub beside: &'static [Point],
    /// A variable with the one case that is meant, of a test that has many.
    pub case: Option<(&'static str, &'static str)>,
    /// Whether only root has what it takes away.
    pub as_root: bool,
    /// Whether it does not come to its end without the point, and is not waited for long.
    pub hangs: bool,
}

impl Row {
    const fn of(target: Target, tests: &'static [&'static str]) -> Row {
        Row {
            target,
            tests,
            beside: &[],
            case: None,
            as_root: false,
            hangs: false,
        }
    }

    /// Behind other points.
    const fn beside(self, beside: &'static [Point]) -> Row {
        Row { beside, ..self }
    }
}

const fn unit(tests: &'static [&'static str]) -> Row {
    Row::of(Target::Unit, tests)
}

const fn taken_over(tests: &'static [&'static str]) -> Row {
    Row::of(Target::TakenOver, tests)
}

const fn sources(tests: &'static [&'static str]) -> Row {
    Row::of(Target::Sources, tests)
}

/// A limit that the stage of a scenario goes beyond.
const fn limit(key: &'static str) -> Row {
    Row {
        case: Some(("LIMIT", key)),
        ..Row::of(Target::Scenarios, &["limits::every_limit_acts"])
    }
}

const fn serving(tests: &'static [&'static str]) -> Row {
    Row::of(Target::Scenarios, tests)
}

/// One case of a file of hostile guests.
const fn hostile(file: &'static [&'static str], case: &'static str) -> Row {
    Row {
        case: Some(("HOSTILE_CASE", case)),
        ..Row::of(Target::Hostile, file)
    }
}

/// A limit that the launcher counts.
const COUNTED: Row =
    unit(&["launcher::tests::the_launcher_keeps_its_limits_without_the_childs_help"]);

/// The row of a point.
pub fn row(point: Point) -> Row {
    use Point::*;
    match point {
        Environment => taken_over(&["guest::read-the-environment"]),
        Descriptors => taken_over(&["guest::use-descriptors-of-others"]),
        Rlimits => taken_over(&["guest::raise-a-limit"]).beside(&[Seccomp]),
        Capabilities => Row {
            as_root: true,
            ..taken_over(&["guest::use-a-capability"]).beside(&[Seccomp])
        },
        // Both walls set it for themselves.
        NoNewPrivileges => taken_over(&["guest::gain-privileges"]).beside(&[Seccomp, Landlock]),
        Undumpable => taken_over(&["compiler::be-looked-into"]),
        Landlock => taken_over(&["guest::open-to-read", "guest::create-a-file"]).beside(&[Seccomp]),
        Seccomp => taken_over(&["guest::memory-file", "compiler::map-code"]),
        CompilerSeal => taken_over(&["compilers_are_sealed"]),
        LimitWall => limit("wall"),
        LimitCpu => limit("cpu"),
        LimitMemory => limit("memory"),
        LimitTables => limit("tables"),
        LimitInstances => limit("instances"),
        LimitHandles => limit("handles"),
        LimitCall => limit("call"),
        LimitOutput | LimitRows | LimitBatches | LimitWriters | LimitLogLines | LimitLog
        | LimitMetrics | LimitFindings => COUNTED,
        LimitComponent => limit("component"),
        LimitCompile => limit("compile"),
        LimitCompileMemory => limit("compile-memory"),
        PolicyFile => unit(&["policy::tests::a_file_that_others_may_write_to_is_not_obeyed"]),
        PolicyWriters => unit(&["policy::tests::only_named_writers_write"]),
        PolicyLimits => unit(&["policy::tests::a_limit_is_lowered_unless_it_is_asked_for"]),
        PolicyPlugins => unit(&["policy::tests::a_digest_or_all_claims_of_a_rule_have_to_fit"]),
        PolicyWasi => {
            unit(&["launcher::door::tests::components_are_judged_by_what_is_in_the_store"])
        }
        PolicyWalls => unit(&["policy::walls::tests::every_wall_can_be_required"]),
        PolicyFolders => unit(&["policy::tests::sources_lie_in_the_folders_that_are_named"]),
        PolicyHosts => sources(&["policy::what_the_policy_does_not_say_is_not_asked"]),
        PolicyPrivate => sources(&["policy::redirects_are_followed_as_far_as_the_policy_goes"]),
        PolicySecrets => {
            sources(&["secrets::secrets_go_where_the_policy_sends_them_and_nowhere_else"])
        }
        DoorComponents => {
            unit(&["launcher::door::tests::components_are_judged_by_what_is_in_the_store"])
        }
        DoorLimits => unit(&["launcher::door::tests::no_limit_is_beyond_the_highest"]),
        DoorWalls => unit(&["launcher::door::tests::a_server_has_one_wall"]),
        ReportedWalls => unit(&["launcher::tests::a_child_without_a_required_wall_is_not_heard"]),
        WorldImports => unit(&["plugin::fit::tests::every_difference_is_named"]),
        ScorerWasi => unit(&["plugin::fit::tests::a_stage_may_import_wasi_and_a_scorer_may_not"]),
        Inputs => taken_over(&[
            "launcher::ask-for-another-input",
            "launcher::ask-for-a-state",
        ]),
        LogSource => taken_over(&["launcher::speak-for-the-host"]),
        MetricNames => hostile(&["floods"], "metrics-with-long-names"),
        OpenBlobs => hostile(&["exhaustion"], "handle-leak"),
        Memories => hostile(&["exhaustion"], "too-many-memories"),
        RandomBytes => hostile(&["wasi"], "random-exabytes"),
        MessageLength => Row {
            hangs: true,
            ..unit(&[
                "wire::channel::tests::an_oversized_frame_is_refused_before_anything_is_allocated",
            ])
        },
        ColumnLength => Row::of(Target::Hostile, &["batches::batches_of_wrong_lengths"]),
        ColumnNulls => Row::of(
            Target::Hostile,
            &["batches::batches_with_wrong_nulls_and_vectors"],
        ),
        OutputNames => hostile(&["answers"], "name-of-a-path"),
        OutputTwice => hostile(&["answers"], "one-name-twice"),
        ColumnTwice => hostile(&["floods"], "schema-of-many-columns"),
        CheckSound => hostile(&["answers"], "check-of-a-path"),
        CheckKept => hostile(&["answers"], "another-schema"),
        RowWise => hostile(&["scorers"], "scorer-remembers"),
        TextLength => unit(&["launcher::bounds::tests::a_text_is_cut_between_characters"]),
        TextControl => hostile(&["answers"], "text-for-the-terminal"),
        StoreDigest => unit(&["store::tests::corruption_is_named_and_mended_by_storing_again"]),
        RemoteDigest => unit(&["store::remote::tests::a_wrong_block_is_refused"]),
        CacheFolder => {
            unit(&["engine::code_cache::tests::a_folder_that_others_may_write_to_is_not_used"])
        }
        CacheFile => Row::of(Target::Hostile, &["files::code_of_others"]),
        // Behind it, no path leads out of the folder's handle either.
        PathBelow => {
            Row::of(Target::Hostile, &["sources::paths_that_lead_out"]).beside(&[PathLinks])
        }
        PathLinks => Row::of(Target::Hostile, &["sources::links_that_lead_out"]),
        SourceSize => sources(&["servers::no_more_is_read_than_the_limit"]),
        SourceTime => sources(&["servers::no_longer_is_waited_than_the_limit"]),
        SourceDigest => sources(&["fetched::the_bytes_are_what_the_manifest_says"]),
        RegistryDigest => Row::of(
            Target::Registry,
            &["fetched::what_is_not_what_its_digest_says_is_not_taken"],
        ),
        SourceRedirects => sources(&["policy::redirects_are_followed_as_far_as_the_policy_goes"]),
        SourceDowngrade => unit(&["fetch::request::tests::no_redirect_leads_from_https_to_http"]),
        ServeDeadline => Row {
            hangs: true,
            ..serving(&["serving::a_scorer_that_goes_wrong_costs_one_request"])
        },
        ServeBody => serving(&["serving::requests_that_are_wrong_get_the_right_status"]),
        SecretsHidden => unit(&["secret::hiding::tests::a_secret_is_hidden_in_all_its_forms"]),
    }
}
