//! What the kinds of records that belong to a report share: filtering their lists, finding one of them, linking them to
//! recommendations, and logging their changes.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;

use crate::access::{lookup, visibility};
use crate::http::error::ApiError;
use crate::log::{EntryOptions, Resource};
use crate::platform::db::schema::reports;
use crate::platform::db::{Backend, DbConnection, Sql, Value};
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::{PublicationState, VisibleState};
use crate::resources::collection::Collection;
use crate::resources::recommendations::views::Recommendation;
use crate::writing::document::{Head, Link};
use crate::writing::kind::Advance;
use crate::writing::recorder::RecordedBy;

/// The SQL conditions of a list, to which the filters of a request are added. An empty filter adds no condition.
pub struct ListConditions<'c> {
    connection: &'c mut DbConnection,
    now: NaiveDateTime,
    /// The conditions so far.
    pub sql: Sql,
}

impl<'c> ListConditions<'c> {
    /// Starts with these conditions. `now` is the time of the request.
    pub fn new(connection: &'c mut DbConnection, now: NaiveDateTime, sql: Sql) -> Self {
        Self {
            connection,
            now,
            sql,
        }
    }

    /// Starts with the condition that records `r` are in this state, below public reports `p`.
    pub fn below_reports(
        connection: &'c mut DbConnection,
        now: NaiveDateTime,
        resource: Resource,
        state: VisibleState,
    ) -> Self {
        let mut sql = visibility::below_reports(resource, state);
        sql.append(report_is_public(now));
        Self::new(connection, now, sql)
    }

    /// The ids of the records in the parameter that is named like their kind.
    ///
    /// # Errors
    /// 400 if there is no such record.
    pub fn ids(&mut self, resource: Resource, keys: &[Key]) -> Result<Vec<RecordId>, ApiError> {
        lookup::filter(self.connection, resource, resource.name(), keys, self.now)
    }

    /// `column` must refer to one of the records in the parameter that is named like their kind.
    ///
    /// # Errors
    /// 400 if there is no such record.
    pub fn records(
        mut self,
        column: &'static str,
        resource: Resource,
        keys: &[Key],
    ) -> Result<Self, ApiError> {
        let ids = self.ids(resource, keys)?;
        Ok(self.one_of(column, &ids))
    }

    /// `column` must refer to one of the recommendations in the parameter `recommendation`.
    ///
    /// # Errors
    /// 400 if there is no such recommendation.
    pub fn recommendations(self, column: &'static str, keys: &[Key]) -> Result<Self, ApiError> {
        self.records(column, Resource::Recommendation, keys)
    }

    /// `column` must refer to one of the organisations in a parameter.
    ///
    /// # Errors
    /// 400 if there is no such organisation.
    pub fn organisations(
        self,
        column: &'static str,
        parameter: &str,
        keys: &[Key],
    ) -> Result<Self, ApiError> {
        let organisation = Resource::Organisation;
        let ids = lookup::filter(self.connection, organisation, parameter, keys, self.now)?;
        Ok(self.one_of(column, &ids))
    }

    /// `column` must have one of these enum values.
    pub fn values<T: Copy + Into<&'static str>>(self, column: &'static str, values: &[T]) -> Self {
        let texts: Vec<&str> = values.iter().map(|value| (*value).into()).collect();
        self.one_of(column, &texts)
    }

    /// Only records whose `column` refers to a published organisation: a view that names another is not shown, so that it
    /// must not be counted either.
    pub fn with_organisation(mut self, column: &'static str) -> Self {
        self.sql.append(organisation_is_published(column));
        self
    }

    /// Only records `r` under a recommendation that is shown.
    pub fn under_shown_recommendations(mut self) -> Self {
        self.sql.push(" AND EXISTS (SELECT 1 FROM recommendations q WHERE q.id = r.recommendation_id AND q.state IN ('published', 'withdrawn'))");
        self
    }

    fn one_of(mut self, column: &'static str, values: &[impl Copy + Into<Value>]) -> Self {
        if !values.is_empty() {
            self.sql.push(" AND ").push(column);
            self.sql.push(" IN ").list(values.iter().copied());
        }
        self
    }
}

/// The condition that the organisation in this column is published.
pub fn organisation_is_published(column: &'static str) -> Sql {
    let mut sql = Sql::new(
        " AND EXISTS (SELECT 1 FROM organisations y WHERE y.state = 'published' AND y.id = ",
    );
    sql.push(column).push(")");
    sql
}

/// The condition that a report `p` is public.
pub fn report_is_public(now: NaiveDateTime) -> Sql {
    let mut sql = Sql::new(" AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ");
    sql.bind(now);
    sql
}

/// The row of the record with this id.
///
/// # Errors
/// When the query fails or there is no such record.
pub fn find<R: QueryableByName<Backend> + 'static>(
    connection: &mut DbConnection,
    resource: Resource,
    id: RecordId,
) -> QueryResult<R> {
    let mut sql = Sql::new("SELECT r.* FROM ");
    sql.push(resource.table()).push(" r WHERE r.id = ").bind(id);
    sql.get_result(connection)
}

/// How to log a record in this state, below a report.
///
/// # Errors
/// When the query fails or there is no such report.
pub fn entry_options(
    connection: &mut DbConnection,
    report: RecordId,
    state: PublicationState,
) -> QueryResult<EntryOptions> {
    let (report_from, report_state) = reports::table
        .find(report)
        .select((reports::visible_from, reports::state))
        .first(connection)?;
    Ok(EntryOptions::below(report_state, report_from, state))
}

/// The report that makes a recommendation, and how to log a record in this state, below that report.
///
/// # Errors
/// When the query fails or there is no such recommendation.
pub fn report_and_entry_options(
    connection: &mut DbConnection,
    recommendation: RecordId,
    state: PublicationState,
) -> QueryResult<(RecordId, EntryOptions)> {
    let report = Recommendation::row(connection, recommendation)?.report_id;
    let options = entry_options(connection, report, state)?;
    Ok((report, options))
}

/// The report of the recommendation that a document is about.
///
/// # Errors
/// When the query fails or there is no such recommendation.
pub fn report_of(
    connection: &mut DbConnection,
    recommendation: Option<&Key>,
) -> QueryResult<Option<RecordId>> {
    let recommendation = Key::required(recommendation)?;
    let report = Recommendation::row(connection, recommendation)?.report_id;
    Ok(Some(report))
}

/// Moves a record to a newer entry of the change log. `update` begins the statement and names the table.
///
/// # Errors
/// When the query fails.
pub fn advance(
    connection: &mut DbConnection,
    mut update: Sql,
    id: RecordId,
    to: &Advance,
) -> QueryResult<()> {
    update.push(" SET revision = ").bind(to.revision);
    update.push(", change_seq = ").bind(to.seq);
    if let Some(at) = to.updated_at {
        update.push(", updated_at = ").bind(at);
    }
    update.push(" WHERE id = ").bind(id);
    update.execute(connection)?;
    Ok(())
}

/// The head of a document without a slug.
pub fn head(id: Option<uuid::Uuid>, state: PublicationState) -> Head<'static> {
    Head {
        id,
        slug: None,
        state,
        merged_into: None,
    }
}

/// The links of a document about one recommendation, which may be given by report and number.
pub fn links_to_recommendation<'a>(
    report: &'a mut Option<Key>,
    recommendation: &'a mut Option<Key>,
) -> impl Iterator<Item = Link<'a>> {
    let targets = Resource::Recommendation.only();
    let report = Link::optional("/report", Resource::Report.only(), report);
    let recommendation = Link::optional("/recommendation", targets, recommendation);
    report.into_iter().chain(recommendation)
}

/// The links of the entries of a list to recommendations; an entry may give a number instead.
pub fn links_of_entries<'a>(
    list: &str,
    recommendations: impl Iterator<Item = &'a mut Option<Key>>,
) -> impl Iterator<Item = Link<'a>> {
    recommendations
        .enumerate()
        .filter_map(move |(index, recommendation)| {
            let pointer = format!("{list}/{index}/recommendation");
            Link::optional(&pointer, Resource::Recommendation.only(), recommendation)
        })
}

/// The link to the organisation on whose behalf a record was recorded.
pub fn recorder_link(recorded_by: &mut Option<RecordedBy>) -> Option<Link<'_>> {
    let by = recorded_by.as_mut()?;
    let targets = Resource::Organisation.only();
    Link::optional("/recorded_by/organisation", targets, &mut by.organisation)
}
