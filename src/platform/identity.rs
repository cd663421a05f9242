//! What records are called: ids, slugs, and keys, which are either.

use derive_more::{Deref, Display};
use diesel_derive_newtype::DieselNewType;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Borrow;
use std::convert::Infallible;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// The id of a record: a UUID as lower-case text, unique among all records.
///
/// ```
/// use answerable::platform::identity::{Key, RecordId};
///
/// let id = RecordId::derived("obligation of a body");
/// assert_eq!(id, RecordId::derived("obligation of a body"));
/// assert_eq!(Key::from(id.to_uppercase().as_str()), Key::Id(id));
/// ```
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Deref,
    Display,
    DieselNewType,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(transparent)]
pub struct RecordId(String);

impl RecordId {
    /// An id derived from a text, so that it is the same wherever it is computed: a version 8 UUID (RFC 9562, 5.8).
    pub fn derived(text: &str) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&Sha256::digest(text)[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
    }
}

impl From<Uuid> for RecordId {
    fn from(id: Uuid) -> Self {
        Self(id.to_string())
    }
}

impl Borrow<str> for RecordId {
    fn borrow(&self) -> &str {
        self
    }
}

/// The name of a record in URLs, unique among the records of its kind. [`values::slug`](super::values::slug) validates
/// those that come from outside.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Deref,
    Display,
    DieselNewType,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(transparent)]
pub struct Slug(String);

/// What a URL, a parameter or a reference calls a record: its id or its slug.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Display, Deserialize)]
#[serde(from = "String")]
pub enum Key {
    /// An id.
    Id(RecordId),
    /// Anything else. It is no slug of any record unless it is found.
    Slug(String),
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        match Uuid::try_parse(text) {
            // RFC 9562, section 4: ids are read in either case
            Ok(id) if text.len() == 36 => Self::Id(id.into()),
            _ => Self::Slug(text.to_owned()),
        }
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl FromStr for Key {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}
