//! The error type of the HTTP layer. Handlers return it; the outermost middleware renders it as a problem document.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, ResponseError};
use chrono::{DateTime, Utc};

use super::problem::{Mistake, Problem, ProblemCode};
use crate::platform::db;
use crate::platform::mistakes::MistakeCode;

/// What a client needs to go on after the log was put back.
#[derive(Clone, Debug)]
pub struct ForkDetails {
    /// The newest entry in common.
    pub last_common: i64,
    /// When it was written.
    pub since: Option<DateTime<Utc>>,
    /// The URL that follows the log after it.
    pub next: String,
}

/// What clients are told if nothing can be stored.
const NOT_WRITABLE: &str = "The database cannot be written at the moment.";

/// A record that has a new slug.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The slug in the request.
    pub old: String,
    /// The new one.
    pub new: String,
    /// The parameter of the query that names the record; `None` if the path does.
    pub parameter: Option<String>,
}

/// A failed request.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// The kind of problem.
    pub code: ProblemCode,
    /// What happened this time. Never contains the cause of a server error.
    pub detail: String,
    /// The mistakes, each with its location.
    pub mistakes: Vec<Mistake>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
    /// If the record has a new slug.
    pub moved: Option<Box<Moved>>,
    /// If the log was put back: the last entry in common, and the URL that goes on after it.
    fork: Option<Box<ForkDetails>>,
    /// The header that problems of this kind require: `Allow` or `WWW-Authenticate`.
    header: Option<Box<(HeaderName, String)>>,
    /// The cause of a server error, for the log only.
    pub cause: Option<Box<str>>,
}

impl ApiError {
    /// A problem of this kind.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            mistakes: Vec::new(),
            retry_after: None,
            moved: None,
            fork: None,
            header: None,
            cause: None,
        }
    }

    /// The same, to be tried again after so many seconds.
    pub fn with_retry_after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// The same with a header that problems of this kind require.
    pub fn with_header(self, name: HeaderName, value: impl Into<String>) -> Self {
        Self {
            header: Some(Box::new((name, value.into()))),
            ..self
        }
    }

    /// The same with a challenge, which has the attributes `error` (RFC 6750, 3).
    pub fn with_challenge(self, error: &str) -> Self {
        let challenge = format!("Bearer realm=\"answerable\"{error}");
        self.with_header(header::WWW_AUTHENTICATE, challenge)
    }

    /// A query with mistakes in it.
    pub fn query(mistakes: Vec<Mistake>) -> Self {
        let detail = match mistakes.len() {
            1 => "1 parameter is invalid.".to_owned(),
            count => format!("{count} parameters are invalid."),
        };
        Self {
            mistakes,
            ..Self::new(ProblemCode::InvalidQuery, detail)
        }
    }

    /// A query with one mistake in it.
    pub fn parameter(code: MistakeCode, parameter: &str, detail: impl Into<String>) -> Self {
        Self::query(vec![Mistake::parameter(code, parameter, detail)])
    }

    /// A body with mistakes in it, each with its JSON pointer.
    pub fn validation(mistakes: Vec<Mistake>) -> Self {
        let detail = match mistakes.len() {
            1 => "The document has 1 mistake.".to_owned(),
            count => format!("The document has {count} mistakes."),
        };
        Self {
            mistakes,
            ..Self::new(ProblemCode::ValidationFailed, detail)
        }
    }

    /// The same mistakes, of a record that cannot be removed because others name it.
    pub fn in_use(self) -> Self {
        let detail = "Other records name this one: remove or change them first; or merge it into another record with 'merged_into', \
                      which then takes its place; or withdraw it.";
        Self {
            code: ProblemCode::InUse,
            detail: detail.to_owned(),
            ..self
        }
    }

    /// A body with more bytes than the limit.
    pub fn body_too_large(limit: u64) -> Self {
        let detail = format!("The body may have at most {limit} bytes.");
        Self::new(ProblemCode::PayloadTooLarge, detail)
    }

    /// A missing token.
    pub fn unauthenticated() -> Self {
        let detail = "This request requires a token.";
        Self::new(ProblemCode::Unauthenticated, detail).with_challenge("")
    }

    /// An invalid token (RFC 6750, 3).
    pub fn bad_token(reason: &str) -> Self {
        let detail = format!("Token rejected: {reason}.");
        let error = format!(", error=\"invalid_token\", error_description=\"{reason}\"");
        Self::new(ProblemCode::InvalidToken, detail).with_challenge(&error)
    }

    /// No such record, or none that the caller may see.
    pub fn not_found() -> Self {
        Self::new(
            ProblemCode::NotFound,
            "There is no such record, or it is not public.",
        )
    }

    /// The record has a new slug. The middleware redirects (308) to the same path and query under the new slug.
    pub fn moved(old: &str, new: &str) -> Self {
        Self {
            moved: Some(Box::new(Moved {
                old: old.to_owned(),
                new: new.to_owned(),
                parameter: None,
            })),
            ..Self::not_found()
        }
    }

    /// The same redirect for a record that is named by a parameter of the query.
    pub fn in_parameter(mut self, parameter: &str) -> Self {
        if let Some(moved) = &mut self.moved {
            moved.parameter = Some(parameter.to_owned());
        }
        self
    }

    /// The log was put back, and no longer has what was shown to the client.
    pub fn log_forked(fork: ForkDetails) -> Self {
        let detail = format!(
            "The log was put back. It has lost entries after {} that what you have read depends on.",
            fork.last_common
        );
        Self {
            fork: Some(Box::new(fork)),
            ..Self::new(ProblemCode::LogForked, detail)
        }
    }

    /// A server error. The middleware logs the cause; the client does not see it.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string().into()),
            ..Self::new(
                ProblemCode::Internal,
                "The failure has been logged under this request's id.",
            )
        }
    }

    /// The database is temporarily unavailable.
    pub fn unavailable(cause: &dyn std::fmt::Display) -> Self {
        let detail = "The database is busy or unreachable.";
        Self {
            cause: Some(cause.to_string().into()),
            ..Self::new(ProblemCode::Unavailable, detail).with_retry_after(1)
        }
    }

    /// Nothing can be stored at the moment.
    fn storage_unavailable(cause: &dyn std::fmt::Display, detail: &str) -> Self {
        Self {
            cause: Some(cause.to_string().into()),
            ..Self::new(ProblemCode::StorageUnavailable, detail).with_retry_after(10)
        }
    }

    /// The document that the client gets. `base` is the URL where clients reach this API.
    pub fn into_document(self, base: &str, path: &str, request_id: &str) -> Problem {
        let fork = self.fork.map(|fork| *fork);
        let since = fork.as_ref().and_then(|fork| fork.since);
        let (last_common, next) = fork.map(|fork| (fork.last_common, fork.next)).unzip();
        Problem {
            kind: format!("{base}/problems/{}", self.code),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail,
            instance: path.to_owned(),
            code: self.code.to_string(),
            request_id: request_id.to_owned(),
            errors: self.mistakes,
            last_common,
            since,
            next,
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for ApiError {}

impl From<db::Error> for ApiError {
    fn from(error: db::Error) -> Self {
        match &error {
            db::Error::Busy | db::Error::Connect(_) => Self::unavailable(&error),
            db::Error::Query(statement) if db::error::is_lost(statement) => {
                Self::unavailable(&error)
            }
            db::Error::FileReplaced => {
                Self::storage_unavailable(&error, "The database was replaced or is gone.")
            }
            db::Error::NotWritable => Self::storage_unavailable(&error, NOT_WRITABLE),
            db::Error::Query(statement) if db::error::is_not_writable(statement) => {
                Self::storage_unavailable(&error, NOT_WRITABLE)
            }
            _ => Self::internal(&error),
        }
    }
}

impl From<diesel::result::Error> for ApiError {
    fn from(error: diesel::result::Error) -> Self {
        db::Error::Query(error).into()
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut builder = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after {
            builder.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some((name, value)) = self.header.as_deref() {
            builder.insert_header((name.clone(), value.as_str()));
        }
        let mut response = builder.finish();
        response.extensions_mut().insert(self.clone());
        response
    }
}
