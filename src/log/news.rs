//! What a reader of the log's end has to know of an entry.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::resource::Resource;

/// An entry of the log: whom it concerns.
#[derive(Clone, Debug, QueryableByName)]
pub struct News {
    #[diesel(sql_type = BigInt)]
    pub(super) seq: i64,
    #[diesel(sql_type = Text)]
    resource: String,
    /// The record that was changed.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// Of an article that is a translation: the article that names it.
    #[diesel(sql_type = Nullable<Text>)]
    pub translation_of: Option<String>,
}

impl News {
    /// What was changed.
    pub fn resource(&self) -> Option<Resource> {
        Resource::named(&self.resource)
    }
}
