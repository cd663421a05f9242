//! The SQL of obligations: lists and one record. What makes them is in `generation`.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::ObligationRow;
use super::state::ResponseState;
use crate::db::keyset::{Keyset, Order, Slice};
use crate::db::schema::obligations;
use crate::db::{DbConnection, Sql, count};

/// Which obligations are wanted, with links resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The moment of the request.
    pub now: NaiveDateTime,
    /// The day of the request, in the United Kingdom.
    pub today: NaiveDate,
    /// Only those of this organisation: from the path.
    pub organisation: Option<String>,
    /// Only those under this recommendation, which the caller may see: from the path.
    pub recommendation: Option<String>,
    /// Only those of these organisations.
    pub organisations: Vec<String>,
    /// Only those under these reports.
    pub reports: Vec<String>,
    /// Only those under these recommendations.
    pub recommendations: Vec<String>,
    /// Only those of organisations that were addressed through these groups.
    pub groups: Vec<String>,
    /// Only those that stand so today.
    pub states: Vec<ResponseState>,
    /// Only those of which a response is owed so.
    pub response_requirements: Vec<String>,
    /// Only those with these positions.
    pub positions: Vec<String>,
    /// Only those of which the addressee says so.
    pub implementation_statuses: Vec<String>,
    /// Only those of which the recommender concluded so.
    pub assessment_statuses: Vec<String>,
    /// Due on this day or later.
    pub due_from: Option<NaiveDate>,
    /// Due before this day.
    pub due_before: Option<NaiveDate>,
}

const FROM: &str = " FROM obligations o JOIN reports p ON p.id = o.report_id WHERE ";

/// The statement for one page.
pub fn page_statement(filter: &Filter, order: Order, keyset: &Keyset) -> Sql {
    let mut sql = Sql::new("SELECT o.*");
    sql.push(FROM).append(conditions(filter));
    keyset.finish(&mut sql, order);
    sql
}

/// One page of obligations.
pub fn list(
    connection: &mut DbConnection,
    filter: &Filter,
    order: Order,
    keyset: &Keyset,
    counted: bool,
) -> QueryResult<Slice<ObligationRow>> {
    let rows = page_statement(filter, order, keyset).load::<ObligationRow>(connection)?;
    let mut slice = keyset.slice(rows);
    if counted {
        let mut sql = Sql::new("SELECT count(*) AS count");
        sql.push(FROM).append(conditions(filter));
        slice.count = Some(count(connection, &sql)?);
    }
    Ok(slice)
}

fn conditions(filter: &Filter) -> Sql {
    let mut sql = Sql::new("o.state = 'published' AND p.state <> 'withdrawn'");
    match &filter.recommendation {
        Some(id) => sql.push(" AND o.recommendation_id = ").bind(id),
        None => sql
            .push(" AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ")
            .bind(filter.now),
    };
    let lists = [
        (" AND o.organisation_id IN ", &filter.organisations),
        (" AND o.report_id IN ", &filter.reports),
        (" AND o.recommendation_id IN ", &filter.recommendations),
        (" AND o.via_group_id IN ", &filter.groups),
        (
            " AND o.response_requirement IN ",
            &filter.response_requirements,
        ),
        (" AND o.position IN ", &filter.positions),
        (
            " AND o.implementation_status IN ",
            &filter.implementation_statuses,
        ),
        (" AND o.assessment_status IN ", &filter.assessment_statuses),
    ];
    for (text, values) in lists {
        if !values.is_empty() {
            sql.push(text).list(values);
        }
    }
    if !filter.states.is_empty() {
        let mut separator = " AND ((";
        for state in &filter.states {
            sql.push(separator);
            state.condition(&mut sql, filter.today);
            separator = ") OR (";
        }
        sql.push("))");
    }
    sql.and("o.organisation_id =", filter.organisation.as_ref());
    if filter.due_from.is_some() {
        sql.push(" AND o.due_on IS NOT NULL");
    }
    sql.and("o.due_key >=", filter.due_from);
    sql.and("o.due_key <", filter.due_before);
    sql
}

/// The obligation with this id. It is as visible as its recommendation.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<Option<ObligationRow>> {
    let mut sql = Sql::new("SELECT o.* FROM obligations o WHERE o.id = ");
    sql.bind(id);
    sql.get_result(connection).optional()
}

/// The document of an obligation of which nothing was recorded yet.
pub fn first_document(connection: &mut DbConnection, id: &str) -> QueryResult<String> {
    let (recommendation, organisation): (String, String) = obligations::table
        .find(id)
        .select((obligations::recommendation_id, obligations::organisation_id))
        .first(connection)?;
    Ok(
        serde_json::json!({"recommendation": recommendation, "organisation": organisation})
            .to_string(),
    )
}
