//! Python: componentize-py puts the plugin's modules into a component together with CPython.

use std::fs;
use std::process::Command;

use super::installed::{Tool, Tools};
use super::tool::{ToolError, run};
use super::{BuildError, Made, Order, first_pin, sdk, told};
use crate::world::World;

/// The tool, in a virtual environment.
pub(super) const COMPONENTIZE: Tool = Tool {
    name: "componentize-py",
    pinned: include_str!("pinned/componentize-py.txt"),
    probe: "bin/python",
};

/// Builds the component whose classes are in `module`, which is in the plugin's folder or in one of its further sources.
pub(super) fn build(order: &Order<'_>, module: &str) -> Result<Made, BuildError> {
    let tool = Tools::of_user()?
        .python_package(&COMPONENTIZE)?
        .join("bin/componentize-py");
    let path = order.scratch.join("component.wasm");
    let mut command = Command::new(tool);
    // Its own backtrace would push the plugin's out of sight.
    command
        .env("RUST_BACKTRACE", "0")
        .arg("-d")
        .arg(order.wit)
        .arg("-w")
        .arg(order.qualified_world());
    command
        .args(["componentize", module, "-p"])
        .arg(order.folder);
    for source in order
        .spec
        .sources
        .iter()
        .map(|source| order.folder.join(source))
        .filter(|source| source.is_dir())
    {
        command.arg("-p").arg(source);
    }
    // Behind the plugin's own folders: a module of the plugin's is not hidden by one of the SDK's.
    let sdk = sdk::PYTHON.folder(order);
    command
        .arg("-p")
        .arg(sdk.map_err(BuildError::io(order.scratch))?);
    if order.world == World::Score {
        // Serving has no WASI.
        command.arg("--stub-wasi");
    }
    run(command.arg("-o").arg(&path))
        .map_err(|error| explain(error, &order.folder.to_string_lossy()))?;
    let component = fs::read(&path).map_err(BuildError::io(&path))?;
    Ok(Made {
        config: told::config(&component, order.world),
        component,
        toolchain: first_pin(COMPONENTIZE.pinned),
    })
}

/// Leaves of the tool's output what Python said of the plugin, with the paths of the plugin: the tool mounts its folder as `/0`.
fn explain(error: ToolError, folder: &str) -> ToolError {
    let ToolError::Failed {
        command,
        status,
        output,
    } = error
    else {
        return error;
    };
    let said = output
        .split_once("AssertionError: ")
        .map_or(&*output, |(_, said)| said);
    let said = said
        .split_once("\n\nCaused by:")
        .map_or(said, |(said, _)| said);
    ToolError::Failed {
        command,
        status,
        output: said.trim_end().replace("\"/0/", &format!("\"{folder}/")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_pin_is_the_toolchain() {
        assert!(first_pin(COMPONENTIZE.pinned).starts_with("componentize-py=="));
    }

    #[test]
    fn a_failure_shows_what_python_said() {
        let output = "Traceback (most recent call last):\n  File \"/tools/bin/componentize-py\", line 8, in <module>\n    sys.exit(script())\n\
                      AssertionError: Traceback (most recent call last):\n  File \"/0/app.py\", line 1, in <module>\n    import nope\n\
                      ModuleNotFoundError: No module named 'nope'\n\n\nCaused by:\n    ModuleNotFoundError: No module named 'nope'\n";
        let failed = |output: &str| ToolError::Failed {
            command: "c".into(),
            status: "s".into(),
            output: output.into(),
        };
        let ToolError::Failed { output, .. } = explain(failed(output), "/plugins/mine") else {
            panic!()
        };
        assert_eq!(
            output,
            "Traceback (most recent call last):\n  File \"/plugins/mine/app.py\", line 1, in <module>\n    import nope\n\
             ModuleNotFoundError: No module named 'nope'"
        );
        let ToolError::Failed { output, .. } = explain(failed("no space left on device\n"), "/p")
        else {
            panic!()
        };
        assert_eq!(output, "no space left on device");
    }
}
