//! Who owns a record and what that allows: the one place where rights are checked against records.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use super::rights::{Refusal, Rights, Scope};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;

/// Who owns the records of a kind.
#[derive(Clone, Copy)]
pub struct Ownership {
    /// The kind.
    pub resource: Resource,
    /// The scope that is required to write one.
    pub scope: Scope,
    /// The organisations that own a stored record; empty if records of this kind have no owner and require a grant for
    /// all organisations.
    pub owners: fn(&mut DbConnection, RecordId) -> QueryResult<Vec<RecordId>>,
}

impl Ownership {
    /// Whether a caller may see a record that is not public, because it may write it or read drafts, and likewise its
    /// report, if that is not public.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn may_see(
        &self,
        connection: &mut DbConnection,
        rights: &Rights,
        id: RecordId,
        now: NaiveDateTime,
    ) -> QueryResult<bool> {
        let owners = (self.owners)(connection, id)?;
        let sees = |scope, owners: &[RecordId]| {
            rights.allow(Scope::ArticlesReadDrafts, owners) || rights.allow(scope, owners)
        };
        let publishers = publishers_of_hidden_report(connection, self.resource, id, now)?;
        let sees_report = publishers.is_empty() || sees(Scope::RecommendationsWrite, &publishers);
        Ok(sees_report && sees(self.scope, &owners))
    }

    /// The grant that a caller lacks to see a record.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn refusal(&self, connection: &mut DbConnection, id: RecordId) -> QueryResult<Refusal> {
        let owners = (self.owners)(connection, id)?;
        Refusal::new(Scope::ArticlesReadDrafts, &owners).with_slugs(connection)
    }
}

/// The publishers of the report that a record belongs to, if that report is not public.
fn publishers_of_hidden_report(
    connection: &mut DbConnection,
    resource: Resource,
    id: RecordId,
    now: NaiveDateTime,
) -> QueryResult<Vec<RecordId>> {
    if !resource.is_below_report() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT l.organisation_id AS id FROM ");
    sql.push(resource.table())
        .push(" r JOIN reports p ON p.id = r.report_id JOIN report_publishers l ON l.report_id = p.id WHERE r.id = ")
        .bind(id);
    sql.push(" AND (p.state = 'draft' OR p.visible_from > ")
        .bind(now)
        .push(")");
    sql.ids(connection)
}

/// The owners of records that have none.
///
/// # Errors
/// Never; the signature is that of [`Ownership::owners`].
pub fn no_owners(_: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
    Ok(Vec::new())
}
