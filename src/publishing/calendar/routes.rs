//! The endpoint of the calendar.

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::events;
use super::params::ShowDeadlines;
use crate::access::Public;
use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::log::Resource;
use crate::platform::db::keyset::Keyset;
use crate::tracking::obligations::params::{ListObligations, ObligationSort};
use crate::tracking::obligations::{present, queries, routes};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(show_deadlines);
}

/// The most obligations that one calendar holds.
const MAX_OBLIGATIONS: i64 = 1_000;

/// Show deadlines as a calendar
///
/// For programs that subscribe to calendars: an all-day event for each deadline, with an address that stays when the
/// day is moved. What was answered is left out. At most 1,000 obligations: name an organisation or a report.
#[utoipa::path(tag = "Deadlines", params(ShowDeadlines), responses((status = 200, description = "The calendar (RFC 5545)", body = String, content_type = "text/calendar")))]
#[get("/deadlines.ics")]
pub async fn show_deadlines(
    public: Public,
    query: Query<ShowDeadlines>,
) -> Result<HttpResponse, ApiError> {
    let (asked, now) = (query.params, public.now);
    let params = ListObligations {
        organisation: asked.organisation,
        report: asked.report,
        due_from: asked.due_from,
        due_before: asked.due_before,
        ..ListObligations::default()
    };
    let keyset = Keyset {
        from: None,
        backwards: false,
        limit: MAX_OBLIGATIONS,
    };
    let (obligations, freshness) = public
        .read(move |c| {
            let filter = routes::filter(c, &params, now)?;
            let slice = queries::list(c, &filter, ObligationSort::DueOn.order(), &keyset, false)?;
            if slice.has_after {
                let detail = format!(
                    "More than {MAX_OBLIGATIONS} obligations: name an organisation or a report, or a shorter time."
                );
                return Err(ApiError::parameter("too_much", "organisation", detail));
            }
            present::views(c, slice.rows, &[], now)
        })
        .await?;
    let calendar = events::calendar(&obligations, &public.base);
    answer::text(
        calendar.into_bytes(),
        "text/calendar; charset=utf-8",
        freshness.without(Resource::Article),
    )
}
