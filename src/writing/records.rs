//! Writing one record over HTTP: one path for all kinds, the same as an import's.
//!
//! A request's body becomes one document (a `PATCH` first merges it into the stored one). `import` parses and validates
//! the document, resolves its links, checks permission, and stores and logs it. All of this is one transaction, which
//! also stores the response for the `Idempotency-Key`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use chrono::NaiveDateTime;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use super::as_read::{self, AsRead};
use super::current::current;
use super::import::{self, ImportError, ImportOptions, LineMistake, Source};
use super::kind::{Catalogue, Kind};
use super::proposals::storing;
use super::sanitising;
use crate::access::{Client, Rights, lookup};
use crate::http::answer::WrittenRecord;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::http::problem::{Mistake, ProblemCode};
use crate::log::{Resource, WriteOutcome, Writer};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::time;

/// Runs `work` as the one write of a request, and responds with what it returns. A stored response with a record of this
/// kind is replayed only to a caller who may see the record now.
pub async fn write(
    client: &Client,
    kind: Option<&'static Kind>,
    bytes: &[u8],
    work: impl FnOnce(&mut Writer<'_>, &Rights, &Catalogue) -> Result<StoredResponse, ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    let catalogue: &Catalogue = **client.app_data::<&'static Catalogue>()?;
    let work = move |writer: &mut Writer<'_>, rights: &Rights| work(writer, rights, catalogue);
    let may_replay = move |writer: &mut Writer<'_>, rights: &Rights, stored: &StoredResponse| {
        may_replay(writer, rights, stored, kind, catalogue)
    };
    let response = client.write_or_replay(bytes, may_replay, work).await?;
    Ok(response.into_response(&client.base))
}

/// Checks that a caller with these rights may see a stored response now. `kind` is that of its record, if it is of one.
pub fn may_replay(
    writer: &mut Writer<'_>,
    rights: &Rights,
    stored: &StoredResponse,
    kind: Option<&'static Kind>,
    catalogue: &Catalogue,
) -> Result<(), ApiError> {
    if stored.status == StatusCode::ACCEPTED {
        return Ok(()); // a client may see its own proposals
    }
    let shown: Value = serde_json::from_str(&stored.body).unwrap_or(Value::Null);
    let of_batch = shown["data"].as_array().into_iter().flatten();
    let records = of_batch.map(|record| {
        let resource = record["type"].as_str().and_then(Resource::named);
        (resource.map(catalogue.kind), &record["id"])
    });
    let now = writer.now();
    for (kind, id) in records.chain([(kind, &shown["data"]["id"])]) {
        if let Some((kind, id)) = kind.zip(id.as_str()) {
            let (connection, key) = (&mut *writer.connection, id.into());
            match lookup::for_writing(connection, &kind.ownership, &key, rights, now) {
                Err(error) if error.code != ProblemCode::Gone => return Err(error),
                _ => {} // what the request itself removed is known to be gone
            }
        }
    }
    Ok(())
}

/// Changes members of a record: `PATCH`, a merge patch (RFC 7396), in which members that are sent as they were read change
/// nothing.
pub async fn change(
    client: Client,
    kind: &'static Kind,
    key: Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let patch = typed(kind.resource(), body.members)?;
    let (patch, sanitised) = sanitising::members(kind, patch).await?;
    let merge = move |document: &mut Map<String, Value>, writer: &mut Writer<'_>| {
        let id = document.get("id").and_then(Value::as_str);
        let id = id.and_then(RecordId::parse);
        let id = id.ok_or_else(|| ApiError::internal(&"a record without an id"))?;
        let is_id = |text: &str| text.eq_ignore_ascii_case(&id);
        if patch
            .get("id")
            .is_some_and(|id| !id.as_str().is_some_and(is_id))
        {
            let detail = "The id of a record does not change.";
            return Err(mistake(MistakeCode::Immutable, "/id", detail));
        }
        let patch = AsRead::load(writer, kind, id, document)?.changing(patch);
        as_read::merge(kind, document, &patch);
        sanitising::complete_links(kind, document, &patch);
        let publishes = patch.get("state").is_some_and(|state| state == "published");
        if let Some(name) = kind.published_at.filter(|_| publishes) {
            let now = json!(time::in_milliseconds(writer.now()));
            document.entry(name).or_insert(now);
        }
        if let Some(Value::Object(withdrawal)) = document.get_mut("withdrawal") {
            let now = json!(time::in_milliseconds(writer.now()));
            withdrawal.entry("at").or_insert(now);
        }
        Ok(())
    };
    let response = amend(client, kind, key.into_inner(), &body.bytes, merge).await?;
    Ok(sanitised.tell(response))
}

/// Carries out an action on a record: a change that the server makes to its document.
pub async fn act(
    client: Client,
    kind: &'static Kind,
    key: Key,
    body: Body,
    action: impl FnOnce(&mut Map<String, Value>, NaiveDateTime) + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let alter = move |document: &mut Map<String, Value>, writer: &mut Writer<'_>| {
        action(document, writer.now());
        Ok(())
    };
    amend(client, kind, key, &body.bytes, alter).await
}

/// How a record is removed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Removal {
    /// For a duplicate: the id or slug of the record that stays. The URL of the removed record then redirects to it
    /// (308), and the change log names it.
    #[param(value_type = Option<String>)]
    pub merged_into: Option<Key>,
}

/// Removes a record: it responds with 410 from then on, and the log says that it was there.
pub async fn remove(
    client: Client,
    kind: &'static Kind,
    key: Path<Key>,
    removal: Removal,
) -> Result<HttpResponse, ApiError> {
    let alter = move |document: &mut Map<String, Value>, _: &mut Writer<'_>| {
        document.insert("state".to_owned(), json!("gone"));
        if let Some(survivor) = removal.merged_into {
            document.insert("merged_into".to_owned(), json!(survivor));
        }
        Ok(())
    };
    amend(client, kind, key.into_inner(), b"", alter).await
}

/// Alters the document of a record and stores it.
pub async fn amend(
    client: Client,
    kind: &'static Kind,
    key: Key,
    bytes: &[u8],
    alter: impl FnOnce(&mut Map<String, Value>, &mut Writer<'_>) -> Result<(), ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    let precondition = client.precondition.clone();
    write(
        &client,
        Some(kind),
        bytes,
        move |writer, rights, catalogue| {
            let mut current = current(writer, kind, &key, rights)?;
            precondition.allows_change(current.revision)?;
            alter(&mut current.document, writer)?;
            let options = ImportOptions::of_request(catalogue, rights);
            store_one(writer, kind, options, current.document)
        },
    )
    .await
}

/// Whether a document removes its record: there is nothing left to show.
pub fn is_removed(document: &Map<String, Value>) -> bool {
    let state = document.get("state").and_then(Value::as_str);
    matches!(state, Some("gone" | "erased"))
}

/// Whether a new document of this kind has no state, so that it depends on the caller: a client that may write but not publish
/// creates a draft.
pub fn lacks_state(kind: &Kind, document: &Map<String, Value>) -> bool {
    kind.is_published && !document.contains_key("state")
}

/// The members with the type of the collection, which they may name but not contradict.
pub fn typed(
    resource: Resource,
    mut members: Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    match members.get("type") {
        Some(kind) if kind.as_str() != Some(resource.name()) => {
            let detail = format!("Expected '{resource}', as the path says.");
            Err(mistake(MistakeCode::Inconsistent, "/type", &detail))
        }
        _ => {
            members.insert("type".to_owned(), json!(resource.name()));
            Ok(members)
        }
    }
}

/// A document that cannot be stored, for one reason.
pub fn mistake(code: MistakeCode, pointer: &str, detail: &str) -> ApiError {
    ApiError::validation(vec![Mistake::pointer(code, pointer, detail)])
}

/// Stores one document, whose HTML is sanitised, and responds with its record if it is there then; or with a proposal, if the document needs
/// the approval of others.
pub fn store_one(
    writer: &mut Writer<'_>,
    kind: &Kind,
    options: ImportOptions<'_>,
    document: Map<String, Value>,
) -> Result<StoredResponse, ApiError> {
    let is_removed = is_removed(&document);
    store_line(
        writer,
        kind,
        options,
        Value::Object(document).to_string(),
        is_removed,
    )
}

/// [`store_one`] with the document as a line of an import. `is_removed` says whether it removes its record.
pub fn store_line(
    writer: &mut Writer<'_>,
    kind: &Kind,
    options: ImportOptions<'_>,
    line: String,
    is_removed: bool,
) -> Result<StoredResponse, ApiError> {
    let source = Source::Memory(vec![line]);
    let report = match import::within(writer, &source, options, &|_| ()) {
        Ok(report) => report,
        Err(ImportError::Waits(waiting)) => return storing::propose(writer, *waiting),
        Err(error) => {
            let pointer = |mistake: &LineMistake| mistake.pointer.clone();
            return Err(error.into_response(options.catalogue, pointer));
        }
    };
    let stored = report.records.into_iter().next();
    let stored = stored.ok_or_else(|| ApiError::internal(&"a document left no trace"))?;
    // a record with a first document was there before anything was stored
    let is_new = stored.outcome == WriteOutcome::Created && kind.first_document.is_none();
    match is_removed {
        true => Ok(StoredResponse::no_content()),
        false => show(writer, kind, stored.id, is_new),
    }
}

/// The response to a write: the record as it is now.
pub fn show(
    writer: &mut Writer<'_>,
    kind: &Kind,
    id: RecordId,
    is_new: bool,
) -> Result<StoredResponse, ApiError> {
    let (now, pages) = (writer.now(), writer.pages());
    let shown = kind.show_one(writer.connection, id, now, pages)?;
    Ok(match is_new {
        true => created(kind, id, shown),
        false => written(StatusCode::OK, shown),
    })
}

/// The response to the creation of a record.
pub fn created(kind: &Kind, id: RecordId, shown: WrittenRecord) -> StoredResponse {
    let path = format!("/v1/{}/{id}", kind.resource().collection());
    StoredResponse {
        location: Some(path),
        ..written(StatusCode::CREATED, shown)
    }
}

fn written(status: StatusCode, shown: WrittenRecord) -> StoredResponse {
    StoredResponse {
        status,
        location: None,
        entity_tag: Some(shown.tag),
        body: shown.body,
        is_replayed: false,
    }
}
