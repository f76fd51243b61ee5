//! Which texts mean "no value".
use crate::config::Config;

/// The texts that mean "no value", and whether fields are trimmed before they are looked at.
#[derive(Clone, Debug)]
pub struct Nulls {
    texts: Vec<Vec<u8>>,
    /// Whether the empty text is one, and whether one begins with a byte: nearly every field is told by these alone.
    empty: bool,
    begins: Box<[bool; 256]>,
    longest: usize,
    trim: bool,
}

impl Nulls {
    /// As the config says.
    pub fn new(config: &Config) -> Nulls {
        let texts: Vec<_> = config
            .nulls
            .iter()
            .map(|text| text.clone().into_bytes())
            .collect();
        let mut begins = Box::new([false; 256]);
        for first in texts.iter().filter_map(|text| text.first()) {
            begins[usize::from(*first)] = true;
        }
        Nulls {
            empty: texts.iter().any(Vec::is_empty),
            begins,
            longest: texts.iter().map(Vec::len).max().unwrap_or(0),
            texts,
            trim: config.trim,
        }
    }

    /// The field without what `trim` drops.
    #[inline]
    pub fn trimmed<'a>(&self, field: &'a [u8]) -> &'a [u8] {
        if self.trim { field.trim_ascii() } else { field }
    }

    /// Whether the field, trimmed already, means "no value".
    #[inline]
    pub fn contains(&self, field: &[u8]) -> bool {
        match field.first() {
            None => self.empty,
            Some(first) => {
                self.begins[usize::from(*first)]
                    && field.len() <= self.longest
                    && self.texts.iter().any(|text| text == field)
            }
        }
    }
}
