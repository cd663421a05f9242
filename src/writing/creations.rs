//! Creating a record over HTTP. Of kinds of which many may come at once, those that wait for the write lock are stored as one.

use actix_web::HttpResponse;
use serde_json::{Map, Value};

use super::document::Document;
use super::import::{self, ImportOptions, Source};
use super::kind::{Catalogue, Kind};
use super::parsed::Parsed;
use super::{records, sanitising};
use crate::access::{Client, Rights, WriteRequest};
use crate::http::answer::WrittenRecord;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::http::problem::ProblemCode;
use crate::log::{Addition, Writer};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;

/// Creates a record: `POST` on a collection.
pub async fn create(
    client: Client,
    kind: &'static Kind,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let document =
        sanitising::members(kind, records::typed(kind.resource(), body.members)?).await?;
    let catalogue: &Catalogue = **client.app_data::<&'static Catalogue>()?;
    if kind.save_new.is_some() {
        let line = Value::Object(document.clone()).to_string();
        if may_wait_for_others(catalogue, kind, &line) {
            let creation = |request| Creation::new(catalogue, kind, line, request);
            let response = client.add(&body.bytes, creation).await?;
            return Ok(response.into_response(&client.base));
        }
    }
    let create = move |writer: &mut Writer<'_>, rights: &Rights, catalogue: &Catalogue| {
        records::create_one(writer, kind, catalogue, rights, document)
    };
    records::write(&client, Some(kind), &body.bytes, create).await
}

/// The creation of a record.
struct Creation {
    catalogue: &'static Catalogue,
    kind: &'static Kind,
    /// The document, as a line of an import.
    line: String,
    request: WriteRequest,
}

/// Whether a document may be stored together with others, as far as it says itself.
fn may_wait_for_others(catalogue: &Catalogue, kind: &Kind, line: &str) -> bool {
    let is_kept = |document: &dyn Document| {
        let state = document.head().state;
        !matches!(state, PublicationState::Gone | PublicationState::Erased)
    };
    kind.save_new.is_some()
        && Parsed::parse(catalogue, line).is_ok_and(|parsed| is_kept(parsed.document.as_ref()))
}

impl Creation {
    /// The creation of the record with this document, whose HTML is sanitised.
    fn new(
        catalogue: &'static Catalogue,
        kind: &'static Kind,
        line: String,
        request: WriteRequest,
    ) -> Self {
        Self {
            catalogue,
            kind,
            line,
            request,
        }
    }
}

impl Addition for Creation {
    type Value = StoredResponse;
    type Failure = ApiError;

    fn run(&self, writer: &mut Writer<'_>) -> Result<StoredResponse, ApiError> {
        let (catalogue, kind) = (self.catalogue, self.kind);
        let may_replay = |writer: &mut Writer<'_>, rights: &Rights, stored: &StoredResponse| {
            records::may_replay(writer, rights, stored, Some(kind), catalogue)
        };
        let create = |writer: &mut Writer<'_>, rights: &Rights| {
            let document: Map<String, Value> =
                serde_json::from_str(&self.line).map_err(|error| ApiError::internal(&error))?;
            records::create_one(writer, kind, catalogue, rights, document)
        };
        self.request.run(writer, may_replay, create)
    }

    fn run_together(creations: &[&Self], writer: &mut Writer<'_>) -> Option<Vec<StoredResponse>> {
        let first = creations.first()?;
        let kind = first.kind;
        if creations
            .iter()
            .any(|one| one.kind.resource() != kind.resource())
        {
            return None;
        }
        let requests: Vec<&WriteRequest> = creations.iter().map(|one| &one.request).collect();
        let ids: Vec<Option<String>> = requests
            .iter()
            .map(|one| one.id().map(str::to_owned))
            .collect();
        let lines = creations.iter().map(|one| one.line.clone()).collect();
        let create = |writer: &mut Writer<'_>, rights: &Rights| {
            let options = ImportOptions {
                only_new: true,
                requests: &ids,
                ..ImportOptions::of_request(first.catalogue, rights)
            };
            let stored = import::within(writer, &Source::Memory(lines), options, &|_| ());
            // which of them failed, and why, is found when each is run by itself
            let mut stored = stored
                .map_err(|_| {
                    ApiError::new(ProblemCode::Conflict, "One of the documents is not stored.")
                })?
                .records;
            stored.sort_by_key(|record| record.line);
            let stored: Vec<RecordId> = stored.iter().map(|record| record.id).collect();
            let now = writer.now();
            let shown = (kind.show)(writer.connection, &stored, now)?.into_iter();
            let responses = stored.iter().zip(shown);
            Ok(responses
                .map(|(id, shown): (&RecordId, WrittenRecord)| records::created(kind, *id, shown))
                .collect())
        };
        WriteRequest::run_together(&requests, writer, create).ok()
    }
}
