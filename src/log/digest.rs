//! Canonical JSON and the digests over it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::platform::db::schema::changes;
use crate::platform::identity::RecordId;
use crate::platform::values::hex;

/// Serialises `value` as canonical JSON: keys sorted, no white space, strings escaped as little as JSON allows
/// (RFC 8785; our documents contain no fractional numbers, which are most of that standard).
pub fn canonical_json(value: &impl Serialize) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(value)?;
    value.sort_all_objects();
    serde_json::to_string(&value)
}

/// The part of an entry that its digest covers: everything except the state, which is covered by its own digest.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
pub(super) struct DigestedFields {
    pub(super) seq: i64,
    pub(super) at: NaiveDateTime,
    pub(super) actor: String,
    pub(super) resource: String,
    pub(super) resource_id: RecordId,
    pub(super) action: String,
    pub(super) revision: i64,
    pub(super) state_digest: String,
}

impl DigestedFields {
    /// The digest over this entry and, through `previous`, all entries before it.
    pub(super) fn digest(&self, previous: &str) -> String {
        let Self {
            seq,
            at,
            actor,
            resource,
            resource_id,
            action,
            revision,
            state_digest,
        } = self;
        let at = at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let text = format!(
            "\n{seq}\n{at}\n{actor}\n{resource}\n{resource_id}\n{action}\n{revision}\n{state_digest}"
        );
        sha256(&[previous, &text])
    }
}

/// The SHA-256 of the concatenated parts, in hexadecimal.
pub fn sha256(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}
