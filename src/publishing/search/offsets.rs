//! Pages of results, whose positions are numbers: how many come before.

use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::platform::db::Value;
use crate::platform::db::keyset::{Keyset, KeysetPosition, Slice};

/// How deep a client can page into the results.
pub const MAX_RESULTS: usize = 1_000;

/// How many results come before a page.
///
/// # Errors
/// 400 if the cursor is of another list.
pub fn offset(keyset: &Keyset) -> Result<usize, ApiError> {
    match keyset.from {
        Some((Value::Integer(offset), _)) => Ok(offset as usize),
        Some(_) => {
            let detail = "This cursor was issued for another list.";
            Err(ApiError::new(ProblemCode::InvalidCursor, detail))
        }
        None => Ok(0),
    }
}

/// Where the pages before and after this one start, if so many results can be reached. `count` is shown.
pub fn slice(offset: usize, limit: usize, reachable: usize, count: Option<usize>) -> Slice<usize> {
    Slice {
        rows: vec![offset.saturating_sub(limit), offset + limit],
        beyond: None,
        has_before: offset > 0,
        has_after: offset + limit < reachable,
        count: count.map(|count| count as i64),
    }
}

/// The position after so many results.
pub fn position(offset: &usize) -> KeysetPosition {
    (Value::Integer(*offset as i64), String::new())
}
