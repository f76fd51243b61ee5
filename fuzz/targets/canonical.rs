//! Canonical JSON: a value comes back from its text, and has one text.

use lockflight::canonical_json::to_string;
use serde_json::Value;

/// Whether anything was taken.
pub fn run(data: &[u8]) -> bool {
    let Ok(value) = serde_json::from_slice::<Value>(data) else {
        return false;
    };
    let text = to_string(&value).expect("JSON has no float that JSON cannot hold");
    let back: Value = serde_json::from_str(&text).expect("canonical JSON is JSON");
    assert_eq!(back, value);
    assert_eq!(to_string(&back).expect("it was written before"), text);
    true
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        r#"{"b":[1,1.0,-0.0,1e300,null,true,1e-7,0.1,123456789.123456789],"a":{"ü":"\u0001\"\\/","":{}},"B":[]}"#,
        "[18446744073709551615,-9223372036854775808,1.7976931348623157e308,5e-324,2.2250738585072014e-308]",
        r#"[[[[{"a":{"a":{"a":[0.30000000000000004]}}}]]]]"#,
    ]
    .map(Vec::from)
    .into()
}
