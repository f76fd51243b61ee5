#![allow(clippy::unwrap_used)]
use std::{fs, os::unix::fs::PermissionsExt};

use super::*;
use crate::{
    diagnostic::render,
    manifest::limits::{Bound, Notation},
    walls::Wall,
};

pub(super) fn parse(text: &str) -> Result<Policy, Problems> {
    Policy::parse(Path::new("policy.toml"), text.to_owned())
}

/// Something in every table.
const WHOLE: &str = r#"[store]
writers = ["ci-main"]
[limits]
wall = "1h"
memory = "4GiB"
[plugins]
allow = [
  { digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
  { name = "csv", owner = "data-platform" },
  { owner = "ml-*" },
]
deny = [{ name = "old-*" }]
[wasi]
worlds = ["wasi:cli", "wasi:io"]
[walls]
require = ["landlock", "seccomp"]
[sources]
folders = ["data", "/srv/landing"]
hosts = ["data.example.com", "http://*.example.org:8080"]
private = ["10.0.0.0/8"]
ca = "our-ca.pem"
[secrets.warehouse]
env = "WAREHOUSE_TOKEN"
hosts = ["data.example.com"]
"#;

fn claims(content: &[u8], name: Option<&str>, owner: Option<&str>) -> Claims {
    Claims {
        digest: Digest::of(content),
        name: name.map(str::to_owned),
        owner: owner.map(str::to_owned),
        wasi: Default::default(),
    }
}

fn limits(wall: &str, memory: &str) -> Limits {
    let limits = Limits::DEFAULT.with(Limit::Wall.parse(wall).unwrap());
    limits.with(Limit::Memory.parse(memory).unwrap())
}

#[test]
fn the_example_of_the_readme_is_a_policy_with_every_key() {
    let readme = include_str!("../../../README.md");
    let (_, section) = readme.split_once("\n## Policy\n").unwrap();
    let (_, rest) = section.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let policy = parse(example).unwrap();
    assert!(policy.asks_of_components());
    for table in TABLES {
        assert!(
            example.contains(&format!("\n[{table}")) || example.starts_with(&format!("[{table}")),
            "{table}"
        );
    }
    let keys = [
        StorePolicy::KEYS,
        PluginsPolicy::KEYS,
        WasiPolicy::KEYS,
        WallsPolicy::KEYS,
        SourcesPolicy::KEYS,
    ];
    for key in keys.concat() {
        assert!(example.contains(&format!("\n{key} = ")), "{key}");
    }
}

#[test]
fn only_named_writers_write() {
    let policy = parse("[store]\nwriters = [\"ci-main\"]\n").unwrap();
    policy.may_write("ci-main", "/remote").unwrap();
    let refused = policy.may_write("fork", "/remote").unwrap_err().to_string();
    for part in ["\"fork\"", "/remote", "policy.toml", "writers = [\"fork\"]"] {
        assert!(refused.contains(part), "{refused} lacks {part}");
    }
    assert!(parse("").unwrap().may_write("ci-main", "/remote").is_err());
}

#[test]
fn without_a_table_nothing_is_restricted() {
    for policy in [Policy::default(), parse("").unwrap()] {
        policy.may_run(&claims(b"x", None, None)).unwrap();
        let any = Claims {
            wasi: ["wasi:sockets".to_owned()].into(),
            ..claims(b"x", None, None)
        };
        policy.may_import(&any).unwrap();
        policy.demands(Walls::default()).unwrap();
        policy.may_read(Path::new("/a"), Path::new("/b")).unwrap();
        assert!(!policy.asks_of_components());
        let high = limits("8760h", "4TiB");
        assert_eq!(policy.limits(&high, |_| true).unwrap(), high);
        assert_eq!(policy.lowered(&high), high);
        assert_eq!(policy.highest().iter().count(), 0);
    }
}

#[test]
fn a_digest_or_all_claims_of_a_rule_have_to_fit() {
    let policy = parse(WHOLE).unwrap();
    let may = |content: &[u8], name, owner| policy.may_run(&claims(content, name, owner)).is_ok();
    assert!(may(b"", None, None), "the digest is proof");
    assert!(may(b"x", Some("csv"), Some("data-platform")));
    assert!(!may(b"x", Some("csv"), None));
    assert!(!may(b"x", Some("csv2"), Some("data-platform")));
    assert!(may(b"x", None, Some("ml-core")) && may(b"x", Some("any"), Some("ml-")));
    assert!(!may(b"x", Some("any"), Some("ml")));
    assert!(!may(b"x", None, None));
    assert!(!may(b"", Some("old-csv"), None), "what is denied wins");
}

#[test]
fn a_refusal_names_the_line_and_its_text() {
    let policy = parse(WHOLE).unwrap();
    let said = |refusal: Result<(), Refusal>| refusal.unwrap_err().to_string();
    let denied = said(policy.may_run(&claims(b"", Some("old-csv"), Some("a\u{1b}b"))));
    assert!(
        denied.ends_with("policy.toml:12 says `deny = [{ name = \"old-*\" }]`")
            && denied.contains("old-csv")
            && !denied.contains('\u{1b}'),
        "{denied}"
    );
    let other = said(policy.may_run(&claims(b"x", None, None)));
    assert!(other.ends_with("policy.toml:7 says `allow = [`"), "{other}");
    let wasi = Claims {
        wasi: ["wasi:cli", "wasi:http"].map(str::to_owned).into(),
        ..claims(b"x", None, None)
    };
    let wasi = said(policy.may_import(&wasi));
    assert!(
        wasi.contains("imports wasi:http,") && wasi.contains("policy.toml:14"),
        "{wasi}"
    );
    let walls = said(policy.demands(Walls::of(&[Wall::Wasm, Wall::Landlock])));
    assert!(
        walls.contains("seccomp") && walls.contains("policy.toml:16"),
        "{walls}"
    );
    let enough = Walls::of(&[Wall::Seccomp, Wall::Wasm, Wall::Landlock]);
    policy.demands(enough).unwrap();
    let refused = policy.limits(&limits("2h", "5GiB"), |_| true).unwrap_err();
    let keys: Vec<_> = refused.keys().copied().collect();
    assert_eq!(keys, [Limit::Wall, Limit::Memory]);
    let memory = refused[&Limit::Memory].to_string();
    assert_eq!(
        memory,
        "the limit `memory` is 5GiB, and the policy allows 4GiB at most: policy.toml:5 says `memory = \"4GiB\"`"
    );
}

#[test]
fn a_limit_is_lowered_unless_it_is_asked_for() {
    let policy = parse(WHOLE).unwrap();
    let high = limits("2h", "5GiB");
    let low = policy.limits(&high, |_| false).unwrap();
    assert_eq!(low, limits("1h", "4GiB"));
    assert_eq!(policy.lowered(&high), low);
    let refused = policy
        .limits(&high, |limit| limit == Limit::Wall)
        .unwrap_err();
    assert_eq!(refused.keys().copied().collect::<Vec<_>>(), [Limit::Wall]);
    let fits = limits("1h", "1MiB");
    assert_eq!(policy.limits(&fits, |_| true).unwrap(), fits);
}

#[test]
fn sources_lie_in_the_folders_that_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let landing = root.join("landing");
    for folder in [&root.join("pipe/data"), &landing] {
        fs::create_dir_all(folder).unwrap();
    }
    std::os::unix::fs::symlink(&landing, root.join("pipe/linked")).unwrap();
    let text = format!("[sources]\nfolders = [\"data\", {landing:?}, \"absent\"]\n");
    let policy = parse(&text).unwrap();
    let may = |file: &str| policy.may_read(&root.join("pipe"), &root.join(file));
    may("pipe/data/a.csv").unwrap();
    may("landing/deep/a.csv").unwrap();
    for outside in [
        "pipe/a.csv",
        "pipe/database/a.csv",
        "a.csv",
        "pipe/absent/a",
    ] {
        let refused = may(outside).unwrap_err().to_string();
        assert!(refused.contains("policy.toml:2"), "{refused}");
    }
    let none = parse("[sources]\nfolders = []\n").unwrap();
    assert!(none.may_read(&root, &root.join("a")).is_err());
}

#[test]
fn what_is_wrong_is_shown_with_its_line() {
    let cases = [
        ("[store]\nwriter = []\n", 2, "did you mean \"writers\"?"),
        ("[stores]\n", 1, "did you mean \"store\"?"),
        ("[store]\nwriters = \"x\"\n", 2, "a list of texts"),
        (
            "[limits]\nmemmory = \"1GiB\"\n",
            2,
            "did you mean \"memory\"?",
        ),
        ("[limits]\nmemory = \"1 parsec\"\n", 2, "its unit is none"),
        ("[limits]\nwall = \"1ms\"\n", 2, "below the lowest"),
        ("[plugins]\nallow = \"csv\"\n", 2, "a list of tables"),
        ("[plugins]\nallow = [{}]\n", 2, "names nothing"),
        (
            "[plugins]\nallow = [\n{ nam = \"csv\" }]\n",
            3,
            "did you mean \"name\"?",
        ),
        ("[plugins]\ndeny = [{ name = \"*-x\" }]\n", 2, "at the end"),
        ("[plugins]\ndeny = [{ name = \"\" }]\n", 2, "is empty"),
        (
            "[plugins]\ndeny = [{ digest = \"sha256:12\" }]\n",
            2,
            "plugin inspect",
        ),
        ("[wasi]\n", 1, "needs the key `worlds`"),
        (
            "[wasi]\nworlds = [\"wasi:clock\"]\n",
            2,
            "did you mean \"wasi:clocks\"?",
        ),
        ("[walls]\n", 1, "needs the key `require`"),
        (
            "[walls]\nrequire = [\"seccom\"]\n",
            2,
            "did you mean \"seccomp\"?",
        ),
        ("[sources]\nfolder = []\n", 2, "did you mean \"folders\"?"),
        ("[sources]\nfolders = [\"\"]\n", 2, "no folder"),
        ("[sources]\nhosts = [\"*\"]\n", 2, "is no host"),
        (
            "[sources]\nprivate = [\"10.0.0.1/8\"]\n",
            2,
            "no address or network",
        ),
        ("[sources]\nca = 1\n", 2, "a text in quotes"),
        ("[secrets.x]\nhosts = []\n", 1, "needs `env` or `file`"),
        ("[secrets.x]\nenv = \"X\"\nfile = \"/x\"\n", 3, "not both"),
        ("[secrets.x]\nvalue = \"shown\"\n", 2, "has no key `value`"),
        ("secrets = 1\n", 1, "has to be a table"),
        ("[limits]\nrows = \"many\"\n", 2, "a whole number"),
        ("limits = 1\n", 1, "has to be a table"),
        ("[store\n", 1, "not TOML"),
    ];
    for (text, line, part) in cases {
        let problems = parse(text).unwrap_err();
        let place = problems[0].position().unwrap();
        assert_eq!((place.0, place.1), ("policy.toml", line), "{text}");
        let shown = render(&problems, false, 200);
        assert!(shown.contains(part), "{text:?} gives\n{shown}");
    }
    let all = parse("[store]\na = 1\n[wasi]\nb = 2\n").unwrap_err();
    assert_eq!(all.errors(), 3, "everything is found at once");
}

#[test]
fn a_file_that_others_may_write_to_is_not_obeyed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.toml");
    fs::write(&path, WHOLE).unwrap();
    let set = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    for mode in [0o664, 0o646, 0o622] {
        set(mode);
        let said = Policy::read(&path).unwrap_err().to_string();
        assert!(
            said.contains(&format!("{mode:03o}")) && said.contains("chmod go-w"),
            "{said}"
        );
    }
    for mode in [0o644, 0o600, 0o640] {
        set(mode);
        let policy = Policy::read(&path).unwrap();
        assert_eq!(
            policy.record().unwrap().digest,
            Digest::of(WHOLE.as_bytes())
        );
    }
    fs::write(&path, b"\xff").unwrap();
    let said = Policy::read(&path).unwrap_err().to_string();
    assert!(said.contains("UTF-8"), "{said}");
    fs::write(&path, vec![b'#'; MAX_BYTES as usize + 1]).unwrap();
    let said = Policy::read(&path).unwrap_err().to_string();
    assert!(said.contains("larger"), "{said}");
    let absent = dir.path().join("none.toml");
    assert!(
        Policy::read(&absent).is_err(),
        "a policy that is named has to be there"
    );
}

#[test]
fn settings_name_what_each_table_says() {
    let said = |policy: Policy| {
        let settings = policy.settings().into_iter();
        let lines: Vec<_> = settings
            .map(|(table, says)| format!("{table}: {says}"))
            .collect();
        lines.join("\n")
    };
    let all = said(parse(WHOLE).unwrap());
    for part in [
        "ci-main",
        "memory 4GiB at most",
        "name csv and owner data-platform; owner ml-*, but not: name old-*",
        "wasi:cli, wasi:io",
        "landlock, seccomp required",
        "files below data, /srv/landing; from the web data.example.com, http://*.example.org:8080, also at 10.0.0.0/8, trusting our-ca.pem too",
        "warehouse for data.example.com",
    ] {
        assert!(all.contains(part), "{all}\nlacks {part}");
    }
    let tables: Vec<_> = Policy::default()
        .settings()
        .iter()
        .map(|(table, _)| *table)
        .collect();
    assert_eq!(tables, TABLES, "every table is shown");
}

/// For each limit, possibly, a value that its notation and range take.
fn some_limits() -> impl proptest::strategy::Strategy<Value = PartialLimits> {
    use proptest::prelude::*;
    let one = proptest::option::of(0u64..(1 << 44));
    proptest::collection::vec(one, Limit::COUNT).prop_map(|values| {
        let pairs = Limit::ALL.into_iter().zip(values);
        pairs
            .filter_map(|(limit, value)| {
                let value = match limit.notation() {
                    // No time is longer than 365 days.
                    Notation::Time => value? >> 10,
                    Notation::Size | Notation::Count => value?,
                };
                limit.bound(value).ok()
            })
            .collect()
    })
}

/// The table of a policy that sets these.
fn written(highest: &PartialLimits) -> String {
    highest.iter().fold("[limits]\n".into(), |text, bound| {
        let key = bound.limit.key();
        match bound.limit.notation() {
            Notation::Count => format!("{text}{key} = {}\n", bound.value),
            Notation::Time => format!("{text}{key} = \"{}ms\"\n", bound.value),
            Notation::Size => format!("{text}{key} = \"{}B\"\n", bound.value),
        }
    })
}

proptest::proptest! {
    /// Whatever is asked for and whatever is allowed: what comes out is beyond neither.
    #[test]
    fn effective_limits_are_never_beyond_the_policy(highest in some_limits(), wished in some_limits(), asked in proptest::num::u32::ANY) {
        let policy = parse(&written(&highest)).unwrap();
        proptest::prop_assert_eq!(policy.highest(), &highest);
        let wished = wished.or_default();
        let is_asked = |limit: Limit| asked & (1 << limit as u32) != 0;
        let beyond = |bound: Bound| highest.get(bound.limit).is_some_and(|highest| bound.value > highest);
        match policy.limits(&wished, is_asked) {
            Ok(effective) => {
                let follows = wished.get(Limit::Cpu) == wished.get(Limit::Wall);
                for (effective, wished) in effective.iter().zip(wished.iter()) {
                    let may_follow = follows && wished.limit == Limit::Cpu;
                    proptest::prop_assert!(!beyond(effective), "{effective:?}");
                    proptest::prop_assert!(effective.value <= wished.value, "nothing is raised");
                    proptest::prop_assert!(effective == wished || !is_asked(wished.limit) || may_follow, "what is asked for is had");
                }
                proptest::prop_assert_eq!(effective, policy.lowered(&wished));
            }
            Err(refused) => {
                let expected: Vec<_> = wished.iter().filter(|bound| beyond(*bound) && is_asked(bound.limit)).map(|bound| bound.limit).collect();
                let refused: Vec<_> = refused.into_keys().collect();
                proptest::prop_assert_eq!(refused, expected);
            }
        }
        for bound in policy.lowered(&wished).iter() {
            proptest::prop_assert!(!beyond(bound));
        }
    }

    #[test]
    fn any_text_is_a_policy_or_refused(text in "(?s).{0,200}") {
        match parse(&text) {
            Ok(_) => {}
            Err(problems) => proptest::prop_assert!(problems.errors() > 0),
        }
    }
}
