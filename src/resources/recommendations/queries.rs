//! The SQL of recommendations: lists, single records and writes. Their parts are in `parts` and `addressing`.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::HashMap;

use super::model::RecommendationRow;
use crate::access::ownership::Ownership;
use crate::access::{Scope, visibility};
use crate::http::references::NumberReference;
use crate::log::Resource;
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{DbConnection, Sql, grouped};
use crate::platform::identity::{RecordId, Slug};
use crate::platform::states::VisibleState;
use crate::writing::document::ReportNumber;

/// Who owns recommendations.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Recommendation,
    scope: Scope::RecommendationsWrite,
    owners,
};

/// The tables of lists of recommendations.
pub const FROM: &str = " FROM recommendations r JOIN reports p ON p.id = r.report_id WHERE ";

/// The filters of a list, with slugs resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct RecommendationCriteria {
    /// The time of the request, or the one requested by `as_of`.
    pub now: NaiveDateTime,
    /// Only recommendations in this state.
    pub state: VisibleState,
    /// Only recommendations of this report, which the caller may see; from the path.
    pub report: Option<RecordId>,
    /// Only recommendations of these reports.
    pub reports: Vec<RecordId>,
    /// Only recommendations addressed to these organisations, directly or through a group.
    pub organisations: Vec<RecordId>,
    /// Only recommendations addressed to these groups.
    pub groups: Vec<RecordId>,
    /// Only recommendations of these kinds.
    pub kinds: Vec<String>,
    /// Only recommendations with one of these themes.
    pub themes: Vec<String>,
    /// Only recommendations that require one of these kinds of response.
    pub response_requirements: Vec<String>,
    /// Published on or after this day.
    pub published_from: Option<NaiveDate>,
    /// Published before this day.
    pub published_before: Option<NaiveDate>,
    /// With a stated due date on or after this day.
    pub due_from: Option<NaiveDate>,
    /// With a stated due date before this day.
    pub due_before: Option<NaiveDate>,
}

/// The number and the report of these recommendations.
///
/// # Errors
/// When the query fails.
pub fn numbers(
    c: &mut DbConnection,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, (String, RecordId)>> {
    #[derive(QueryableByName)]
    struct Numbered {
        #[diesel(sql_type = Text)]
        id: RecordId,
        #[diesel(sql_type = Text)]
        number: String,
        #[diesel(sql_type = Text)]
        report_id: RecordId,
    }
    let mut sql =
        Sql::new("SELECT r.id, r.number, r.report_id FROM recommendations r WHERE r.id IN ");
    sql.list(ids.iter().copied());
    let rows: Vec<Numbered> = sql.load(c)?;
    let numbers = rows
        .into_iter()
        .map(|row| (row.id, (row.number, row.report_id)));
    Ok(numbers.collect())
}

/// One page of a feed, newest first: published recommendations and, if `withdrawn`, withdrawn ones in the same order.
/// The first page then also has the latest withdrawals from other pages, so that clients that read only that page miss
/// none.
///
/// # Errors
/// If the database cannot be read.
pub fn feed(
    connection: &mut DbConnection,
    filter: &RecommendationCriteria,
    keyset: &Keyset,
    withdrawn: bool,
) -> QueryResult<(Slice<RecommendationRow>, Vec<RecommendationRow>)> {
    let mut load = |filter: &RecommendationCriteria, column| {
        let order = Order {
            column,
            id: "r.id",
            descending: true,
        };
        let mut sql = Sql::new("SELECT r.*");
        sql.push(FROM).append(conditions(filter));
        keyset.finish(&mut sql, order);
        sql.load::<RecommendationRow>(connection)
    };
    let rows = load(filter, "r.published_on")?;
    if !withdrawn {
        return Ok((keyset.slice(rows), Vec::new()));
    }
    let notices = RecommendationCriteria {
        state: VisibleState::Withdrawn,
        ..filter.clone()
    };
    let more = load(&notices, "r.published_on")?;
    let place = |row: &RecommendationRow| (row.published_on, row.id);
    let slice = keyset.merge(rows, more, true, place);
    if keyset.from.is_some() {
        return Ok((slice, Vec::new()));
    }
    let mut latest = keyset.slice(load(&notices, "r.updated_at")?).rows;
    latest.retain(|row| slice.rows.iter().all(|other| other.id != row.id));
    Ok((slice, latest))
}

/// The conditions of a list.
pub fn conditions(filter: &RecommendationCriteria) -> Sql {
    let mut sql = visibility::below_reports(Resource::Recommendation, filter.state);
    match &filter.report {
        Some(report) => sql.push(" AND r.report_id = ").bind(report),
        None => sql
            .push(" AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ")
            .bind(filter.now),
    };
    if !filter.reports.is_empty() {
        sql.push(" AND r.report_id IN ").list(&filter.reports);
    }
    if !filter.organisations.is_empty() {
        sql.push(" AND r.id IN (SELECT a.recommendation_id FROM recommendation_addressed_organisations a WHERE a.organisation_id IN ");
        sql.list(&filter.organisations).push(")");
    }
    if !filter.groups.is_empty() {
        sql.push(" AND r.id IN (SELECT a.recommendation_id FROM recommendation_addressees a WHERE a.group_id IN ");
        sql.list(&filter.groups).push(")");
    }
    if !filter.kinds.is_empty() {
        sql.push(" AND r.kind IN ").list(&filter.kinds);
    }
    if !filter.themes.is_empty() {
        sql.push(" AND r.id IN (SELECT t.recommendation_id FROM recommendation_themes t WHERE t.theme IN ");
        sql.list(&filter.themes).push(")");
    }
    if !filter.response_requirements.is_empty() {
        sql.push(" AND r.response_requirement IN ")
            .list(&filter.response_requirements);
    }
    sql.and("r.published_on >=", filter.published_from);
    sql.and("r.published_on <", filter.published_before);
    sql.and("r.stated_due_on >=", filter.due_from);
    sql.and("r.stated_due_on <", filter.due_before);
    sql
}

/// The id and slug of the recommendation with this number in a report.
///
/// # Errors
/// If the database cannot be read.
pub fn by_number(
    connection: &mut DbConnection,
    named: &ReportNumber,
) -> QueryResult<Option<(RecordId, Slug)>> {
    let mut sql = Sql::new(
        "SELECT r.id, r.slug, r.number FROM recommendations r JOIN reports p ON p.id = r.report_id WHERE ",
    );
    match named.report.id() {
        Some(id) => sql.push("p.id = ").bind(id),
        None => sql.push("p.slug = ").bind(&named.report),
    }
    .push(" AND r.number = ")
    .bind(&named.number);
    let found: Option<NumberReference> = sql.get_result(connection).optional()?;
    Ok(found.map(|recommendation| (recommendation.id, recommendation.slug)))
}

/// The ids of the organisations that these recommendations are addressed to, directly or through a group.
///
/// # Errors
/// If the database cannot be read.
pub fn addressed(
    connection: &mut DbConnection,
    recommendations: &[RecordId],
) -> QueryResult<HashMap<RecordId, Vec<RecordId>>> {
    use crate::platform::db::schema::recommendation_addressed_organisations::dsl;
    if recommendations.is_empty() {
        return Ok(HashMap::new());
    }
    let pairs: Vec<(RecordId, RecordId)> = dsl::recommendation_addressed_organisations
        .filter(dsl::recommendation_id.eq_any(recommendations))
        .select((dsl::recommendation_id, dsl::organisation_id))
        .load(connection)?;
    Ok(grouped(pairs))
}

/// The ids of the groups that these recommendations are addressed to.
///
/// # Errors
/// If the database cannot be read.
pub fn groups(
    connection: &mut DbConnection,
    recommendations: &[RecordId],
) -> QueryResult<HashMap<RecordId, Vec<RecordId>>> {
    use crate::platform::db::schema::recommendation_addressees::dsl;
    if recommendations.is_empty() {
        return Ok(HashMap::new());
    }
    let pairs: Vec<(RecordId, RecordId)> = dsl::recommendation_addressees
        .filter(dsl::recommendation_id.eq_any(recommendations))
        .filter(dsl::group_id.is_not_null())
        .select((dsl::recommendation_id, dsl::group_id.assume_not_null()))
        .load(connection)?;
    Ok(grouped(pairs))
}

/// The publishers of the report that makes a recommendation.
///
/// # Errors
/// If the database cannot be read.
pub fn owners(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new(
        "SELECT l.organisation_id AS id FROM report_publishers l \
         JOIN recommendations r ON r.report_id = l.report_id WHERE r.id = ",
    );
    sql.bind(id).ids(connection)
}
