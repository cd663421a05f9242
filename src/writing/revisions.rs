//! Restores earlier revisions.

use actix_web::HttpResponse;
use garde::Validate;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::kind::Kind;
use super::{actions, records};
use crate::access::Client;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::log::{Writer, entries};
use crate::platform::db::Json;
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;

/// A request to restore a revision.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// The revision, from the record's history.
    #[garde(range(min = 1))]
    #[schema(minimum = 1, maximum = 9007199254740991_i64, example = 1)]
    pub revision: i64,
}

/// The members that are not restored: identity, publication state, and the notices given to the public.
const NOT_RESTORED: [&str; 10] = [
    "type",
    "id",
    "slug",
    "state",
    "published_at",
    "published_on",
    "first_published_at",
    "embargoed_until",
    "withdrawal",
    "corrections",
];

/// Restores the revision in the body.
///
/// # Errors
/// 422 if there is no such revision; otherwise as for any change of a record.
pub async fn restore(
    client: Client,
    kind: &'static Kind,
    key: Key,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let request: RestoreRequest = actions::read(&body)?;
    let alter = move |document: &mut Map<String, Value>, writer: &mut Writer<'_>| {
        let id = document.get("id").and_then(Value::as_str);
        let id = id.and_then(RecordId::parse);
        let id = id.ok_or_else(|| ApiError::internal(&"the current document has no id"))?;
        let state = entries::state_at(writer.connection, id, request.revision)?;
        let Some(mut then) = state.map(Json::into_inner) else {
            let detail = format!("There is no revision {}.", request.revision);
            return Err(records::mistake(
                MistakeCode::UnknownReference,
                "/revision",
                &detail,
            ));
        };
        for name in NOT_RESTORED {
            then.shift_remove(name);
            if let Some(now) = document.shift_remove(name) {
                then.insert(name.to_owned(), now);
            }
        }
        *document = then;
        Ok(())
    };
    records::amend(client, kind, key, &body.bytes, alter).await
}
