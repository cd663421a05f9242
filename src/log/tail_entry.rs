//! The part of a log entry that cache invalidation needs.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use std::collections::BTreeMap;

use super::resource::Resource;
use crate::platform::db::Json;
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
    /// If it is an article: the records to which it is linked when this is read, by kind.
    #[diesel(sql_type = Nullable<Text>)]
    links: Option<Json<BTreeMap<String, Vec<RecordId>>>>,
    /// If it is an article: when it was published, as it is when this is read.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub(super) published_at: Option<NaiveDateTime>,
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

    /// Whether it is an article that is linked to this record.
    pub(super) fn is_linked_to(&self, id: &RecordId) -> bool {
        let links = self.links.iter().flat_map(|links| links.values());
        links.flatten().any(|linked| linked == id)
    }
}
