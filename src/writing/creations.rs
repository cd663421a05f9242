//! Creating a record over HTTP. Of kinds of which many may come at once, those that wait for the write lock are stored as one.

use actix_web::HttpResponse;
use serde_json::Value;

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

/// Creates a record: `POST` on a collection.
pub async fn create(
    client: Client,
    kind: &'static Kind,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let document = records::typed(kind.resource(), body.members)?;
    let (document, sanitised) = sanitising::members(kind, document).await?;
    let is_removed = records::is_removed(&document);
    let lacks_state = records::lacks_state(kind, &document);
    let line = Value::Object(document).to_string();
    let catalogue: &Catalogue = **client.app_data::<&'static Catalogue>()?;
    let waits_for_others = kind.save_new.is_some() && !is_removed;
    // an invalid one would keep the others from being stored as one
    if waits_for_others && Parsed::parse(catalogue, &line).is_ok() {
        let creation = |request| Creation {
            catalogue,
            kind,
            line,
            lacks_state,
            request,
        };
        let response = client.add(&body.bytes, creation).await?;
        let response = response.into_response(&client.base);
        return Ok(sanitised.tell(response));
    }
    let create = move |writer: &mut Writer<'_>, rights: &Rights, catalogue: &Catalogue| {
        let options = options(catalogue, rights, &[]);
        let line = with_state(line, lacks_state, rights);
        records::store_line(writer, kind, options, line, is_removed)
    };
    let response = records::write(&client, Some(kind), &body.bytes, create).await?;
    Ok(sanitised.tell(response))
}

/// A line with the state of a draft, if it has no state and the caller may not publish.
fn with_state(mut line: String, lacks_state: bool, rights: &Rights) -> String {
    if lacks_state && !rights.may_publish() && line.pop() == Some('}') {
        line.push_str(r#","state":"draft"}"#);
    }
    line
}

/// The options for documents that each came with one of these requests.
fn options<'a>(
    catalogue: &'a Catalogue,
    rights: &'a Rights,
    requests: &'a [Option<String>],
) -> ImportOptions<'a> {
    ImportOptions {
        only_new: true,
        requests,
        ..ImportOptions::of_request(catalogue, rights)
    }
}

/// The creation of a record.
struct Creation {
    catalogue: &'static Catalogue,
    kind: &'static Kind,
    /// The document, as a line of an import.
    line: String,
    /// Whether it has no state where the default depends on the caller.
    lacks_state: bool,
    request: WriteRequest,
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
            let options = options(catalogue, rights, &[]);
            let line = with_state(self.line.clone(), self.lacks_state, rights);
            records::store_line(writer, kind, options, line, false)
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
        let create = |writer: &mut Writer<'_>, rights: &Rights| {
            let lines = creations.iter();
            let lines = lines.map(|one| with_state(one.line.clone(), one.lacks_state, rights));
            let lines = lines.collect();
            let options = options(first.catalogue, rights, &ids);
            let stored = import::within(writer, &Source::Memory(lines), options, &|_| ());
            // which of them failed, and why, is found when each is run by itself
            let mut stored = stored
                .map_err(|_| {
                    ApiError::new(ProblemCode::Conflict, "One of the documents is not stored.")
                })?
                .records;
            stored.sort_by_key(|record| record.line);
            let stored: Vec<RecordId> = stored.iter().map(|record| record.id).collect();
            let (now, pages) = (writer.now(), writer.pages());
            let shown = (kind.show)(writer.connection, &stored, now, pages)?.into_iter();
            let responses = stored.iter().zip(shown);
            Ok(responses
                .map(|(id, shown): (&RecordId, WrittenRecord)| records::created(kind, *id, shown))
                .collect())
        };
        WriteRequest::run_together(&requests, writer, create).ok()
    }
}
