//! What a server answers to a fetch: any head and body is data, a redirect or an error in words; no word of it leads anywhere else.

use lockflight::fetch::{Judged, judge};
use lockflight::manifest::{FetchLimits, WebSource, WebUrl};
use ureq::Body;
use ureq::http::{HeaderName, HeaderValue, Response};

/// Whether it was no error.
pub fn run(data: &[u8]) -> bool {
    let Some(response) = response(data) else {
        return false;
    };
    let source = WebSource {
        url: "https://example.org/a/b.csv?c=d"
            .parse()
            .expect("this is an address"),
        headers: Vec::new(),
        sha256: None,
        limits: FetchLimits::DEFAULT,
    };
    let status = response.status().as_u16();
    let length = response.headers().get("content-length").cloned();
    let is_chunked = response.headers().contains_key("transfer-encoding");
    match judge(&source, response) {
        Ok(Judged::Data(validator)) => {
            assert_eq!(status, 200);
            if !is_chunked {
                let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
                let length: u64 = length.expect("a body without chunks has a length");
                assert!(length <= FetchLimits::DEFAULT.size.bytes());
            }
            // It is sent to the server the next time.
            if let Some((_, text)) = validator {
                assert!(HeaderValue::from_str(&text).is_ok());
            }
        }
        Ok(Judged::Same) => assert_eq!(status, 304),
        Ok(Judged::Elsewhere(url)) => {
            assert!((300..400).contains(&status));
            assert_eq!(url.as_str().parse::<WebUrl>().as_ref(), Ok(&url));
        }
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty());
            assert!(!text.contains(['\n', '\r', '\0', '\x1b']), "{text:?}");
            return false;
        }
    }
    true
}

/// `200`, a line for each field (`name: value`), an empty line and the body.
fn response(data: &[u8]) -> Option<Response<Body>> {
    let (status, mut rest) = line(data);
    let status: u16 = std::str::from_utf8(status).ok()?.parse().ok()?;
    let mut response = Response::builder().status(status);
    loop {
        let (field, after) = line(rest);
        rest = after;
        if field.is_empty() {
            break;
        }
        let colon = field.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&field[..colon]).ok()?;
        let value = HeaderValue::from_bytes(field[colon + 1..].trim_ascii()).ok()?;
        response = response.header(name, value);
    }
    response.body(Body::builder().data(rest)).ok()
}

fn line(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[]),
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    [
        "200\ncontent-length: 5\netag: \"v1\"\n\nrides",
        "200\ntransfer-encoding: chunked\ndate: Sun, 06 Nov 1994 08:49:37 GMT\nlast-modified: Sat, 05 Nov 1994 08:49:37 GMT\n\nrides",
        "200\ncontent-length: 5\ncontent-encoding: identity\nlast-modified: Sat, 05 Nov 1994 08:49:37 +0200\n\nrides",
        "304\netag: W/\"v1\"\n\n",
        "301\nlocation: https://b.example.org:8443/c/../d?e=f#g\n\n",
        "307\nlocation: ../../other%20file.csv\n\n",
        "302\nlocation: //b.example.org\n\n",
    ]
    .map(Vec::from)
    .into()
}
