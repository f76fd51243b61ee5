#![allow(clippy::unwrap_used)]
use super::*;

const WHOLE: &str = r#"
    name = "outliers"
    version = "0.1.0"
    owner = "data-platform@example.org"
    description = "Finds rows that stand apart."
    license = "Apache-2.0"
    worlds = ["validate", "train"]
    config = "config.schema.json"
    declares = ["time", "seed"]
    [build]
    language = "python"
    module = "app"
    sources = ["../sdk"]
"#;

fn parse(text: &str) -> Result<PluginSpec, String> {
    PluginSpec::parse(text, Path::new("p/plugin.toml")).map_err(|error| error.to_string())
}

#[test]
fn reads_every_key() {
    let spec = parse(WHOLE).unwrap();
    assert_eq!(spec.worlds, [World::Validate, World::Train]);
    assert_eq!(
        spec.language,
        Language::Python {
            module: "app".into()
        }
    );
    assert_eq!(spec.declares, [Declared::Seed, Declared::Time].into());
    assert_eq!(spec.owner.as_deref(), Some("data-platform@example.org"));
    assert_eq!(spec.sources, [Path::new("../sdk")]);
    assert_eq!(spec.config.unwrap(), Path::new("config.schema.json"));
}

#[test]
fn names_the_fault() {
    for (change, to, expected) in [
        (
            "name = \"outliers\"",
            "name = \"Out liers\"",
            "`name`: \"Out liers\" has to start",
        ),
        (
            "data-platform",
            "data platform",
            "`owner`: \"data platform@example.org\" has to be 1 to 100 letters",
        ),
        ("\"0.1.0\"", "\"1\"", "`version`: \"1\" is no version"),
        ("\"train\"", "\"package\"", "there is no world \"package\""),
        ("\"train\"", "\"validate\"", "validate is there twice"),
        ("\"validate\", \"train\"", "", "name at least one world"),
        (
            "module = \"app\"",
            "main = \"app.js\"",
            "`build.main`: means nothing for python",
        ),
        (
            "config.schema.json",
            "../config.json",
            "has to be inside the plugin's folder",
        ),
        ("../sdk", "/sdk", "has to be relative"),
        ("\"seed\"", "\"entropy\"", "unknown variant `entropy`"),
        (
            "language = \"python\"",
            "language = \"cobol\"",
            "unknown variant `cobol`",
        ),
        ("license", "licence", "unknown field `licence`"),
    ] {
        assert!(WHOLE.contains(change), "{change}");
        let error = parse(&WHOLE.replacen(change, to, 1)).unwrap_err();
        assert!(
            error.contains(expected) && error.contains("p/plugin.toml"),
            "{error}"
        );
    }
    let rust = WHOLE
        .replace("\"python\"", "\"rust\"")
        .replace("module = \"app\"", "");
    assert!(parse(&rust).unwrap_err().contains("derives the schema"));
}

#[test]
fn the_entry_file_has_a_usual_name() {
    for (language, usual) in [("javascript", "plugin.js"), ("typescript", "plugin.ts")] {
        let spec = WHOLE
            .replace("\"python\"", &format!("{language:?}"))
            .replace("module = \"app\"", "");
        let language = parse(&spec).unwrap().language;
        let main = PathBuf::from(usual);
        assert!(
            [
                Language::Javascript { main: main.clone() },
                Language::Typescript { main }
            ]
            .contains(&language),
            "{language:?}"
        );
    }
}

#[test]
fn an_unknown_key_is_shown_in_its_line() {
    let error = parse(&WHOLE.replace("license", "licence")).unwrap_err();
    assert!(error.contains("line 6"), "{error}");
}

#[test]
fn a_folder_without_the_file_is_no_plugin() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        PluginSpec::read(folder.path()),
        Err(SpecError::Missing(_))
    ));
}
