//! skopeo, which carries images between registries and folders, with an exported package.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Example, MODEL, VERSION, count};
use crate::steps::{Failure, command, failed, run};
use crate::summary::Ran;

/// The program, and Debian's package of it.
pub const SKOPEO: &str = "skopeo";

/// What skopeo writes into a `dir:` beside the blobs.
const NO_BLOBS: [&str; 2] = ["manifest.json", "version"];

/// A check: its name, and what it found.
pub type Check<'a> = (&'a str, Result<(), Failure>);

/// Blobs by the hex digits of their digests.
pub type Blobs = BTreeMap<String, Vec<u8>>;

/// Has skopeo read the layout and copy it in two ways.
pub fn check(example: &Example, layout: &Path, scratch: &Path) -> Result<Ran, Failure> {
    let manifest = output(&mut example.command(&["package", "show", MODEL, "--manifest"]))?;
    let original = blobs(&layout.join("blobs/sha256"), &[])?;
    let source = format!("oci:{}:{VERSION}", layout.display());
    let checks = [
        ("inspect-raw", inspect(&source, &manifest)),
        (
            "copy-to-dir",
            copy_to_dir(&source, &scratch.join("copy.dir"), &manifest, &original),
        ),
        (
            "copy-to-oci",
            copy_to_oci(&source, &scratch.join("copy.oci"), &original),
        ),
    ];
    report(&checks, "it does not read the package as it was written")
}

fn inspect(source: &str, manifest: &[u8]) -> Result<(), Failure> {
    let raw = output(&mut command(SKOPEO, &["inspect", "--raw", source]))?;
    equal("what skopeo reads as the manifest", &raw, manifest)
}

/// A `dir:` holds the manifest under a name of its own, and the other blobs under their digests.
fn copy_to_dir(
    source: &str,
    folder: &Path,
    manifest: &[u8],
    original: &Blobs,
) -> Result<(), Failure> {
    copy(source, &format!("dir:{}", folder.display()))?;
    let found = fs::read(folder.join("manifest.json"))?;
    equal("the manifest in the copy", &found, manifest)?;
    let mut expected = original.clone();
    expected.retain(|_, bytes| bytes != manifest);
    same(&blobs(folder, &NO_BLOBS)?, &expected)
}

fn copy_to_oci(source: &str, folder: &Path, original: &Blobs) -> Result<(), Failure> {
    copy(source, &format!("oci:{}:x", folder.display()))?;
    same(&blobs(&folder.join("blobs/sha256"), &[])?, original)
}

fn copy(source: &str, destination: &str) -> Result<(), Failure> {
    run(&mut copying(source, destination))
}

/// Copies an image, with all that an index has.
pub fn copying(source: &str, destination: &str) -> Command {
    // Whose images this machine trusts is another matter than whether they can be read.
    command(
        SKOPEO,
        &[
            "--insecure-policy",
            "copy",
            "--quiet",
            "--all",
            source,
            destination,
        ],
    )
}

/// What a command that succeeds writes to standard output, byte for byte.
pub fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(failed(command, output.status))
    }
}

/// The files of a folder, without some.
pub fn blobs(folder: &Path, leave_out: &[&str]) -> Result<Blobs, Failure> {
    let mut blobs = Blobs::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !leave_out.contains(&&*name) {
            blobs.insert(name.into_owned(), fs::read(&path)?);
        }
    }
    Ok(blobs)
}

pub fn equal(what: &str, found: &[u8], expected: &[u8]) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    let differs = found.iter().zip(expected).position(|(a, b)| a != b);
    let at = differs.unwrap_or(found.len().min(expected.len()));
    Err(format!(
        "{what} has {} bytes, wants {}; they differ from byte {at} on",
        found.len(),
        expected.len()
    )
    .into())
}

/// Every blob under the digest that it had, with the bytes that it had, and no other.
pub fn same(found: &Blobs, expected: &Blobs) -> Result<(), Failure> {
    if expected.is_empty() {
        return Err("the layout has no blobs; look at `lockflight package export`".into());
    }
    for (digest, bytes) in expected {
        let copy = found
            .get(digest)
            .ok_or_else(|| format!("the copy has no blob sha256:{digest}"))?;
        equal(&format!("the copy of sha256:{digest}"), copy, bytes)?;
    }
    match found.keys().find(|digest| !expected.contains_key(*digest)) {
        Some(digest) => Err(format!("the copy has another blob, {digest}").into()),
        None => Ok(()),
    }
}

/// Prints the checks as the scripts print theirs; `complaint` is the error if one failed.
pub fn report(checks: &[Check<'_>], complaint: &str) -> Result<Ran, Failure> {
    let line = |(name, outcome): &Check<'_>| match outcome {
        Ok(()) => format!("ok {name}\n"),
        Err(error) => format!("FAILED {name}: {error}\n"),
    };
    let lines: String = checks.iter().map(line).collect();
    print!("{lines}");
    let count = count(&lines);
    let outcome = match count.failed {
        0 => Ok(()),
        _ => Err(complaint.into()),
    };
    Ok((count, outcome))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::scratch::Scratch;

    fn some(blobs: &[(&str, &str)]) -> Blobs {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_vec());
        blobs.iter().map(owned).collect()
    }

    #[test]
    fn a_copy_has_the_same_blobs() {
        let expected = some(&[("aa", "one"), ("bb", "two")]);
        let error = |found: &[(&str, &str)]| {
            let outcome = same(&some(found), &expected);
            outcome.err().map(|error| error.to_string())
        };
        assert_eq!(error(&[("aa", "one"), ("bb", "two")]), None);
        assert!(error(&[("aa", "one")]).unwrap().contains("sha256:bb"));
        assert!(
            error(&[("aa", "one"), ("bb", "tWo")])
                .unwrap()
                .contains("from byte 1 on")
        );
        assert!(
            error(&[("aa", "one"), ("bb", "two"), ("cc", "")])
                .unwrap()
                .contains("cc")
        );
        assert!(same(&Blobs::new(), &Blobs::new()).is_err());
    }

    #[test]
    fn the_place_of_a_difference_is_said() {
        assert!(equal("it", b"abc", b"abc").is_ok());
        let error = equal("it", b"ab", b"abc").unwrap_err().to_string();
        assert_eq!(error, "it has 2 bytes, wants 3; they differ from byte 2 on");
    }

    #[test]
    fn blobs_are_read_by_name() {
        let scratch = Scratch::new("interop-blobs").unwrap();
        for name in ["aa", "version"] {
            fs::write(scratch.path.join(name), "text").unwrap();
        }
        assert_eq!(
            blobs(&scratch.path, &NO_BLOBS).unwrap(),
            some(&[("aa", "text")])
        );
    }

    #[test]
    fn one_check_that_fails_fails_the_client() {
        let checks = [("a", Ok(())), ("b", Err("why".into()))];
        let (count, outcome) = report(&checks, "it fails").unwrap();
        assert_eq!((count.passed, count.failed), (1, 1));
        assert!(outcome.is_err());
    }

    #[test]
    fn output_is_kept_as_it_is() {
        assert_eq!(output(&mut command("printf", &["a\\0b"])).unwrap(), b"a\0b");
        assert!(output(&mut command("false", &[])).is_err());
    }
}
