//! Parses documents and reports all violations at once.

use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::document::Document;
use super::violation::Violation;
use crate::platform::mistakes::MistakeCode;
use crate::platform::wording;

/// A document, as far as it could be parsed, and its violations.
pub type Readable = (Box<dyn Document>, Vec<Violation>);

/// Parses as much of a document of one type as possible, and checks the rules that concern only the document itself.
///
/// # Errors
/// The violations if nothing can be parsed.
pub fn read<D>(line: &str) -> Result<Readable, Vec<Violation>>
where
    D: Document + DeserializeOwned + Validate<Context = ()> + 'static,
{
    let (document, unreadable) = match serde_json::from_str::<D>(line) {
        Ok(document) => (document, Vec::new()),
        Err(_) => {
            let value = serde_json::from_str(line).map_err(not_json)?;
            let (document, mut violations) = read_despite_errors::<D>(value)?;
            if violations.is_empty() {
                violations.extend(in_text::<D>(line));
            }
            (document, violations)
        }
    };
    let rules = broken_rules(&document, || serde_json::from_str(line).unwrap_or_default());
    let rules = rules.into_iter();
    let rules: Vec<Violation> = rules.filter(|rule| !rule.is_within(&unreadable)).collect();
    Ok((Box::new(document), [unreadable, rules].concat()))
}

/// Parses a value that is not a line of an import, and checks its rules.
///
/// # Errors
/// Every member that cannot be parsed, and every broken rule.
pub fn read_value<T>(value: &Value) -> Result<T, Vec<Violation>>
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    let (parsed, unreadable) = read_despite_errors::<T>(value.clone())?;
    let rules = broken_rules(&parsed, || value.clone()).into_iter();
    let rules = rules.filter(|rule| !rule.is_within(&unreadable));
    let violations: Vec<Violation> = unreadable.iter().cloned().chain(rules).collect();
    violations.is_empty().then_some(parsed).ok_or(violations)
}

/// The validation rules that a document breaks. `sent` is the document as JSON.
fn broken_rules(
    document: &impl Validate<Context = ()>,
    sent: impl FnOnce() -> Value,
) -> Vec<Violation> {
    let Err(report) = document.validate() else {
        return Vec::new();
    };
    let sent = sent();
    let broken = report.iter().map(|(path, error)| {
        let pointer = json_pointer(&path.to_string());
        let (code, detail) = wording::explain(&error.to_string(), sent.pointer(&pointer));
        Violation::new(code, pointer, detail)
    });
    broken.collect()
}

/// The maximum number of parse errors reported for a document.
const MAX_PARSE_ERRORS: usize = 50;

/// Parses again, more slowly, to locate every error: members that cannot be parsed are removed or replaced with
/// placeholders until the rest can be parsed.
fn read_despite_errors<T: DeserializeOwned>(
    mut value: Value,
) -> Result<(T, Vec<Violation>), Vec<Violation>> {
    let sent = value.clone();
    let mut violations: Vec<Violation> = Vec::new();
    while violations.len() < MAX_PARSE_ERRORS {
        let violation = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(document) => return Ok((document, violations)),
            Err(error) => violation_of(&error, &sent),
        };
        // an invalid member that was removed is now missing, but has already been reported
        let pointer = violation.pointer.clone();
        if violations.iter().all(|other| other.pointer != pointer) {
            violations.push(violation);
        } else if value.pointer(&pointer).is_some() {
            // nothing can stand in for this entry: the whole list is left out
            match pointer
                .rsplit_once('/')
                .and_then(|(list, _)| value.pointer_mut(list))
            {
                Some(list) if list.as_array().is_some_and(|list| !list.is_empty()) => {
                    *list = json!([]);
                    continue;
                }
                _ => return Err(violations),
            }
        }
        if !replace_member::<T>(&mut value, &pointer) {
            return Err(violations);
        }
    }
    Err(violations)
}

/// The error that only the text shows, such as a duplicate member.
fn in_text<T: DeserializeOwned>(line: &str) -> Option<Violation> {
    let mut text = serde_json::Deserializer::from_str(line);
    let error = serde_path_to_error::deserialize::<_, T>(&mut text).err()?;
    Some(violation_of(&error, &Value::Null))
}

fn violation_of(error: &serde_path_to_error::Error<serde_json::Error>, sent: &Value) -> Violation {
    let mut pointer = json_pointer(&error.path().to_string());
    let message = error.inner().to_string();
    let (code, detail) = wording::explain(&message, sent.pointer(&pointer));
    if let Some((_, rest)) = message.split_once("missing field `") {
        let name = rest.split('`').next().unwrap_or_default();
        pointer = format!("{pointer}/{name}");
    }
    Violation::new(code, pointer, detail)
}

/// Removes the member at `pointer`. If it is missing, inserts the first placeholder that can be parsed there.
fn replace_member<T: DeserializeOwned>(value: &mut Value, pointer: &str) -> bool {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return false;
    };
    let name = name.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(parent) {
        Some(Value::Object(members)) if members.contains_key(&name) => {
            members.shift_remove(&name);
            true
        }
        Some(Value::Object(_)) => {
            let placeholders = [
                json!("x"),
                json!([]),
                json!("2000-01-01"),
                json!("2000-01-01T00:00:00Z"),
            ];
            placeholders.into_iter().any(|placeholder| {
                if let Some(Value::Object(members)) = value.pointer_mut(parent) {
                    members.insert(name.clone(), placeholder);
                }
                let parsed = serde_path_to_error::deserialize::<_, T>(&*value);
                let error = parsed.err();
                error.is_none_or(|error| violation_of(&error, &Value::Null).pointer != pointer)
            })
        }
        // removing an array element would shift the pointers of the others
        Some(Value::Array(_)) => {
            let Some(element) = value.pointer_mut(pointer) else {
                return false;
            };
            *element = match element.is_string() {
                true => json!({}),
                false => json!("x"),
            };
            true
        }
        _ => false,
    }
}

/// The violation by a line that is not a JSON object.
pub fn not_json(error: serde_json::Error) -> Vec<Violation> {
    let reason = match error.is_data() {
        true => "it is another value".to_owned(),
        false => wording::syntax(&error),
    };
    let detail = format!("This is not a JSON object: {reason}.");
    vec![Violation::whole(MistakeCode::NotJson, detail)]
}

/// Converts a path such as `names[0].from` to a JSON pointer such as `/names/0/from` (RFC 6901).
fn json_pointer(path: &str) -> String {
    if path == "." || path.is_empty() {
        return String::new();
    }
    let parts = path.split(['.', '[', ']']).filter(|part| !part.is_empty());
    parts
        .map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1")))
        .collect()
}
