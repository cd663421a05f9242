//! Problem details (RFC 9457): the one table of error codes, and the document that readers get.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// One kind of problem. The slug is the `code` of the document and the last part of its `type`; it is
/// part of the contract and never changes.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The code, as in `/problems/{slug}`.
    pub slug: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What it is, the same every time.
    pub title: &'static str,
    /// What happened and what to do, for the page under `/problems/`.
    pub help: &'static str,
}

/// The request cannot be read.
pub const BAD_REQUEST: Kind = Kind {
    slug: "bad-request",
    status: 400,
    title: "The request cannot be read",
    help: "The request breaks the rules of HTTP. Check how your client builds it.",
};

/// The path cannot be read.
pub const INVALID_PATH: Kind = Kind {
    slug: "invalid-path",
    status: 400,
    title: "The path cannot be read",
    help: "The path must be UTF-8 after percent-decoding and must not hold control characters.",
};

/// The query has a mistake.
pub const INVALID_QUERY: Kind = Kind {
    slug: "invalid-query",
    status: 400,
    title: "The query has a mistake",
    help: "Each entry of `errors` names a parameter and what is wrong with it: it is unknown here, given twice where one value is expected, has no value, or has a value that is not allowed. Nothing is ever ignored, so that a typing error cannot silently return everything.",
};

/// The cursor is not one of ours.
pub const INVALID_CURSOR: Kind = Kind {
    slug: "invalid-cursor",
    status: 400,
    title: "The cursor is not one of ours",
    help: "Cursors are opaque: use the URLs under `page.next` and `page.prev` as they are, or start again without `cursor`.",
};

/// The cursor belongs to another list.
pub const CURSOR_MISMATCH: Kind = Kind {
    slug: "cursor-mismatch",
    status: 400,
    title: "The cursor belongs to another list",
    help: "A cursor holds only for the list, the filters and the sort that it was given out with. Start again without `cursor`.",
};

/// The body is not JSON.
pub const INVALID_JSON: Kind = Kind {
    slug: "invalid-json",
    status: 400,
    title: "The body is not JSON",
    help: "The body must be one JSON document in UTF-8, nested at most 64 deep.",
};

/// The request needs a token.
pub const UNAUTHENTICATED: Kind = Kind {
    slug: "unauthenticated",
    status: 401,
    title: "The request needs a token",
    help: "Send `Authorization: Bearer` with a token from `/oauth/token`. See `WWW-Authenticate`.",
};

/// The token does not hold.
pub const INVALID_TOKEN: Kind = Kind {
    slug: "invalid-token",
    status: 401,
    title: "The token does not hold",
    help: "Tokens live ten minutes; get a new one from `/oauth/token`. A bad token is refused on public paths too, so that nobody takes an anonymous answer for an authorised one.",
};

/// The token does not allow this.
pub const INSUFFICIENT_SCOPE: Kind = Kind {
    slug: "insufficient-scope",
    status: 403,
    title: "The token does not allow this",
    help: "`detail` names the scope, and the organisations of which the client needs it for one.",
};

/// Nothing is here.
pub const NOT_FOUND: Kind = Kind {
    slug: "not-found",
    status: 404,
    title: "Nothing is here",
    help: "There is no such record, or it is not public (yet).",
};

/// The method is not allowed here.
pub const METHOD_NOT_ALLOWED: Kind = Kind {
    slug: "method-not-allowed",
    status: 405,
    title: "The method is not allowed here",
    help: "The `Allow` header lists the methods that are.",
};

/// No answer has the form asked for.
pub const NOT_ACCEPTABLE: Kind = Kind {
    slug: "not-acceptable",
    status: 406,
    title: "No answer has the form asked for",
    help: "Nothing that can be sent fits the `Accept` headers of the request. Every answer can be sent without compression (`identity`), and as the media type that its operation names.",
};

/// The request took too long to arrive.
pub const REQUEST_TIMEOUT: Kind = Kind {
    slug: "request-timeout",
    status: 408,
    title: "The request took too long to arrive",
    help: "Send the whole request without long pauses.",
};

/// The request conflicts with what is stored.
pub const CONFLICT: Kind = Kind {
    slug: "conflict",
    status: 409,
    title: "The request conflicts with what is stored",
    help: "See `detail`.",
};

/// A request with this key is under way.
pub const IDEMPOTENCY_IN_PROGRESS: Kind = Kind {
    slug: "idempotency-in-progress",
    status: 409,
    title: "A request with this key is under way",
    help: "Another request with the same `Idempotency-Key` is still being carried out. Try again after `Retry-After`.",
};

/// The record was removed.
pub const GONE: Kind = Kind {
    slug: "gone",
    status: 410,
    title: "The record was removed",
    help: "It was public once and will not come back. Remove your copies and links.",
};

/// The record has changed.
pub const PRECONDITION_FAILED: Kind = Kind {
    slug: "precondition-failed",
    status: 412,
    title: "The record has changed",
    help: "The entity tag in `If-Match` is not that of the current version, or `If-None-Match: *` met a record. Read the record again, and repeat your change on what you find.",
};

/// The body is too large.
pub const PAYLOAD_TOO_LARGE: Kind = Kind {
    slug: "payload-too-large",
    status: 413,
    title: "The body is too large",
    help: "`detail` states the limit. Send less at a time.",
};

/// The URL is too long.
pub const URI_TOO_LONG: Kind = Kind {
    slug: "uri-too-long",
    status: 414,
    title: "The URL is too long",
    help: "`detail` states the limit. Ask with fewer filter values at a time.",
};

/// The body has a media type that is not read here.
pub const UNSUPPORTED_MEDIA_TYPE: Kind = Kind {
    slug: "unsupported-media-type",
    status: 415,
    title: "The body has a media type that is not read here",
    help: "Send `application/json`.",
};

/// The document breaks a rule.
pub const VALIDATION_FAILED: Kind = Kind {
    slug: "validation-failed",
    status: 422,
    title: "The document breaks a rule",
    help: "Each entry of `errors` has a JSON pointer to the place and says which rule.",
};

/// The key was used for another request.
pub const IDEMPOTENCY_MISMATCH: Kind = Kind {
    slug: "idempotency-mismatch",
    status: 422,
    title: "The key was used for another request",
    help: "An `Idempotency-Key` stands for one request: same method, path and body. Use a new key for a new request.",
};

/// The request must say which version it changes.
pub const PRECONDITION_REQUIRED: Kind = Kind {
    slug: "precondition-required",
    status: 428,
    title: "The request must say which version it changes",
    help: "Send the record's `ETag` as `If-Match`, so that a change that somebody made in between is not lost.",
};

/// The headers are too large.
pub const HEADERS_TOO_LARGE: Kind = Kind {
    slug: "headers-too-large",
    status: 431,
    title: "The headers are too large",
    help: "Send fewer or shorter headers.",
};

/// The record was removed for legal reasons.
pub const LEGAL_REASONS: Kind = Kind {
    slug: "unavailable-for-legal-reasons",
    status: 451,
    title: "The record was removed for legal reasons",
    help: "Its content has been erased here. Remove your copies.",
};

/// Something went wrong on our side.
pub const INTERNAL: Kind = Kind {
    slug: "internal",
    status: 500,
    title: "Something went wrong on our side",
    help: "The failure has been logged under the `request_id`. Quote it when you report the problem.",
};

/// There is no such format.
pub const NOT_IMPLEMENTED: Kind = Kind {
    slug: "not-implemented",
    status: 501,
    title: "There is no such format",
    help: "`detail` names the format that there is.",
};

/// Not available just now.
pub const UNAVAILABLE: Kind = Kind {
    slug: "unavailable",
    status: 503,
    title: "Not available just now",
    help: "Try again after the number of seconds in `Retry-After`.",
};

/// Every kind of problem that this API answers with.
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

    /// The kind that speaks for a status that the framework chose.
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

/// What went wrong, as `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// The address of a page that explains this kind of problem.
    #[serde(rename = "type")]
    #[schema(
        max_length = 2100,
        example = "http://127.0.0.1:8080/problems/invalid-query"
    )]
    pub kind: String,
    /// What it is, the same every time.
    #[schema(max_length = 200, example = "The query has a mistake")]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 400)]
    pub status: u16,
    /// What happened this time.
    #[schema(max_length = 4000, example = "1 parameter needs attention.")]
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
    /// Each mistake with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000, required = false)]
    pub errors: Vec<Mistake>,
}

/// One mistake in a request, with its place.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Mistake {
    /// A stable word for the kind of mistake.
    #[schema(
        max_length = 60,
        pattern = "^[a-z0-9_]+$",
        example = "unknown_parameter"
    )]
    pub code: String,
    /// What is wrong, for people.
    #[schema(
        max_length = 4000,
        example = "There is no parameter 'org' here. Did you mean 'organisation'?"
    )]
    pub detail: String,
    /// The query or path parameter with the mistake.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, example = "org")]
    pub parameter: Option<String>,
    /// The place in the body with the mistake, as a JSON pointer (RFC 6901).
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
