//! The error type of the HTTP layer. Handlers return it; the outermost middleware renders it as a problem document.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};

use super::problem::{self, Kind, Mistake};

/// A failed request.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// The kind of problem.
    pub kind: &'static Kind,
    /// What happened this time. Never contains the cause of a server error.
    pub detail: String,
    /// The mistakes, each with its location.
    pub mistakes: Vec<Mistake>,
    /// Seconds to wait before trying again.
    pub retry_after: Option<u32>,
    /// The methods for `Allow`.
    pub allow: Option<Box<str>>,
    /// If the record has a new slug: the one in the path, and the new one.
    pub moved: Option<Box<(String, String)>>,
    /// The value of `WWW-Authenticate`.
    pub challenge: Option<Box<str>>,
    /// The cause of a server error, for the log only.
    pub cause: Option<Box<str>>,
}

impl ApiError {
    /// A problem of this kind.
    pub fn new(kind: &'static Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            mistakes: Vec::new(),
            retry_after: None,
            allow: None,
            moved: None,
            challenge: None,
            cause: None,
        }
    }

    /// A query with mistakes in it.
    pub fn query(mistakes: Vec<Mistake>) -> Self {
        let detail = match mistakes.len() {
            1 => "1 parameter is invalid.".to_owned(),
            count => format!("{count} parameters are invalid."),
        };
        Self {
            mistakes,
            ..Self::new(&problem::INVALID_QUERY, detail)
        }
    }

    /// A query with one mistake in it.
    pub fn parameter(code: &str, parameter: &str, detail: impl Into<String>) -> Self {
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
            ..Self::new(&problem::VALIDATION_FAILED, detail)
        }
    }

    /// A missing token.
    pub fn unauthenticated() -> Self {
        Self {
            challenge: Some("Bearer realm=\"answerable\"".into()),
            ..Self::new(&problem::UNAUTHENTICATED, "This request requires a token.")
        }
    }

    /// An invalid token (RFC 6750, 3).
    pub fn bad_token(reason: &str) -> Self {
        let challenge = format!(
            "Bearer realm=\"answerable\", error=\"invalid_token\", error_description=\"{reason}\""
        );
        Self {
            challenge: Some(challenge.into()),
            ..Self::new(
                &problem::INVALID_TOKEN,
                format!("Token rejected: {reason}."),
            )
        }
    }

    /// No such record, or none that the caller may see.
    pub fn not_found() -> Self {
        Self::new(
            &problem::NOT_FOUND,
            "There is no such record, or it is not public.",
        )
    }

    /// The record has a new slug. The middleware redirects (308) to the same path and query under the new slug.
    pub fn moved(old: &str, new: &str) -> Self {
        Self {
            moved: Some(Box::new((old.to_owned(), new.to_owned()))),
            ..Self::not_found()
        }
    }

    /// A server error. The middleware logs the cause; the client does not see it.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string().into()),
            ..Self::new(
                &problem::INTERNAL,
                "The failure has been logged under this request's id.",
            )
        }
    }

    /// A dependency of this request is temporarily unavailable.
    pub fn unavailable(cause: &dyn std::fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string().into()),
            retry_after: Some(1),
            ..Self::new(
                &problem::UNAVAILABLE,
                "The database is busy or unreachable.",
            )
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.slug, self.detail)
    }
}

impl std::error::Error for ApiError {}

impl From<crate::platform::db::Error> for ApiError {
    fn from(error: crate::platform::db::Error) -> Self {
        use crate::platform::db::Error;
        use diesel::result::{DatabaseErrorKind, Error as Statement};
        match &error {
            Error::Busy
            | Error::Connect(_)
            | Error::Query(Statement::BrokenTransactionManager)
            | Error::Query(Statement::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            )) => Self::unavailable(&error),
            _ => Self::internal(&error),
        }
    }
}

impl From<diesel::result::Error> for ApiError {
    fn from(error: diesel::result::Error) -> Self {
        crate::platform::db::Error::Query(error).into()
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status_code());
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = self
            .allow
            .as_deref()
            .and_then(|allow| HeaderValue::from_str(allow).ok())
        {
            response.headers_mut().insert(header::ALLOW, allow);
        }
        if let Some(challenge) = self
            .challenge
            .as_deref()
            .and_then(|challenge| HeaderValue::from_str(challenge).ok())
        {
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self.clone());
        response
    }
}
