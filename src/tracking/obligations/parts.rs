//! The SQL of what obligations name: recommendation, report, organisation, group.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::HashMap;

use super::model::ObligationRow;
use crate::access::visibility;
use crate::http::references::{NameReference, NumberReference, TitleReference};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::states::{PublicationState, VisibleState};
use crate::resources::organisations::model::OrganisationRow;
use crate::resources::reports::model::ReportRow;
use crate::resources::{groups, organisations, reports};
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

/// What some obligations name, by id.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Parts {
    pub recommendations: HashMap<String, NumberReference>,
    pub reports: HashMap<String, ReportRow>,
    pub organisations: HashMap<String, OrganisationRow>,
    pub groups: HashMap<String, NameReference>,
    pub pages: HashMap<String, LinkedPage>,
}

impl Parts {
    /// How a report is named.
    pub fn report(&self, id: &str) -> Option<TitleReference> {
        let report = self.reports.get(id)?;
        Some(TitleReference {
            id: report.id.clone(),
            slug: report.slug.clone(),
            title: report.title.clone(),
        })
    }

    /// The state of what hangs on a report and has this state of its own.
    pub fn state_below(&self, report: &str, own: PublicationState) -> VisibleState {
        let report = self.reports.get(report).map(|report| report.state);
        visibility::state_below(report.unwrap_or_default(), own)
    }

    /// What was found at an address.
    pub fn page(&self, url: Option<&str>) -> Option<LinkedPage> {
        self.pages.get(url?).cloned()
    }

    /// How an organisation is named.
    pub fn organisation(&self, id: &str) -> Option<NameReference> {
        Some(organisations::queries::reference(
            self.organisations.get(id)?,
        ))
    }
}

/// The ids of what some records name; they may repeat.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Named<'a> {
    pub recommendations: Vec<&'a String>,
    pub reports: Vec<&'a String>,
    pub organisations: Vec<&'a String>,
    pub groups: Vec<&'a String>,
    pub urls: Vec<&'a str>,
}

/// Loads the parts of these obligations.
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

/// Loads what is named with five statements at most, however much it is.
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
        organisations: organisations::queries::by_ids(connection, &distinct(named.organisations))?,
        groups: groups::queries::references(connection, &distinct(named.groups))?,
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
