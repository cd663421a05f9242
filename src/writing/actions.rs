//! The editorial desk: publishing, scheduling, withdrawing and correcting, each as one action. What an action does is a
//! change of the document like any other, with the same preconditions and rights.

use chrono::{NaiveDateTime, SecondsFormat};
use garde::Validate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::reading;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::problem::Mistake;

/// Nothing more is to be said.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishRequest {}

/// Why.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawRequest {
    /// The reason given to the public.
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "Replaced by a corrected version."
    )]
    pub reason: String,
}

/// The change that withdraws a record.
pub fn withdrawal(asked: WithdrawRequest) -> impl FnOnce(&mut Map<String, Value>, NaiveDateTime) {
    move |document, now| {
        set(document, "state", json!("withdrawn"));
        set(
            document,
            "withdrawal",
            json!({ "at": text(now), "reason": asked.reason }),
        );
    }
}

/// Sets a member of a document.
pub fn set(document: &mut Map<String, Value>, name: &str, value: Value) {
    document.insert(name.to_owned(), value);
}

/// A moment as documents have it.
pub fn text(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The body of an action.
pub fn read<T: DeserializeOwned + Validate<Context = ()>>(body: &Body) -> Result<T, ApiError> {
    let value = Value::Object(body.members.clone());
    reading::read_value(&value).map_err(|mistakes| {
        let told = mistakes
            .iter()
            .map(|one| Mistake::pointer("invalid_value", &one.pointer, &one.detail));
        ApiError::validation(told.collect())
    })
}
