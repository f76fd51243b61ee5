//! From text to the authored form: everything is read that can be read, and all that is wrong is noted with its place.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::authored::{
    Authored, DEPLOY_KEYS, INGEST_KEYS, MONITOR_KEYS, PACKAGE_KEYS, PIPELINE_KEYS, PLUGIN_KEYS,
    Pipeline, Plugin, PluginPlace, REPLAY_KEYS, Replay, SCORE_KEYS, STORE_KEYS, Stage, StageBody,
    TRAIN_KEYS, VALIDATE_KEYS, WrittenLimits,
};
use super::config::Config;
use super::fields::{Fields, Reader};
use super::gate;
use super::invalid::Invalid;
use super::kind::StageKind;
use super::limits::{Bound, Limit, Notation};
use super::name;
use super::reference::{GRAMMAR, Written};
use super::source;
use super::time;
use crate::diagnostic::{Problem, Span, Text};
use crate::registry::Reference;

/// Reads a manifest as far as it can be read, and notes all that is wrong. A text that is not TOML gives no manifest.
pub fn parse(text: &Text) -> (Option<Authored>, Vec<Problem>) {
    let (root, errors) = DeTable::parse_recoverable(text.inner());
    let mut reader = Reader::new(text);
    if errors.is_empty() {
        let authored = manifest(&mut reader, root.get_ref());
        return (Some(authored), reader.problems);
    }
    reader.syntax(&errors);
    (None, reader.problems)
}

fn manifest(reader: &mut Reader, root: &DeTable<'_>) -> Authored {
    let kinds = StageKind::ALL.map(StageKind::label);
    let keys: Vec<_> = ["pipeline", "store", "plugins", "source"]
        .into_iter()
        .chain(kinds)
        .collect();
    let fields = Fields::new(reader, root, "the manifest".to_owned(), &keys);
    fields.require(reader, "pipeline", 0..0, "[pipeline]` with `name = \"…\"");
    Authored {
        pipeline: fields
            .get("pipeline")
            .map(|value| pipeline(reader, value))
            .unwrap_or_default(),
        remote: fields.get("store").and_then(|value| remote(reader, value)),
        plugins: fields
            .map(reader, "plugins")
            .into_iter()
            .map(|(name, value)| plugin(reader, name, value))
            .collect(),
        sources: fields
            .map(reader, "source")
            .into_iter()
            .map(|(name, value)| source::read(reader, name, value))
            .collect(),
        stages: stages(reader, &fields),
    }
}

fn pipeline(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Pipeline {
    let Some(table) = reader.table("`pipeline`", value) else {
        return Pipeline::default();
    };
    let fields = Fields::new(reader, table, "[pipeline]".to_owned(), PIPELINE_KEYS);
    fields.require(reader, "name", value.span(), "name = \"my-pipeline\"");
    let name = fields.string(reader, "name");
    if let Some(name) = &name
        && let Err(invalid) = name::check_pipeline(name.get_ref())
    {
        reader.refuse(name.span(), "invalid-name", invalid);
    }
    Pipeline {
        name: name.map(Spanned::into_inner),
        seed: fields.natural(reader, "seed"),
        time: logical_time(reader, &fields),
        nan: fields.parsed(reader, "nan").map(Spanned::into_inner),
        retry: retry(reader, &fields),
        limits: limits(reader, &fields),
    }
}

/// `remote` of `[store]`.
fn remote(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Option<String> {
    let table = reader.table("`store`", value)?;
    let fields = Fields::new(reader, table, "[store]".to_owned(), STORE_KEYS);
    let remote = fields.string(reader, "remote")?;
    if remote.get_ref().is_empty() {
        let problem = reader.error(remote.span(), "invalid-value", "`remote` names no folder");
        problem.help = Some("leave it out to share nothing".to_owned());
    }
    Some(remote.into_inner())
}

/// `time`, as a text or as a TOML date and time.
fn logical_time(reader: &mut Reader, fields: &Fields<'_, '_>) -> Option<i64> {
    let value = fields.get("time")?;
    let parsed = match value.get_ref() {
        DeValue::Datetime(datetime) => time::parse(&datetime.to_string()),
        DeValue::String(text) => time::parse(text),
        _ => {
            reader.wrong_type(
                "`time`",
                "a date and time such as 2024-01-31T00:00:00Z",
                value,
            );
            return None;
        }
    };
    parsed
        .map_err(|invalid| reader.refuse(value.span(), "invalid-value", invalid))
        .ok()
}

fn plugin(reader: &mut Reader, name: Spanned<String>, value: &Spanned<DeValue<'_>>) -> Plugin {
    let place = plugin_place(reader, &name, value);
    Plugin { name, place }
}

fn plugin_place(
    reader: &mut Reader,
    name: &Spanned<String>,
    value: &Spanned<DeValue<'_>>,
) -> Option<PluginPlace> {
    let what = format!("the plugin `{}`", name.get_ref());
    if let DeValue::String(text) = value.get_ref() {
        let key = if text.parse::<Reference>().is_ok() {
            "oci"
        } else {
            "path"
        };
        let help = format!("write {} = {{ {key} = {text:?} }}", name.get_ref());
        reader.wrong_type(&what, "a table", value).help = Some(help);
        return None;
    }
    let table = reader.table(&what, value)?;
    let fields = Fields::new(reader, table, what, PLUGIN_KEYS);
    let path = fields.string(reader, "path");
    let artifact = artifact(reader, &fields);
    let example = "`path = \"…\"`, or `oci = \"REGISTRY/NAME:VERSION\"`";
    match fields.one_of(reader, ["path", "oci"], name.span(), "a plugin", example)? {
        "path" => path.map(PluginPlace::Path),
        _ => artifact,
    }
}

/// `oci`.
fn artifact(reader: &mut Reader, fields: &Fields<'_, '_>) -> Option<PluginPlace> {
    source::hide_userinfo(fields, "oci");
    let reference = fields.parsed::<Reference>(reader, "oci")?;
    let written = fields.string(reader, "oci")?;
    Some(PluginPlace::Artifact(written, reference.into_inner()))
}

/// All stages, in the order of the file.
fn stages(reader: &mut Reader, fields: &Fields<'_, '_>) -> Vec<Stage> {
    let before = reader.problems.len();
    let mut stages = Vec::new();
    for kind in StageKind::ALL {
        if let Some(value) = fields.get(kind.label())
            && value
                .get_ref()
                .get("plugin")
                .is_some_and(|plugin| plugin.get_ref().is_str())
        {
            let problem = reader.error(
                value.span(),
                "missing-name",
                "a stage needs a name of its own",
            );
            problem.help = Some(format!("write [{kind}.NAME]"));
            continue;
        }
        for (name, value) in fields.map(reader, kind.label()) {
            stages.push(stage(reader, kind, name, value));
        }
    }
    if stages.is_empty() && reader.problems.len() == before {
        let problem = reader.error(
            0..0,
            "no-stages",
            "the manifest has no stage: there is nothing to run",
        );
        problem.help =
            Some("add a table such as [ingest.raw] with a plugin and its inputs".to_owned());
    }
    stages.sort_by_key(|stage| stage.name.span().start);
    stages
}

fn stage(
    reader: &mut Reader,
    kind: StageKind,
    name: Spanned<String>,
    value: &Spanned<DeValue<'_>>,
) -> Stage {
    let body = body(reader, kind, name.get_ref(), value);
    Stage { kind, name, body }
}

fn body(
    reader: &mut Reader,
    kind: StageKind,
    name: &str,
    value: &Spanned<DeValue<'_>>,
) -> Option<StageBody> {
    let what = format!("[{kind}.{name}]");
    let table = reader.table(&what, value)?;
    let keys = keys(kind);
    let fields = Fields::new(reader, table, what, keys);
    for (key, example) in required(kind) {
        fields.require(reader, key, value.span(), example);
    }
    let inputs = fields.map(reader, "inputs");
    let inputs = inputs
        .into_iter()
        .filter_map(|(port, value)| Some((port, reference(reader, value)?)))
        .collect();
    let files = fields.map(reader, "files");
    let files = files
        .into_iter()
        .filter_map(|(port, value)| Some((port, reader.string("a path", value)?)))
        .collect();
    Some(StageBody {
        span: value.span(),
        plugin: keyed(keys, "plugin").and_then(|key| fields.string(reader, key)),
        model: keyed(keys, "model").and_then(|key| fields.string(reader, key)),
        through: match keyed(keys, "through") {
            Some(key) => fields.strings(reader, key),
            None => Vec::new(),
        },
        through_span: fields.get("through").map(Spanned::span),
        reports: match keyed(keys, "reports") {
            Some(key) => fields.strings(reader, key),
            None => Vec::new(),
        },
        sample: table_reference(reader, &fields, keys, "sample"),
        package: keyed(keys, "package").and_then(|key| fields.string(reader, key)),
        on: keyed(keys, "on").and_then(|key| fields.string(reader, key)),
        every: keyed(keys, "every").and_then(|key| fields.parsed(reader, key)),
        reference: table_reference(reader, &fields, keys, "reference"),
        replay: keyed(keys, "replay").and_then(|key| replay(reader, &fields, key)),
        inputs,
        files,
        config: config(reader, &fields),
        gate: keyed(keys, "gate")
            .and_then(|key| fields.get(key))
            .and_then(|value| gate::read(reader, value)),
        description: fields
            .string(reader, "description")
            .map(Spanned::into_inner),
        seed: fields.natural(reader, "seed"),
        repeatable: fields.boolean(reader, "repeatable"),
        nan: fields.parsed(reader, "nan").map(Spanned::into_inner),
        retry: retry(reader, &fields),
        limits: limits(reader, &fields),
    })
}

/// The keys of a stage's table.
fn keys(kind: StageKind) -> &'static [&'static str] {
    match kind {
        StageKind::Ingest => INGEST_KEYS,
        StageKind::Validate => VALIDATE_KEYS,
        StageKind::Train => TRAIN_KEYS,
        StageKind::Score => SCORE_KEYS,
        StageKind::Package => PACKAGE_KEYS,
        StageKind::Deploy => DEPLOY_KEYS,
        StageKind::Monitor => MONITOR_KEYS,
    }
}

/// Those of them that it cannot do without, each with an example.
fn required(kind: StageKind) -> &'static [(&'static str, &'static str)] {
    const PLUGIN: (&str, &str) = ("plugin", "plugin = \"…\"");
    const MODEL: (&str, &str) = ("model", "model = \"…\"");
    match kind {
        StageKind::Ingest | StageKind::Validate | StageKind::Train => &[PLUGIN],
        StageKind::Score => &[MODEL, ("inputs", "inputs = { table = \"…\" }")],
        StageKind::Package => &[PLUGIN, MODEL],
        StageKind::Deploy => &[PLUGIN, ("package", "package = \"…\"")],
        StageKind::Monitor => &[PLUGIN, ("every", "every = \"1d\"")],
    }
}

fn table_reference(
    reader: &mut Reader,
    fields: &Fields<'_, '_>,
    keys: &[&str],
    key: &str,
) -> Option<Spanned<Written>> {
    let value = fields.get(keyed(keys, key)?)?;
    if matches!(value.get_ref(), DeValue::Array(_)) {
        reader.wrong_type(&format!("`{key}`"), "a reference in quotes", value);
        return None;
    }
    reference(reader, value)
}

fn replay(reader: &mut Reader, fields: &Fields<'_, '_>, key: &str) -> Option<Replay> {
    let value = fields.get(key)?;
    let table = reader.table("`replay`", value)?;
    let fields = Fields::new(reader, table, "`replay`".to_owned(), REPLAY_KEYS);
    for (key, example) in [("table", "table = \"…\""), ("time", "time = \"…\"")] {
        fields.require(reader, key, value.span(), example);
    }
    Some(Replay {
        table: table_reference(reader, &fields, REPLAY_KEYS, "table"),
        time: fields.string(reader, "time"),
    })
}

/// The key, if the table may have it: one that it may not have is an error already and is not read.
fn keyed<'k>(keys: &[&str], key: &'k str) -> Option<&'k str> {
    keys.contains(&key).then_some(key)
}

fn reference(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Option<Spanned<Written>> {
    let DeValue::String(text) = value.get_ref() else {
        if matches!(value.get_ref(), DeValue::Table(_)) {
            let message =
                "references to tables, models and logs elsewhere are not supported by this version";
            reader
                .error(value.span(), "unsupported-reference", message)
                .help = Some(GRAMMAR.to_owned());
        } else {
            reader
                .wrong_type("a reference", "a text in quotes", value)
                .help = Some(GRAMMAR.to_owned());
        }
        return None;
    };
    match text.parse() {
        Ok(written) => Some(Spanned::new(value.span(), written)),
        Err(invalid) => {
            reader.refuse(value.span(), "invalid-reference", invalid);
            None
        }
    }
}

fn config(reader: &mut Reader, fields: &Fields<'_, '_>) -> Config {
    let Some(value) = fields.get("config") else {
        return Config::default();
    };
    let Some(table) = reader.table("`config`", value) else {
        return Config::default();
    };
    let key = fields
        .key_span("config")
        .expect("the key is there, since its value is");
    Config::read(reader, key, table)
}

/// The most times that a stage is tried again: with the waits between them that is some ten minutes.
const MOST_RETRIES: u64 = 10;

fn retry(reader: &mut Reader, fields: &Fields<'_, '_>) -> Option<u64> {
    let retry = fields.natural(reader, "retry")?;
    if retry > MOST_RETRIES {
        let span = fields.get("retry")?.span();
        let invalid = Invalid::new(format!("`retry` is at most {MOST_RETRIES}"));
        reader.refuse(span, "invalid-retry", invalid);
        return None;
    }
    Some(retry)
}

/// The table at the key `limits`.
pub(crate) fn limits(reader: &mut Reader, fields: &Fields<'_, '_>) -> WrittenLimits {
    let Some(value) = fields.get("limits") else {
        return WrittenLimits::default();
    };
    let Some(table) = reader.table("`limits`", value) else {
        return WrittenLimits::default();
    };
    let fields = Fields::new(reader, table, "`limits`".to_owned(), Limit::KEYS);
    let mut limits = WrittenLimits::default();
    for limit in Limit::ALL {
        if let Some((bound, span)) = bound(reader, &fields, limit) {
            limits.set.set(bound);
            limits.spans.insert(limit, span);
        }
    }
    limits
}

/// The value of a limit and its place, if it is there and one that is accepted.
fn bound(reader: &mut Reader, fields: &Fields<'_, '_>, limit: Limit) -> Option<(Bound, Span)> {
    let span = fields.get(limit.key())?.span();
    let read = match limit.notation() {
        Notation::Count => limit.bound(fields.natural(reader, limit.key())?),
        Notation::Time | Notation::Size => {
            limit.parse(fields.string(reader, limit.key())?.get_ref())
        }
    };
    match read {
        Ok(bound) => Some((bound, span)),
        Err(invalid) => {
            reader.refuse(span, "invalid-value", invalid);
            None
        }
    }
}
