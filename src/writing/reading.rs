//! Parses documents and reports all violations at once.

use garde::Validate;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::document::Document;
use super::violation::Violation;

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
        Err(_) => read_despite_errors::<D>(line)?,
    };
    let rules = broken_rules(&document).into_iter();
    let rules: Vec<Violation> = rules.filter(|rule| !rule.is_within(&unreadable)).collect();
    Ok((Box::new(document), [unreadable, rules].concat()))
}

/// Parses a value that is not a line of an import, and checks its rules.
///
/// # Errors
/// The first parse error, or every broken rule.
pub fn read_value<T>(value: &Value) -> Result<T, Vec<Violation>>
where
    T: DeserializeOwned + Validate<Context = ()>,
{
    let parsed: T = serde_path_to_error::deserialize(value).map_err(|e| vec![violation_of(&e)])?;
    let violations = broken_rules(&parsed);
    violations.is_empty().then_some(parsed).ok_or(violations)
}

/// The validation rules that a document breaks.
fn broken_rules(document: &impl Validate<Context = ()>) -> Vec<Violation> {
    let Err(report) = document.validate() else {
        return Vec::new();
    };
    let broken = report.iter();
    broken
        .map(|(path, error)| Violation::new(json_pointer(&path.to_string()), error.to_string()))
        .collect()
}

/// The maximum number of parse errors reported for a document.
const MAX_PARSE_ERRORS: usize = 50;

/// Parses again, more slowly, to locate every error: members that cannot be parsed are removed or replaced with
/// placeholders until the rest can be parsed.
fn read_despite_errors<T: DeserializeOwned>(
    line: &str,
) -> Result<(T, Vec<Violation>), Vec<Violation>> {
    // errors that only the text shows, such as a duplicate member
    let mut text = serde_json::Deserializer::from_str(line);
    let in_text = serde_path_to_error::deserialize::<_, T>(&mut text);
    let mut value: Value = serde_json::from_str(line).map_err(not_json)?;
    let mut violations: Vec<Violation> = Vec::new();
    while violations.len() < MAX_PARSE_ERRORS {
        let violation = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(document) => {
                if let (true, Err(error)) = (violations.is_empty(), in_text) {
                    violations.push(violation_of(&error));
                }
                return Ok((document, violations));
            }
            Err(error) => violation_of(&error),
        };
        // an invalid member that was removed is now missing, but has already been reported
        let pointer = violation.pointer.clone();
        if violations.iter().all(|other| other.pointer != pointer) {
            violations.push(violation);
        } else if value.pointer(&pointer).is_some() {
            return Err(violations);
        }
        if !replace_member::<T>(&mut value, &pointer) {
            return Err(violations);
        }
    }
    Err(violations)
}

fn violation_of(error: &serde_path_to_error::Error<serde_json::Error>) -> Violation {
    let mut pointer = json_pointer(&error.path().to_string());
    let detail = without_position(&error.inner().to_string());
    if let Some((_, rest)) = detail.split_once("missing field `") {
        pointer = format!("{pointer}/{}", rest.trim_end_matches('`'));
    }
    Violation::new(pointer, detail)
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
                error.is_none_or(|error| violation_of(&error).pointer != pointer)
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
    let detail = without_position(&error.to_string());
    let detail = format!("not a JSON object: {detail}, at column {}", error.column());
    vec![Violation::whole(detail)]
}

/// Removes the line and column that serde_json appends to its messages: they are relative to the line of the source.
fn without_position(message: &str) -> String {
    message
        .rsplit_once(" at line ")
        .map_or(message, |(text, _)| text)
        .to_owned()
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
