//! Canonical JSON: one text for one value, so that equal documents have equal digests.
//!
//! Keys are sorted by their UTF-8 bytes and occur once; there is no white space; an integer has no fraction and a float always
//! has one (`1` and `1.0` are distinct); a float is written with the fewest digits that bring back the same 64 bit float; a
//! float that is not finite is refused. Strings escape `"`, `\` and control characters only, as serde_json does.

use std::fmt::Display;

use serde::ser::{self, Serialize};

/// Why a value has no canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}{}", if at.is_empty() { String::new() } else { format!(" (at {at})") })]
pub struct CanonicalError {
    /// Where in the value, as a JSON pointer (RFC 6901); empty for the value as a whole.
    pub at: String,
    /// What is wrong with it.
    pub what: String,
}

impl CanonicalError {
    fn new(what: impl Into<String>) -> CanonicalError {
        CanonicalError {
            at: String::new(),
            what: what.into(),
        }
    }

    /// The same error, seen from the parent that holds the value under `key`.
    fn under(mut self, key: impl Display) -> CanonicalError {
        let key = key.to_string().replace('~', "~0").replace('/', "~1");
        self.at = format!("/{key}{}", self.at);
        self
    }
}

impl ser::Error for CanonicalError {
    fn custom<T: Display>(message: T) -> CanonicalError {
        CanonicalError::new(message.to_string())
    }
}

/// The canonical JSON of a value.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, CanonicalError> {
    value.serialize(Text)
}

type Result<T, E = CanonicalError> = std::result::Result<T, E>;

/// Serialises a value to its text.
struct Text;

fn quoted(text: &str) -> Result<String> {
    serde_json::to_string(text).map_err(ser::Error::custom)
}

macro_rules! displayed {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<String> {
            Ok(value.to_string())
        })*
    };
}

impl ser::Serializer for Text {
    type Ok = String;
    type Error = CanonicalError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Object;
    type SerializeStruct = Object;
    type SerializeStructVariant = Object;

    displayed!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128);

    fn serialize_f32(self, value: f32) -> Result<String> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<String> {
        let number = serde_json::Number::from_f64(value)
            .ok_or_else(|| CanonicalError::new(format!("{value} cannot be written as JSON")))?;
        Ok(number.to_string())
    }

    fn serialize_char(self, value: char) -> Result<String> {
        quoted(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<String> {
        quoted(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<String> {
        value.serialize(self)
    }

    fn serialize_none(self) -> Result<String> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<String> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<String> {
        Ok("null".to_owned())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<String> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<String> {
        quoted(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<String> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<String> {
        let mut object = Object::new(None);
        object.insert(variant, value)?;
        object.text()
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<List> {
        Ok(List::new(None))
    }

    fn serialize_tuple(self, _len: usize) -> Result<List> {
        Ok(List::new(None))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<List> {
        Ok(List::new(None))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<List> {
        Ok(List::new(Some(variant)))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Object> {
        Ok(Object::new(None))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Object> {
        Ok(Object::new(None))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Object> {
        Ok(Object::new(Some(variant)))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<String> {
        quoted(&value.to_string())
    }
}

/// Wraps the text of a variant's content, as serde's externally tagged form does.
fn tagged(variant: Option<&'static str>, text: String) -> Result<String> {
    match variant {
        None => Ok(text),
        Some(name) => Ok(format!("{{{}:{text}}}", quoted(name)?)),
    }
}

/// An array under construction.
struct List {
    variant: Option<&'static str>,
    text: String,
    len: usize,
}

impl List {
    fn new(variant: Option<&'static str>) -> List {
        List {
            variant,
            text: "[".to_owned(),
            len: 0,
        }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let item = to_string(value).map_err(|error| error.under(self.len))?;
        if self.len > 0 {
            self.text.push(',');
        }
        self.text.push_str(&item);
        self.len += 1;
        Ok(())
    }

    fn text(mut self) -> Result<String> {
        self.text.push(']');
        tagged(self.variant, self.text)
    }
}

/// An object under construction: its members as text, not yet sorted.
struct Object {
    variant: Option<&'static str>,
    members: Vec<(String, String)>,
    key: Option<String>,
}

impl Object {
    fn new(variant: Option<&'static str>) -> Object {
        Object {
            variant,
            members: Vec::new(),
            key: None,
        }
    }

    fn insert<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<()> {
        let text = to_string(value).map_err(|error| error.under(key))?;
        self.members.push((key.to_owned(), text));
        Ok(())
    }

    fn text(mut self) -> Result<String> {
        self.members.sort();
        if let Some(pair) = self.members.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(CanonicalError::new("the key occurs twice").under(&pair[0].0));
        }
        let mut text = "{".to_owned();
        for (index, (key, value)) in self.members.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&quoted(key)?);
            text.push(':');
            text.push_str(value);
        }
        text.push('}');
        tagged(self.variant, text)
    }
}

/// A map's key: a string, or something that JSON writes as one (an integer, a boolean, a unit variant).
fn key_text<T: Serialize + ?Sized>(key: &T) -> Result<String> {
    let text = to_string(key)?;
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(&text).map_err(ser::Error::custom),
        Some(b'-' | b'0'..=b'9') if !text.contains(['.', 'e']) => Ok(text),
        Some(b't' | b'f') => Ok(text),
        _ => Err(CanonicalError::new(format!("{text} cannot be a key"))),
    }
}

macro_rules! lists {
    ($($trait:ident: $method:ident),*) => {
        $(impl ser::$trait for List {
            type Ok = String;
            type Error = CanonicalError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.push(value)
            }

            fn end(self) -> Result<String> {
                self.text()
            }
        })*
    };
}

lists!(SerializeSeq: serialize_element, SerializeTuple: serialize_element, SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field);

macro_rules! structs {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Object {
            type Ok = String;
            type Error = CanonicalError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<()> {
                self.insert(key, value)
            }

            fn end(self) -> Result<String> {
                self.text()
            }
        })*
    };
}

structs!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Object {
    type Ok = String;
    type Error = CanonicalError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = Some(key_text(key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let key = self
            .key
            .take()
            .ok_or_else(|| CanonicalError::new("a value came without a key"))?;
        self.insert(&key, value)
    }

    fn end(self) -> Result<String> {
        self.text()
    }
}

#[cfg(test)]
mod tests;
