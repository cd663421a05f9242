//! Canonical JSON and the digests over it.

use chrono::{NaiveDateTime, SecondsFormat};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Serialises `value` as canonical JSON: keys sorted, no white space, strings escaped as little as JSON allows
/// (RFC 8785; our documents contain no fractional numbers, which are most of that standard).
pub fn canonical_json(value: &impl Serialize) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(value)?;
    value.sort_all_objects();
    serde_json::to_string(&value)
}

/// The part of an entry that its digest covers: everything except the state, which is covered by its own digest.
pub(super) struct DigestedFields<'a> {
    pub(super) seq: i64,
    pub(super) at: NaiveDateTime,
    pub(super) actor: &'a str,
    pub(super) resource: &'a str,
    pub(super) resource_id: &'a str,
    pub(super) action: &'a str,
    pub(super) revision: i64,
    pub(super) state_digest: &'a str,
}

impl DigestedFields<'_> {
    /// The digest over this entry and, through `previous`, all entries before it.
    pub(super) fn digest(&self, previous: &str) -> String {
        let at = self
            .at
            .and_utc()
            .to_rfc3339_opts(SecondsFormat::Millis, true);
        let Self {
            seq,
            actor,
            resource,
            resource_id,
            action,
            revision,
            state_digest,
            ..
        } = self;
        let text = format!(
            "\n{seq}\n{at}\n{actor}\n{resource}\n{resource_id}\n{action}\n{revision}\n{state_digest}"
        );
        sha256(&[previous, &text])
    }
}

/// The SHA-256 of the concatenated parts, in hexadecimal.
pub fn sha256(parts: &[&str]) -> String {
    use std::fmt::Write;
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
    }
    hasher
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}
