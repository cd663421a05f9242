//! The endpoints of proposals.

use actix_web::{HttpResponse, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::StoredProposal;
use super::views::{AcceptRequest, DeclineRequest, Proposal, ProposalFilters};
use super::{queries, storing};
use crate::access::{Client, Public};
use crate::http::answer::{self, Item, List};
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::page::{self, Paging};
use crate::http::query::Query;
use crate::platform::db::Value;
use crate::writing::{actions, records};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_proposals)
        .service(find_proposal)
        .service(accept_proposal)
        .service(decline_proposal);
}

/// List proposals
///
/// Writes that need the approval of others, oldest first: those that your client made, and those that wait for an
/// organisation that it writes for. A record that names other organisations waits for their consent; what addressees send
/// about a report that holds submissions waits for one of its publishers. Requires a token.
#[utoipa::path(tag = "Proposals", params(ProposalFilters, Paging), responses((status = 200, description = "One page of proposals", body = List<Proposal>)))]
#[get("/proposals")]
pub async fn list_proposals(
    public: Public,
    query: Query<ProposalFilters, Paging>,
) -> Result<HttpResponse, ApiError> {
    let caller = public.caller()?.clone();
    let keyset = page::keyset(&query.address, &query.shape, public.cursors())?;
    let state = query.params.state.unwrap_or_default();
    let ((proposals, slice), freshness) = public
        .read(move |c| Ok(queries::list(c, &caller, state, &keyset)?))
        .await?;
    let page = public.links(&query.address, &slice, |id| (Value::from(id), id.clone()))?;
    let views = proposals.into_iter().map(Proposal::new);
    let views: Result<Vec<_>, _> = views.collect();
    let views = views.map_err(|error| ApiError::internal(&error))?;
    answer::list(views, page, &[], freshness)
}

/// Show a proposal
///
/// Requires a token of the client that made it, or the right to write for one of the organisations whose approval it
/// needs.
#[utoipa::path(
    tag = "Proposals",
    params(("id" = String, Path, description = "The id", max_length = 150)),
    responses((status = 200, description = "The proposal", body = Item<Proposal>))
)]
#[get("/proposals/{id}")]
pub async fn find_proposal(
    public: Public,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let caller = public.caller()?.clone();
    let (found, freshness) = public
        .read(move |c| Ok(queries::find(c, &id.to_ascii_lowercase(), &caller)?))
        .await?;
    let proposal: StoredProposal = found.ok_or_else(ApiError::not_found)?;
    let view = Proposal::new(proposal).map_err(|error| ApiError::internal(&error))?;
    answer::item(&view, 1, &[], freshness)
}

/// Accept a proposal
///
/// Approves it for every organisation that your client writes for. When all that is needed is there, the document is
/// stored: as said by the one who proposed it, on the day on which it was proposed. If the record has changed since, the
/// response is 409. Requires the right to write for one of `parties`: for consent the one that writing the record
/// requires, for review `recommendations:write`.
#[utoipa::path(
    tag = "Proposals",
    params(("id" = String, Path, description = "The id", max_length = 150)),
    request_body = AcceptRequest,
    responses((status = 200, description = "The proposal", body = Item<Proposal>))
)]
#[post("/proposals/{id}/accept")]
pub async fn accept_proposal(
    client: Client,
    id: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    actions::read::<AcceptRequest>(&body)?;
    let caller = client.caller().clone();
    records::write(
        &client,
        None,
        &body.bytes,
        move |writer, rights, catalogue| {
            let proposal = storing::find(writer, &id, &caller)?;
            storing::accept(writer, catalogue, rights, proposal)
        },
    )
    .await
}

/// Decline a proposal
///
/// Nothing is stored. The client that made the proposal takes it back in the same way. Requires what accepting it
/// requires, or to be that client.
#[utoipa::path(
    tag = "Proposals",
    params(("id" = String, Path, description = "The id", max_length = 150)),
    request_body = DeclineRequest,
    responses((status = 200, description = "The proposal", body = Item<Proposal>))
)]
#[post("/proposals/{id}/decline")]
pub async fn decline_proposal(
    client: Client,
    id: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, ApiError> {
    let request: DeclineRequest = actions::read(&body)?;
    let caller = client.caller().clone();
    records::write(&client, None, &body.bytes, move |writer, _, _| {
        let proposal = storing::find(writer, &id, &caller)?;
        storing::decline(writer, &caller, proposal, request.reason)
    })
    .await
}
