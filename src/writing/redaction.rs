//! Redaction: removes the content of one revision of a record, for legal reasons, while the rest stands.

use actix_web::{HttpResponse, post, web};
use garde::Validate;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::current::current;
use super::import::ImportOptions;
use super::kind::Catalogue;
use super::{actions, proposals, records};
use crate::access::{Client, Rights, Scope};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::idempotency::{self, StoredResponse};
use crate::http::references::CollectionName;
use crate::log::Resource;
use crate::platform::identity::Key;
use crate::platform::mistakes::MistakeCode;

/// Mounts the endpoint.
pub fn configure(config: &mut ServiceConfig) {
    config.service(redact_revision);
}

/// A request to redact a revision.
#[derive(Clone, Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedactRequest {
    /// The revision, from the record's history.
    #[garde(range(min = 1))]
    #[schema(minimum = 1, maximum = 9007199254740991_i64, example = 1)]
    pub revision: i64,
}

/// Redact a revision of a record
///
/// Removes the content of an earlier revision for legal reasons, wherever it is kept; the record and its other revisions
/// stay. Change the record first if it still has the content. The history and the change log show the revision as
/// `redacted`, and `as_of` shows the record of that time as it is today. Backups are not reached. Requires `If-Match` and
/// `admin`.
#[utoipa::path(
    tag = "Changes",
    params(
        ("collection" = inline(CollectionName), Path, description = "The collection the record belongs to"),
        ("id" = String, Path, description = "The id or slug", max_length = 150)
    ),
    request_body = RedactRequest,
    responses((status = 204, description = "Redacted"))
)]
#[post("/{collection}/{id}/redactions")]
pub async fn redact_revision(
    client: Client,
    path: web::Path<(String, Key)>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let (collection, key) = path.into_inner();
    let catalogue: &Catalogue = **client.app_data::<&'static Catalogue>()?;
    let resource = Resource::of_collection(&collection).ok_or_else(ApiError::not_found)?;
    let kind = (catalogue.kind)(resource);
    let request: RedactRequest = actions::read(&body)?;
    let (precondition, revision) = (client.precondition.clone(), request.revision);
    records::write(&client, None, &body.bytes, move |writer, rights, catalogue| {
        let current = current(writer, kind, &key, rights)?;
        let owners = (kind.ownership.owners)(writer.connection, current.id)?;
        rights.require_for(writer.connection, Scope::Admin, &owners)?;
        precondition.allows_change(current.revision)?;
        (catalogue.forget)(writer, current.id)?;
        if !writer.redact(current.id, revision)? {
            let detail = "There is no earlier revision with this number and another content than the record has now.";
            return Err(records::mistake(MistakeCode::UnknownReference, "/revision", detail));
        }
        idempotency::forget(writer.connection, current.id)?;
        proposals::queries::forget(writer.connection, current.id)?;
        // all rights, because nothing changes: the entry says what was redacted
        let all = Rights::all();
        let options = ImportOptions::of_request(catalogue, &all);
        records::store_one(writer, kind, options, current.document)?;
        Ok(StoredResponse::no_content())
    })
    .await
}
