//! A folder with a pipeline whose source is on the web.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::shown::{Shown, lockflight, repository, shown};
use crate::web::Server;

/// The data that servers send.
pub const RIDES: &str = "day,rides\n1,10\n2,20\n";
/// The secret. It has characters that are escaped differently in different places.
pub const TOKEN: &str = "t0k3n/of+the=warehouse&<1234>";

/// A folder with a pipeline that reads the source `rides`.
pub struct Pipeline {
    dir: TempDir,
}

impl Pipeline {
    /// With these lines below `[source.rides]`, and a policy that allows nothing.
    pub fn new(source: &str) -> Pipeline {
        let dir = tempfile::tempdir().unwrap();
        let pipeline = Pipeline { dir };
        pipeline.write("policy.toml", "");
        pipeline.source("", source);
        pipeline
    }

    /// With an address at a server that the policy allows.
    pub fn allowed(server: &Server, url: &str, more: &str) -> Pipeline {
        let pipeline = Pipeline::new(&format!("url = \"{url}\"\n{more}"));
        pipeline.allow(server, "");
        pipeline
    }

    /// Allows a server under both of its names, and more.
    pub fn allow(&self, server: &Server, more: &str) {
        let [one, two] = [server.url(""), server.at("localhost", "")];
        let policy =
            format!("[sources]\nhosts = [{one:?}, {two:?}]\nprivate = [\"127.0.0.1\"]\n{more}");
        self.write("policy.toml", &policy);
    }

    pub fn source(&self, pipeline: &str, source: &str) {
        let plugin = repository().join("plugins/csv");
        let manifest = format!(
            "[pipeline]\nname = \"rides\"\n{pipeline}\n[plugins]\ncsv = {{ path = {plugin:?} }}\n\n\
             [source.rides]\n{source}\n\n[ingest.raw]\nplugin = \"csv\"\ninputs = {{ file = \"rides\" }}\n"
        );
        self.write("lockflight.toml", &manifest);
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = lockflight(self.path(), arguments);
        command.env("WAREHOUSE_TOKEN", TOKEN);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Shown {
        shown(self.command(arguments).output().unwrap())
    }

    /// Runs what has to end well; what it prints on standard output.
    pub fn done(&self, arguments: &[&str]) -> String {
        let shown = self.run(arguments);
        shown.says(0, &[]);
        shown.out
    }

    /// The files below a folder of the store.
    pub fn files(&self, folder: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().join(".lockflight").join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push(path),
                }
            }
        }
        files
    }

    /// The blobs that are a source or begin like one.
    pub fn sources(&self) -> Vec<PathBuf> {
        let is_source = |file: &PathBuf| {
            let bytes = fs::read(file).unwrap();
            bytes.starts_with(b"day") || bytes.starts_with(b"xxx")
        };
        self.files("blobs").into_iter().filter(is_source).collect()
    }

    /// Nothing of a source is in the store, not even in pieces.
    pub fn has_nothing(&self) {
        assert_eq!(
            [self.files("tmp"), self.sources()].concat(),
            Vec::<PathBuf>::new()
        );
    }
}

/// `secret = "warehouse"` may be sent to this server's number, not to its name.
pub fn with_secret(server: &Server) -> String {
    format!(
        "\n[secrets.warehouse]\nenv = \"WAREHOUSE_TOKEN\"\nhosts = [{:?}]\n",
        server.url("")
    )
}

pub fn digest(text: &str) -> String {
    lockflight::digest::Digest::of(text.as_bytes()).hex()
}
