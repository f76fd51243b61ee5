//! C: Zig's C compiler makes a core module of the plugin's `*.c` and those of the SDK.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::installed::{InstallError, Tool, Tools};
use super::tool::run;
use super::{BuildError, Made, Order, first_pin, module, sdk};

/// The compiler, in a virtual environment.
pub(super) const ZIG: Tool = Tool {
    name: "ziglang",
    pinned: include_str!("pinned/ziglang.txt"),
    probe: "bin/python",
};

/// What the compiler is told beside the files. The engine has SIMD on; the stack is 1 MiB, since Zig's 16 would be a guest's
/// memory from its start; sections let the linker leave out what a world does not need.
const FLAGS: [&str; 9] = [
    "-target",
    "wasm32-wasi",
    "-std=c11",
    "-O2",
    "-msimd128",
    "-ffunction-sections",
    "-fdata-sections",
    "-mexec-model=reactor",
    "-s",
];

/// Builds the component of all C files in the plugin's folder and in the folders of its further sources.
pub(super) fn build(order: &Order<'_>) -> Result<Made, BuildError> {
    let product = |message| BuildError::Product {
        folder: order.folder.to_owned(),
        message,
    };
    let sources = sources(order)?;
    if sources.is_empty() {
        return Err(product("it has no *.c beside its plugin.toml".to_owned()));
    }
    let zig = Zig::find(&Tools::of_user()?)?;
    let kit = order.scratch.join("lockflight");
    sdk::C.unpack(&kit).map_err(BuildError::io(&kit))?;
    let path = order.scratch.join("core.wasm");
    let mut command = zig.command(order.scratch);
    command.current_dir(order.folder).arg("cc").args(FLAGS);
    command.arg("-Wl,-z,stack-size=1048576");
    // Paths of this machine would make two builds of one source differ.
    for (from, to) in [(order.scratch, "/scratch"), (order.folder, "/plugin")] {
        let mut flag = OsString::from("-ffile-prefix-map=");
        flag.push(from);
        flag.push("=");
        flag.push(to);
        command.arg(flag);
    }
    command.arg(format!(
        "-DLOCKFLIGHT_WORLD_{}",
        order.world.name().to_uppercase()
    ));
    command.arg("-I").arg(kit.join("include"));
    command.args(&sources);
    let units = sdk::C.files.iter().filter(|(path, _)| path.ends_with(".c"));
    command.args(units.map(|(path, _)| kit.join(path)));
    run(command.arg("-o").arg(&path))?;
    let core = fs::read(&path).map_err(BuildError::io(&path))?;
    Ok(Made {
        component: module::component(core, order.world).map_err(product)?,
        config: None,
        toolchain: first_pin(ZIG.pinned),
    })
}

/// The plugin's C files: those beside `plugin.toml`, and those in folders under `build.sources` but for the contract's and the
/// SDK's. Sorted, since the order decides on the module's bytes.
fn sources(order: &Order<'_>) -> Result<Vec<PathBuf>, BuildError> {
    let mut found = Vec::new();
    for folder in std::iter::once(PathBuf::new()).chain(order.spec.sources.iter().cloned()) {
        let path = order.folder.join(&folder);
        if !path.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&path).map_err(BuildError::io(&path))? {
            let name = entry.map_err(BuildError::io(&path))?.file_name();
            if Path::new(&name).extension().is_some_and(|end| end == "c") {
                found.push(folder.join(name));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// An installed Zig.
struct Zig {
    program: PathBuf,
    cache: PathBuf,
}

impl Zig {
    fn find(tools: &Tools) -> Result<Self, InstallError> {
        let environment = tools.python_package(&ZIG)?;
        Ok(Self {
            program: tools.python_module(&ZIG, "ziglang")?.join("zig"),
            // It builds its C library once and keeps it here.
            cache: environment.join("zig-cache"),
        })
    }

    fn command(&self, scratch: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env("ZIG_GLOBAL_CACHE_DIR", &self.cache)
            .env("ZIG_LOCAL_CACHE_DIR", scratch.join("zig-cache"));
        command
    }
}
