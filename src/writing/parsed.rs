//! A parsed line of an import: a document and its kind.

use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

use super::document::{Document, Head};
use super::kind::{Catalogue, Kind};
use super::reading::not_json;
use super::violation::Violation;
use crate::log::Resource;
use crate::platform::html::TakenOff;
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::PublicationState;
use crate::platform::wording;

/// The maximum length of a slug.
const MAX_SLUG: usize = 150;

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
}

/// A document with its kind.
pub struct Parsed {
    /// The kind.
    pub kind: &'static Kind,
    /// The document.
    pub document: Box<dyn Document>,
    /// What was taken off its HTML.
    pub taken_off: TakenOff,
}

impl Parsed {
    /// Parses and validates a line. An erased document is returned without its content.
    ///
    /// # Errors
    /// Every violation.
    pub fn parse(catalogue: &Catalogue, line: &str) -> Result<Self, Vec<Violation>> {
        match Self::read(catalogue, line)? {
            (document, violations) if violations.is_empty() => Ok(document),
            (_, violations) => Err(violations),
        }
    }

    /// Parses as much of a line as possible, and returns the violations. Members that could not be parsed have
    /// placeholders.
    ///
    /// # Errors
    /// The violations if nothing can be parsed.
    pub fn read(
        catalogue: &Catalogue,
        line: &str,
    ) -> Result<(Self, Vec<Violation>), Vec<Violation>> {
        let header: Header = serde_json::from_str(line).map_err(not_json)?;
        let name = header.kind.ok_or_else(|| {
            vec![Violation::new(
                MistakeCode::Required,
                "/type",
                "The member 'type' is required.",
            )]
        })?;
        let resource = Resource::named(&name).ok_or_else(|| {
            vec![Violation::new(
                MistakeCode::UnknownValue,
                "/type",
                unknown_type(&name),
            )]
        })?;
        let kind = (catalogue.kind)(resource);
        let (mut document, mut violations) = (kind.read)(line)?;
        name_computed(kind, &mut violations);
        let state = document.head().state;
        let rules = rules_of_state(kind, document.head()).into_iter();
        let rules: Vec<Violation> = rules.filter(|rule| !rule.is_within(&violations)).collect();
        violations.extend(rules);
        violations.sort_unstable();
        if line.contains("\\u0000") {
            violations.extend(nul_characters(line));
        }
        if state == PublicationState::Erased {
            // its texts go anyway, and are often sent empty
            violations.retain(|violation| violation.code != MistakeCode::Blank);
            violations.extend(malformed_links(document.as_mut()));
            let (has_id, key) = (document.head().id.is_some(), document.natural_key());
            document.erase();
            if !has_id && key != document.natural_key() {
                let detail = "The erasure removes what identifies the record: name it by its id.";
                violations.push(Violation::new(MistakeCode::Required, "/id", detail));
            }
        }
        let parsed = Self {
            kind,
            document,
            taken_off: TakenOff::default(),
        };
        Ok((parsed, violations))
    }
}

/// Says of unknown members that records show that the server computes them.
fn name_computed(kind: &Kind, violations: &mut [Violation]) {
    for violation in violations {
        let name = violation.pointer.trim_start_matches('/');
        let is_unknown = violation.code == MistakeCode::UnknownMember;
        if is_unknown && (kind.shown_members)().contains(&name) {
            violation.code = MistakeCode::Computed;
            violation.detail =
                "The server computes this member: leave it out, or send it as it was read."
                    .to_owned();
        }
    }
}

/// Checks that the kind has this publication state, and that `merged_into` goes with it.
fn rules_of_state(kind: &Kind, head: Head<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !kind.states.contains(&head.state) {
        let detail = format!("This type has no state '{}'.", head.state.as_str());
        violations.push(Violation::new(MistakeCode::UnknownValue, "/state", detail));
    }
    if head.merged_into.is_some() && head.state != PublicationState::Gone {
        let detail = "'merged_into' requires the state 'gone'.";
        violations.push(Violation::new(
            MistakeCode::Inconsistent,
            "/merged_into",
            detail,
        ));
    }
    violations
}

/// Links that are neither an id nor a slug. The links of an erased document are dropped unresolved, so only their form
/// is checked.
fn malformed_links(document: &mut dyn Document) -> Vec<Violation> {
    let links = document.links().into_iter();
    links
        .filter(|link| !(1..=MAX_SLUG).contains(&link.slot.chars().count()))
        .map(|link| {
            Violation::new(
                MistakeCode::NotASlug,
                link.pointer,
                "Expected an id or a slug.",
            )
        })
        .collect()
}

fn unknown_type(other: &str) -> String {
    wording::not_among("Unknown type", other, &Resource::ALL.map(Resource::name))
}

/// Rejects NUL in text, on both databases: PostgreSQL cannot store it.
fn nul_characters(line: &str) -> Vec<Violation> {
    fn walk(value: &Value, pointer: &str, found: &mut Vec<Violation>) {
        match value {
            Value::String(text) if text.contains('\0') => {
                let detail = "The character U+0000 cannot be stored.";
                found.push(Violation::new(
                    MistakeCode::ControlCharacter,
                    pointer,
                    detail,
                ));
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{pointer}/{index}"), found);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    walk(member, &format!("{pointer}/{name}"), found);
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
