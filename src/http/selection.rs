//! The parameter `fields`: parts of a record are cut out of its JSON.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// The record with only the named members, such as `organisation` or `organisation.name`: it is serialised once, and they are
/// cut out of the text.
pub fn select<T: Serialize>(record: &T, fields: &[&str]) -> serde_json::Result<Box<RawValue>> {
    let text = serde_json::to_string(record)?;
    let mut selection = String::with_capacity(text.len());
    add_selected(&mut selection, &text, fields)?;
    RawValue::from_string(selection)
}

/// Adds the members of an object that are named, or of each entry of a list. What has no members is added whole.
fn add_selected(selection: &mut String, value: &str, fields: &[&str]) -> serde_json::Result<()> {
    match value.as_bytes().first() {
        Some(b'[') => {
            let entries: Vec<&RawValue> = serde_json::from_str(value)?;
            selection.push('[');
            for (index, entry) in entries.into_iter().enumerate() {
                selection.push_str(if index > 0 { "," } else { "" });
                add_selected(selection, entry.get(), fields)?;
            }
            selection.push(']');
        }
        Some(b'{') => {
            let members: Members<'_> = serde_json::from_str(value)?;
            selection.push('{');
            let mut separator = "";
            for (name, value) in members.0 {
                let is_whole = fields.contains(&name);
                let inner = fields.iter();
                let inner = inner.filter_map(|path| path.strip_prefix(name)?.strip_prefix('.'));
                let inner: Vec<&str> = inner.collect();
                if !is_whole && inner.is_empty() {
                    continue;
                }
                selection.extend([separator, "\"", name, "\":"]);
                separator = ",";
                match is_whole {
                    true => selection.push_str(value.get()),
                    false => add_selected(selection, value.get(), &inner)?,
                }
            }
            selection.push('}');
        }
        _ => selection.push_str(value),
    }
    Ok(())
}

/// The members of an object, in order and unparsed. Their names are Rust identifiers, so none contains an escape.
struct Members<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::with_capacity(32);
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}
