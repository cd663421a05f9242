//! Cursors: positions in an ordered list, opaque to clients and tamper-proof.
//!
//! A cursor is `base64url(signature || JSON)`. The signature (HMAC-SHA-256, truncated to 16 bytes) keeps clients from
//! forging one; the fingerprint ties it to the list, the filters and the sort. It grants no rights: the rows at its
//! position are read under the rules of the request that carries it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::error::ApiError;
use super::problem::ProblemCode;
use crate::platform::db::Value;
use crate::platform::db::keyset::KeysetPosition;
use crate::platform::identity::RecordId;
use crate::platform::mistakes::MistakeCode;

const SIGNATURE_BYTES: usize = 16;

/// The fingerprint of a preview pass, which has the format of a cursor but belongs to no list.
const PASS: u64 = u64::MAX;

/// The form of cursors. Until 1, names and titles were as they are; since 2, they are sort keys.
const VERSION: u8 = 2;

/// The maximum length of a cursor: that of the longest title, twice, in the widest characters.
pub const MAX_LENGTH: usize = 6_000;

/// Signs and verifies cursors.
#[derive(Clone)]
pub struct Cursors {
    key: Vec<u8>,
}

/// What a preview pass shows, and who made it.
#[derive(Clone, Debug)]
pub struct PreviewPass {
    /// The record.
    pub id: RecordId,
    /// The client, which must still be active.
    pub client: String,
}

/// The content of a cursor: the row to start beyond, and the direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// Towards the beginning of the list.
    pub backwards: bool,
    /// The row that the page starts beyond.
    pub position: KeysetPosition,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    version: u8,
    fingerprint: u64,
    backwards: bool,
    kind: char,
    key: String,
    id: String,
}

impl Cursors {
    /// Uses the instance's key; see [`crate::platform::db::settings::cursor_key`].
    pub fn new(key: Vec<u8>) -> Self {
        Self { key }
    }

    /// Encodes and signs a cursor.
    pub fn write(&self, cursor: &Cursor, fingerprint: u64) -> Result<String, ApiError> {
        let (kind, key) = write_value(&cursor.position.0);
        let payload = Payload {
            version: VERSION,
            fingerprint,
            backwards: cursor.backwards,
            kind,
            key,
            id: cursor.position.1.clone(),
        };
        let json = serde_json::to_vec(&payload).map_err(|e| ApiError::internal(&e))?;
        let mut bytes = self.sign(&json)?.finalize().into_bytes().to_vec();
        bytes.truncate(SIGNATURE_BYTES);
        bytes.extend_from_slice(&json);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Verifies and decodes a cursor from a client.
    pub fn read(&self, text: &str, fingerprint: u64) -> Result<Cursor, ApiError> {
        let detail = "The cursor was modified, truncated or issued by another instance.";
        let invalid = || ApiError::new(ProblemCode::InvalidCursor, detail);
        if text.len() > MAX_LENGTH {
            return Err(invalid());
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
        let parts = bytes.split_at_checked(SIGNATURE_BYTES);
        let (signature, json) = parts.ok_or_else(invalid)?;
        let expected = self.sign(json)?;
        let verified = expected.verify_truncated_left(signature);
        verified.map_err(|_| invalid())?;
        let payload: Payload = serde_json::from_slice(json).map_err(|_| invalid())?;
        if payload.fingerprint != fingerprint {
            let detail = "The list, the filters or the sort differ from those of the cursor.";
            return Err(ApiError::new(ProblemCode::CursorMismatch, detail));
        }
        let is_name = payload.kind == 't' && RecordId::parse(&payload.key).is_none();
        if payload.version < VERSION && is_name && fingerprint != PASS {
            return Err(invalid());
        }
        let key = read_value(payload.kind, payload.key).ok_or_else(invalid)?;
        Ok(Cursor {
            backwards: payload.backwards,
            position: (key, payload.id),
        })
    }

    /// A preview pass, which lets its holder see the record with this id until `until`.
    pub fn write_pass(
        &self,
        id: RecordId,
        client: &str,
        until: NaiveDateTime,
    ) -> Result<String, ApiError> {
        let cursor = Cursor {
            backwards: false,
            position: (Value::Timestamp(until), format!("{id} {client}")),
        };
        self.write(&cursor, PASS)
    }

    /// The content of a preview pass, if it is still valid.
    pub fn read_pass(&self, text: &str, now: NaiveDateTime) -> Result<PreviewPass, ApiError> {
        let refused = |code, detail| ApiError::parameter(code, "preview", detail);
        let modified = || refused(MistakeCode::InvalidValue, "The preview link was modified.");
        let cursor = self.read(text, PASS).map_err(|_| modified())?;
        let (Value::Timestamp(until), pass) = cursor.position else {
            return Err(modified());
        };
        if now >= until {
            let detail = "The preview link has expired: ask for another one.";
            return Err(refused(MistakeCode::Expired, detail));
        }
        let (id, client) = pass.split_once(' ').ok_or_else(modified)?;
        Ok(PreviewPass {
            id: RecordId::parse(id).ok_or_else(modified)?,
            client: client.to_owned(),
        })
    }

    fn sign(&self, json: &[u8]) -> Result<Hmac<Sha256>, ApiError> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).map_err(|e| ApiError::internal(&e))?;
        mac.update(json);
        Ok(mac)
    }
}

fn write_value(value: &Value) -> (char, String) {
    match value {
        Value::Text(text) => ('t', text.clone()),
        Value::Id(id) => ('t', id.to_string()),
        Value::Timestamp(at) => ('m', at.and_utc().timestamp_millis().to_string()),
        Value::Date(on) => ('d', on.to_string()),
        Value::Integer(number) => ('i', number.to_string()),
        Value::Bool(flag) => ('b', flag.to_string()),
    }
}

fn read_value(kind: char, key: String) -> Option<Value> {
    Some(match kind {
        't' => Value::Text(key),
        'm' => Value::Timestamp(DateTime::from_timestamp_millis(key.parse().ok()?)?.naive_utc()),
        'd' => Value::Date(key.parse::<NaiveDate>().ok()?),
        'i' => Value::Integer(key.parse().ok()?),
        'b' => Value::Bool(key.parse().ok()?),
        _ => return None,
    })
}
