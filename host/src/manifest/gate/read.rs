//! Reading the key `gate`.

use toml::Spanned;
use toml::de::DeValue;

use super::{Condition, Gate, Verdicts, within};
use crate::diagnostic::Span;
use crate::manifest::fields::Reader;

/// A gate, and where each of its conditions stands; none if anything is wrong with it.
pub fn read(reader: &mut Reader, value: &Spanned<DeValue<'_>>) -> Option<Vec<Spanned<Condition>>> {
    let entries: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
        DeValue::String(_) => vec![value],
        DeValue::Array(entries) => entries.iter().collect(),
        _ => {
            reader.wrong_type("`gate`", "a text in quotes or a list of texts", value);
            return None;
        }
    };
    if entries.is_empty() {
        let problem = reader.error(value.span(), "invalid-value", "`gate` has no condition");
        problem.help = Some("write \"none\" for a gate that is always open".to_owned());
        return None;
    }
    let alone = entries.len() == 1;
    let conditions: Vec<_> = entries
        .into_iter()
        .map(|entry| condition(reader, entry, alone))
        .collect();
    conditions.into_iter().collect()
}

fn condition(
    reader: &mut Reader,
    entry: &Spanned<DeValue<'_>>,
    alone: bool,
) -> Option<Spanned<Condition>> {
    let text = reader.string("a condition of `gate`", entry)?;
    match Condition::parse(text.get_ref()) {
        Ok(Condition::Verdicts(Verdicts::None)) if !alone => {
            let message = "\"none\" says nothing beside other conditions";
            let problem = reader.error(entry.span(), "invalid-value", message);
            problem.help = Some("leave it out: the others close the gate by themselves".to_owned());
            None
        }
        Ok(condition) => Some(Spanned::new(entry.span(), condition)),
        Err(fault) => {
            let characters = fault.span.start..fault.span.end;
            let span = stretch(reader, entry.span(), text.get_ref(), characters);
            reader.error(span, "invalid-gate", fault.message).help = fault.help;
            None
        }
    }
}

/// The stretch of the manifest in which some characters of a text stand; all of the text with its quotes for all of them.
fn stretch(reader: &Reader, token: Span, text: &str, characters: std::ops::Range<usize>) -> Span {
    if characters == (0..text.chars().count()) {
        return token;
    }
    let raw = &reader.text.inner()[token.clone()];
    let at = |character| token.start + within::place(raw, character);
    // Nothing can be underlined behind the end but the closing quote.
    let (start, end) = (at(characters.start), at(characters.end));
    start..end.max(start + 1)
}

impl Gate {
    /// The gate of these conditions.
    pub(in crate::manifest) fn new(conditions: Vec<Condition>) -> Gate {
        debug_assert!(
            !conditions.is_empty(),
            "a gate without conditions is refused"
        );
        Gate { conditions }
    }
}
