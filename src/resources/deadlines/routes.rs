//! The endpoints of deadline rules.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::counting;
use super::rules::{self, DeadlineRule};
use super::views::{DueDate, ShowDueDate};
use crate::access::Public;
use crate::http::answer::{self, Item, List};
use crate::http::error::ApiError;
use crate::http::page::Page;
use crate::http::query::{NoParameters, Query};
use crate::platform::mistakes::MistakeCode;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_deadline_rules)
        .service(find_deadline_rule)
        .service(show_due_date);
}

/// List deadline rules
///
/// The periods that the law, or the organisation that makes a recommendation, sets for a response or an action plan:
/// their length, how they are counted, and their legal basis. All rules, ordered by id, on one page.
#[utoipa::path(tag = "Deadlines", responses((status = 200, description = "The rules", body = List<DeadlineRule>)))]
#[get("/deadline-rules")]
pub async fn list_deadline_rules(
    public: Public,
    _query: Query<NoParameters>,
) -> Result<HttpResponse, ApiError> {
    let mut all = rules::all().to_vec();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    answer::list(all, Page::default(), &[], public.static_freshness())
}

/// Show a deadline rule
///
/// The period, how it is counted, the event that starts it, and its legal basis.
#[utoipa::path(
    tag = "Deadlines",
    params(("id" = String, Path, description = "The id", max_length = 150, example = "iopc-28b-response")),
    responses((status = 200, description = "The rule", body = Item<DeadlineRule>))
)]
#[get("/deadline-rules/{id}")]
pub async fn find_deadline_rule(
    public: Public,
    id: web::Path<String>,
    _query: Query<NoParameters>,
) -> Result<HttpResponse, ApiError> {
    let rule = rules::find(&id).ok_or_else(ApiError::not_found)?;
    answer::item(rule, 1, &[], public.static_freshness())
}

/// Compute a due date
///
/// The day on which something is due by a rule, counted from the day of the event that starts the period. Periods are
/// counted in calendar dates. Working days exclude weekends and the bank holidays of England and Wales, which are known
/// for 2018 to 2028.
#[utoipa::path(
    tag = "Deadlines",
    params(("id" = String, Path, description = "The id of the rule", max_length = 150, example = "iopc-28b-response"), ShowDueDate),
    responses((status = 200, description = "The due date, and how it was computed", body = Item<DueDate>))
)]
#[get("/deadline-rules/{id}/due")]
pub async fn show_due_date(
    public: Public,
    id: web::Path<String>,
    query: Query<ShowDueDate>,
) -> Result<HttpResponse, ApiError> {
    let rule = rules::find(&id).ok_or_else(ApiError::not_found)?;
    let missing = "Give the day to count from, such as 2025-01-31.";
    let from = query.params.from;
    let from = from.ok_or_else(|| ApiError::parameter(MistakeCode::Required, "from", missing))?;
    let counted = counting::due(rule, from).map_err(|error| {
        let detail = format!("The due date cannot be computed: {error}.");
        ApiError::parameter(MistakeCode::OutOfRange, "from", detail)
    })?;
    answer::item(
        &DueDate::new(rule, from, counted),
        1,
        &[],
        public.static_freshness(),
    )
}
