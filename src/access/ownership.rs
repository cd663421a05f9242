//! Who owns a record and what that allows: the one place where rights are checked against records.

use diesel::result::QueryResult;

use super::rights::{Refusal, Rights, Scope};
use crate::log::Resource;
use crate::platform::db::DbConnection;

/// Who owns the records of a kind.
#[derive(Clone, Copy)]
pub struct Ownership {
    /// The kind.
    pub resource: Resource,
    /// The scope that is required to write one.
    pub scope: Scope,
    /// The organisations that own a stored record; empty if records of this kind have no owner and require a grant for
    /// all organisations.
    pub owners: fn(&mut DbConnection, &str) -> QueryResult<Vec<String>>,
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
        id: &str,
    ) -> QueryResult<bool> {
        let owners = (self.owners)(connection, id)?;
        Ok(rights.allow(Scope::ArticlesReadDrafts, &owners) || rights.allow(self.scope, &owners))
    }

    /// The grant that a caller lacks to see a record.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn refusal(&self, connection: &mut DbConnection, id: &str) -> QueryResult<Refusal> {
        Ok(Refusal {
            scope: Scope::ArticlesReadDrafts,
            owners: (self.owners)(connection, id)?,
        })
    }
}

/// The owners of records that have none.
///
/// # Errors
/// Never; the signature is that of [`Ownership::owners`].
pub fn no_owners(_: &mut DbConnection, _: &str) -> QueryResult<Vec<String>> {
    Ok(Vec::new())
}
