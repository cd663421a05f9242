//! Problem details (RFC 9457): the table of error codes, and the document that clients get.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// A kind of problem. The slug is the `code` of the document and the last segment of its `type`; it is part of the
/// contract and never changes.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The code, as in `/problems/{slug}`.
    pub slug: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A summary of the kind of problem, the same every time.
    pub title: &'static str,
    /// What happened and what to do, for the page under `/problems/`.
    pub help: &'static str,
}

/// Malformed request.
pub const BAD_REQUEST: Kind = Kind {
    slug: "bad-request",
    status: 400,
    title: "Bad request",
    help: "The request violates the rules of HTTP. Check how your client builds it.",
};

/// Invalid path.
pub const INVALID_PATH: Kind = Kind {
    slug: "invalid-path",
    status: 400,
    title: "Invalid path",
    help: "The path must be UTF-8 after percent-decoding and must not contain control characters.",
};

/// Invalid query.
pub const INVALID_QUERY: Kind = Kind {
    slug: "invalid-query",
    status: 400,
    title: "Invalid query",
    help: "Each entry of `errors` names a parameter and what is wrong with it: it is unknown, is repeated although it takes one value, has no value, or has a value that is not allowed. No parameter is ever ignored, so that a typo cannot silently return everything.",
};

/// Invalid cursor.
pub const INVALID_CURSOR: Kind = Kind {
    slug: "invalid-cursor",
    status: 400,
    title: "Invalid cursor",
    help: "Cursors are opaque: use the URLs in `page.next` and `page.prev` as they are, or start again without `cursor`.",
};

/// Cursor of another list.
pub const CURSOR_MISMATCH: Kind = Kind {
    slug: "cursor-mismatch",
    status: 400,
    title: "Cursor belongs to another list",
    help: "A cursor is valid only for the list, the filters and the sort that it was issued for. Start again without `cursor`.",
};

/// Invalid JSON.
pub const INVALID_JSON: Kind = Kind {
    slug: "invalid-json",
    status: 400,
    title: "Invalid JSON",
    help: "The body must be one JSON document in UTF-8, nested at most 64 deep.",
};

/// Missing token.
pub const UNAUTHENTICATED: Kind = Kind {
    slug: "unauthenticated",
    status: 401,
    title: "Authentication required",
    help: "Send `Authorization: Bearer` with a token from `/oauth/token`. See the `WWW-Authenticate` header.",
};

/// Invalid token.
pub const INVALID_TOKEN: Kind = Kind {
    slug: "invalid-token",
    status: 401,
    title: "Invalid token",
    help: "Tokens are valid for ten minutes; get a new one from `/oauth/token`. An invalid token is rejected on public paths too, so that clients cannot mistake an anonymous response for an authorised one.",
};

/// Insufficient scope.
pub const INSUFFICIENT_SCOPE: Kind = Kind {
    slug: "insufficient-scope",
    status: 403,
    title: "Insufficient scope",
    help: "`detail` names the required scope and the organisations; the client needs the scope for one of them.",
};

/// No such record or path.
pub const NOT_FOUND: Kind = Kind {
    slug: "not-found",
    status: 404,
    title: "Not found",
    help: "There is no such record, or it is not public (yet).",
};

/// Method not allowed.
pub const METHOD_NOT_ALLOWED: Kind = Kind {
    slug: "method-not-allowed",
    status: 405,
    title: "Method not allowed",
    help: "The `Allow` header lists the methods that are allowed.",
};

/// No acceptable representation.
pub const NOT_ACCEPTABLE: Kind = Kind {
    slug: "not-acceptable",
    status: 406,
    title: "Not acceptable",
    help: "No available representation matches the request's `Accept` headers. Every response is available without compression (`identity`), and in the media type that its operation names.",
};

/// Request timeout.
pub const REQUEST_TIMEOUT: Kind = Kind {
    slug: "request-timeout",
    status: 408,
    title: "Request timeout",
    help: "Send the whole request without long pauses.",
};

/// Conflict with the stored data.
pub const CONFLICT: Kind = Kind {
    slug: "conflict",
    status: 409,
    title: "Conflict",
    help: "The request conflicts with the stored data. See `detail`.",
};

/// A request with this key is in progress.
pub const IDEMPOTENCY_IN_PROGRESS: Kind = Kind {
    slug: "idempotency-in-progress",
    status: 409,
    title: "Request already in progress",
    help: "Another request with the same `Idempotency-Key` is still in progress. Try again after `Retry-After`.",
};

/// The record was removed.
pub const GONE: Kind = Kind {
    slug: "gone",
    status: 410,
    title: "Record removed",
    help: "The record was once public and will not come back. Delete your copies and links.",
};

/// The precondition does not hold.
pub const PRECONDITION_FAILED: Kind = Kind {
    slug: "precondition-failed",
    status: 412,
    title: "Precondition failed",
    help: "The entity tag in `If-Match` is not that of the current version, or `If-None-Match: *` was sent and the record exists. Read the record again and reapply your change.",
};

/// The body is too large.
pub const PAYLOAD_TOO_LARGE: Kind = Kind {
    slug: "payload-too-large",
    status: 413,
    title: "Body too large",
    help: "`detail` states the limit. Send less per request.",
};

/// The URL is too long.
pub const URI_TOO_LONG: Kind = Kind {
    slug: "uri-too-long",
    status: 414,
    title: "URL too long",
    help: "`detail` states the limit. Send fewer filter values per request.",
};

/// Unsupported media type of the body.
pub const UNSUPPORTED_MEDIA_TYPE: Kind = Kind {
    slug: "unsupported-media-type",
    status: 415,
    title: "Unsupported media type",
    help: "Send `application/json`.",
};

/// The document is invalid.
pub const VALIDATION_FAILED: Kind = Kind {
    slug: "validation-failed",
    status: 422,
    title: "Validation failed",
    help: "Each entry of `errors` has a JSON pointer to the place in the document and says which rule is violated.",
};

/// The key was used for another request.
pub const IDEMPOTENCY_MISMATCH: Kind = Kind {
    slug: "idempotency-mismatch",
    status: 422,
    title: "Idempotency key reused",
    help: "An `Idempotency-Key` identifies one request: the same method, path and body. Use a new key for a new request.",
};

/// The request must state which version it changes.
pub const PRECONDITION_REQUIRED: Kind = Kind {
    slug: "precondition-required",
    status: 428,
    title: "Precondition required",
    help: "Send the record's `ETag` as `If-Match`, so that a change made by another client in between is not lost.",
};

/// The headers are too large.
pub const HEADERS_TOO_LARGE: Kind = Kind {
    slug: "headers-too-large",
    status: 431,
    title: "Headers too large",
    help: "Send fewer or shorter headers.",
};

/// The record was removed for legal reasons.
pub const LEGAL_REASONS: Kind = Kind {
    slug: "unavailable-for-legal-reasons",
    status: 451,
    title: "Record removed for legal reasons",
    help: "The content of the record has been erased. Delete your copies.",
};

/// Internal server error.
pub const INTERNAL: Kind = Kind {
    slug: "internal",
    status: 500,
    title: "Internal server error",
    help: "The failure has been logged under the `request_id`. Quote it when you report the problem.",
};

/// Unsupported format.
pub const NOT_IMPLEMENTED: Kind = Kind {
    slug: "not-implemented",
    status: 501,
    title: "Unsupported format",
    help: "`detail` names the supported format.",
};

/// Temporarily unavailable.
pub const UNAVAILABLE: Kind = Kind {
    slug: "unavailable",
    status: 503,
    title: "Service unavailable",
    help: "Try again after the number of seconds in `Retry-After`.",
};

/// Every kind of problem that this API returns.
pub const KINDS: &[&Kind] = &[
    &BAD_REQUEST,
    &INVALID_PATH,
    &INVALID_QUERY,
    &INVALID_CURSOR,
    &CURSOR_MISMATCH,
    &INVALID_JSON,
    &UNAUTHENTICATED,
    &INVALID_TOKEN,
    &INSUFFICIENT_SCOPE,
    &NOT_FOUND,
    &METHOD_NOT_ALLOWED,
    &NOT_ACCEPTABLE,
    &REQUEST_TIMEOUT,
    &CONFLICT,
    &IDEMPOTENCY_IN_PROGRESS,
    &GONE,
    &PRECONDITION_FAILED,
    &PAYLOAD_TOO_LARGE,
    &URI_TOO_LONG,
    &UNSUPPORTED_MEDIA_TYPE,
    &VALIDATION_FAILED,
    &IDEMPOTENCY_MISMATCH,
    &PRECONDITION_REQUIRED,
    &HEADERS_TOO_LARGE,
    &LEGAL_REASONS,
    &INTERNAL,
    &NOT_IMPLEMENTED,
    &UNAVAILABLE,
];

impl Kind {
    /// The kind with this slug.
    pub fn find(slug: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.slug == slug).copied()
    }

    /// The kind for a status that the framework chose.
    pub fn for_status(status: StatusCode) -> &'static Self {
        let fallback = if status.is_server_error() {
            &INTERNAL
        } else {
            &BAD_REQUEST
        };
        let of_status = |kind: &&&'static Self| kind.status == status.as_u16();
        KINDS.iter().find(of_status).copied().unwrap_or(fallback)
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// A problem document, `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// The URL of a page that explains this kind of problem.
    #[serde(rename = "type")]
    #[schema(
        max_length = 2100,
        example = "http://127.0.0.1:8080/problems/invalid-query"
    )]
    pub kind: String,
    /// A summary of the kind of problem, the same every time.
    #[schema(max_length = 200, example = "Invalid query")]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 400)]
    pub status: u16,
    /// What happened this time.
    #[schema(max_length = 4000, example = "1 parameter is invalid.")]
    pub detail: String,
    /// The path of the request.
    #[schema(max_length = 10000, example = "/v1/articles")]
    pub instance: String,
    /// The stable code of this kind of problem.
    #[schema(max_length = 60, pattern = "^[a-z-]+$", example = "invalid-query")]
    pub code: String,
    /// The request's id, to quote when you report a problem.
    #[schema(max_length = 100, example = "01890a5d-ac96-774b-bcce-b302099a8057")]
    pub request_id: String,
    /// The mistakes, each with its location.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000, required = false)]
    pub errors: Vec<Mistake>,
}

/// A mistake in a request, with its location.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Mistake {
    /// A stable code for the kind of mistake.
    #[schema(
        max_length = 60,
        pattern = "^[a-z0-9_]+$",
        example = "unknown_parameter"
    )]
    pub code: String,
    /// A human-readable description of the mistake.
    #[schema(
        max_length = 4000,
        example = "Unknown parameter 'org'. Did you mean 'organisation'?"
    )]
    pub detail: String,
    /// The query or path parameter with the mistake.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, example = "org")]
    pub parameter: Option<String>,
    /// The location of the mistake in the body, as a JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub pointer: Option<String>,
}

impl Mistake {
    /// A mistake in a parameter.
    pub fn parameter(code: &str, parameter: &str, detail: impl Into<String>) -> Self {
        let parameter = Some(parameter.chars().take(2000).collect());
        Self {
            code: code.into(),
            detail: detail.into(),
            parameter,
            pointer: None,
        }
    }

    /// A mistake in the body, at a JSON pointer; empty for the whole body.
    pub fn pointer(code: &str, pointer: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            detail: detail.into(),
            parameter: None,
            pointer: Some(format!(
                "#{}",
                pointer.chars().take(1900).collect::<String>()
            )),
        }
    }
}
