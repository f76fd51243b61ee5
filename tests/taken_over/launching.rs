//! The launcher's side: one attack each, and what must hold afterwards.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    path::Path,
    process::{Command, Stdio},
    sync::LazyLock,
    time::{Duration, Instant},
};

use lockflight::{
    digest::Digest,
    enforcement::{Point, stands},
    engine::{CodeCache, CodeKind},
    job::{ABI, InputDigest, JobDocument},
    launcher::{Cancel, LaunchError, Launcher, Reason, StageOrder},
    manifest::{Limit, Limits, limits::Bound},
    store::Store,
    walls::{Wall, Walls},
    wire::{Failure, LogSource},
    world::World,
};
use serde_json::json;
use tempfile::TempDir;

use super::{
    attacks::{ATTACKS, LIES, Outcome},
    runner::Test,
};

// No child here is to be waited for; one that is fails its test after this.
const WALL: Bound = Bound {
    limit: Limit::Wall,
    value: 5_000,
};

const ORDER: StageOrder = StageOrder {
    limits: Limits::DEFAULT.with(WALL),
    code: CodeKind::Usual,
};

/// The component is compiled once.
static CODE: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// What a compiler's process may do that a guest's may not: have threads, and name them.
const OF_COMPILERS: [&str; 3] = ["start-a-thread", "clone3", "become-traceable"];

/// What a compiler may ask of itself, since threads need the call.
const ANSWERED_TO_COMPILERS: [&str; 2] = ["be-looked-into", "gain-privileges"];

/// A test for each attack, behind the seal of a guest and that of a compiler.
pub fn tests() -> Vec<Test> {
    let mut tests = Vec::new();
    let test = |name: String, run: Box<dyn Fn() + std::panic::RefUnwindSafe>| Test { name, run };
    tests.push(test("all_walls_stand".into(), Box::new(all_walls_stand)));
    tests.push(test(
        "compilers_are_sealed".into(),
        Box::new(compilers_are_sealed),
    ));
    for (name, outcome, _) in ATTACKS {
        tests.push(test(
            format!("guest::{name}"),
            Box::new(|| Bed::new().attacked(name, false, *outcome)),
        ));
        if !OF_COMPILERS.contains(name) {
            let outcome = match ANSWERED_TO_COMPILERS.contains(name) {
                true => Outcome::Refused,
                false => *outcome,
            };
            tests.push(test(
                format!("compiler::{name}"),
                Box::new(move || Bed::new().attacked(name, true, outcome)),
            ));
        }
    }
    for name in LIES {
        tests.push(test(
            format!("launcher::{name}"),
            Box::new(|| Bed::new().lied_to(name)),
        ));
    }
    tests
}

/// Without them most tests here would have nothing to hold on to.
fn all_walls_stand() {
    let offered = Walls::offered();
    assert_eq!(offered, Walls::of(&Wall::ALL), "this kernel offers less");
    let error = Bed::new().launch("read-the-environment", false);
    assert_eq!(error.telemetry.unwrap().walls, offered);
}

/// A real compiler has its filter of system calls before it has read a component.
fn compilers_are_sealed() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockflight"));
    let mut compiler = command
        .args(["stage", "compile", "--memory", "1000000000"])
        .args(["--component-bytes", "1000"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", compiler.id());
    let end = Instant::now() + Duration::from_secs(10);
    let is_sealed = loop {
        let status = fs::read_to_string(&status).unwrap();
        match status.contains("\nSeccomp:\t2") {
            false if Instant::now() < end => std::thread::sleep(Duration::from_millis(5)),
            is_sealed => break is_sealed,
        }
    };
    compiler.kill().unwrap();
    compiler.wait().unwrap();
    assert!(is_sealed, "it waits for a component, and is not sealed");
}

/// A descriptor of a file that every process gets which is started now.
fn handed_on(path: &Path) -> OwnedFd {
    let file = File::open(path).unwrap();
    // SAFETY: the descriptor is open; the copy is not closed when another program begins.
    let copy = unsafe { libc::dup(file.as_raw_fd()) };
    assert!(copy >= 0);
    // SAFETY: it was made a moment ago and nobody else has it.
    unsafe { OwnedFd::from_raw_fd(copy) }
}

/// A store with a job, and beside it what is to stay secret.
struct Bed {
    folder: TempDir,
    store: Store,
    launcher: Launcher,
    key: Digest,
    job: JobDocument,
}

impl Bed {
    fn new() -> Bed {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let component = store
            .put_blob(&wat::parse_str("(component)").unwrap())
            .unwrap();
        let input = store.put_blob(b"an input of this stage").unwrap();
        store.put_blob(b"an input of another stage").unwrap();
        fs::write(folder.path().join("secret"), "of the home folder").unwrap();
        let code = CodeCache::at(
            CODE.path().to_owned(),
            env!("CARGO_BIN_EXE_lockflight").into(),
        );
        let exe = std::env::current_exe().unwrap();
        let launcher = Launcher::new(
            store.clone(),
            code.unwrap(),
            exe,
            Cancel::default(),
            Default::default(),
        );
        Bed {
            folder,
            store,
            launcher,
            key: Digest::of(b"the key of this stage"),
            job: JobDocument {
                abi: ABI,
                world: World::Ingest,
                component: Some(component),
                config: json!({}),
                inputs: BTreeMap::from([("file".into(), InputDigest::Blob(input))]),
                partition: None,
                seed: 0,
                state: None,
                time: 0,
            },
        }
    }

    fn launch(&self, attack: &str, compiler: bool) -> LaunchError {
        let target = self.folder.path().join("secret");
        let mut job = self.job.clone();
        job.config = json!({ "attack": attack, "target": target, "compiler": compiler });
        let _careless = handed_on(&target);
        self.launcher
            .run(&self.key, &job, &ORDER, &|_| {})
            .expect_err("an attack has no result")
    }

    fn attacked(&self, name: &str, compiler: bool, outcome: Outcome) {
        let before = everything(self.folder.path());
        let error = self.launch(name, compiler);
        match (&*error.reason, outcome) {
            (Reason::Forbidden, Outcome::Killed) => {}
            // What the filter would have ended, the other walls have to refuse.
            (Reason::Failure(Failure::Data(said)), Outcome::Killed) if !stands(Point::Seccomp) => {
                assert!(said.starts_with("error:"), "{name}: {said}");
            }
            (Reason::Failure(Failure::Data(said)), Outcome::Refused) => {
                assert!(said.starts_with("error:"), "{name}: {said}");
            }
            (other, _) => panic!("{name} was to be {outcome:?}, and ended with: {other}"),
        }
        self.nothing_changed(&before);
    }

    fn lied_to(&self, name: &str) {
        let before = everything(self.folder.path());
        let error = self.launch(name, false);
        match &*error.reason {
            Reason::Output(_) | Reason::Host(_) => {}
            Reason::Failure(Failure::Data(said)) if said == "said as a plugin" => {
                let sources: Vec<_> = error.log.iter().map(|line| line.line.source).collect();
                assert_eq!(sources, [LogSource::Plugin]);
            }
            other => panic!("{name}: {other}"),
        }
        self.nothing_changed(&before);
    }

    /// No result for any key, no blob more, nothing left over, and the secret as it was.
    fn nothing_changed(&self, before: &BTreeMap<String, Vec<u8>>) {
        assert_eq!(self.store.result(&self.key).unwrap(), None);
        let after = everything(self.folder.path());
        for path in after.keys() {
            assert!(before.contains_key(path), "{path} is new");
        }
        for (path, bytes) in before {
            assert_eq!(after.get(path), Some(bytes), "{path} has changed");
        }
    }
}

/// All files below a folder.
fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}
