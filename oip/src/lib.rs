//! Bodies of the Open Inference Protocol v2 over Arrow record batches: requests read, answers written.
//!
//! ```
//! use std::sync::Arc;
//! use arrow_schema::{DataType, Field, Schema};
//! use lockflight_oip::{Columns, Limits, infer, records};
//!
//! let takes = Schema::new(vec![
//!     Field::new("hr", DataType::Int8, false),
//!     Field::new("temp", DataType::Float64, true),
//! ]);
//! let takes = Columns::new(Arc::new(takes)).unwrap();
//! let limits = Limits { rows: 1000, text_bytes: 1 << 20 };
//!
//! let body = br#"[{"hr": 6, "temp": 0.24}, {"hr": 7, "season": 1}]"#;
//! let request = records::Request::read(body, &takes, &limits).unwrap();
//! assert_eq!(request.rows.num_rows(), 2);
//! assert_eq!(request.ignored, ["season"]);
//!
//! let body = br#"{"inputs": [{"name": "hr", "shape": [1], "datatype": "INT8", "data": [300]}]}"#;
//! let error = infer::Request::read(body, &takes, &limits).unwrap_err();
//! let said = "input \"hr\", data[0]: found 300, wants a whole number from -128 to 127";
//! assert_eq!(error.to_string(), said);
//! ```
//!
//! Two forms of request are read: the protocol's tensors ([`infer`]), and what a person tries first, objects with a key per
//! column ([`records`]). Both go from the text into the columns without a tree between them, so that one row costs a few
//! microseconds; what a model takes is prepared once, as [`Columns`].
//!
//! The crate knows no HTTP. A [`RequestError`] carries the sentence for whoever sent the request, and its
//! [kind](RequestError::kind). What is refused, and in which words, is in the crate's README.

mod base64;
mod builder;
mod cell;
mod columns;
mod datatype;
mod fault;
pub mod infer;
mod metadata;
mod moments;
mod of_text;
pub mod records;
mod trail;
mod written;

pub use columns::{ColumnError, Columns};
pub use datatype::Datatype;
pub use fault::{ErrorKind, Limits, RequestError};
pub use metadata::metadata;

/// The protocol's body for whatever went wrong: `{"error": text}`.
pub fn error_body(text: &str) -> Vec<u8> {
    let mut out = b"{\"error\":".to_vec();
    written::text(&mut out, text);
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn an_error_is_json_whatever_it_says() {
        let body = super::error_body("no \"hr\"\n");
        assert_eq!(body, br#"{"error":"no \"hr\"\n"}"#);
    }
}
