//! The endpoint of the calendar.

use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

use super::events;
use super::params::CalendarFilters;
use crate::access::{Public, lookup};
use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::shape::Sort;
use crate::log::Resource;
use crate::platform::db::keyset::Keyset;
use crate::platform::identity::Key;
use crate::platform::mistakes::MistakeCode;
use crate::publishing::feeds::titles::AskedFor;
use crate::resources::collection::{self, Collection, Context};
use crate::tracking::obligations::params::{ObligationExpansion, ObligationFilters};
use crate::tracking::obligations::views::Obligation;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config.service(show_deadlines);
}

/// The most obligations in one calendar.
const MAX_OBLIGATIONS: i64 = 1_000;

/// Show deadlines as a calendar
///
/// For calendar applications that subscribe to a URL: an all-day event for each deadline, with a UID that stays the
/// same when the date moves. It says what was recommended, and how the day was counted. Nobody is busy on it, and with
/// `alarm` it reminds. Obligations that were answered are left out. At most 1,000 obligations: filter by organisation or
/// report.
#[utoipa::path(tag = "Deadlines", params(CalendarFilters), responses((status = 200, description = "The calendar (RFC 5545)", body = String, content_type = "text/calendar")))]
#[get("/deadlines.ics")]
pub async fn show_deadlines(
    public: Public,
    query: Query<CalendarFilters>,
) -> Result<HttpResponse, ApiError> {
    let params = query.params;
    let public = public.as_of(params.as_of).await?;
    let (now, pages) = (public.now, public.pages());
    let alarm = params.alarm;
    let filters = ObligationFilters {
        organisation: params.organisation,
        report: params.report,
        due_from: params.due_from,
        due_before: params.due_before,
        ..ObligationFilters::default()
    };
    let keyset = Keyset {
        from: None,
        backwards: false,
        limit: MAX_OBLIGATIONS,
        is_past: false,
        ids: None,
    };
    let ((title, obligations), freshness) = public
        .read(move |c| {
            let context = Context::<Obligation> {
                expand: vec![ObligationExpansion::Recommendation],
                ..Context::at(now, pages)
            };
            let mut ids = |resource: Resource, keys: &[Key]| {
                lookup::filter(c, resource, resource.name(), keys, now)
            };
            let organisations = ids(Resource::Organisation, &filters.organisation)?;
            let reports = ids(Resource::Report, &filters.report)?;
            let filter = Obligation::filter(c, filters, &context)?;
            let by_due_day = Sort::<Obligation>::DEFAULT.order();
            let slice = collection::page(c, &filter, by_due_day, &keyset, &context)?;
            if slice.has_after {
                let detail = format!(
                    "More than {MAX_OBLIGATIONS} obligations: filter by organisation or report, or shorten the period."
                );
                return Err(ApiError::parameter(MistakeCode::TooMuch, "organisation", detail));
            }
            let asked = AskedFor {
                words: ("Deadlines of recommendations", "Deadlines of recommendations to"),
                organisations: &organisations,
                reports: &reports,
                ..AskedFor::default()
            };
            let title = asked.title(c)?;
            Ok((title, Obligation::present(c, slice.rows, &context)?))
        })
        .await?;
    let calendar = events::calendar(&title, &obligations, (alarm, &public.addresses()));
    Ok(answer::text(
        calendar.into_bytes(),
        "text/calendar; charset=utf-8",
        freshness.without(Resource::Article),
    ))
}
