//! Documents that several tests import, all fictional.

use answerable::writing::import::{ImportReport, Tally};
use serde_json::Value;

/// The organisation that most fictional articles belong to.
pub const BODY: &str = r#"{"type":"organisation","slug":"body","name":"The Fictional Body"}"#;

/// A document with more members, or with other values for those that it has.
pub fn with(mut document: Value, more: Value) -> Value {
    let (members, Value::Object(more)) = (document.as_object_mut().unwrap(), more) else {
        panic!("not an object");
    };
    members.extend(more);
    document
}

/// Documents as the lines of an import.
pub fn lines(documents: &[Value]) -> String {
    let lines: Vec<String> = documents.iter().map(Value::to_string).collect();
    lines.join("\n")
}

/// What became of all documents of an import, whatever their types.
pub fn total(report: &ImportReport) -> Tally {
    let mut total = Tally::default();
    for tally in report.tallies.values() {
        total.created += tally.created;
        total.updated += tally.updated;
        total.unchanged += tally.unchanged;
    }
    total
}

/// A member of each element of an array, as text.
pub fn texts(array: &Value, member: &str) -> Vec<String> {
    let elements = array.as_array().into_iter().flatten();
    let text = |element: &Value| match &element[member] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    elements.map(text).collect()
}

/// Asserts that a value has at least these members, at any depth; `null` stands for one that is left out.
#[track_caller]
pub fn assert_includes(value: &Value, expected: Value) {
    let missing = difference(value, &expected, "");
    assert_eq!(missing, None, "in {value:#}");
}

/// The first place where a value is not as expected.
fn difference(value: &Value, expected: &Value, place: &str) -> Option<String> {
    match (value, expected) {
        (Value::Object(_), Value::Object(members)) => members.iter().find_map(|(name, member)| {
            difference(&value[name], member, &format!("{place}/{name}"))
        }),
        (Value::Array(elements), Value::Array(others)) if elements.len() == others.len() => {
            let mut pairs = elements.iter().zip(others).enumerate();
            pairs.find_map(|(at, (one, other))| difference(one, other, &format!("{place}/{at}")))
        }
        _ if value == expected => None,
        _ => Some(format!("{place} is {value}, not {expected}")),
    }
}
