//! What the measurements stand on: a store on the disk that cargo builds on, the real launcher, the real binary.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use arrow_array::RecordBatch;
use lockflight::{
    digest::Digest,
    engine::{CodeCache, CodeKind},
    job::{ABI, InputDigest, JobDocument, OutputRecord, StageResult},
    launcher::{Cancel, Launched, Launcher, StageOrder},
    manifest::Limits,
    store::Store,
    table::{TableSchema, TableWriter},
    world::World,
};
use serde_json::Value;
use tempfile::TempDir;

/// Limits that none of the stages here comes near.
pub const ORDER: StageOrder = StageOrder {
    limits: Limits::DEFAULT,
    code: CodeKind::Usual,
};

/// A store and what runs stages over it; both go when it is dropped.
pub struct Bed {
    /// The store.
    pub store: Store,
    /// Starts the real binary as the sealed child.
    pub launcher: Launcher,
    _folder: TempDir,
}

impl Bed {
    /// With an empty store.
    pub fn new() -> Bed {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder for the store");
        let store = Store::open(&folder.path().join("store")).expect("an empty store");
        let code = CodeCache::of_user(binary()).expect("the user's cache of compiled code");
        let launcher = Launcher::new(
            store.clone(),
            code,
            binary(),
            Cancel::default(),
            Arc::default(),
        );
        Bed {
            store,
            launcher,
            _folder: folder,
        }
    }

    /// Stores a table and answers with its digest.
    pub fn table(&self, batches: impl IntoIterator<Item = RecordBatch>) -> Digest {
        let mut batches = batches.into_iter().peekable();
        let schema = batches.peek().expect("a table has a batch").schema();
        let mut publication = self.store.begin();
        let mut writer = TableWriter::new(TableSchema::from_arrow(&schema).expect("a schema"));
        for batch in batches {
            writer.write(&batch, &mut publication).expect("rows");
        }
        let written = writer.finish(&mut publication).expect("a table");
        publication.commit().expect("room on the disk");
        written.digest
    }

    /// A job for a plugin of this repository, built in its folder.
    pub fn job(
        &self,
        plugin: &str,
        world: World,
        config: Value,
        input: (&str, InputDigest),
    ) -> JobDocument {
        let path = root().join(plugin).join(format!("dist/{world}.wasm"));
        let component = fs::read(&path).unwrap_or_else(|error| missing(&path, &error));
        JobDocument {
            abi: ABI,
            world,
            component: Some(self.store.put_blob(&component).expect("room on the disk")),
            config,
            inputs: [(input.0.to_owned(), input.1)].into(),
            partition: None,
            seed: 0,
            state: None,
            time: 0,
        }
    }

    /// Runs a job to its published result, and removes from the store what it published.
    pub fn run_and_forget(&self, job: &JobDocument) -> Launched {
        let (key, _) = job.key().expect("a config that JSON can hold");
        self.forget(&key);
        let launched = self
            .launcher
            .run(&key, job, &ORDER, &|_| {})
            .expect("the stage runs");
        self.forget(&key);
        launched
    }

    /// Removes a result and its outputs, so that the next run publishes them anew.
    fn forget(&self, key: &Digest) {
        let Some(digest) = self.store.result(key).expect("a readable store") else {
            return;
        };
        let result: StageResult = self.store.document(&digest, "a result").expect("a result");
        for output in result.outputs.values() {
            if let OutputRecord::Table { digest, .. } = output {
                let table = self.store.table(digest).expect("a table");
                for block in table.blocks() {
                    self.remove("blocks", &block.digest);
                }
            }
            self.remove("blobs", &output.digest());
        }
        self.remove("blobs", &digest);
        self.remove("results", key);
    }

    /// Removes a file of the store; one that two outputs share may be gone already.
    fn remove(&self, folder: &str, digest: &Digest) {
        let (shard, rest) = (&digest.hex()[..2], &digest.hex()[2..]);
        let path = self.store.path().join(folder).join(shard).join(rest);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                panic!("{}: {error}", path.display())
            }
            _ => {}
        }
    }
}

/// The repository's root.
pub fn root() -> PathBuf {
    let host = Path::new(env!("CARGO_MANIFEST_DIR"));
    host.parent().expect("the host is a folder").to_owned()
}

/// The binary that was built beside this benchmark.
pub fn binary() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_lockflight"));
    assert!(path.is_file(), "{} is not built", path.display());
    path
}

/// A command of the binary, working on the penguins with this store, without output.
pub fn penguins(store: &Store, name: &str) -> Command {
    let mut command = Command::new(binary());
    command
        .arg("-C")
        .arg(root().join("examples/penguins"))
        .arg(name)
        .arg("--store")
        .arg(store.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn missing(path: &Path, error: &io::Error) -> ! {
    panic!(
        "{}: {error}; `cargo xtask bench` builds what is measured",
        path.display()
    )
}
