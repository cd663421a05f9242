//! The SQL of what obligations name: recommendation, report, organisation, group.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::HashMap;

use super::model::ObligationRow;
use crate::db::{DbConnection, Sql};
use crate::groups;
use crate::organisations;
use crate::organisations::model::OrganisationRow;
use crate::references::{NameReference, NumberReference};
use crate::reports;
use crate::reports::model::ReportRow;

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
}

/// Loads the parts of these obligations with four statements, however many they are.
pub fn load(connection: &mut DbConnection, rows: &[ObligationRow]) -> QueryResult<Parts> {
    let mut sql = Sql::new("SELECT r.id, r.slug, r.number FROM recommendations r WHERE r.id IN ");
    sql.list(distinct(rows, |row| Some(&row.recommendation_id)));
    let numbers = sql.load::<NumberRow>(connection)?.into_iter().map(|row| {
        let NumberRow { id, slug, number } = row;
        (id.clone(), NumberReference { id, slug, number })
    });
    let recommendations = numbers.collect();
    let reports = distinct(rows, |row| Some(&row.report_id));
    let organisations = distinct(rows, |row| Some(&row.organisation_id));
    let groups = distinct(rows, |row| row.via_group_id.as_ref());
    Ok(Parts {
        recommendations,
        reports: reports::queries::of_recommendations(connection, &reports)?,
        organisations: organisations::queries::by_ids(connection, &organisations)?,
        groups: groups::queries::references(connection, &groups)?,
    })
}

fn distinct<'a>(
    rows: &'a [ObligationRow],
    id: impl Fn(&'a ObligationRow) -> Option<&'a String>,
) -> Vec<&'a String> {
    let mut ids: Vec<&String> = rows.iter().filter_map(id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
