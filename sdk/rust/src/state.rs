//! The state of a step as bytes.
//!
//! [`to_bytes`] and [`from_bytes`] write and read anything that serde can, for [`Score::save`] and [`Score::load`]. Around what
//! `save` gives the SDK puts a frame, so that a state that is cut off, damaged, of another version or of something else is refused
//! in words, and never misread:
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `lfstate1` |
//! | 4 | [`Score::VERSION`], little-endian as all that follows |
//! | 1 | length of the kind |
//! | … | [`Score::KIND`], UTF-8 |
//! | 8 | length of the payload |
//! | … | the payload |
//! | 4 | CRC-32 (IEEE) of all bytes before |
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Score;

pub mod schema;

const MAGIC: &[u8; 8] = b"lfstate1";
const CHECKSUM: usize = size_of::<u32>();

/// A value as bytes, in the format of postcard: compact, and equal for equal values as long as its maps have an order.
///
/// # Panics
/// When a `Serialize` of its own refuses to serialize, or a sequence does not know its length; derived ones always do.
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("a state is plain data")
}

/// The value that [`to_bytes`] wrote.
///
/// # Errors
/// When the bytes are not those of a T, or more than those.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(format!(
            "the state has {} bytes more than the scorer knows of",
            rest.len()
        )),
        Err(error) => Err(format!("the state cannot be read: {error}")),
    }
}

/// The state of a step, framed: what `run` of world `train` hands to the host, and `load` of world `score` takes.
///
/// # Panics
/// When [`Score::KIND`] is longer than 255 bytes.
pub fn frame<S: Score>(step: &S) -> Vec<u8> {
    let payload = step.save();
    let kind = u8::try_from(S::KIND.len()).expect("a kind has at most 255 bytes");
    let mut bytes = Vec::with_capacity(payload.len() + S::KIND.len() + 25);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&S::VERSION.to_le_bytes());
    bytes.push(kind);
    bytes.extend_from_slice(S::KIND.as_bytes());
    bytes.extend_from_slice(&(payload.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&payload);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}

/// The step of a framed state.
///
/// # Errors
/// When the state is no state, cut off, damaged, of another version or another kind, or [`Score::load`] refuses it.
pub fn unframe<S: Score>(bytes: &[u8]) -> Result<S, String> {
    S::load(payload::<S>(bytes)?)
}

fn payload<S: Score>(bytes: &[u8]) -> Result<&[u8], String> {
    if bytes.is_empty() {
        return Err("the state is empty".to_owned());
    }
    if !MAGIC.starts_with(&bytes[..bytes.len().min(MAGIC.len())]) {
        return Err("this is not the state of a step: it does not begin like one".to_owned());
    }
    let mut rest = Rest(bytes);
    rest.take(MAGIC.len())?;
    let version = u32::from_le_bytes(rest.array()?);
    let kind = usize::from(rest.array::<1>()?[0]);
    let kind = rest.take(kind)?;
    if kind != S::KIND.as_bytes() {
        let (is, wanted) = (String::from_utf8_lossy(kind), S::KIND);
        return Err(format!("this is a state of {is:?}, not of {wanted:?}"));
    }
    if version != S::VERSION {
        return Err(format!(
            "the state has version {version} of its format and this scorer reads version {}: \
             fit the step again, or score with the plugin that fitted it",
            S::VERSION
        ));
    }
    let length = u64::from_le_bytes(rest.array()?);
    let whole = length.saturating_add(CHECKSUM as u64);
    let there = rest.0.len() as u64;
    if there < whole {
        return Err(cut_off(&format!("{} bytes are missing", whole - there)));
    }
    if there > whole {
        let surplus = there - whole;
        return Err(format!("{surplus} bytes stand behind the end of the state"));
    }
    let (framed, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    if checksum != crc32fast::hash(framed).to_le_bytes() {
        return Err("the state is damaged: its checksum is not that of its content".to_owned());
    }
    Ok(&rest.0[..rest.0.len() - CHECKSUM])
}

fn cut_off(detail: &str) -> String {
    format!("the state is cut off: {detail}")
}

/// The bytes that are not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| cut_off("it ends in its header"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let taken = self.take(N)?;
        Ok(taken.try_into().expect("as many as were asked for"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use arrow_array::{ArrayRef, RecordBatch};
    use arrow_schema::{Schema, SchemaRef};

    use super::*;

    /// A step that is nothing but its payload.
    #[derive(Debug, PartialEq)]
    struct Bytes<const VERSION: u32, const OTHER: bool>(Vec<u8>);

    impl<const VERSION: u32, const OTHER: bool> Score for Bytes<VERSION, OTHER> {
        const VERSION: u32 = VERSION;
        const KIND: &'static str = if OTHER { "other" } else { "bytes" };
        fn takes(&self) -> SchemaRef {
            Schema::empty().into()
        }
        fn gives(&self) -> SchemaRef {
            Schema::empty().into()
        }
        fn save(&self) -> Vec<u8> {
            self.0.clone()
        }
        fn load(payload: &[u8]) -> Result<Self, String> {
            Ok(Bytes(payload.to_vec()))
        }
        fn score(&self, _: &RecordBatch) -> Result<Vec<ArrayRef>, String> {
            Ok(vec![])
        }
    }

    type One = Bytes<1, false>;

    fn framed() -> Vec<u8> {
        frame(&Bytes::<1, false>(b"payload".to_vec()))
    }

    fn refusal(bytes: &[u8]) -> String {
        unframe::<One>(bytes).unwrap_err()
    }

    #[test]
    fn the_frame_is_as_documented() {
        let head = b"lfstate1\x01\0\0\0\x05bytes\x07\0\0\0\0\0\0\0payload";
        assert_eq!(&framed()[..head.len()], head);
        assert_eq!(framed().len(), head.len() + 4);
        assert_eq!(unframe::<One>(&framed()).unwrap(), Bytes(b"payload".into()));
        assert_eq!(
            unframe::<One>(&frame::<One>(&Bytes(vec![]))).unwrap().0,
            b""
        );
    }

    #[test]
    fn every_cut_is_seen() {
        let whole = framed();
        assert_eq!(refusal(b""), "the state is empty");
        for end in 1..whole.len() {
            let message = refusal(&whole[..end]);
            assert!(message.contains("cut off"), "{end}: {message}");
        }
        assert!(refusal(&whole[..whole.len() - 5]).contains("5 bytes are missing"));
        let longer = [whole, vec![0; 3]].concat();
        assert!(refusal(&longer).contains("3 bytes stand behind"));
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        for at in 0..framed().len() * 8 {
            let mut damaged = framed();
            damaged[at / 8] ^= 1 << (at % 8);
            assert!(unframe::<One>(&damaged).is_err(), "bit {at}");
        }
    }

    #[test]
    fn other_states_are_told_apart() {
        assert!(refusal(b"PAR1 and what follows").contains("not the state of a step"));
        let newer = frame(&Bytes::<2, false>(vec![]));
        assert!(
            refusal(&newer).contains("version 2 of its format and this scorer reads version 1")
        );
        let other = frame(&Bytes::<1, true>(vec![]));
        assert_eq!(
            refusal(&other),
            "this is a state of \"other\", not of \"bytes\""
        );
    }

    #[test]
    fn values_come_back_whole_or_not_at_all() {
        let value = (
            vec![1.5_f64, -0.0, f64::MAX],
            Some("text".to_owned()),
            7_u64,
        );
        let bytes = to_bytes(&value);
        assert_eq!(
            from_bytes::<(Vec<f64>, Option<String>, u64)>(&bytes),
            Ok(value)
        );
        for end in 0..bytes.len() {
            assert!(from_bytes::<(Vec<f64>, Option<String>, u64)>(&bytes[..end]).is_err());
        }
        let more = from_bytes::<Vec<f64>>(&bytes).unwrap_err();
        assert!(more.contains("bytes more than"), "{more}");
    }
}
