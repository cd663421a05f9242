//! Canonical JSON and the digests over it.

use chrono::{NaiveDateTime, SecondsFormat};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// `value` as canonical JSON: keys sorted, no white space, strings escaped as little as JSON allows
/// (RFC 8785; our documents hold no fractional numbers, where that standard has most to say).
pub fn canonical_json(value: &impl Serialize) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(value)?;
    value.sort_all_objects();
    serde_json::to_string(&value)
}

/// What of an entry is sealed: everything but the state, of which only the digest counts.
pub(super) struct Entry<'a> {
    pub(super) seq: i64,
    pub(super) at: NaiveDateTime,
    pub(super) actor: &'a str,
    pub(super) resource: &'a str,
    pub(super) resource_id: &'a str,
    pub(super) action: &'a str,
    pub(super) revision: i64,
    pub(super) state_digest: &'a str,
}

impl Entry<'_> {
    /// The digest that seals this entry and, through `previous`, all before it.
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

/// The SHA-256 of the parts, one after the other, in hexadecimal.
pub(super) fn sha256(parts: &[&str]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_at_every_depth() {
        let value = serde_json::json!({"b": {"d": 1, "c": [{"f": 2, "e": 3}]}, "a": "é\u{1}"});
        assert_eq!(
            canonical_json(&value).unwrap(),
            r#"{"a":"é\u0001","b":{"c":[{"e":3,"f":2}],"d":1}}"#
        );
    }

    #[test]
    fn the_digest_is_sha_256() {
        // FIPS 180-2, appendix B.1
        assert_eq!(
            sha256(&["a", "bc"]),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
