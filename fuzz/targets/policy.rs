//! The admin's policy: any text is a policy or refused with its places, and what it allows is never beyond what it says.

use std::path::Path;

use lockflight::manifest::Limits;
use lockflight::policy::Policy;

/// Whether anything was taken.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    match Policy::parse(Path::new("policy.toml"), text.to_owned()) {
        Ok(policy) => {
            let lowered = policy.lowered(&Limits::DEFAULT);
            for bound in lowered.iter() {
                let highest = policy.highest().get(bound.limit);
                assert!(highest.is_none_or(|highest| bound.value <= highest));
            }
            assert_eq!(policy.limits(&lowered, |_| true), Ok(lowered));
            assert!(policy.settings().iter().all(|(_, says)| !says.is_empty()));
            true
        }
        Err(problems) => {
            assert!(problems.errors() > 0);
            for problem in problems.iter() {
                assert!(!problem.message.is_empty());
                assert!(problem.position().is_some());
            }
            false
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        "[store]\nwriters = [\"ci-main\"]\n[walls]\nrequire = [\"process\", \"seccomp\"]\n",
        "[limits]\nwall = \"1h\"\nmemory = \"4GiB\"\noutput = \"100MB\"\nrows = 1000\n[wasi]\nworlds = []\n",
        "[plugins]\nallow = [\n  { digest = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" },\n  \
         { name = \"csv\", owner = \"data-*\" },\n]\ndeny = [{ name = \"old-*\" }]\n",
        "[sources]\nfolders = [\"data\", \"/srv/landing\"]\n[wasi]\nworlds = [\"wasi:cli\", \"wasi:io\"]\n",
        "[sources]\nhosts = [\"*.example.org\"]\nprivate = [\"10.0.0.0/8\"]\nca = \"ca.pem\"\n[secrets.a]\nenv = \"A\"\nhosts = [\"b.org\"]\n",
    ]
    .map(Vec::from)
    .into()
}
