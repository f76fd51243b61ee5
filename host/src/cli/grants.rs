//! What every stage may use: what its plugin needs, the manifest asks for and the policy allows.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::text;
use crate::{
    digest::Digest,
    manifest::{Limit, Reference, Resolved},
    plan::{Component, Planned, PlannedStage},
    plugin::claims,
    policy::Policy,
    printable,
};

/// The limits that are shown also where nobody says anything of them.
const ALWAYS_SHOWN: [Limit; 3] = [Limit::Wall, Limit::Memory, Limit::Output];

/// What one stage may use.
#[derive(Debug, Serialize)]
pub struct Grant {
    stage: String,
    /// The components that do its work; none of a built-in stage, whose scorers stand with the stages that train them.
    components: Vec<ComponentGrant>,
    /// By key.
    #[serde(serialize_with = "by_key")]
    limits: BTreeMap<Limit, LimitGrant>,
    /// The sources that it reads, and the file or address of each.
    sources: BTreeMap<String, String>,
    /// Its files by port.
    files: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct ComponentGrant {
    /// `plugin` or `scorer`.
    part: &'static str,
    digest: Digest,
    /// What the component says of itself.
    name: Option<String>,
    version: String,
    owner: Option<String>,
    /// The WASI packages that it imports; what its world has goes without saying.
    imports: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LimitGrant {
    limit: String,
    /// Whether the manifest asks for it; else it is the default, lowered to what is allowed.
    asked: bool,
    /// The highest that the policy allows, if it says so.
    highest: Option<String>,
}

fn by_key<S: Serializer>(
    limits: &BTreeMap<Limit, LimitGrant>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(limits.iter().map(|(limit, grant)| (limit.key(), grant)))
}

/// What every stage of a plan may use.
pub fn grants(plan: &Planned, policy: &Policy) -> Vec<Grant> {
    let stages = plan.stages.iter();
    stages
        .map(|planned| grant(planned, &plan.manifest, policy))
        .collect()
}

fn grant(planned: &PlannedStage, manifest: &Resolved, policy: &Policy) -> Grant {
    let stage = &planned.locked.stage;
    let parts = [
        ("plugin", planned.locked.component()),
        ("scorer", planned.locked.scorer()),
    ];
    let highest = policy.highest();
    let source = |input: &crate::manifest::Input| match &input.reference {
        Reference::Source(name) => {
            let place = manifest.sources.get(name)?.place().to_string();
            Some((name.clone(), place))
        }
        Reference::Output { .. } => None,
    };
    Grant {
        stage: stage.name.clone(),
        components: parts
            .into_iter()
            .filter_map(|(part, component)| Some(component_grant(part, component?)))
            .collect(),
        limits: stage
            .limits
            .iter()
            .map(|bound| {
                let grant = LimitGrant {
                    limit: bound.to_string(),
                    asked: stage.asks_limit(bound.limit),
                    highest: highest
                        .get(bound.limit)
                        .map(|value| bound.limit.text(value)),
                };
                (bound.limit, grant)
            })
            .collect(),
        sources: stage.inputs.values().filter_map(source).collect(),
        files: stage
            .files
            .iter()
            .map(|(port, file)| (port.clone(), file.path.display().to_string()))
            .collect(),
    }
}

fn component_grant(part: &'static str, component: &Component) -> ComponentGrant {
    ComponentGrant {
        part,
        digest: component.digest,
        name: component.claims.name.clone(),
        version: component.version.clone(),
        owner: component.claims.owner.clone(),
        imports: component.claims.wasi.iter().cloned().collect(),
    }
}

/// Shows what every stage may use.
pub fn print(grants: &[Grant], policy: &Policy) {
    let path = policy.path().display();
    let head = match policy.is_there() {
        true => format!(
            "What each stage may use under {path}, where `of` is followed by the highest that it allows."
        ),
        false => format!("What each stage may use; there is no policy {path}."),
    };
    text::say!("\n{head}\nA digest is proof, name and owner are what a plugin says of itself.");
    let width = match text::width_of_stdout() {
        0 => 100,
        width => width,
    };
    for grant in grants {
        text::say!("\n  {}", grant.stage);
        for (title, items) in lines(grant) {
            for line in wrapped(title, &items, width) {
                text::say!("{line}");
            }
        }
    }
}

/// The lines of a stage: a title, and what it lists.
fn lines(grant: &Grant) -> Vec<(&'static str, Vec<String>)> {
    let mut lines = Vec::new();
    for component in &grant.components {
        let stated = |text: &Option<String>| text.as_deref().map(claims::shown);
        let name = stated(&component.name).unwrap_or_else(|| "no name".into());
        let version = claims::shown(&component.version);
        let owner =
            stated(&component.owner).map_or("no owner".into(), |owner| format!("of {owner}"));
        let short = component.digest.short();
        let named = format!("{name} {version}");
        lines.push((
            component.part,
            vec![format!("sha256:{short}…  {}, {owner}", named.trim())],
        ));
        lines.push((
            "imports",
            match component.imports.as_slice() {
                [] => vec!["nothing beyond its world".to_owned()],
                imports => imports.iter().map(|name| claims::shown(name)).collect(),
            },
        ));
    }
    if grant.components.is_empty() {
        lines.push(("plugin", vec!["built in".to_owned()]));
    }
    let limit = |(key, grant): (&Limit, &LimitGrant)| {
        let key = key.key();
        let LimitGrant {
            limit,
            asked,
            highest,
        } = grant;
        let most = (highest.as_ref()).map_or(String::new(), |highest| format!(" of {highest}"));
        let default = if *asked { "" } else { " (not asked for)" };
        format!("{key} {limit}{most}{default}")
    };
    let told = |(limit, grant): &(&Limit, &LimitGrant)| {
        grant.asked || grant.highest.is_some() || ALWAYS_SHOWN.contains(limit)
    };
    let mut limits: Vec<_> = grant.limits.iter().filter(told).map(limit).collect();
    if limits.len() < grant.limits.len() {
        limits.push("the rest by default".to_owned());
    }
    lines.push(("limits", limits));
    let read = |what: &str, (name, file): (&String, &String)| {
        printable::line(&format!("{what} {name} = {file}")).into_owned()
    };
    let sources = grant.sources.iter().map(|source| read("source", source));
    let files = grant.files.iter().map(|file| read("file", file));
    let reads: Vec<_> = sources.chain(files).collect();
    if !reads.is_empty() {
        lines.push(("reads", reads));
    }
    lines
}

/// A title and a list, broken between items where the line would be wider.
fn wrapped(title: &str, items: &[String], width: usize) -> Vec<String> {
    let start = format!("    {}", text::pad(title, 9));
    let indent = " ".repeat(13);
    let mut lines = Vec::new();
    let mut line = start;
    for (index, item) in items.iter().enumerate() {
        let last = index + 1 == items.len();
        let piece = format!("{item}{}", if last { "" } else { ", " });
        let first = line.trim().is_empty() || index == 0;
        if !first && line.chars().count() + piece.trim_end().chars().count() > width {
            lines.push(line.trim_end().to_owned());
            line = indent.clone();
        }
        line.push_str(&piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_broken_between_items() {
        let items = ["wall 10m", "memory 1GiB of 4GiB", "output 4GiB"].map(str::to_owned);
        assert_eq!(
            wrapped("limits", &items, 100),
            ["    limits   wall 10m, memory 1GiB of 4GiB, output 4GiB"]
        );
        assert_eq!(
            wrapped("limits", &items, 40),
            [
                "    limits   wall 10m,",
                "             memory 1GiB of 4GiB,",
                "             output 4GiB"
            ]
        );
        assert_eq!(
            wrapped("limits", &items, 5).len(),
            3,
            "an item is never broken"
        );
    }
}
