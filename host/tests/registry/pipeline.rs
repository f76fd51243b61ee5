//! A folder with a pipeline whose plugin is in a registry, and the registry.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::shown::{Shown, lockflight, repository, shown};
use crate::web::{Reply, Request, Server};

/// A folder with a pipeline that reads rows with a plugin from a registry, and with an image layout that has the plugin.
pub struct Pipeline {
    dir: TempDir,
}

impl Pipeline {
    pub fn new() -> Pipeline {
        let pipeline = Pipeline {
            dir: tempfile::tempdir().unwrap(),
        };
        pipeline.write("policy.toml", "");
        pipeline.write("rides.csv", "day,rides\n1,10\n2,20\n");
        let csv = repository().join("plugins/csv");
        let built = pipeline.run(&["plugin", "build", csv.to_str().unwrap()]);
        built.says(0, &[]);
        let published = ["plugin", "publish", csv.to_str().unwrap(), "./layout"];
        pipeline.run(&published).says(0, &[]);
        pipeline
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Takes the plugin from there, with more lines in `[pipeline]`.
    pub fn plugin(&self, reference: &str, more: &str) {
        let manifest = format!(
            "[pipeline]\nname = \"rides\"\n{more}\n[plugins]\ncsv = {{ oci = \"{reference}\" }}\n\n\
             [source.rides]\nfile = \"rides.csv\"\n\n[ingest.raw]\nplugin = \"csv\"\ninputs = {{ file = \"rides\" }}\n"
        );
        self.write("lockflight.toml", &manifest);
    }

    /// Allows these hosts on this machine.
    pub fn allow(&self, hosts: &[String]) {
        let policy = format!("[sources]\nhosts = {hosts:?}\nprivate = [\"127.0.0.1\"]\n");
        self.write("policy.toml", &policy);
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = lockflight(self.path(), arguments);
        command.env("DOCKER_CONFIG", self.path().join("docker"));
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Shown {
        shown(self.command(arguments).output().unwrap())
    }

    pub fn layout(&self) -> Layout {
        Layout {
            folder: self.path().join("layout"),
        }
    }

    /// There is no component in the store, not even a piece of one.
    pub fn has_nothing(&self) {
        let mut folders = vec![
            self.path().join(".lockflight/blobs"),
            self.path().join(".lockflight/tmp"),
        ];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => assert!(!fs::read(&path).unwrap().starts_with(b"\0asm"), "{path:?}"),
                }
            }
        }
    }
}

/// An image layout, as a registry would serve it.
pub struct Layout {
    pub folder: PathBuf,
}

impl Layout {
    pub fn blob(&self, digest: &str) -> Option<Vec<u8>> {
        let hex = digest.strip_prefix("sha256:")?;
        fs::read(self.folder.join("blobs/sha256").join(hex)).ok()
    }

    /// The digest of what has the tag.
    pub fn tagged(&self) -> String {
        let index = fs::read(self.folder.join("index.json")).unwrap();
        let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
        let digest = index["manifests"][0]["digest"].as_str().unwrap();
        digest.to_owned()
    }

    /// The digest of the component.
    pub fn component(&self) -> String {
        let manifest = self.blob(&self.tagged()).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        manifest["layers"][0]["digest"].as_str().unwrap().to_owned()
    }

    /// The answer of an honest registry with the one repository `team/csv`.
    pub fn answer(&self, request: &Request) -> Reply {
        let rest = request.target.strip_prefix("/v2/team/csv/");
        let found = match rest.and_then(|rest| rest.split_once('/')) {
            Some(("manifests", "0.1.0")) => self.blob(&self.tagged()),
            Some(("manifests" | "blobs", digest)) => self.blob(digest),
            _ => None,
        };
        match found {
            Some(bytes) => Reply::of("200 OK", &[], bytes),
            None => Reply::of("404 Not Found", &[], ""),
        }
    }
}

/// The reference to the plugin at a server.
pub fn at(server: &Server) -> String {
    format!("127.0.0.1:{}/team/csv:0.1.0", server.address.port())
}

/// Serves a pipeline's layout, and lets the pipeline take its plugin from there.
pub fn served(
    answer: impl Fn(&Layout, &Request) -> Reply + Send + Sync + 'static,
) -> (Pipeline, Server) {
    let pipeline = Pipeline::new();
    let layout = pipeline.layout();
    let server = Server::start(move |request| answer(&layout, request));
    pipeline.plugin(&at(&server), "");
    pipeline.allow(&[server.url("")]);
    (pipeline, server)
}
