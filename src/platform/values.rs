//! Values that several resources share: partial dates, identifiers, and the validation rules for text.

use diesel::QueryableByName;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::db::schema::report_references;
use crate::platform::identity::{Key, RecordId};
use crate::platform::language::Language;
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::states::PublicationState;
use crate::platform::time;

/// The placeholder for the text of an erased document, which must still satisfy the rules of its resource.
pub const ERASED: &str = "[erased]";

/// An id derived from a text, so that it is the same wherever it is computed: a version 8 UUID (RFC 9562, 5.8).
pub fn derived_id(text: &str) -> RecordId {
    let digest = Sha256::digest(text);
    let bytes = std::array::from_fn(|index| digest[index]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().into()
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut hex = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn ensure(is_valid: bool, code: MistakeCode, detail: &str) -> garde::Result {
    match is_valid {
        true => Ok(()),
        false => Err(broken(code, detail)),
    }
}

fn is_lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Validates a reference to a recommendation of a known report: either its number or its id.
pub fn number_xor_id(
    recommendation: &Option<Key>,
) -> impl FnOnce(&Option<String>, &()) -> garde::Result + '_ {
    move |number, _| {
        let (code, detail) = match number {
            Some(_) => (
                MistakeCode::Inconsistent,
                "Give either the number or the recommendation, not both.",
            ),
            None => (
                MistakeCode::Required,
                "Give the number or the recommendation.",
            ),
        };
        ensure(number.is_some() != recommendation.is_some(), code, detail)
    }
}

/// Validates a reference to a recommendation: either report and number, or its id.
pub fn number_or_id<'a>(
    report: &'a Option<Key>,
    recommendation: &'a Option<Key>,
) -> impl FnOnce(&Option<String>, &()) -> garde::Result + 'a {
    move |number, _| {
        ensure(
            report.is_some() == number.is_some() && number.is_some() != recommendation.is_some(),
            MistakeCode::Inconsistent,
            "Give either report and number, or the recommendation.",
        )
    }
}

/// Validates a SHA-256 in hexadecimal digits.
pub fn sha256_hex(text: &str, _: &()) -> garde::Result {
    let is_hex = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    ensure(
        text.len() == 64 && text.bytes().all(is_hex),
        MistakeCode::InvalidValue,
        "Expected 64 lower-case hexadecimal digits.",
    )
}

/// An identifier in a named scheme: `{"scheme": "iopc", "value": "2018/123456"}`.
#[derive(
    Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, garde::Validate, QueryableByName,
)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = report_references)]
pub struct Identifier {
    /// The scheme, named after its owner.
    #[garde(custom(token))]
    #[schema(
        example = "iopc",
        min_length = 1,
        max_length = 60,
        pattern = "^[a-z0-9][a-z0-9_.-]*$"
    )]
    pub scheme: String,
    /// The number or code.
    #[garde(custom(text(200)))]
    #[schema(example = "2018/123456", min_length = 1, max_length = 200)]
    pub value: String,
}

/// When and why a record was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// When it was withdrawn.
    #[serde(deserialize_with = "time::time")]
    #[garde(skip)]
    #[schema(example = "2026-03-02T09:00:00Z")]
    pub at: chrono::DateTime<chrono::Utc>,
    /// The reason given to the public.
    #[garde(custom(text(2000)))]
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "Replaced by a corrected version."
    )]
    pub reason: String,
}

impl Withdrawal {
    /// The withdrawal in the columns of a record.
    pub fn of(at: Option<chrono::NaiveDateTime>, reason: Option<String>) -> Option<Self> {
        let (at, reason) = at.map(|at| at.and_utc()).zip(reason)?;
        Some(Self { at, reason })
    }
}

/// Validates that a withdrawn record says when and why it was withdrawn.
pub fn reason_if_withdrawn(
    state: PublicationState,
) -> impl FnOnce(&Option<Withdrawal>, &()) -> garde::Result {
    move |withdrawal, _| match state.is_withdrawn() && withdrawal.is_none() {
        true => Err(broken(
            MistakeCode::Required,
            "A withdrawn record says when and why it was withdrawn.",
        )),
        false => Ok(()),
    }
}

/// Validates a slug: `^[a-z0-9_]+(-[a-z0-9_]+)*$`, at most 150 characters, and not to be mistaken for an id.
pub fn slug(text: &str, _: &()) -> garde::Result {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| is_lower_or_digit(b) || b == b'_');
    ensure(
        text.split('-').all(is_word) && text.len() <= 150,
        MistakeCode::NotASlug,
        "Expected a slug: lower-case letters, digits and '_', in words joined by single hyphens, at most 150 characters.",
    )?;
    let is_id = uuid::Uuid::try_parse(text).is_ok();
    ensure(
        !is_id,
        MistakeCode::NotASlug,
        "A slug must not look like an id.",
    )
}

/// Validates a media type without parameters, such as `application/pdf`.
pub fn media_type(text: &str, _: &()) -> garde::Result {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| is_lower_or_digit(b) || b".+-".contains(&b))
    };
    let mut names = text.split('/');
    ensure(
        names.clone().count() == 2 && names.all(is_name) && text.len() <= 100,
        MistakeCode::InvalidValue,
        "Expected a media type in lower case, such as application/pdf.",
    )
}

/// Validates a text of at most this many characters that one can read: not only spaces, or characters without a shape.
pub fn text(max: usize) -> impl FnOnce(&str, &()) -> garde::Result {
    move |text, _| {
        if text.chars().all(is_invisible) {
            return Err(broken(MistakeCode::Blank, "The text must not be blank."));
        }
        let length = text.chars().count();
        let detail = format!("At most {max} characters are allowed; there are {length}.");
        ensure(length <= max, MistakeCode::TooLong, &detail)
    }
}

/// Spaces, controls, and characters that are not shown: joiners, marks of direction and the like.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{180e}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
        )
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

/// Validates a token: `^[a-z0-9][a-z0-9_.-]*$`, at most 60 characters.
pub fn token(text: &str, _: &()) -> garde::Result {
    let first = text.bytes().next().is_some_and(is_lower_or_digit);
    let mut bytes = text.bytes();
    let rest = bytes.all(|b| is_lower_or_digit(b) || b"_.-".contains(&b));
    ensure(
        first && rest && text.len() <= 60,
        MistakeCode::InvalidValue,
        "Expected lower-case letters, digits, '_', '.' or '-', at most 60 characters.",
    )
}

/// Validates a date that may lack its day or month: `2018`, `2018-01` or `2018-01-08`.
///
/// Partial dates compare as text: a month sorts before its first day, so that `from <= day < until`
/// holds for whole months and years without further arithmetic.
pub fn partial_date(text: &str, _: &()) -> garde::Result {
    let full = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    ensure(
        time::parse_day(&full).is_some(),
        MistakeCode::NotATime,
        "Expected a date as YYYY, YYYY-MM or YYYY-MM-DD.",
    )
}

/// Validates an absolute `http` or `https` URL of at most 2,000 characters.
pub fn web_url(text: &str, _: &()) -> garde::Result {
    let known = url::Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    ensure(
        known && text.len() <= 2000,
        MistakeCode::NotAUrl,
        "Expected an absolute http or https URL of at most 2,000 characters.",
    )
}

/// Validates a language tag such as `en`, `cy` or `zh-TW` (BCP 47).
pub fn language(text: &str, _: &()) -> garde::Result {
    ensure(
        Language::registered(text).is_some(),
        MistakeCode::NotALanguage,
        "Expected a registered language tag such as 'en' or 'cy' (BCP 47).",
    )
}

/// Whether `day` lies in the half-open range between two partial dates.
pub fn covers(from: Option<&str>, until: Option<&str>, day: &str) -> bool {
    from.is_none_or(|from| from <= day) && until.is_none_or(|until| day < until)
}

/// A sort key for numbers in natural order: `7` before `7.1` before `10`, `AFI 3` before `AFI 12`.
pub fn number_key(number: &str) -> String {
    let mut key = String::with_capacity(number.len() + 8);
    let mut digits = String::new();
    for c in number.to_lowercase().chars().chain(std::iter::once('\0')) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            key.push_str(&format!("{digits:0>6}"));
            digits.clear();
        }
        if c != '\0' {
            key.push(c);
        }
    }
    key
}
