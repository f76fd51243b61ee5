//! Plays cases: runs the hostile stage beside its innocent neighbour and asserts what holds of every case.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{LazyLock, Mutex};

use super::case::Case;
use super::ground::{Ground, assert_no_secret};
use super::guest;

/// How many cases of a group are played at a time.
const AT_A_TIME: usize = 3;

/// The result of the innocent stage without any neighbour.
pub static ALONE: LazyLock<String> = LazyLock::new(|| {
    let ground = Ground::new();
    assert_eq!(ground.lockflight(&["run", "--quiet"]).exit, 0);
    ground.innocent()
});

/// Plays all cases of a file in `guests/`; `HOSTILE_CASE` names the only one to play.
pub fn group(name: &str) {
    all(Case::all_of(name), one);
}

/// Plays cases and tells of all that went wrong.
pub fn all(mut cases: Vec<Case>, play: impl Fn(&Case) + Sync) {
    if let Ok(only) = std::env::var("HOSTILE_CASE") {
        cases.retain(|case| case.name == only);
    }
    let (queue, failed) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().unwrap().next() else {
                        break;
                    };
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| play(case))) {
                        let why = panic
                            .downcast_ref::<String>()
                            .cloned()
                            .unwrap_or_else(|| "see above".into());
                        failed.lock().unwrap().push(format!("{}: {why}", case.name));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// Plays one case with the component that its text makes.
pub fn one(case: &Case) {
    with(case, &guest::component(&case.world, &case.text));
}

/// Plays one case with this component.
pub fn with(case: &Case, component: &[u8]) {
    let ground = match case.kind.as_str() {
        "score" => Ground::with_scorer(case, component),
        _ => Ground::with(case, component),
    };
    on(&ground, case);
}

/// Plays a case where everything lies ready.
///
/// # Panics
/// When it does not come as it has to.
pub fn on(ground: &Ground, case: &Case) {
    let ran = ground.lockflight(&["run", "--keep-going"]);
    if std::env::var_os("HOSTILE_SHOW").is_some() {
        println!(
            "--- {}: exit {}, {} MiB\n{}",
            case.name,
            ran.exit,
            ran.peak >> 20,
            ran.start()
        );
    }
    assert_eq!(ran.exit, case.exit, "exit code of\n{}", ran.start());
    for text in &case.says {
        assert!(ran.says(text), "{text:?} is not in\n{}", ran.start());
    }
    assert_no_secret(ran.shown.as_bytes(), "what is shown");
    // A wrong config or check is found before anything runs, so the neighbour is run alone then.
    if ran.shown.contains("nothing was run") {
        let alone = ground.lockflight(&["run", "innocent.toml", "--quiet"]);
        assert_eq!(alone.exit, 0, "the innocent stage: {}", alone.start());
    } else {
        let log = ground.lockflight(&["logs", "latest", "hostile"]);
        for text in &case.logs {
            assert!(
                log.shown.contains(text),
                "{text:?} is not in the log\n{}",
                log.start()
            );
        }
        for text in &case.never {
            assert!(
                !log.shown.contains(text),
                "{text:?} is in the log\n{}",
                log.start()
            );
        }
        assert_no_secret(log.shown.as_bytes(), "the log");
    }
    for text in &case.never {
        assert!(!ran.says(text), "{text:?} is in\n{}", ran.start());
    }
    let told = ground.lockflight(&["show", "latest"]);
    assert_no_secret(told.shown.as_bytes(), "what is told of the run");
    assert_eq!(
        ground.innocent(),
        *ALONE,
        "the innocent stage has another result"
    );
    ground.is_clean();
}
