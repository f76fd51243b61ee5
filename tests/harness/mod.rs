//! Runs the scenarios: each is a folder in `tests/scenarios/` that is copied aside and driven through the `lockflight` binary by
//! the shell commands of its `session` file.

mod pattern;
mod plugins;
mod sandbox;
mod session;

pub use sandbox::Sandbox;

use std::fs;
use std::path::{Path, PathBuf};

use session::Session;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("host/ lies in the repository")
        .to_owned()
}

/// The folder of a scenario in the repository.
pub fn folder(name: &str) -> PathBuf {
    root().join("tests/scenarios").join(name)
}

/// The names of all scenarios: the folders that have a session.
pub fn all() -> Vec<String> {
    let entries = fs::read_dir(folder("")).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join(session::FILE).exists())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Runs one scenario and compares what is shown with what is expected; with `LOCKFLIGHT_BLESS` set, rewrites what differs.
pub fn play(name: &str) {
    let file = folder(name).join(session::FILE);
    let expected = Session::read(&fs::read_to_string(&file).unwrap());
    if let Some(missing) = expected.missing() {
        println!("skipped {name}: {missing}");
        return;
    }
    let Some(sandbox) = Sandbox::of_scenario(name) else {
        return;
    };
    play_in(&sandbox, &folder(name));
}

/// The same with an example of the repository, which holds what one sees in a session too.
pub fn play_example(name: &str) {
    let place = format!("examples/{name}");
    let folder = root().join(&place);
    if let Some(sandbox) = Sandbox::new(&folder, &place) {
        play_in(&sandbox, &folder);
    }
}

/// The same with the session that lies in this folder, in a sandbox that lies ready.
pub fn play_in(sandbox: &Sandbox, folder: &Path) {
    let file = &folder.join(session::FILE);
    let expected = Session::read(&fs::read_to_string(file).unwrap());
    let found = expected.played(|command| sandbox.shell(command));
    if found.is_as(&expected) {
        return;
    }
    if std::env::var_os("LOCKFLIGHT_BLESS").is_some() {
        fs::write(file, found.blessed(&expected).to_string()).unwrap();
        return;
    }
    panic!(
        "it is not as {} says\n{}",
        file.display(),
        found.difference(&expected)
    );
}
