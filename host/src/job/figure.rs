//! Floats in stored documents: JSON has no NaN and no infinities, figures do. They are written as the strings "NaN",
//! "Infinity" and "-Infinity".

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Name(String),
}

fn written(value: f64) -> Written {
    if value.is_nan() {
        Written::Name("NaN".into())
    } else if value == f64::INFINITY {
        Written::Name("Infinity".into())
    } else if value == f64::NEG_INFINITY {
        Written::Name("-Infinity".into())
    } else {
        Written::Number(value)
    }
}

fn read<E: serde::de::Error>(written: Written) -> Result<f64, E> {
    match written {
        Written::Number(value) => Ok(value),
        Written::Name(name) => match name.as_str() {
            "NaN" => Ok(f64::NAN),
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            other => Err(E::custom(format!("{other:?} is no number"))),
        },
    }
}

/// For `#[serde(with)]` on an `f64`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        written(*value).serialize(serializer)
    } else {
        serializer.serialize_f64(*value)
    }
}

/// For `#[serde(with)]` on an `f64`.
///
/// # Errors
/// Those of the deserializer, and for a string that names no number.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    if deserializer.is_human_readable() {
        read(Written::deserialize(deserializer)?)
            .map_err(|e: serde::de::value::Error| D::Error::custom(e))
    } else {
        f64::deserialize(deserializer)
    }
}

/// For `#[serde(with)]` on an `Option<f64>`.
pub mod option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Figure(#[serde(with = "super")] f64);

    /// See [`super::serialize`].
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        value.map(Figure).serialize(serializer)
    }

    /// See [`super::deserialize`].
    ///
    /// # Errors
    /// Those of the deserializer, and for a string that names no number.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Figure>::deserialize(deserializer)?.map(|figure| figure.0))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Holder {
        #[serde(with = "super")]
        value: f64,
        #[serde(with = "super::option")]
        maybe: Option<f64>,
    }

    #[test]
    fn every_float_survives_both_codecs() {
        for value in [
            0.0,
            -0.0,
            1.5,
            f64::MAX,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            for maybe in [None, Some(value)] {
                let holder = Holder { value, maybe };
                let json: Holder =
                    serde_json::from_str(&serde_json::to_string(&holder).unwrap()).unwrap();
                let wire: Holder =
                    postcard::from_bytes(&postcard::to_stdvec(&holder).unwrap()).unwrap();
                for back in [json, wire] {
                    assert_eq!(back.value.to_bits(), value.to_bits());
                    assert_eq!(back.maybe.map(f64::to_bits), maybe.map(f64::to_bits));
                }
            }
        }
    }
}
