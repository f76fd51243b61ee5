//! The points at which something is enforced. `xtask` reads this file too: its table has a row for each, or does not compile.

/// Defines [`Point`] with the name of each.
macro_rules! points {
    ($($(#[$about:meta])* $point:ident = $name:literal,)*) => {
        /// A place in the code at which a rule is enforced that a guest, a file or a server might break.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Point {
            $($(#[$about])* $point,)*
        }

        impl Point {
            /// All of them.
            pub const ALL: &[Point] = &[$(Point::$point,)*];

            /// Its name, by which it is unplugged.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Point::$point => $name,)*
                }
            }
        }
    };
}

points! {
    /// A child has no environment.
    Environment = "environment",
    /// Descriptors that were handed on to a child by accident are closed.
    Descriptors = "descriptors",
    /// Resource limits of the kernel.
    Rlimits = "rlimits",
    /// All capabilities are given up.
    Capabilities = "capabilities",
    /// No program that is started gives new privileges.
    NoNewPrivileges = "no-new-privileges",
    /// Processes of the same user cannot look into a child.
    Undumpable = "undumpable",
    /// No file, no TCP port, no signal to others.
    Landlock = "landlock",
    /// No system call but those on a list.
    Seccomp = "seccomp",
    /// A compiler is sealed before it reads a component.
    CompilerSeal = "compiler-seal",
    /// `limits.wall`.
    LimitWall = "limits.wall",
    /// `limits.cpu`.
    LimitCpu = "limits.cpu",
    /// `limits.memory`.
    LimitMemory = "limits.memory",
    /// `limits.tables`.
    LimitTables = "limits.tables",
    /// `limits.instances`.
    LimitInstances = "limits.instances",
    /// `limits.handles`.
    LimitHandles = "limits.handles",
    /// `limits.call`.
    LimitCall = "limits.call",
    /// `limits.output`.
    LimitOutput = "limits.output",
    /// `limits.rows`.
    LimitRows = "limits.rows",
    /// `limits.batches`.
    LimitBatches = "limits.batches",
    /// `limits.writers`.
    LimitWriters = "limits.writers",
    /// `limits.log-lines`.
    LimitLogLines = "limits.log-lines",
    /// `limits.log`.
    LimitLog = "limits.log",
    /// `limits.metrics`.
    LimitMetrics = "limits.metrics",
    /// `limits.findings`.
    LimitFindings = "limits.findings",
    /// `limits.component`.
    LimitComponent = "limits.component",
    /// `limits.compile`.
    LimitCompile = "limits.compile",
    /// `limits.compile-memory`.
    LimitCompileMemory = "limits.compile-memory",
    /// A policy that others may write to is not obeyed.
    PolicyFile = "policy.file",
    /// `[store] writers`.
    PolicyWriters = "policy.writers",
    /// `[limits]`.
    PolicyLimits = "policy.limits",
    /// `[plugins]`.
    PolicyPlugins = "policy.plugins",
    /// `[wasi]`.
    PolicyWasi = "policy.wasi",
    /// `[walls]`.
    PolicyWalls = "policy.walls",
    /// `[sources] folders`.
    PolicyFolders = "policy.folders",
    /// `[sources] hosts`.
    PolicyHosts = "policy.hosts",
    /// `[sources] private`: no other address that is not public.
    PolicyPrivate = "policy.private",
    /// The hosts of a secret.
    PolicySecrets = "policy.secrets",
    /// The launcher asks the policy of every component, whatever planning has found.
    DoorComponents = "door.components",
    /// The launcher asks the policy of the limits of every call.
    DoorLimits = "door.limits",
    /// The launcher asks the policy of the walls that there will be.
    DoorWalls = "door.walls",
    /// The launcher holds the walls that a child reports against the policy.
    ReportedWalls = "door.reported-walls",
    /// A component imports nothing that its world does not offer.
    WorldImports = "world.imports",
    /// A scorer imports nothing of WASI.
    ScorerWasi = "world.scorer-wasi",
    /// A child gets its own inputs and no others.
    Inputs = "child.inputs",
    /// A child does not speak for the host.
    LogSource = "child.log-source",
    /// A stage's figures have names and labels of so many bytes at most.
    MetricNames = "child.metric-names",
    /// A child has so many blobs open at most.
    OpenBlobs = "child.open-blobs",
    /// A guest has so many memories at most.
    Memories = "child.memories",
    /// A guest gets so many random bytes a call at most.
    RandomBytes = "child.random-bytes",
    /// A message has so many bytes at most.
    MessageLength = "child.message-length",
    /// A column has as many values as its batch has rows.
    ColumnLength = "outputs.column-length",
    /// A column that is declared not nullable has no null.
    ColumnNulls = "outputs.column-nulls",
    /// An output has a name that is one.
    OutputNames = "outputs.names",
    /// Two outputs have two names.
    OutputTwice = "outputs.twice",
    /// Two columns have two names.
    ColumnTwice = "outputs.columns",
    /// What a check promises could be kept.
    CheckSound = "check.sound",
    /// What a check promised is what the run returns.
    CheckKept = "check.kept",
    /// A scorer answers for each row alone.
    RowWise = "scorer.row-wise",
    /// Texts of plugins are cut.
    TextLength = "texts.length",
    /// Texts of plugins do nothing to a terminal.
    TextControl = "texts.control",
    /// What is read from the store has its digest.
    StoreDigest = "store.digest",
    /// What comes from a remote has its digest.
    RemoteDigest = "remote.digest",
    /// A folder of compiled code is its user's alone.
    CacheFolder = "cache.folder",
    /// A file of compiled code is its user's alone.
    CacheFile = "cache.file",
    /// A path in a manifest leads to what is below its folder.
    PathBelow = "paths.written",
    /// A link in the manifest's folder does not lead out of it.
    PathLinks = "paths.links",
    /// `limits.size` of a source.
    SourceSize = "source.size",
    /// `limits.time` of a source.
    SourceTime = "source.time",
    /// `sha256` of a source.
    SourceDigest = "source.sha256",
    /// No more redirects are followed than so many.
    SourceRedirects = "source.redirects",
    /// No redirect is followed from https to http.
    SourceDowngrade = "source.downgrade",
    /// What comes from a registry has its digest.
    RegistryDigest = "registry.digest",
    /// The deadline of a call of a served model.
    ServeDeadline = "serve.deadline",
    /// The most bytes of a request.
    ServeBody = "serve.body",
    /// Secrets are hidden in texts.
    SecretsHidden = "secrets.hidden",
}
