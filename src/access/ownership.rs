//! Whose record it is, and what that allows: the one place where rights meet records.

use diesel::result::QueryResult;

use super::rights::{Refusal, Rights, Scope};
use crate::log::Resource;
use crate::platform::db::DbConnection;

/// Whose the records of a kind are.
#[derive(Clone, Copy)]
pub struct Ownership {
    /// The kind.
    pub resource: Resource,
    /// The scope that writing one takes.
    pub scope: Scope,
    /// The organisations that a stored record belongs to; none where records of this kind belong to nobody, and take a
    /// grant for all.
    pub owners: fn(&mut DbConnection, &str) -> QueryResult<Vec<String>>,
}

impl Ownership {
    /// Whether a caller may see a record that is not public: who may write it, or read drafts.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn may_see(
        &self,
        connection: &mut DbConnection,
        rights: &Rights,
        id: &str,
    ) -> QueryResult<bool> {
        let owners = (self.owners)(connection, id)?;
        Ok(rights.cover(Scope::ArticlesReadDrafts, &owners) || rights.cover(self.scope, &owners))
    }

    /// What a caller lacks who may not see a record.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn refusal(&self, connection: &mut DbConnection, id: &str) -> QueryResult<Refusal> {
        Ok(Refusal {
            scope: Scope::ArticlesReadDrafts,
            owners: (self.owners)(connection, id)?,
        })
    }
}

/// The owners of records that belong to nobody.
///
/// # Errors
/// Never; the signature is that of the others.
pub fn nobody(_: &mut DbConnection, _: &str) -> QueryResult<Vec<String>> {
    Ok(Vec::new())
}
