//! What a component in Python or JavaScript tells of its config's JSON Schema.
//!
//! Their SDKs put it into memory while the component is made, when the plugin's modules are run: so it stands in the component's
//! data, as `lockflight config WORLD LENGTH JSON`, with the JSON's length in bytes. Nothing of the plugin's is run on this machine
//! to read it.

use serde_json::Value;

use crate::world::World;

/// The schema of the config for a world; none if the component does not tell.
pub(super) fn config(component: &[u8], world: World) -> Option<Value> {
    let mark = format!("lockflight config {world} ");
    let behind = component
        .windows(mark.len())
        .enumerate()
        .filter(|(_, window)| *window == mark.as_bytes())
        .map(|(at, _)| &component[at + mark.len()..]);
    behind.filter_map(parse).next()
}

/// Reads `LENGTH JSON`, where the JSON is an object; none of what is no such thing, like the mark in the code that writes it.
fn parse(bytes: &[u8]) -> Option<Value> {
    let digits = bytes.iter().take(9).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
    let json = bytes.get(digits + 1..)?.get(..length)?;
    serde_json::from_slice(json).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(world: &str, json: &str) -> Vec<u8> {
        format!("lockflight config {world} {} {json}", json.len()).into_bytes()
    }

    #[test]
    fn is_found_behind_what_only_looks_like_it() {
        let mut bytes = b"\0asm lockflight config train %d lockflight config train 3 abc".to_vec();
        assert_eq!(config(&bytes, World::Train), None);
        bytes.extend(told("validate", "{}"));
        bytes.extend(told("train", r#"{"type":"object"}"#));
        bytes.extend(b"more");
        assert_eq!(
            config(&bytes, World::Train),
            Some(serde_json::json!({ "type": "object" }))
        );
        assert_eq!(config(&bytes, World::Score), None);
    }

    #[test]
    fn a_damaged_or_cut_one_is_none() {
        let whole = told("train", r#"{"type":"object"}"#);
        for end in 0..whole.len() {
            assert_eq!(config(&whole[..end], World::Train), None, "{end}");
        }
        let mut changed = whole;
        *changed.last_mut().expect("not empty") = b']';
        assert_eq!(config(&changed, World::Train), None);
    }
}
