//! docker-registry, the registry that people run, with plugins in it: lockflight publishes them there and runs them from there, and
//! skopeo, which knows nothing of plugins, reads what was published and brings others.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use super::Example;
use super::skopeo::{blobs, copying, equal, output, report, same};
use crate::steps::{Failure, command, root, run};
use crate::summary::Ran;

/// The program, and Debian's package of it.
pub const PROGRAM: &str = "docker-registry";

/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// A plugin for one world, and one for two.
const PLUGINS: [&str; 2] = ["csv", "features"];

/// Who may push and pull, with the hash that the registry compares (bcrypt), and as docker's config has them (base64).
const HASHED: &str = "author:$2b$04$sqShYSIeN8EALYf6MVguku7wqFl6e0luWbMooRF7YvAgzkYejS5hi\n";
const AUTH: &str = "YXV0aG9yOmM0cnJpZXMtYW5kLXJlYWRz";

/// Publishes, reads, carries and runs.
pub fn check(example: &Example, scratch: &Path) -> Result<Ran, Failure> {
    let folder = scratch.join("registry");
    fs::create_dir(&folder)?;
    let server = Server::start(&folder)?;
    let author = Author::at(&example.program, &folder, &server)?;
    let published = ("publish", author.publish_all());
    let read = ("skopeo-reads", author.carried_away());
    let brought = ("skopeo-brings", author.brought());
    let ran = ("run", author.run());
    drop(server);
    let again = ("run-offline", author.run_again());
    report(
        &[published, read, brought, ran, again],
        "plugins do not pass through it unharmed",
    )
}

/// A registry on a free port. It ends with this value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path) -> Result<Server, Failure> {
        let [config, users, log] = ["config.yml", "users", "log"].map(|name| folder.join(name));
        fs::write(&users, HASHED)?;
        let text = format!(
            "version: 0.1\nlog: {{ accesslog: {{ disabled: true }} }}\nstorage: {{ filesystem: {{ rootdirectory: {data:?} }} }}\n\
             http: {{ addr: \"127.0.0.1:0\" }}\nauth: {{ htpasswd: {{ realm: lockflight, path: {users:?} }} }}\n",
            data = folder.join("data"),
        );
        fs::write(&config, text)?;
        let mut serve = command(PROGRAM, &["serve"]);
        let child = serve.arg(config).stderr(File::create(&log)?).spawn()?;
        let mut server = Server {
            child,
            address: String::new(),
        };
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE && server.child.try_wait()?.is_none() {
            if let Some(address) = address(&fs::read_to_string(&log)?) {
                server.address = address.to_owned();
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(20));
        }
        let said = fs::read_to_string(&log)?;
        Err(format!("{PROGRAM} does not listen; it says\n{said}").into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only if it has just ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in the registry's log.
fn address(log: &str) -> Option<&str> {
    let (_, from) = log.split_once("msg=\"listening on ")?;
    Some(from.split_once('"')?.0)
}

/// Somebody who is logged in, with a folder for a pipeline and for image layouts.
struct Author {
    program: PathBuf,
    folder: PathBuf,
    registry: String,
}

impl Author {
    fn at(program: &Path, folder: &Path, server: &Server) -> Result<Author, Failure> {
        let registry = server.address.clone();
        let author = Author {
            program: program.to_owned(),
            folder: folder.to_owned(),
            registry,
        };
        let registry = &author.registry;
        for (name, text) in [
            (
                "config.json",
                format!("{{\"auths\":{{\"{registry}\":{{\"auth\":\"{AUTH}\"}}}}}}"),
            ),
            (
                "policy.toml",
                format!("[sources]\nhosts = [\"http://{registry}\"]\nprivate = [\"127.0.0.1\"]\n"),
            ),
            ("rides.csv", "day,rides\n1,10\n2,20\n".to_owned()),
            (
                "lockflight.toml",
                format!(
                    "[pipeline]\nname = \"rides\"\n\n[plugins]\ncsv = {{ oci = \"{registry}/team/csv:1\" }}\n\n\
                     [source.rides]\nfile = \"rides.csv\"\n\n[ingest.raw]\nplugin = \"csv\"\ninputs = {{ file = \"rides\" }}\n"
                ),
            ),
        ] {
            fs::write(folder.join(name), text)?;
        }
        Ok(author)
    }

    fn lockflight(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env("DOCKER_CONFIG", &self.folder)
            .env("LOCKFLIGHT_POLICY", self.folder.join("policy.toml"));
        command
    }

    /// Has skopeo copy an index or manifest, with the same credentials.
    fn copy(&self, from: &str, to: &str) -> Result<(), Failure> {
        let mut skopeo = copying(from, to);
        skopeo.env("REGISTRY_AUTH_FILE", self.folder.join("config.json"));
        run(skopeo.args(["--src-tls-verify=false", "--dest-tls-verify=false"]))
    }

    /// A plugin in the registry.
    fn remote(&self, repository: &str) -> String {
        format!("{}/{repository}:1", self.registry)
    }

    /// The image layout of a plugin.
    fn layout(&self, plugin: &str) -> PathBuf {
        self.folder.join("layouts").join(plugin)
    }

    /// Into image layouts, and into the registry: by nobody, by the author, and once more.
    fn publish_all(&self) -> Result<(), Failure> {
        for plugin in PLUGINS {
            let folder = root().join("plugins").join(plugin);
            let folder = folder.display().to_string();
            let publish = |to: &str| self.lockflight(&["plugin", "publish", &folder, to]);
            let layout = format!("{}:1", self.layout(plugin).display());
            run(&mut publish(&layout))?;
            let remote = self.remote(&format!("team/{plugin}"));
            let nobody = publish(&remote).env("DOCKER_CONFIG", "/nowhere").output()?;
            if nobody.status.code() != Some(2) {
                return Err(format!("without credentials it ends with {}", nobody.status).into());
            }
            run(&mut publish(&remote))?;
            let again = output(&mut publish(&remote))?;
            if !again.starts_with(b"there already") {
                return Err("what is there is published again".into());
            }
        }
        Ok(())
    }

    /// skopeo finds every blob of the layouts in the registry.
    fn carried_away(&self) -> Result<(), Failure> {
        for plugin in PLUGINS {
            let from = format!("docker://{}", self.remote(&format!("team/{plugin}")));
            let to = self.folder.join("copies").join(plugin);
            fs::create_dir_all(&to)?;
            let layout = format!("oci:{}:1", to.display());
            self.copy(&from, &layout)?;
            let original = self.layout(plugin).join("blobs/sha256");
            same(
                &blobs(&to.join("blobs/sha256"), &[])?,
                &blobs(&original, &[])?,
            )?;
        }
        Ok(())
    }

    /// What skopeo brought from a layout is the same plugin.
    fn brought(&self) -> Result<(), Failure> {
        for (plugin, world) in PLUGINS.into_iter().zip(["ingest", "score"]) {
            let from = format!("oci:{}:1", self.layout(plugin).display());
            let to = self.remote(&format!("brought/{plugin}"));
            self.copy(&from, &format!("docker://{to}"))?;
            let inspect = |what: &str, more: &[&str]| {
                let mut inspect = self.lockflight(&["plugin", "inspect", "--json", what]);
                output(inspect.args(more))
            };
            let built = format!("plugins/{plugin}/dist/{world}.wasm");
            let built = inspect(&root().join(built).display().to_string(), &[])?;
            let found = inspect(&to, &["--world", world])?;
            equal("what is said of the component", &found, &built)?;
        }
        Ok(())
    }

    fn run(&self) -> Result<(), Failure> {
        run(&mut self.lockflight(&["run", "--quiet"]))
    }

    /// Everything once more, with nobody to ask.
    fn run_again(&self) -> Result<(), Failure> {
        run(&mut self.lockflight(&["run", "--quiet", "--frozen", "--force"]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_the_log() {
        let log = "time=\"…\" level=info msg=\"redis not configured\"\ntime=\"…\" level=info msg=\"listening on 127.0.0.1:32799\" go\n";
        assert_eq!(address(log), Some("127.0.0.1:32799"));
        assert_eq!(address("msg=\"listening on 127"), None);
    }
}
