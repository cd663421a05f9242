//! Who owns a record and what that allows: the one place where rights are checked against records.

use diesel::result::QueryResult;

use super::rights::{Refusal, Rights, Scope};
use crate::log::Resource;
use crate::platform::db::DbConnection;
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
    /// Whether a caller may see a record that is not public, because it may write it or read drafts.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn may_see(
        &self,
        connection: &mut DbConnection,
        rights: &Rights,
        id: RecordId,
    ) -> QueryResult<bool> {
        let owners = (self.owners)(connection, id)?;
        Ok(rights.allow(Scope::ArticlesReadDrafts, &owners) || rights.allow(self.scope, &owners))
    }

    /// The grant that a caller lacks to see a record.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn refusal(&self, connection: &mut DbConnection, id: RecordId) -> QueryResult<Refusal> {
        let owners = (self.owners)(connection, id)?;
        Ok(Refusal::new(Scope::ArticlesReadDrafts, &owners))
    }
}

/// The owners of records that have none.
///
/// # Errors
/// Never; the signature is that of [`Ownership::owners`].
pub fn no_owners(_: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
    Ok(Vec::new())
}
