//! Writing a whole record: `PUT`.

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde_json::json;

use super::as_read::AsRead;
use super::current::{current, removed};
use super::import::ImportOptions;
use super::kind::Kind;
use super::records::{self, lacks_state, mistake, store_one, typed};
use super::sanitising;
use crate::access::Client;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::platform::identity::Key;
use crate::platform::mistakes::MistakeCode;

/// Puts a whole record under its slug: creates it, or replaces what is there.
pub async fn put(
    client: Client,
    kind: &'static Kind,
    key: Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let key = key.into_inner();
    let document = typed(kind.resource(), body.members)?;
    let (mut document, sanitised) = sanitising::members(kind, document).await?;
    let member = match key.id() {
        Some(_) => "id",
        None => "slug",
    };
    let value = document.entry(member).or_insert_with(|| json!(key));
    if value.as_str() != Some(&*key) {
        let detail = "The document is about another record than the path.";
        let place = format!("/{member}");
        return Err(mistake(MistakeCode::Immutable, &place, detail));
    }
    let precondition = client.precondition.clone();
    let response = records::write(
        &client,
        Some(kind),
        &body.bytes,
        move |writer, rights, catalogue| {
            let is_draft = match current(writer, kind, &key, rights) {
                Ok(current) => {
                    precondition.allows_change(current.revision)?;
                    let as_read = AsRead::load(writer, kind, current.id, &current.document)?;
                    document = as_read.replacing(document);
                    document.insert("id".to_owned(), json!(current.id));
                    current.document.get("state") == Some(&json!("draft"))
                }
                Err(error) => match removed(writer, kind, &key, rights)? {
                    // one who may see what was removed brings it back
                    Some(removed) => {
                        precondition.allows_change(removed.revision)?;
                        document.insert("id".to_owned(), json!(removed.id));
                        false
                    }
                    None if error.code == ProblemCode::NotFound => {
                        precondition.allows_creation()?;
                        true
                    }
                    None => return Err(error),
                },
            };
            if is_draft && lacks_state(kind, &document) && !rights.may_publish() {
                document.insert("state".to_owned(), json!("draft"));
            }
            let options = ImportOptions::of_request(catalogue, rights);
            store_one(writer, kind, options, document)
        },
    )
    .await?;
    Ok(sanitised.tell(response))
}
