//! The paths of the server and what is answered there.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, Path, Request, State as Shared, rejection::BytesRejection,
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jiff::Timestamp;
use lockflight_oip::{ErrorKind, RequestError, error_body, metadata};
use serde_json::{Value, json};

use super::{
    State,
    log::Noted,
    model::{Served, Version},
    pool::PoolError,
    question::Question,
    sandbox::SandboxError,
};
use crate::enforcement::{Point, stands};

type App = Shared<Arc<State>>;
type Answer = Result<Response, Refused>;
/// How long a body may be on its way.
const BODY_TIME: Duration = Duration::from_secs(10);

/// A body that came whole and in time.
struct Body(Bytes);

impl FromRequest<Arc<State>> for Body {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Body, Refused> {
        match tokio::time::timeout(BODY_TIME, Bytes::from_request(request, state)).await {
            Ok(bytes) => Ok(Body(bytes?)),
            Err(_) => Err(Refused::new(
                StatusCode::REQUEST_TIMEOUT,
                format!("the body was not here after {} s", BODY_TIME.as_secs()),
            )),
        }
    }
}

/// All paths.
pub fn router(state: Arc<State>, body: usize) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/predict/{name}", post(predict))
        .route("/v2", get(server))
        .route("/v2/health/live", get(live))
        .route("/v2/health/ready", get(ready))
        .route("/v2/models/{name}", get(model))
        .route("/v2/models/{name}/ready", get(model_ready))
        .route("/v2/models/{name}/infer", post(infer_newest))
        .route("/v2/models/{name}/versions/{version}", get(version))
        .route(
            "/v2/models/{name}/versions/{version}/ready",
            get(version_ready),
        )
        .route(
            "/v2/models/{name}/versions/{version}/infer",
            post(infer_version),
        )
        .fallback(nothing)
        .method_not_allowed_fallback(not_allowed)
        .layer(match stands(Point::ServeBody) {
            true => DefaultBodyLimit::max(body),
            false => DefaultBodyLimit::disable(),
        })
        .with_state(state)
}

/// A request that gets no prediction.
struct Refused {
    status: StatusCode,
    message: String,
}

impl Refused {
    fn new(status: StatusCode, message: impl Into<String>) -> Refused {
        Refused {
            status,
            message: message.into(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = (self.status, JSON, error_body(&self.message)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            let soon = header::HeaderValue::from_static("1");
            response.headers_mut().insert(header::RETRY_AFTER, soon);
        }
        response
    }
}

impl From<RequestError> for Refused {
    fn from(error: RequestError) -> Refused {
        let status = match error.kind() {
            ErrorKind::Malformed | ErrorKind::Invalid => StatusCode::BAD_REQUEST,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        };
        Refused::new(status, error.message())
    }
}

impl From<PoolError> for Refused {
    fn from(error: PoolError) -> Refused {
        let status = match &error {
            PoolError::Request(error) => return error.clone().into(),
            PoolError::Full | PoolError::Closed => StatusCode::SERVICE_UNAVAILABLE,
            PoolError::Sandbox(SandboxError::Rows(_)) => StatusCode::BAD_REQUEST,
            PoolError::Sandbox(SandboxError::Deadline(_)) => StatusCode::GATEWAY_TIMEOUT,
            PoolError::Sandbox(SandboxError::Step(_)) | PoolError::Answer(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Refused::new(status, error.to_string())
    }
}

impl From<BytesRejection> for Refused {
    fn from(error: BytesRejection) -> Refused {
        Refused::new(error.status(), error.body_text())
    }
}

/// What every answer is.
const JSON: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

fn json_of(value: &Value) -> Response {
    (JSON, value.to_string()).into_response()
}

/// What a person sees who looks where nothing is: what can be asked.
async fn index(Shared(state): App) -> Response {
    let endpoints = state.endpoints.values().map(|served| {
        let versions: Vec<_> = served.versions().map(|version| version.number).collect();
        json!({
            "name": served.name, "versions": versions,
            "predict": format!("/predict/{}", served.name),
            "metadata": format!("/v2/models/{}", served.name),
        })
    });
    json_of(&json!({
        "server": "lockflight", "version": crate::VERSION,
        "endpoints": endpoints.collect::<Vec<_>>(),
    }))
}

async fn server() -> Response {
    json_of(&json!({ "name": "lockflight", "version": crate::VERSION, "extensions": [] }))
}

async fn live() -> Response {
    json_of(&json!({ "live": true }))
}

/// The address is taken once all models are loaded.
async fn ready() -> Response {
    json_of(&json!({ "ready": true }))
}

async fn nothing() -> Refused {
    Refused::new(
        StatusCode::NOT_FOUND,
        "there is nothing at this path; GET / shows what there is",
    )
}

async fn not_allowed() -> Refused {
    Refused::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path is asked in another way: predictions by POST, all else by GET",
    )
}

impl State {
    fn served(&self, name: &str) -> Result<&Served, Refused> {
        self.endpoints.get(name).ok_or_else(|| {
            let names: Vec<_> = self.endpoints.keys().map(String::as_str).collect();
            let message = format!("there is no model {name:?}; there is {}", names.join(", "));
            Refused::new(StatusCode::NOT_FOUND, message)
        })
    }

    /// The version that the next request gets: by shares, evenly spread.
    fn next(&self, name: &str) -> Result<&Arc<Version>, Refused> {
        let served = self.served(name)?;
        let number = self.requests.load(Ordering::Relaxed);
        // The golden ratio's multiples are spread evenly over 0 to 1, however few of them there are.
        let at = (number as f64 * 0.618_033_988_749_894_8).fract();
        Ok(served.pick(at))
    }

    fn numbered(&self, name: &str, version: &str) -> Result<&Arc<Version>, Refused> {
        let served = self.served(name)?;
        let number = version.parse().ok();
        let found = number.and_then(|number| served.version(number));
        found.ok_or_else(|| {
            let known: Vec<_> = served.versions().map(|v| v.number.to_string()).collect();
            let known = known.join(", ");
            let message = format!("{name:?} has no version {version:?} here; it has {known}");
            Refused::new(StatusCode::NOT_FOUND, message)
        })
    }

    /// What is noted of a request that has just come.
    fn noted(&self) -> Noted {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        Noted {
            id: format!("{}-{number}", self.name),
            request: None,
            time: Timestamp::now().as_microsecond(),
        }
    }
}

fn described(served: &Served, version: &Version) -> Response {
    let versions: Vec<String> = served.versions().map(|v| v.number.to_string()).collect();
    let (takes, gives) = (&version.signature.takes, &version.signature.gives);
    json_of(&metadata(&served.name, &versions, takes, gives))
}

async fn model(Shared(state): App, Path(name): Path<String>) -> Answer {
    let served = state.served(&name)?;
    let newest = served.versions().last();
    Ok(described(
        served,
        newest.expect("an endpoint has a version"),
    ))
}

async fn version(Shared(state): App, Path((name, number)): Path<(String, String)>) -> Answer {
    let version = state.numbered(&name, &number)?;
    Ok(described(state.served(&name)?, version))
}

async fn model_ready(Shared(state): App, Path(name): Path<String>) -> Answer {
    let served = state.served(&name)?;
    Ok(json_of(&json!({ "name": served.name, "ready": true })))
}

async fn version_ready(Shared(state): App, Path((name, number)): Path<(String, String)>) -> Answer {
    state.numbered(&name, &number)?;
    Ok(json_of(&json!({ "name": name, "ready": true })))
}

async fn infer_newest(
    Shared(state): App,
    Path(name): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer {
    let version = Arc::clone(state.next(&name)?);
    infer(&state, &version, &headers, &body).await
}

async fn infer_version(
    Shared(state): App,
    Path((name, number)): Path<(String, String)>,
    headers: HeaderMap,
    Body(body): Body,
) -> Answer {
    let version = Arc::clone(state.numbered(&name, &number)?);
    infer(&state, &version, &headers, &body).await
}

async fn infer(state: &State, version: &Version, headers: &HeaderMap, body: &[u8]) -> Answer {
    if headers.contains_key("inference-header-content-length") {
        let message =
            "binary tensor data is not supported; send the tensors as JSON (binary_data=False)";
        return Err(Refused::new(StatusCode::BAD_REQUEST, message));
    }
    let noted = state.noted();
    let question = version.signature.tensors(body)?;
    answered(version.pool().answer(question, noted).await)
}

async fn predict(Shared(state): App, Path(name): Path<String>, Body(body): Body) -> Answer {
    let version = Arc::clone(state.next(&name)?);
    let noted = state.noted();
    let question = Question::Rows(body);
    answered(version.pool().answer(question, noted).await)
}

fn answered(body: Result<Vec<u8>, PoolError>) -> Answer {
    Ok((JSON, body?).into_response())
}
