//! Problem details (RFC 9457): the table of error codes, and the document that clients get.

use crate::platform::mistakes::MistakeCode;
use chrono::{DateTime, Utc};
use serde::Serialize;
use strum::{EnumMessage, EnumProperty, IntoEnumIterator};
use utoipa::ToSchema;

/// The code of a kind of problem, with its title and its help. Its name is the `code` of the document and the last
/// segment of its `type`; it is part of the contract and never changes.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    strum::Display,
    strum::EnumIter,
    strum::EnumMessage,
    strum::EnumProperty,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "kebab-case")]
pub enum ProblemCode {
    /// Malformed request.
    #[strum(message = "Bad request", props(status = 400))]
    #[strum(
        detailed_message = "The request violates the rules of HTTP. Check how your client builds it."
    )]
    BadRequest,
    /// Invalid path.
    #[strum(message = "Invalid path", props(status = 400))]
    #[strum(
        detailed_message = "The path must be UTF-8 after percent-decoding and must not contain control characters."
    )]
    InvalidPath,
    /// Invalid query.
    #[strum(message = "Invalid query", props(status = 400))]
    #[strum(
        detailed_message = "Each entry of `errors` names a parameter and what is wrong with it: it is unknown, is repeated although it takes one value, has no value, or has a value that is not allowed. No parameter is ever ignored, so that a typo cannot silently return everything."
    )]
    InvalidQuery,
    /// Invalid cursor.
    #[strum(message = "Invalid cursor", props(status = 400))]
    #[strum(
        detailed_message = "Cursors are opaque: use the URLs in `page.next` and `page.prev` as they are, or start again without `cursor`."
    )]
    InvalidCursor,
    /// Cursor of another list.
    #[strum(message = "Cursor belongs to another list", props(status = 400))]
    #[strum(
        detailed_message = "A cursor is valid only for the list, the filters and the sort that it was issued for. Start again without `cursor`."
    )]
    CursorMismatch,
    /// Invalid JSON.
    #[strum(message = "Invalid JSON", props(status = 400))]
    #[strum(
        detailed_message = "The body must be one JSON document in UTF-8, nested at most 64 deep."
    )]
    InvalidJson,
    /// Missing token.
    #[strum(message = "Authentication required", props(status = 401))]
    #[strum(
        detailed_message = "Send `Authorization: Bearer` with a token from `/oauth/token`. See the `WWW-Authenticate` header."
    )]
    Unauthenticated,
    /// Invalid token.
    #[strum(message = "Invalid token", props(status = 401))]
    #[strum(
        detailed_message = "Tokens are valid for ten minutes; get a new one from `/oauth/token`. An invalid token is rejected on public paths too, so that clients cannot mistake an anonymous response for an authorised one."
    )]
    InvalidToken,
    /// Insufficient scope.
    #[strum(message = "Insufficient scope", props(status = 403))]
    #[strum(
        detailed_message = "`detail` names the required scope and the organisations; the client needs the scope for one of them."
    )]
    InsufficientScope,
    /// No such record or path.
    #[strum(message = "Not found", props(status = 404))]
    #[strum(detailed_message = "There is no such record, or it is not public (yet).")]
    NotFound,
    /// Nothing was known at the time of `as_of`.
    #[strum(message = "Nothing was known yet", props(status = 404))]
    #[strum(
        detailed_message = "`as_of` is a time before the change log of this instance begins; `detail` says when it does."
    )]
    NothingKnownYet,
    /// Method not allowed.
    #[strum(message = "Method not allowed", props(status = 405))]
    #[strum(detailed_message = "The `Allow` header lists the methods that are allowed.")]
    MethodNotAllowed,
    /// No acceptable representation.
    #[strum(message = "Not acceptable", props(status = 406))]
    #[strum(
        detailed_message = "No available representation matches the request's `Accept` headers. Every response is available without compression (`identity`), and in the media type that its operation names."
    )]
    NotAcceptable,
    /// Request timeout.
    #[strum(message = "Request timeout", props(status = 408))]
    #[strum(detailed_message = "Send the whole request without long pauses.")]
    RequestTimeout,
    /// Conflict with the stored data.
    #[strum(message = "Conflict", props(status = 409))]
    #[strum(detailed_message = "The request conflicts with the stored data. See `detail`.")]
    Conflict,
    /// Other records name the record that is to be removed.
    #[strum(message = "Record in use", props(status = 409))]
    #[strum(
        detailed_message = "`errors` says which records name it. Remove or change them first, merge it into another record with `merged_into`, or withdraw it."
    )]
    InUse,
    /// A request with this key is in progress.
    #[strum(message = "Request already in progress", props(status = 409))]
    #[strum(
        detailed_message = "Another request with the same `Idempotency-Key` is still in progress. Try again after `Retry-After`."
    )]
    IdempotencyInProgress,
    /// The log was put back, and no longer has what the client has read.
    #[strum(message = "Log forked", props(status = 409))]
    #[strum(
        detailed_message = "The log was put back to an earlier state, from a backup for example, and has lost entries that you have read. Read again each record that you have read, updated or removed since `since`, or all if there is none, and remove those that are not there. Then go on with `next`."
    )]
    LogForked,
    /// The record was removed.
    #[strum(message = "Record removed", props(status = 410))]
    #[strum(
        detailed_message = "The record was once public and will not come back. Delete your copies and links."
    )]
    Gone,
    /// The precondition does not hold.
    #[strum(message = "Precondition failed", props(status = 412))]
    #[strum(
        detailed_message = "The entity tag in `If-Match` is not that of the current version, or `If-None-Match: *` was sent and the record exists. Read the record again and reapply your change."
    )]
    PreconditionFailed,
    /// The body is too large.
    #[strum(message = "Body too large", props(status = 413))]
    #[strum(detailed_message = "`detail` states the limit. Send less per request.")]
    PayloadTooLarge,
    /// The URL is too long.
    #[strum(message = "URL too long", props(status = 414))]
    #[strum(detailed_message = "`detail` states the limit. Send fewer filter values per request.")]
    UriTooLong,
    /// Unsupported media type of the body.
    #[strum(message = "Unsupported media type", props(status = 415))]
    #[strum(detailed_message = "Send `application/json`.")]
    UnsupportedMediaType,
    /// The document is invalid.
    #[strum(message = "Validation failed", props(status = 422))]
    #[strum(
        detailed_message = "Each entry of `errors` has a JSON pointer to the place in the document and says which rule is violated."
    )]
    ValidationFailed,
    /// The key was used for another request.
    #[strum(message = "Idempotency key reused", props(status = 422))]
    #[strum(
        detailed_message = "An `Idempotency-Key` identifies one request: the same method, path and body. Use a new key for a new request."
    )]
    IdempotencyMismatch,
    /// The request must state which version it changes.
    #[strum(message = "Precondition required", props(status = 428))]
    #[strum(
        detailed_message = "Send the record's `ETag` as `If-Match`, so that a change made by another client in between is not lost."
    )]
    PreconditionRequired,
    /// The headers are too large.
    #[strum(message = "Headers too large", props(status = 431))]
    #[strum(detailed_message = "Send fewer or shorter headers.")]
    HeadersTooLarge,
    /// The record was removed for legal reasons.
    #[strum(message = "Record removed for legal reasons", props(status = 451))]
    #[strum(detailed_message = "The content of the record has been erased. Delete your copies.")]
    UnavailableForLegalReasons,
    /// Internal server error.
    #[strum(message = "Internal server error", props(status = 500))]
    #[strum(
        detailed_message = "The failure has been logged under the `request_id`. Quote it when you report the problem."
    )]
    Internal,
    /// Unsupported format.
    #[strum(message = "Unsupported format", props(status = 501))]
    #[strum(detailed_message = "`detail` names the supported format.")]
    NotImplemented,
    /// The database cannot be written.
    #[strum(message = "Storage unavailable", props(status = 503))]
    #[strum(
        detailed_message = "The disk is full, or the database is read-only. Nothing was stored. Reads go on; try again later."
    )]
    StorageUnavailable,
    /// Temporarily unavailable.
    #[strum(message = "Service unavailable", props(status = 503))]
    #[strum(detailed_message = "Try again after the number of seconds in `Retry-After`.")]
    Unavailable,
}

impl ProblemCode {
    /// The code for a status that the framework chose.
    pub fn for_status(status: u16) -> Self {
        let fallback = if status >= 500 {
            Self::Internal
        } else {
            Self::BadRequest
        };
        let mut codes = Self::iter();
        codes
            .find(|code| code.status() == status)
            .unwrap_or(fallback)
    }

    /// The code as in the document.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        let status = self.get_int("status").map(u16::try_from);
        status.and_then(Result::ok).unwrap_or(500)
    }

    /// A summary of the kind of problem, the same every time.
    pub fn title(self) -> &'static str {
        self.get_message().unwrap_or_default()
    }

    /// What happened and what to do, for the page under `/problems/`.
    pub fn help(self) -> &'static str {
        self.get_detailed_message().unwrap_or_default()
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
    /// For `log-forked`: the newest entry that the client and the log are known to have in common; 0 for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub last_common: Option<i64>,
    /// For `log-forked`: when that entry was written. Read again what you have read, updated or removed since then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// For `log-forked`: the URL that follows the log after that entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 12000, format = "uri")]
    pub next: Option<String>,
}

/// A mistake in a request, with its location.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Mistake {
    /// A stable code for the kind of mistake: `required`, `not_a_time` and so on. There may be new ones.
    #[schema(
        value_type = String,
        max_length = 60,
        pattern = "^[a-z0-9_]+$",
        example = "unknown_parameter"
    )]
    pub code: MistakeCode,
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
    pub fn parameter(code: MistakeCode, parameter: &str, detail: impl Into<String>) -> Self {
        let parameter = Some(parameter.chars().take(2000).collect());
        Self {
            code,
            detail: detail.into(),
            parameter,
            pointer: None,
        }
    }

    /// A mistake in the body, at a JSON pointer; empty for the whole body.
    pub fn pointer(code: MistakeCode, pointer: &str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            parameter: None,
            pointer: Some(format!(
                "#{}",
                pointer.chars().take(1900).collect::<String>()
            )),
        }
    }
}
