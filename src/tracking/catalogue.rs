//! The catalogue of all kinds of records. A new kind is registered here, and nowhere else in the code that stores,
//! validates, publishes or documents records.

use diesel::result::QueryResult;

use super::{
    action_plans, assessments, dependents, linked_pages, mandates, obligations, progress_updates,
    responses,
};
use crate::log::{ReportChange, Resource, Writer};
use crate::resources::{articles, groups, organisations, recommendations, reports, topics};
use crate::writing::kind::{Catalogue, Kind};

/// The catalogue of all kinds of records.
pub static CATALOGUE: Catalogue = Catalogue {
    kind,
    derive,
    dependents: dependents::find,
    copy_expansions: recommendations::addressing::copy_expansions,
    copy_pages: linked_pages::queries::copy,
    forget: linked_pages::queries::forget,
};

/// The kind of a resource.
pub fn kind(resource: Resource) -> &'static Kind {
    match resource {
        Resource::Topic => &topics::kind::KIND,
        Resource::Organisation => &organisations::kind::KIND,
        Resource::Group => &groups::kind::KIND,
        Resource::Report => &reports::kind::KIND,
        Resource::Recommendation => &recommendations::kind::KIND,
        Resource::Obligation => &obligations::kind::KIND,
        Resource::Response => &responses::kind::KIND,
        Resource::ActionPlan => &action_plans::kind::KIND,
        Resource::ProgressUpdate => &progress_updates::kind::KIND,
        Resource::Assessment => &assessments::kind::KIND,
        Resource::Mandate => &mandates::kind::KIND,
        Resource::Article => &articles::kind::KIND,
    }
}

fn derive(writer: &mut Writer<'_>, reports: &[ReportChange]) -> QueryResult<()> {
    recommendations::storing::copy_report_dates(writer, reports)?;
    let groups = std::mem::take(&mut writer.changed_groups);
    if !groups.is_empty() {
        mandates::queries::touch(writer, &[], &groups)?;
    }
    obligations::generation::generate_touched(writer)
}
