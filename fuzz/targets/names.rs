//! Small grammars: any text is refused, or is what it is shown as. No name of a ref leads out of its folder.

use std::fmt::{Debug, Display};
use std::path::{Component, Path};
use std::str::FromStr;

use lockflight::digest::Digest;
use lockflight::manifest::{ByteSize, Nan, WallTime, gate::Condition};
use lockflight::store::RefName;
use lockflight::table::format;
use lockflight::world::World;

/// Whether it is any of them.
pub fn run(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let name = shown::<RefName>(text);
    if let Some(name) = &name {
        assert_eq!(name.as_str(), text);
        assert!(
            Path::new(text)
                .components()
                .all(|part| matches!(part, Component::Normal(_)))
        );
    }
    let leaf = match format::parse(text) {
        Ok(format::Format::Leaf(leaf)) => Some(leaf),
        _ => None,
    };
    if let Some(leaf) = &leaf {
        assert_eq!(format::of(leaf).as_deref(), Ok(text));
    }
    let taken = [
        name.is_some(),
        leaf.is_some(),
        shown::<Digest>(text).is_some(),
        condition(text).is_some(),
        shown::<Nan>(text).is_some(),
        shown::<ByteSize>(text).is_some(),
        shown::<WallTime>(text).is_some(),
        shown::<World>(text).is_some(),
    ];
    taken.contains(&true)
}

fn condition(text: &str) -> Option<Condition> {
    let condition = Condition::parse(text).ok()?;
    assert_eq!(Condition::parse(&condition.to_string()).ok().as_ref(), Some(&condition));
    Some(condition)
}

fn shown<T: FromStr + Display + PartialEq + Debug>(text: &str) -> Option<T> {
    let value: T = text.parse().ok()?;
    assert_eq!(value.to_string().parse().ok().as_ref(), Some(&value));
    Some(value)
}

pub fn seeds() -> Vec<Vec<u8>> {
    let digest = format!("sha256:{}", "0a".repeat(32));
    let names = [
        "models/churn/@champion",
        "runs/latest",
        "no-fail",
        "r2 >= 90% and lowest(r2, 'season') > 0.3",
        "canonical",
        "1.5GiB",
        "512 MiB",
        "1h30m",
        "90s",
        "validate",
        "tsu:+02:00",
    ];
    names
        .into_iter()
        .map(Vec::from)
        .chain([digest.into_bytes()])
        .collect()
}
