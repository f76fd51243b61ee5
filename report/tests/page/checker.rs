//! A checker of HTML as this crate writes it: every tag closed in order, every attribute quoted and once, no stray sign.

use std::collections::HashSet;

/// Tags without an end.
const VOID: [&str; 3] = ["meta", "br", "hr"];

/// The first fault.
pub fn check(page: &str) -> Result<(), String> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?;
    let mut open: Vec<&str> = Vec::new();
    let mut ids = HashSet::new();
    while let Some(at) = rest.find('<') {
        text(&rest[..at], open.last() == Some(&"style"))?;
        rest = &rest[at + 1..];
        let end =
            end_of_tag(rest).ok_or_else(|| format!("a tag without an end: {}", start(rest)))?;
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop();
            if last != Some(name) {
                return Err(format!("</{name}> closes {last:?}"));
            }
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(format!("not a tag: {}", start(tag)));
        }
        self::attributes(attributes, &mut ids)?;
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    text(rest, false)?;
    match open.is_empty() {
        true => Ok(()),
        false => Err(format!("left open: {open:?}")),
    }
}

/// The place of the `>` that is in no quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(i, c)| {
        quoted ^= c == '"';
        (c == '>' && !quoted).then_some(i)
    })
}

fn attributes<'a>(mut rest: &'a str, ids: &mut HashSet<&'a str>) -> Result<(), String> {
    let mut names = HashSet::new();
    while !rest.is_empty() {
        let (name, after) = rest
            .split_once("=\"")
            .ok_or_else(|| format!("no value: {}", start(rest)))?;
        let (value, after) = after
            .split_once('"')
            .ok_or_else(|| format!("no end: {}", start(rest)))?;
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') || name.starts_with("on") {
            return Err(format!("not an attribute: {}", start(name)));
        }
        if !names.insert(name) {
            return Err(format!("twice: {name}"));
        }
        if name == "id" && !ids.insert(value) {
            return Err(format!("two of the id {value}"));
        }
        if name == "href" && !value.starts_with('#') {
            return Err(format!("a link away: {}", start(value)));
        }
        if value.contains("NaN") && name != "title" && name != "aria-label" {
            return Err(format!("{name} is {}", start(value)));
        }
        text(value, false)?;
        rest = after.trim_start();
    }
    Ok(())
}

/// Text has only references that maud writes, and no sign that HTML forbids.
fn text(text: &str, is_style: bool) -> Result<(), String> {
    if let Some(c) = text.chars().find(|c| c.is_control() && *c != '\n') {
        return Err(format!("{c:?} in {}", start(text)));
    }
    if is_style {
        return Ok(());
    }
    if text.contains('>') {
        return Err(format!("a raw > in {}", start(text)));
    }
    for (at, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;"];
        if !known.iter().any(|k| text[at..].starts_with(k)) {
            return Err(format!("a raw & in {}", start(text)));
        }
    }
    Ok(())
}

fn start(text: &str) -> String {
    text.chars().take(80).collect()
}

#[test]
fn faults_are_found() {
    let faults = [
        "<p>",
        "<!DOCTYPE html><p>",
        "<!DOCTYPE html><p></a>",
        "<!DOCTYPE html><p a=b></p>",
        "<!DOCTYPE html><p a=\"1\" a=\"1\"></p>",
        "<!DOCTYPE html><p onload=\"x\"></p>",
        "<!DOCTYPE html><p>a & b</p>",
        "<!DOCTYPE html><p>\0</p>",
        "<!DOCTYPE html><p>></p>",
        "<!DOCTYPE html><a href=\"http://x\"></a>",
        "<!DOCTYPE html><p style=\"width:NaN%\"></p>",
    ];
    for fault in faults {
        assert!(check(fault).is_err(), "{fault}");
    }
    let sound = "<!DOCTYPE html><meta a=\"1\"><p id=\"x\">a &lt; b<b>c</b></p>";
    assert_eq!(check(sound), Ok(()));
}
