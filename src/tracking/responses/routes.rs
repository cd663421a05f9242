//! The endpoints of responses.

use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::NaiveDateTime;
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::{KIND, OWNERSHIP};
use super::model::ResponseDocument;
use super::present;
use super::queries::{self, Filter};
use super::views::{FindResponse, ListResponses, Response};
use crate::access::{Client, Public, lookup};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::log::Resource;
use crate::log::entries::Extent;
use crate::platform::db::DbConnection;
use crate::writing::records;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_responses)
        .service(create_response)
        .service(find_response)
        .service(change_response)
        .service(remove_response);
}

/// List responses
///
/// What was answered, newest first: by whom and for whom, and to which recommendations.
#[utoipa::path(tag = "Responses", params(ListResponses), responses((status = 200, description = "One page of responses", body = List<Response>)))]
#[get("/responses")]
pub async fn list_responses(
    public: Public,
    query: Query<ListResponses>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let keyset = page::keyset(&query, query.params.paging(), public.cursors())?;
    let (params, now, sort) = (query.params.clone(), public.now, query.params.sort);
    let ((slice, responses), freshness) = public
        .read(move |c| {
            let filter = filter(c, &params, now)?;
            let counted = params.count == Count::Exact;
            let slice = queries::list(c, &filter, sort.order(), &keyset, counted)?;
            let responses = present::views(c, slice.rows.clone())?;
            Ok((slice, responses))
        })
        .await?;
    let page = page::links(&query, public.cursors(), &public.base, &slice, |row| {
        sort.place(row)
    })?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::list(
        responses,
        page,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Show a response
///
/// A withdrawn response, or one that is not published, answers without its words.
#[utoipa::path(
    tag = "Responses",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057"), FindResponse),
    responses((status = 200, description = "The response", body = Item<Response>))
)]
#[get("/responses/{id}")]
pub async fn find_response(
    public: Public,
    key: web::Path<String>,
    query: Query<FindResponse>,
) -> Result<HttpResponse, ApiError> {
    let public = public
        .as_of(query.params.as_of, Extent::WithoutArticles)
        .await?;
    let (now, rights) = (public.now, public.rights());
    let (responses, freshness) = public
        .read(move |c| {
            let id = lookup::for_reading(c, &OWNERSHIP, &key, &rights, now)?;
            let row = queries::find(c, &id)?;
            present::views(c, vec![row])
        })
        .await?;
    let response = responses.first().ok_or_else(ApiError::not_found)?;
    let fields: Vec<&str> = query.params.fields.iter().map(<&str>::from).collect();
    answer::item(
        response,
        response.revision,
        &fields,
        freshness.without(Resource::Article),
    )
}

/// Create a response
///
/// Takes `responses:write` for the responder: a body submits its own. Each recommendation must be addressed to the
/// responder, or to one of those for whom it responds. The document is that of an import. `Idempotency-Key` makes it safe to send twice.
#[utoipa::path(tag = "Responses", request_body = ResponseDocument, responses((status = 201, description = "The response, as it was created", body = Item<Response>)))]
#[post("/responses")]
pub async fn create_response(client: Client, body: Body) -> Result<HttpResponse, ApiError> {
    records::create(client, &KIND, body).await
}

/// Change a response
///
/// A merge patch (RFC 7396): members that are named take the place of what is there, `null` removes, and the
/// rest stays. A later response is a new one, so that what was said before stays on record. `If-Match` takes the `ETag` of any reading of the response. Takes `responses:write` for the responder.
#[utoipa::path(
    tag = "Responses",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    request_body(content = ref("#/components/schemas/ResponsePatch"), content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The response, as it is now", body = Item<Response>))
)]
#[patch("/responses/{id}")]
pub async fn change_response(
    client: Client,
    key: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    records::change(client, &KIND, key.into_inner(), body).await
}

/// Remove a response
///
/// It answers 410 from then on. Needs `If-Match`. Takes `responses:write` for the responder.
#[utoipa::path(
    tag = "Responses",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "01890a5d-ac96-874b-bcce-b302099a8057")),
    responses((status = 204, description = "It is removed"))
)]
#[delete("/responses/{id}")]
pub async fn remove_response(
    client: Client,
    key: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    records::remove(client, &KIND, key.into_inner(), None).await
}

fn filter(
    c: &mut DbConnection,
    params: &ListResponses,
    now: NaiveDateTime,
) -> Result<Filter, ApiError> {
    let mut ids =
        |resource, name: &str, keys: &[String]| lookup::filter(c, resource, name, keys, now);
    Ok(Filter {
        now,
        state: params.state,
        reports: ids(Resource::Report, "report", &params.report)?,
        recommendations: ids(
            Resource::Recommendation,
            "recommendation",
            &params.recommendation,
        )?,
        responders: ids(Resource::Organisation, "responder", &params.responder)?,
        kinds: params
            .kind
            .iter()
            .map(|kind| <&str>::from(kind).to_owned())
            .collect(),
        published_from: params.published_from,
        published_before: params.published_before,
    })
}
