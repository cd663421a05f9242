//! The part of a log entry that cache invalidation needs.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::resource::Resource;
use crate::platform::identity::RecordId;

/// A log entry, reduced to the records that it affects.
#[derive(Clone, Debug, QueryableByName)]
pub struct TailEntry {
    #[diesel(sql_type = BigInt)]
    pub(super) seq: i64,
    #[diesel(sql_type = Text)]
    resource: String,
    /// The changed record.
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    /// If it is an article that is a translation: the article that lists it.
    #[diesel(sql_type = Nullable<Text>)]
    pub translation_of: Option<RecordId>,
    /// The beginning of its digest.
    #[diesel(sql_type = Text)]
    pub(super) digest: String,
    /// The number of the newest fork of the log.
    #[diesel(sql_type = BigInt)]
    pub(super) epoch: i64,
}

impl TailEntry {
    /// The kind of the changed record.
    pub fn resource(&self) -> Option<Resource> {
        Resource::named(&self.resource)
    }
}
