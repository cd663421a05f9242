//! Writing one record over HTTP: one path for all kinds, the same as an import's.
//!
//! A request's body becomes one document (a `PATCH` merges it into the present one first), and the document
//! goes through `import`: read, checked, its links followed, the right to store it looked at, stored, logged.
//! All of it is one transaction, the answer for the `Idempotency-Key` included.

use actix_web::HttpResponse;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::import::{self, ImportOptions, LineMistake, OnMistake, Source, Stored};
use super::kind::{Catalogue, Kind};
use crate::access::{Client, Rights, lookup};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::http::problem::{Mistake, ProblemCode};
use crate::log::{Resource, WriteOutcome, Writer};
use crate::platform::db::Sql;

/// Which kinds of records this server has.
///
/// # Errors
/// When it was not told, which is a mistake in its assembly.
pub fn catalogue_of(client: &Client) -> Result<&'static Catalogue, ApiError> {
    Ok(**client.app_data::<&'static Catalogue>()?)
}

/// A record as it is.
pub struct Current {
    /// The id.
    pub id: String,
    /// The revision.
    pub revision: i64,
    /// The document.
    pub document: Map<String, Value>,
}

/// Creates a record: `POST` on a collection.
pub async fn create(
    client: Client,
    kind: &'static Kind,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let document = typed(kind.resource(), body.members)?;
    let catalogue = catalogue_of(&client)?;
    let work = move |writer: &mut Writer<'_>, rights: &Rights| {
        let stored = store_one(writer, catalogue, rights, document, true)?;
        finish(writer, kind, &stored)
    };
    let finished = client.write(&body.bytes, work).await?;
    Ok(finished.into_response(&client.base))
}

/// Changes members of a record: `PATCH`, a merge patch (RFC 7396).
pub async fn change(
    client: Client,
    kind: &'static Kind,
    key: String,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let patch = typed(kind.resource(), body.members)?;
    let merge = move |document: &mut Map<String, Value>, _: &mut Writer<'_>| {
        let id = document.get("id").and_then(Value::as_str);
        let is_id = |given: &Value| {
            given
                .as_str()
                .zip(id)
                .is_some_and(|(given, id)| given.eq_ignore_ascii_case(id))
        };
        if patch.get("id").is_some_and(|given| !is_id(given)) {
            let detail = "The id of a record does not change.";
            return Err(mistake("immutable", "/id", detail));
        }
        for (name, member) in &patch {
            match member {
                Value::Null => drop(document.shift_remove(name)),
                _ => json_patch::merge(document.entry(name).or_insert(Value::Null), member),
            }
        }
        Ok(())
    };
    amend(client, kind, key, &body.bytes, merge, true).await
}

/// Carries out an action on a record: a change that is made here.
pub async fn act(
    client: Client,
    kind: &'static Kind,
    key: String,
    body: Body,
    action: impl FnOnce(&mut Map<String, Value>, NaiveDateTime) + Send + 'static,
) -> Result<HttpResponse, ApiError> {
    let alter = move |document: &mut Map<String, Value>, writer: &mut Writer<'_>| {
        action(document, writer.now());
        Ok(())
    };
    amend(client, kind, key, &body.bytes, alter, true).await
}

/// How a record is removed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Removal {
    /// The record that stays, by id or slug, when the other one was there twice. The address of the one that is
    /// removed then leads to it (308), and the change log names it.
    pub merged_into: Option<String>,
}

/// Removes a record: it answers 410 from then on, and the log says that it was there.
pub async fn remove(
    client: Client,
    kind: &'static Kind,
    key: String,
    removal: Removal,
) -> Result<HttpResponse, ApiError> {
    let alter = move |document: &mut Map<String, Value>, _: &mut Writer<'_>| {
        document.insert("state".to_owned(), Value::from("gone"));
        if let Some(survivor) = removal.merged_into {
            document.insert("merged_into".to_owned(), Value::from(survivor));
        }
        Ok(())
    };
    amend(client, kind, key, b"", alter, false).await
}

/// Alters the document of a record and stores it. Where it `answers`, the record as it is then is shown.
pub async fn amend(
    client: Client,
    kind: &'static Kind,
    key: String,
    bytes: &[u8],
    alter: impl FnOnce(&mut Map<String, Value>, &mut Writer<'_>) -> Result<(), ApiError>
    + Send
    + 'static,
    answers: bool,
) -> Result<HttpResponse, ApiError> {
    let precondition = client.precondition.clone();
    let catalogue = catalogue_of(&client)?;
    let work = move |writer: &mut Writer<'_>, rights: &Rights| {
        let current = current(writer, kind, &key, rights)?;
        precondition.allows_change(current.revision)?;
        let mut document = current.document;
        document.insert("type".to_owned(), Value::from(kind.resource().name()));
        document.insert("id".to_owned(), Value::from(current.id));
        alter(&mut document, writer)?;
        let stored = store_one(writer, catalogue, rights, document, false)?;
        match answers {
            // the first that is recorded of an obligation makes no new one
            true => Ok(StoredResponse {
                status: 200,
                location: None,
                ..finish(writer, kind, &stored)?
            }),
            false => Ok(StoredResponse::no_content()),
        }
    };
    let finished = client.write(bytes, work).await?;
    Ok(finished.into_response(&client.base))
}

/// Puts a whole record under its slug: creates it, or takes the place of what is there.
pub async fn put(
    client: Client,
    kind: &'static Kind,
    key: String,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let mut document = typed(kind.resource(), body.members)?;
    let member = if lookup::is_id(&key) { "id" } else { "slug" };
    let named = document
        .entry(member)
        .or_insert_with(|| Value::from(key.clone()));
    if named.as_str() != Some(key.as_str()) {
        let detail = "The document is about another record than the path.";
        return Err(mistake("immutable", &format!("/{member}"), detail));
    }
    let precondition = client.precondition.clone();
    let catalogue = catalogue_of(&client)?;
    let work = move |writer: &mut Writer<'_>, rights: &Rights| {
        match current(writer, kind, &key, rights) {
            Ok(current) => {
                precondition.allows_change(current.revision)?;
                document.insert("id".to_owned(), Value::from(current.id));
            }
            Err(error) if error.code == ProblemCode::NotFound => precondition.allows_creation()?,
            Err(error) => return Err(error),
        }
        let stored = store_one(writer, catalogue, rights, document, false)?;
        finish(writer, kind, &stored)
    };
    let finished = client.write(&body.bytes, work).await?;
    Ok(finished.into_response(&client.base))
}

/// The members with the type of the collection, which they may name but not contradict.
fn typed(
    resource: Resource,
    mut members: Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    match members.get("type") {
        Some(kind) if kind.as_str() != Some(resource.name()) => {
            let detail = format!("Expected '{resource}', as the path says.");
            Err(mistake("invalid_value", "/type", &detail))
        }
        _ => {
            members.insert("type".to_owned(), Value::from(resource.name()));
            Ok(members)
        }
    }
}

/// A document that cannot be stored, for one reason.
pub fn mistake(code: &str, pointer: &str, detail: &str) -> ApiError {
    ApiError::validation(vec![Mistake::pointer(code, pointer, detail)])
}

/// The record as it is, if the caller may see it.
pub fn current(
    writer: &mut Writer<'_>,
    kind: &Kind,
    key: &str,
    rights: &Rights,
) -> Result<Current, ApiError> {
    #[derive(QueryableByName)]
    struct StateRow {
        #[diesel(sql_type = BigInt)]
        revision: i64,
        #[diesel(sql_type = Nullable<Text>)]
        state: Option<String>,
    }
    let now = writer.now();
    let id = lookup::for_writing(writer.connection, &kind.ownership, key, rights, now)?;
    let mut sql = Sql::new("SELECT r.revision, c.state FROM ");
    sql.push(kind.resource().table())
        .push(" r LEFT JOIN changes c ON c.seq = r.change_seq WHERE r.id = ")
        .bind(&id);
    let row: StateRow = sql.get_result(writer.connection)?;
    let state = match row.state {
        Some(state) => state,
        // nothing was recorded of it yet
        None => match kind.first_document {
            Some(first) => first(writer.connection, &id)?,
            None => String::new(),
        },
    };
    let document = serde_json::from_str(&state).map_err(|e| ApiError::internal(&e))?;
    Ok(Current {
        id,
        revision: row.revision,
        document,
    })
}

/// Stores one document.
pub fn store_one(
    writer: &mut Writer<'_>,
    catalogue: &Catalogue,
    rights: &Rights,
    document: Map<String, Value>,
    only_new: bool,
) -> Result<Stored, ApiError> {
    let line = Value::Object(document).to_string();
    let stored = store(
        writer,
        catalogue,
        rights,
        vec![line],
        only_new,
        &|mistake| mistake.pointer.clone(),
    )?;
    let one = stored.into_iter().next();
    one.ok_or_else(|| ApiError::internal(&"a document was stored without a trace"))
}

/// Stores documents, all or none. `place` says where in the body a mistake is.
pub fn store(
    writer: &mut Writer<'_>,
    catalogue: &Catalogue,
    rights: &Rights,
    lines: Vec<String>,
    only_new: bool,
    place: &dyn Fn(&LineMistake) -> String,
) -> Result<Vec<Stored>, ApiError> {
    let terms = ImportOptions {
        catalogue,
        rights,
        on_mistake: OnMistake::StoreNothing,
        only_new,
        name_records: true,
    };
    match import::within(writer, &Source::memory(lines), terms, &|_| ()) {
        Ok(report) => {
            let mut records = report.records;
            records.sort_by_key(|record| record.line);
            Ok(records)
        }
        Err(import::Error::Mistakes(report)) => {
            let mistakes = report.mistakes.iter();
            let told = mistakes.map(|m| Mistake::pointer("invalid_value", &place(m), &m.detail));
            Err(ApiError::validation(told.collect()))
        }
        Err(import::Error::Refused(refusal)) => Err(refusal.into()),
        Err(import::Error::Exists(resource, slug)) => Err(ApiError::new(
            ProblemCode::Conflict,
            format!("The {resource} '{slug}' exists already."),
        )),
        Err(import::Error::Database(error)) => Err(error.into()),
        Err(import::Error::Source(error)) => Err(ApiError::internal(&error)),
    }
}

/// The answer to a write: the record as it is now.
pub fn finish(
    writer: &mut Writer<'_>,
    kind: &Kind,
    stored: &Stored,
) -> Result<StoredResponse, ApiError> {
    let now = writer.now();
    let shown = (kind.show)(writer.connection, &stored.id, now)?;
    let path = format!("/v1/{}/{}", stored.resource.collection(), stored.id);
    let is_new = stored.outcome == WriteOutcome::Created;
    Ok(StoredResponse {
        status: if is_new { 201 } else { 200 },
        location: is_new.then_some(path),
        entity_tag: Some(shown.tag),
        body: shown.body,
        is_replayed: false,
    })
}
