//! Our words for the mistakes that parsers and validators report: what was sent, what is expected, and the nearest right
//! word. No word of a parser reaches a client.

use serde_json::Value;

use super::mistakes::{self, MistakeCode};

/// How much of a value that was sent is repeated, in characters.
const SHOWN: usize = 60;
/// How like a word must be to be suggested: 1 is equal.
const ALIKE: f64 = 0.8;

/// A mistake in our words.
pub type Explained = (MistakeCode, String);

/// The code and the words for what a parser or validator says of a value.
pub fn explain(message: &str, sent: Option<&Value>) -> Explained {
    let message = without_position(message);
    if let Some((code, detail)) = mistakes::split(message) {
        return (code, with_sent(detail, sent));
    }
    let explained = of_a_member(message)
        .or_else(|| of_a_type(message, sent))
        .or_else(|| of_a_limit(message, sent))
        .or_else(|| of_a_text(message, sent));
    explained.unwrap_or_else(|| {
        let detail = with_sent("This value cannot be read.", sent);
        (MistakeCode::InvalidValue, detail)
    })
}

/// Of several words, the one that is most like `word`, if any is.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |candidate: &str| match candidate.starts_with(word) && word.len() > 2 {
        true => 1.0,
        false => strsim::jaro_winkler(candidate, word),
    };
    let rated = known.into_iter().map(|word| (likeness(word), word));
    let (likeness, nearest) = rated.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (likeness > ALIKE).then_some(nearest)
}

/// Says of a word that it is none of those that are known, and which is meant or which there are. `what` begins the
/// sentence: `Unknown member`.
pub fn not_among(what: &str, word: &str, known: &[&str]) -> String {
    let shown: String = word.chars().take(100).collect();
    let hint = match (nearest(&shown, known.iter().copied()), known) {
        (Some(nearest), _) => format!("Did you mean '{nearest}'?"),
        (None, []) => "There are none here.".to_owned(),
        (None, known) => format!("Expected one of: {}.", known.join(", ")),
    };
    format!("{what} '{shown}'. {hint}")
}

/// A value, as a sentence repeats it.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().nth(SHOWN).is_some() => {
            let start: String = text.chars().take(SHOWN).collect();
            format!("'{start}…'")
        }
        Value::String(text) => format!("'{text}'"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

/// What kind of value it is.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// "Expected a day.", with what was sent.
fn with_sent(detail: &str, sent: Option<&Value>) -> String {
    let is_simple = |value: &&Value| !value.is_array() && !value.is_object();
    match sent.filter(is_simple) {
        Some(value) if detail.starts_with("Expected ") => {
            let sentence = detail.trim_end_matches('.');
            format!("{sentence}, not {}.", shown(value))
        }
        _ => detail.to_owned(),
    }
}

/// Removes the line and column that serde_json appends to its messages: they are relative to the line of the source.
fn without_position(message: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match message.rsplit_once(" at line ") {
        Some((text, place)) => match place.split_once(" column ") {
            Some((line, column)) if is_number(line) && is_number(column) => text,
            _ => message, // a value that was sent has these words
        },
        None => message,
    }
}

/// The words in backticks.
fn words(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The word that was sent, which may have backticks itself, and those that are known: "`x`, expected one of `a`, `b`".
fn sent_and_known(text: &str) -> Option<(&str, Vec<&str>)> {
    let text = text.strip_prefix('`')?;
    let parts = text.split_once("`, expected ");
    let (sent, known) = parts.or_else(|| text.rsplit_once("`, there are no "))?;
    Some((sent, words(known)))
}

fn of_a_member(message: &str) -> Option<Explained> {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let (name, known) = sent_and_known(rest)?;
        let detail = not_among("Unknown member", name, &known);
        return Some((MistakeCode::UnknownMember, detail));
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let (value, known) = sent_and_known(rest)?;
        let detail = not_among("Unknown value", value, &known);
        return Some((MistakeCode::UnknownValue, detail));
    }
    if let Some(rest) = message.strip_prefix("missing field ") {
        let detail = format!("The member '{}' is required.", words(rest).first()?);
        return Some((MistakeCode::Required, detail));
    }
    let rest = message.strip_prefix("duplicate field ")?;
    let detail = format!("The member '{}' is there twice.", words(rest).first()?);
    Some((MistakeCode::DuplicateMember, detail))
}

fn of_a_type(message: &str, sent: Option<&Value>) -> Option<Explained> {
    if message.starts_with("invalid length ") {
        let detail = "Expected an object, not a list.".to_owned();
        return Some((MistakeCode::WrongType, detail));
    }
    let is_value = message.strip_prefix("invalid value: ");
    let rest = is_value.or_else(|| message.strip_prefix("invalid type: "))?;
    let (_, expected) = rest.rsplit_once("expected ")?;
    let whole = |range: &str| format!("a whole number{range}");
    let expected = match expected {
        "u8" => whole(" from 0 to 255"),
        "u16" => whole(" from 0 to 65,535"),
        "u32" | "u64" | "usize" => whole(", not below 0"),
        "i16" | "i32" | "i64" => whole(""),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a string" | "a borrowed string" | "str" | "string or map" | "map with a single key" => {
            "a text".to_owned()
        }
        "a formatted UUID string" => "an id".to_owned(),
        "option" => "a value".to_owned(),
        text if text.starts_with("an id") => text.to_owned(),
        text if text.starts_with("enum ") || text.starts_with("variant ") => "a text".to_owned(),
        text if text.starts_with("tuple struct ") => "a text".to_owned(),
        text if text.starts_with("struct ") || text == "a map" => "an object".to_owned(),
        _ => "another type of value".to_owned(),
    };
    match sent {
        Some(Value::Null) => {
            let detail = format!("Expected {expected}, not null.");
            Some((MistakeCode::Required, detail))
        }
        Some(value) if is_value.is_some() && value.is_number() => {
            let detail = format!("Expected {expected}, not {}.", shown(value));
            Some((MistakeCode::OutOfRange, detail))
        }
        Some(value) => {
            let detail = format!("Expected {expected}, not {}.", kind(value));
            Some((MistakeCode::WrongType, detail))
        }
        None => Some((MistakeCode::WrongType, format!("Expected {expected}."))),
    }
}

/// What the rules of the validator say: of the length of a text or list, or of the size of a number.
fn of_a_limit(message: &str, sent: Option<&Value>) -> Option<Explained> {
    let limit = message.rsplit_once(" than ").map(|(_, limit)| limit)?;
    let is_lower = message.contains("lower than ");
    if !message.starts_with("length is ") {
        let bound = if is_lower { "at least" } else { "at most" };
        let detail = with_sent(&format!("Expected {bound} {limit}."), sent);
        return Some((MistakeCode::OutOfRange, detail));
    }
    Some(match (sent, is_lower) {
        (Some(Value::String(text)), false) => {
            let length = text.chars().count();
            let detail = format!("At most {limit} characters are allowed; there are {length}.");
            (MistakeCode::TooLong, detail)
        }
        (Some(Value::String(_)), true) => {
            (MistakeCode::Blank, "The text must not be empty.".to_owned())
        }
        (Some(Value::Array(values)), is_lower) => {
            let (code, bound) = match is_lower {
                true => (MistakeCode::TooFew, "At least"),
                false => (MistakeCode::TooMany, "At most"),
            };
            let length = values.len();
            (
                code,
                format!("{bound} {limit} entries are expected; there are {length}."),
            )
        }
        (_, true) => (
            MistakeCode::Required,
            format!("At least {limit} are expected."),
        ),
        (_, false) => (
            MistakeCode::TooLong,
            format!("At most {limit} are allowed."),
        ),
    })
}

/// What the parsers of single values say: of times, numbers, truth values and ids.
fn of_a_text(message: &str, sent: Option<&Value>) -> Option<Explained> {
    let (code, detail) = match message {
        "input contains invalid characters"
        | "premature end of input"
        | "input is out of range"
        | "trailing input"
        | "input is not enough for unique date and time"
        | "no possible date and time matching input" => (
            MistakeCode::NotATime,
            "Expected a day such as 2025-01-31 or a time such as 2025-01-31T09:00:00Z, as the description says.",
        ),
        "invalid digit found in string" => (MistakeCode::WrongType, "Expected a whole number."),
        "number too large to fit in target type" | "number too small to fit in target type" => {
            (MistakeCode::OutOfRange, "Expected a smaller number.")
        }
        "provided string was not `true` or `false`" => {
            (MistakeCode::WrongType, "Expected true or false.")
        }
        _ if message.starts_with("UUID parsing failed") => (
            MistakeCode::NotAnId,
            "Expected an id such as 01890a5d-ac96-774b-bcce-b302099a8057.",
        ),
        _ => return None,
    };
    Some((code, with_sent(detail, sent)))
}

/// Where and why a text is not JSON: "it ends too early, at column 7".
pub fn syntax(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let reason = match without_position(&message) {
        _ if error.is_eof() => "it ends too early",
        "trailing comma" => "a comma is followed by nothing",
        "key must be a string" => "a name in quotation marks is expected",
        "expected `:`" => "':' is expected after a name",
        "expected `,` or `}`" => "',' or '}' is expected after a member",
        "expected `,` or `]`" => "',' or ']' is expected after an entry",
        "trailing characters" => "something follows its end",
        "recursion limit exceeded" => "it is nested too deeply",
        "number out of range" | "invalid number" => "a number cannot be read",
        "invalid escape"
        | "lone leading surrogate in hex escape"
        | "unexpected end of hex escape"
        | "invalid unicode code point" => "an escape in a text cannot be read",
        text if text.starts_with("control character") => {
            "a control character in a text must be escaped"
        }
        _ => "a value is expected",
    };
    match error.line() {
        1 => format!("{reason}, at column {}", error.column()),
        line => format!("{reason}, in line {line}, column {}", error.column()),
    }
}
