//! Binary values as text: base64 of RFC 4648, with padding.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text of bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for piece in bytes.chunks(3) {
        let mut group = [0; 4];
        group[1..=piece.len()].copy_from_slice(piece);
        let group = u32::from_be_bytes(group);
        for place in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= piece.len() {
                letter.into()
            } else {
                '='
            });
        }
    }
    text
}

/// Adds the bytes of a text; false when it is no base64, or not as it is written above.
pub(crate) fn decode(text: &str, bytes: &mut Vec<u8>) -> bool {
    if !text.len().is_multiple_of(4) {
        return false;
    }
    let letters = text.trim_end_matches('=').as_bytes();
    if text.len() - letters.len() > 2 {
        return false;
    }
    letters.chunks(4).all(|piece| group(piece, bytes))
}

fn group(piece: &[u8], bytes: &mut Vec<u8>) -> bool {
    let mut bits = 0u32;
    for letter in piece {
        let Some(value) = value(*letter) else {
            return false;
        };
        bits = bits << 6 | value;
    }
    bits <<= 6 * (4 - piece.len());
    let group = bits.to_be_bytes();
    bytes.extend_from_slice(&group[1..piece.len()]);
    // Bits that belong to no byte have to be zero: each value has one text.
    group[piece.len()..].iter().all(|rest| *rest == 0)
}

fn value(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_rfc_s_examples() {
        let examples = [
            "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
        ];
        for (length, text) in examples.iter().enumerate() {
            let bytes = &b"foobar"[..length];
            assert_eq!(encode(bytes), *text);
            let mut read = Vec::new();
            assert!(decode(text, &mut read));
            assert_eq!(read, bytes);
        }
    }

    #[test]
    fn no_other_text_is_taken() {
        for text in [
            "Zg", "Z===", "====", "Zh==", "Zm9=", "Z*==", "Zg==Zg==", "Zg=\n", "é===", "Z=g=",
        ] {
            assert!(!decode(text, &mut Vec::new()), "{text}");
        }
    }
}
