//! An index of OCI: manifests that go together, or all those of an image layout.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::manifest::Descriptor;
use crate::canonical_json::{self, CanonicalError};

/// The media type of an index.
pub const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";

/// An index. What other tools wrote into it and is not looked at here stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    schema_version: u32,
    /// The manifests, in order.
    pub manifests: Vec<Entry>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

/// A manifest in an index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Which one.
    #[serde(flatten)]
    pub manifest: Descriptor,
    /// What else is said of it, such as its platform.
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

impl From<Descriptor> for Entry {
    fn from(manifest: Descriptor) -> Entry {
        Entry {
            manifest,
            rest: BTreeMap::new(),
        }
    }
}

impl Index {
    /// An index of these.
    pub fn new(manifests: Vec<Entry>) -> Index {
        let media_type = Value::from(INDEX_TYPE);
        Index {
            schema_version: 2,
            manifests,
            rest: BTreeMap::from([("mediaType".to_owned(), media_type)]),
        }
    }

    /// Its bytes: keys sorted and no space, so that equal indexes are equal bytes.
    ///
    /// # Errors
    /// When another tool wrote a number into it that is none.
    pub fn to_json(&self) -> Result<String, CanonicalError> {
        canonical_json::to_string(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_other_tools_wrote_stays() {
        let text = concat!(
            r#"{"annotations":{"a":"b"},"manifests":[{"digest":"sha256:"#,
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            r#"","mediaType":"x/y","platform":{"architecture":"amd64","os":"linux"},"size":2}],"schemaVersion":2}"#
        );
        let index: Index = serde_json::from_str(text).unwrap();
        assert_eq!(index.manifests[0].manifest.size, 2);
        assert_eq!(index.to_json().unwrap(), text);
    }
}
