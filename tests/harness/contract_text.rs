//! The text of a contract, present or published.

use std::fs;
use std::path::Path;

/// The files of a contract: path below its folder, and content; sorted.
pub type Text = Vec<(String, String)>;

/// Reads the contract in a folder, without the published ones that lie in it.
pub fn read(folder: &Path) -> Text {
    fn walk(folder: &Path, name: &str, text: &mut Text) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let own = path.file_name().unwrap().to_str().unwrap();
            let name = if name.is_empty() {
                own.to_owned()
            } else {
                format!("{name}/{own}")
            };
            if path.is_dir() && name != "published" {
                walk(&path, &name, text);
            } else if name.ends_with(".wit") {
                text.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut text = Text::new();
    walk(folder, "", &mut text);
    text.sort();
    text
}

/// What the text says.
///
/// # Panics
/// When it cannot be parsed.
pub fn parsed(text: &Text) -> wit_parser::Resolve {
    let files: Vec<_> = text
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    lockflight::plugin::wit::parse(&files).unwrap().0
}
