//! Paging: from the request's parameters to a keyset, and from the rows to the links of the page.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::cursor::{Cursor, Cursors};
use super::error::ApiError;
use super::query::Address;
use crate::platform::db::keyset::{Keyset, KeysetPosition, Slice};
use crate::platform::mistakes::MistakeCode;

/// The maximum page size.
pub const MAX_LIMIT: i64 = 100;
/// The default page size.
pub const DEFAULT_LIMIT: i64 = 20;

/// Whether to count the matching records. Off by default, because counting reads every match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Do not count.
    #[default]
    None,
    /// Return the exact number in `page.count`.
    Exact,
}

/// The links to the adjacent pages and, if requested, the number of matching records.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Page {
    /// The URL of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 12000,
        example = "http://127.0.0.1:8080/v1/articles?cursor=8oMN0g"
    )]
    pub next: Option<String>,
    /// The URL of the previous page; absent on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 12000)]
    pub prev: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// The total number of matching records; only with `count=exact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 29)]
    pub count: Option<i64>,
}

/// The paging parameters that every list takes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// How many records to return per page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to continue; from the link to the next or previous page.
    #[param(max_length = 6000)]
    pub cursor: Option<String>,
}

/// The keyset of the requested page.
///
/// # Errors
/// 400 if the limit is out of range or the cursor is invalid.
pub fn keyset(address: &Address, paging: &Paging, cursors: &Cursors) -> Result<Keyset, ApiError> {
    let limit = limit(paging)?;
    let read = |text| cursors.read(text, address.fingerprint());
    let cursor = paging.cursor.as_deref().map(read).transpose()?;
    Ok(Keyset {
        backwards: cursor.as_ref().is_some_and(|cursor| cursor.backwards),
        from: cursor.map(|cursor| cursor.position),
        limit,
        is_past: false,
        ids: None,
    })
}

/// The requested page size, or the default.
///
/// # Errors
/// 400 if it is out of range.
pub fn limit(paging: &Paging) -> Result<i64, ApiError> {
    limit_within(paging.limit, DEFAULT_LIMIT, MAX_LIMIT)
}

/// The requested number of records, or the default, if it is at most `most`.
///
/// # Errors
/// 400 if it is out of range.
pub fn limit_within(limit: Option<i64>, default: i64, most: i64) -> Result<i64, ApiError> {
    let limit = limit.unwrap_or(default);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    let detail = format!("The limit must be an integer from 1 to {most}.");
    Err(ApiError::parameter(
        MistakeCode::OutOfRange,
        "limit",
        detail,
    ))
}

/// The links to the next and the previous page.
///
/// # Errors
/// When a cursor cannot be encoded.
pub fn links<R>(
    address: &Address,
    cursors: &Cursors,
    base: &str,
    slice: &Slice<R>,
    position: impl Fn(&R) -> KeysetPosition,
) -> Result<Page, ApiError> {
    let link = |row: &R, backwards| {
        let position = position(row);
        let cursor = Cursor {
            backwards,
            position,
        };
        let cursor = cursors.write(&cursor, address.fingerprint())?;
        Ok::<_, ApiError>(format!("{base}{}", address.with_cursor(&cursor)))
    };
    let next = slice.rows.last().filter(|_| slice.has_after);
    let prev = slice.rows.first().filter(|_| slice.has_before);
    Ok(Page {
        next: next.map(|row| link(row, false)).transpose()?,
        prev: prev.map(|row| link(row, true)).transpose()?,
        has_more: next.is_some(),
        count: slice.count,
    })
}
