//! The SQL of the records that obligations refer to: recommendations, reports, organisations and groups.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::HashMap;

use super::model::ObligationRow;
use crate::access::visibility;
use crate::http::references::{NameReference, NumberReference, TitleReference};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::states::{PublicationState, VisibleState};
use crate::resources::reports::model::ReportRow;
use crate::resources::{references, reports};
use crate::tracking::linked_pages;
use crate::tracking::linked_pages::views::LinkedPage;

#[derive(QueryableByName)]
struct NumberRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    number: String,
}

/// The records that some obligations refer to, by id.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Parts {
    pub recommendations: HashMap<String, NumberReference>,
    pub reports: HashMap<String, ReportRow>,
    pub organisations: HashMap<String, NameReference>,
    pub groups: HashMap<String, NameReference>,
    pub pages: HashMap<String, LinkedPage>,
}

impl Parts {
    /// A reference to a report.
    pub fn report(&self, id: &str) -> Option<TitleReference> {
        let report = self.reports.get(id)?;
        Some(TitleReference {
            id: report.id.clone(),
            slug: report.slug.clone(),
            title: report.title.clone(),
        })
    }

    /// The visible state of a record of a report, given the record's own state.
    pub fn state_below(&self, report: &str, own: PublicationState) -> VisibleState {
        let report = self.reports.get(report).map(|report| report.state);
        visibility::state_below(report.unwrap_or_default(), own)
    }

    /// The linked page with a URL.
    pub fn page(&self, url: Option<&str>) -> Option<LinkedPage> {
        self.pages.get(url?).cloned()
    }

    /// A reference to an organisation.
    pub fn organisation(&self, id: &str) -> Option<NameReference> {
        self.organisations.get(id).cloned()
    }
}

/// The ids of the records that others refer to; they may repeat.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Named<'a> {
    pub recommendations: Vec<&'a String>,
    pub reports: Vec<&'a String>,
    pub organisations: Vec<&'a String>,
    pub groups: Vec<&'a String>,
    pub urls: Vec<&'a str>,
}

/// Loads the records that these obligations refer to.
///
/// # Errors
/// When a query fails.
pub fn load(connection: &mut DbConnection, rows: &[ObligationRow]) -> QueryResult<Parts> {
    let named = Named {
        recommendations: rows.iter().map(|row| &row.recommendation_id).collect(),
        reports: rows.iter().map(|row| &row.report_id).collect(),
        organisations: rows
            .iter()
            .flat_map(|row| std::iter::once(&row.organisation_id).chain(&row.transferred_to_id))
            .collect(),
        groups: rows
            .iter()
            .filter_map(|row| row.via_group_id.as_ref())
            .collect(),
        urls: Vec::new(),
    };
    of(connection, named)
}

/// Loads the named records, with at most five queries.
///
/// # Errors
/// When a query fails.
pub fn of(connection: &mut DbConnection, named: Named<'_>) -> QueryResult<Parts> {
    let mut sql = Sql::new("SELECT r.id, r.slug, r.number FROM recommendations r WHERE r.id IN ");
    sql.list(distinct(named.recommendations));
    let numbers = sql.load::<NumberRow>(connection)?.into_iter().map(|row| {
        let NumberRow { id, slug, number } = row;
        (id.clone(), NumberReference { id, slug, number })
    });
    let reports = distinct(named.reports);
    Ok(Parts {
        recommendations: numbers.collect(),
        reports: reports::queries::of_recommendations(connection, &reports)?,
        organisations: references::named(
            connection,
            Resource::Organisation,
            distinct(named.organisations),
        )?,
        groups: references::named(connection, Resource::Group, distinct(named.groups))?,
        pages: match named.urls.is_empty() {
            true => HashMap::new(),
            false => linked_pages::queries::of(connection, named.urls)?,
        },
    })
}

fn distinct(mut ids: Vec<&String>) -> Vec<&String> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
