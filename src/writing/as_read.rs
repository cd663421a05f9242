//! What was read can be written: what a client sends back as it read it means what is stored.
//!
//! A record is shown with more than its document has (what the server computes), and with other forms in some places
//! (references with names). So a value that equals the shown one stands for the stored one, however deep in the document it
//! is, and only what a client has changed must have the form of a document.

use serde_json::{Map, Value};

use super::kind::Kind;
use crate::http::error::ApiError;
use crate::log::Writer;
use crate::platform::identity::RecordId;

type Members = Map<String, Value>;

/// A record as it is shown and as it is stored.
pub struct AsRead<'a> {
    /// The members that clients read.
    shown: Members,
    /// The document.
    stored: &'a Members,
}

impl<'a> AsRead<'a> {
    /// The record as it is now.
    ///
    /// # Errors
    /// When a query fails.
    pub fn load(
        writer: &mut Writer<'_>,
        kind: &Kind,
        id: RecordId,
        stored: &'a Members,
    ) -> Result<Self, ApiError> {
        let (now, pages) = (writer.now(), writer.pages());
        let shown = kind.show_one(writer.connection, id, now, pages)?;
        let mut body: Value =
            serde_json::from_str(&shown.body).map_err(|e| ApiError::internal(&e))?;
        let Value::Object(shown) = body["data"].take() else {
            return Err(ApiError::internal(&"a record is not shown as an object"));
        };
        Ok(Self { shown, stored })
    }

    /// A whole document that replaces the stored one. What is not shown stays, unless it is named.
    pub fn replacing(&self, mut sent: Members) -> Members {
        restore_members(&mut sent, &self.shown, self.stored);
        for (name, value) in self.stored {
            if !self.shown.contains_key(name) && !sent.contains_key(name) {
                sent.insert(name.clone(), value.clone());
            }
        }
        sent
    }

    /// A merge patch without the members that it does not change.
    pub fn changing(&self, mut patch: Members) -> Members {
        // the state may be shown for that of the report: with a reason of its own, it is meant
        let withdrawal = patch.get("withdrawal");
        let withdraws = withdrawal.is_some() && withdrawal != self.shown.get("withdrawal");
        let state = patch.get("state").filter(|_| withdraws).cloned();
        patch.retain(|name, value| self.shown.get(name) != Some(value));
        restore_members(&mut patch, &self.shown, self.stored);
        patch.extend(state.map(|state| ("state".to_owned(), state)));
        patch
    }
}

/// Merges a patch into a document (RFC 7396). A member that no document of the kind has stays, to be named as unknown.
pub fn merge(kind: &Kind, document: &mut Members, patch: &Members) {
    for (name, member) in patch {
        match member {
            Value::Null if (kind.members)().contains(&name.as_str()) => {
                document.shift_remove(name);
            }
            _ => json_patch::merge(document.entry(name).or_insert(Value::Null), member),
        }
    }
}

/// Puts the stored values in place of those that are sent as they are shown; removes those that are only shown.
fn restore_members(sent: &mut Members, shown: &Members, stored: &Members) {
    sent.retain(|name, value| match shown.get(name) {
        Some(shown) if shown == value && !stored.contains_key(name) => false,
        Some(shown) => {
            if let Some(stored) = stored.get(name) {
                restore(value, shown, stored);
            }
            true
        }
        None => true,
    });
}

fn restore(sent: &mut Value, shown: &Value, stored: &Value) {
    if sent == shown {
        *sent = stored.clone();
        return;
    }
    match (sent, shown, stored) {
        (Value::Object(sent), Value::Object(shown), Value::Object(stored)) => {
            restore_members(sent, shown, stored);
        }
        (Value::Array(sent), Value::Array(shown), Value::Array(stored)) => {
            let pairs = shown.iter().zip(stored);
            let pairs: Vec<_> = pairs
                .filter(|(shown, stored)| agree(shown, stored))
                .collect();
            for (index, entry) in sent.iter_mut().enumerate() {
                let same = pairs.iter().find(|(shown, _)| *shown == entry);
                let in_place = || shown.get(index).zip(stored.get(index));
                let in_place = || in_place().filter(|(shown, stored)| agree(shown, stored));
                if let Some((shown, stored)) = same.copied().or_else(in_place) {
                    restore(entry, shown, stored);
                }
            }
        }
        _ => {}
    }
}

/// Whether an entry of a list, as shown, is this stored one: a list may be shown in another order than it is stored in.
fn agree(shown: &Value, stored: &Value) -> bool {
    let (Value::Object(shown), Value::Object(stored)) = (shown, stored) else {
        return false;
    };
    let mut common = stored.iter().filter_map(|(name, stored)| {
        let shown = shown.get(name)?;
        match shown {
            Value::Array(_) => None,
            Value::Object(reference) => Some(reference.get("id")? == stored),
            _ => Some(shown == stored),
        }
    });
    common.next() == Some(true) && common.all(|is_same| is_same)
}
