//! A line of an import: which kind of record it is about, and the document.

use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

use super::document::{Document, Head};
use super::kind::{Catalogue, Kind};
use super::reading::not_json;
use super::violation::Violation;
use crate::log::Resource;
use crate::platform::states::PublicationState;

/// The longest slug.
const MAX_NAME: usize = 150;

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
}

/// A document whose kind is known.
pub struct Parsed {
    /// Its kind.
    pub kind: &'static Kind,
    /// The document.
    pub document: Box<dyn Document>,
}

impl Parsed {
    /// Reads and checks a line. An erased document has lost its content when it comes back.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(catalogue: &Catalogue, line: &str) -> Result<Self, Vec<Violation>> {
        match Self::read(catalogue, line)? {
            (document, violations) if violations.is_empty() => Ok(document),
            (_, violations) => Err(violations),
        }
    }

    /// Reads a line as far as that goes, and says what is wrong with it. What could not be read holds stand-ins.
    ///
    /// # Errors
    /// What is wrong where nothing can be read.
    pub fn read(
        catalogue: &Catalogue,
        line: &str,
    ) -> Result<(Self, Vec<Violation>), Vec<Violation>> {
        let header: Header =
            serde_json::from_str(line).map_err(|e| vec![Violation::whole(not_json(&e))])?;
        let name = header
            .kind
            .ok_or_else(|| vec![Violation::new("/type", "the type is missing")])?;
        let resource = Resource::named(&name)
            .ok_or_else(|| vec![Violation::new("/type", unknown_type(&name))])?;
        let kind = (catalogue.kind)(resource);
        let (mut document, mut violations) = (kind.read)(line)?;
        let state = document.head().state;
        let rules = rules_of_state(kind, document.head()).into_iter();
        let rules: Vec<Violation> = rules.filter(|rule| !rule.is_told(&violations)).collect();
        violations.extend(rules);
        violations.sort_unstable();
        if line.contains("\\u0000") {
            violations.extend(nul_characters(line));
        }
        if state == PublicationState::Erased {
            violations.extend(malformed_links(document.as_mut()));
            document.erase();
        }
        Ok((Self { kind, document }, violations))
    }
}

/// Which publication states make sense for which kind, and what they go with.
fn rules_of_state(kind: &Kind, head: Head<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !kind.states.contains(&head.state) {
        let detail = format!("this resource has no state '{}'", head.state.as_str());
        violations.push(Violation::new("/state", detail));
    }
    if head.merged_into.is_some() && head.state != PublicationState::Gone {
        let detail = "only a record in the state 'gone' is merged into another";
        violations.push(Violation::new("/merged_into", detail));
    }
    violations
}

/// Links that cannot be any record's name. Those of an erased document are dropped without being followed.
fn malformed_links(document: &mut dyn Document) -> Vec<Violation> {
    let links = document.links().into_iter();
    links
        .filter(|link| !(1..=MAX_NAME).contains(&link.slot.chars().count()))
        .map(|link| Violation::new(link.pointer, "expected an id or a slug"))
        .collect()
}

fn unknown_type(other: &str) -> String {
    let known = Resource::ALL.map(Resource::name).join(", ");
    let other: String = other.chars().take(60).collect();
    format!("the type '{other}' is not known here; known are {known}")
}

/// PostgreSQL cannot store NUL in text, so neither database does.
fn nul_characters(line: &str) -> Vec<Violation> {
    fn walk(value: &Value, place: &str, found: &mut Vec<Violation>) {
        match value {
            Value::String(text) if text.contains('\0') => {
                let detail = "the character U+0000 cannot be stored";
                found.push(Violation::new(place, detail));
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{place}/{index}"), found);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    walk(member, &format!("{place}/{name}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(line) {
        walk(&value, "", &mut found);
    }
    found
}
