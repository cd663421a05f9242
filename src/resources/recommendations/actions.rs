//! Editorial actions on recommendations.

use actix_web::{HttpResponse, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::kind::KIND;
use super::views::Recommendation;
use crate::access::Client;
use crate::http::answer::Item;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::platform::identity::Key;
use crate::writing::actions::{self, WithdrawRequest};
use crate::writing::records;

/// Mounts the endpoint.
pub fn configure(config: &mut ServiceConfig) {
    config.service(withdraw_recommendation);
}

/// Withdraw a recommendation
///
/// It stays on record with the reason, and in the coverage matrix as withdrawn. Requires `If-Match` and
/// `recommendations:write` for one of the publishers of the report.
#[utoipa::path(tag = "Recommendations", params(("id" = String, Path, description = "The id or slug", max_length = 150)), request_body = WithdrawRequest, responses((status = 200, description = "The withdrawn recommendation", body = Item<Recommendation>)))]
#[post("/recommendations/{id}/withdraw")]
pub async fn withdraw_recommendation(
    client: Client,
    key: web::Path<Key>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let withdraw = actions::withdrawal(actions::read(&body)?);
    records::act(client, &KIND, key.into_inner(), body, withdraw).await
}
