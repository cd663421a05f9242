//! The endpoints of webhooks.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::managing::{act, find, visible_owner, written};
use super::model::{MAX_WEBHOOKS, WebhookDocument, WebhookRow};
use super::views::{DeliveryFilters, Webhook, WebhookDelivery};
use super::{operations, queries, signing};
use crate::access::{Client, Public, Rights, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::idempotency::StoredResponse;
use crate::http::page::{self, Paging};
use crate::http::problem::{Mistake, ProblemCode};
use crate::http::query::{NoParameters, Query};
use crate::log::{Resource, Writer, entries, forks};
use crate::platform::config::Config;
use crate::platform::db::{DbConnection, Json, Value as SqlValue};
use crate::platform::identity::Key;
use crate::platform::mistakes::MistakeCode;
use crate::platform::outbound;
use crate::writing::actions;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_webhooks)
        .service(create_webhook)
        .service(find_webhook)
        .service(change_webhook)
        .service(remove_webhook)
        .service(list_webhook_deliveries)
        .service(operations::rotate_webhook_secret)
        .service(operations::test_webhook)
        .service(operations::replay_webhook)
        .service(operations::replay_webhook_delivery);
}

/// List webhooks
///
/// Your client's webhooks, oldest first; with `admin`, those of all clients. Requires `webhooks:manage`.
#[utoipa::path(tag = "Webhooks", params(Paging), responses((status = 200, description = "One page of webhooks", body = List<Webhook>)))]
#[get("/webhooks")]
pub async fn list_webhooks(
    public: Public,
    query: Query<NoParameters, Paging>,
) -> Result<HttpResponse, ApiError> {
    let owner = visible_owner(public.caller()?)?;
    let keyset = page::keyset(&query.address, &query.shape, public.cursors())?;
    let (slice, freshness) = public
        .read(move |c| Ok(queries::list(c, owner.as_deref(), &keyset)?))
        .await?;
    let page = public.links(&query.address, &slice, |row| {
        (SqlValue::from(&row.id), row.id.clone())
    })?;
    let webhooks = slice.rows.iter().map(Webhook::new).collect();
    answer::list(webhooks, page, &[], freshness)
}

/// Show a webhook
///
/// The response does not include the secret, which is shown only on creation and rotation. Requires `webhooks:manage`.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = String, Path, description = "The id", max_length = 150)),
    responses((status = 200, description = "The webhook", body = Item<Webhook>))
)]
#[get("/webhooks/{id}")]
pub async fn find_webhook(public: Public, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let owner = visible_owner(public.caller()?)?;
    let (row, freshness) = public.read(move |c| find(c, &id, owner.as_deref())).await?;
    answer::item(&Webhook::new(&row), row.revision, &[], freshness)
}

/// Create a webhook
///
/// From now on, every change that matches `types` and `organisations` is sent to `url`, signed according to Standard
/// Webhooks (standardwebhooks.com) with `webhook-id`, `webhook-timestamp` and `webhook-signature`. The body says what
/// changed and where to read it, without the content. The response has the secret, which is never shown again. Requires
/// `webhooks:manage`. Send an `Idempotency-Key` to retry safely.
#[utoipa::path(tag = "Webhooks", request_body = WebhookDocument, responses((status = 201, description = "The webhook, with its secret", body = Item<Webhook>)))]
#[post("/webhooks")]
pub async fn create_webhook(
    client: Client,
    body: Body,
    config: Data<Config>,
) -> Result<HttpResponse, ApiError> {
    visible_owner(client.caller())?;
    let document: WebhookDocument = actions::read(&body)?;
    check_url(&document.url, &config)?;
    let owner = client.caller().client.clone();
    let work = move |writer: &mut Writer<'_>, _: &Rights| {
        if queries::count_of(writer.connection, &owner)? >= MAX_WEBHOOKS {
            let detail = format!("A client can have at most {MAX_WEBHOOKS} webhooks.");
            return Err(ApiError::new(ProblemCode::Conflict, detail));
        }
        let row = new_row(writer, owner, document)?;
        queries::insert(writer.connection, &row)?;
        written(StatusCode::CREATED, &Webhook::with_secret(&row))
    };
    let response = client.write(&body.bytes, work).await?;
    Ok(response.into_response(&client.base))
}

fn new_row(
    writer: &mut Writer<'_>,
    owner: String,
    document: WebhookDocument,
) -> Result<WebhookRow, ApiError> {
    let now = writer.now();
    let place = entries::end(writer.connection, now)?;
    let document = with_ids(writer.connection, document, now)?;
    Ok(WebhookRow {
        id: uuid::Uuid::now_v7().to_string(),
        client_id: owner,
        revision: 1,
        url: document.url,
        description: document.description,
        types: Json::new(document.types)?,
        organisations: Json::new(Key::all(&document.organisations)?)?,
        is_enabled: document.is_enabled,
        disabled_reason: None,
        secret: signing::new_secret()?,
        previous_secret: None,
        previous_secret_until: None,
        place_seq: place.seq,
        place_moment: place.moment,
        place_tie: place.tie,
        last_position: 0,
        fork: forks::newest(writer.connection)?,
        created_at: now,
        updated_at: now,
    })
}

/// Change a webhook
///
/// A merge patch (RFC 7396). Changes made while `is_enabled` was false are sent once it is true again. Requires
/// `If-Match` and `webhooks:manage`.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = String, Path, description = "The id", max_length = 150)),
    request_body(content = ref("#/components/schemas/WebhookPatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The changed webhook", body = Item<Webhook>))
)]
#[patch("/webhooks/{id}")]
pub async fn change_webhook(
    client: Client,
    id: web::Path<String>,
    body: Body,
    config: Data<Config>,
) -> Result<HttpResponse, ApiError> {
    let (precondition, patch) = (client.precondition.clone(), body.members);
    act(client, id, &body.bytes, move |writer, mut webhook| {
        precondition.allows_change(webhook.revision)?;
        let document = patched(&webhook, patch)?;
        check_url(&document.url, &config)?;
        let now = writer.now();
        webhook.describe(with_ids(writer.connection, document, now)?)?;
        queries::update(writer.connection, &mut webhook, now)?;
        written(StatusCode::OK, &Webhook::new(&webhook))
    })
    .await
}

fn patched(row: &WebhookRow, patch: Map<String, Value>) -> Result<WebhookDocument, ApiError> {
    let mut document = json!(row.document());
    json_patch::merge(&mut document, &Value::Object(patch));
    match document {
        Value::Object(members) => actions::read(&Body {
            members,
            bytes: Vec::new(),
        }),
        _ => Err(ApiError::internal(&"the patched document is not an object")),
    }
}

/// Delete a webhook
///
/// Its deliveries are deleted too, and nothing more is sent. Requires `If-Match` and `webhooks:manage`.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = String, Path, description = "The id", max_length = 150)),
    responses((status = 204, description = "Deleted"))
)]
#[delete("/webhooks/{id}")]
pub async fn remove_webhook(
    client: Client,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let precondition = client.precondition.clone();
    act(client, id, b"", move |writer, webhook| {
        precondition.allows_change(webhook.revision)?;
        queries::remove(writer.connection, &webhook.id)?;
        Ok(StoredResponse::no_content())
    })
    .await
}

/// List the deliveries of a webhook
///
/// Newest first, with every attempt and its result. Deliveries are kept for seven days after they finish. Requires
/// `webhooks:manage`.
#[utoipa::path(
    tag = "Webhooks",
    params(("id" = String, Path, description = "The id", max_length = 150), DeliveryFilters, Paging),
    responses((status = 200, description = "One page of deliveries", body = List<WebhookDelivery>))
)]
#[get("/webhooks/{id}/deliveries")]
pub async fn list_webhook_deliveries(
    public: Public,
    id: web::Path<String>,
    query: Query<DeliveryFilters, Paging>,
) -> Result<HttpResponse, ApiError> {
    let owner = visible_owner(public.caller()?)?;
    let keyset = page::keyset(&query.address, &query.shape, public.cursors())?;
    let state = query.params.state;
    let (slice, freshness) = public
        .read(move |c| {
            let webhook = find(c, &id, owner.as_deref())?;
            Ok(queries::deliveries(c, &webhook.id, state, &keyset)?)
        })
        .await?;
    let page = public.links(&query.address, &slice, |row| {
        (SqlValue::from(row.position), row.id.clone())
    })?;
    let deliveries = slice.rows.iter().map(WebhookDelivery::new).collect();
    answer::list(deliveries, page, &[], freshness)
}

/// Checks what can be known of a URL before its host is resolved, which happens at each attempt.
fn check_url(text: &str, config: &Config) -> Result<(), ApiError> {
    let refused = |detail: &str| {
        let mistake = Mistake::pointer(MistakeCode::NotAUrl, "/url", detail);
        Err(ApiError::validation(vec![mistake]))
    };
    let Ok(url) = url::Url::parse(text) else {
        return refused("Expected an absolute URL.");
    };
    match url.scheme() {
        "https" => {}
        "http" if config.webhook_http => {}
        _ => return refused("Expected an https URL."),
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return refused("Expected a URL without user, password or fragment.");
    }
    match outbound::may_request(&url, &config.webhook_addresses) {
        true => Ok(()),
        false => refused("The address is not on the public internet."),
    }
}

/// The document with organisations' slugs resolved to ids.
fn with_ids(
    c: &mut DbConnection,
    mut document: WebhookDocument,
    now: NaiveDateTime,
) -> Result<WebhookDocument, ApiError> {
    let mut mistakes = Vec::new();
    for (index, name) in document.organisations.iter_mut().enumerate() {
        match lookup::find(c, Resource::Organisation, name, now) {
            Ok(id) => *name = id.into(),
            Err(error) if error.code.status() == 500 => return Err(error),
            Err(_) => {
                let detail = format!("There is no organisation '{name}'.");
                let place = format!("/organisations/{index}");
                mistakes.push(Mistake::pointer(
                    MistakeCode::UnknownReference,
                    &place,
                    detail,
                ));
            }
        }
    }
    match mistakes.is_empty() {
        true => Ok(document),
        false => Err(ApiError::validation(mistakes)),
    }
}
