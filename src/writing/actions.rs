//! Editorial actions: publish, schedule, withdraw and correct. Each is an ordinary change of the document, with the
//! same preconditions and permissions.

use chrono::NaiveDateTime;
use garde::Validate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::reading;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::problem::Mistake;
use crate::platform::time;
use crate::platform::values;

/// A request to publish a record: an empty object.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {}

/// A request to withdraw a record.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawRequest {
    /// The reason, which is published.
    #[garde(custom(values::text(2000)))]
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "Replaced by a corrected version."
    )]
    pub reason: String,
}

/// The change that withdraws a record.
pub fn withdrawal(request: WithdrawRequest) -> impl FnOnce(&mut Map<String, Value>, NaiveDateTime) {
    move |document, now| {
        set(document, "state", json!("withdrawn"));
        set(
            document,
            "withdrawal",
            json!({ "at": time::in_milliseconds(now), "reason": request.reason }),
        );
    }
}

/// Sets a member of a document.
pub fn set(document: &mut Map<String, Value>, name: &str, value: Value) {
    document.insert(name.to_owned(), value);
}

/// Parses the body of an action.
///
/// # Errors
/// 422 with every mistake in the body.
pub fn read<T: DeserializeOwned + Validate<Context = ()>>(body: &Body) -> Result<T, ApiError> {
    let value = Value::Object(body.members.clone());
    reading::read_value(&value).map_err(|violations| {
        let mistakes = violations
            .iter()
            .map(|one| Mistake::pointer(one.code, &one.pointer, &one.detail));
        ApiError::validation(mistakes.collect())
    })
}
