//! [`MistakeCode`]: the kinds of mistakes that requests and documents have.
//!
//! Parsers and validators report mistakes as text only. Ours put the code in front of their words ([`coded`]);
//! [`super::wording`] takes both apart, and finds words for what libraries say.

use serde::{Serialize, Serializer};
use std::fmt::{self, Display};
use strum::EnumMessage;

/// The kind of a mistake. Its name in snake case is part of the contract, and its comment is its line in `docs/api.md`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::EnumIter,
    strum::EnumMessage,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum MistakeCode {
    /// it is missing, or `null`
    Required,
    /// it must have text: there are only spaces, or characters that are not visible
    Blank,
    /// the parameter has no value
    Empty,
    /// it has more characters than are allowed
    TooLong,
    /// it has fewer values than are required
    TooFew,
    /// it has more values than are allowed
    TooMany,
    /// it asks for more than one response may have, or its HTML is too complex
    TooMuch,
    /// the number, or the time, is below or above the limits
    OutOfRange,
    /// it is a text where a number is expected, or the like
    WrongType,
    /// the parameter does not exist here; `detail` suggests the nearest one, or lists the valid ones
    UnknownParameter,
    /// no document of this type has the member; `detail` suggests the nearest one, or lists the valid ones
    UnknownMember,
    /// it is not one of the allowed values; `detail` suggests the nearest one, or lists them
    UnknownValue,
    /// it names a record that does not exist or is not public
    UnknownReference,
    /// it is neither a day nor a time in the format of RFC 3339, or not the one that is expected
    NotATime,
    /// it is not an absolute URL of an allowed scheme
    NotAUrl,
    /// it is not an id (a UUID)
    NotAnId,
    /// it does not have the form of a slug
    NotASlug,
    /// it is not a registered language tag (BCP 47)
    NotALanguage,
    /// it is not percent-encoded UTF-8
    NotUtf8,
    /// it contains a control character
    ControlCharacter,
    /// the parameter takes one value but is repeated
    Repeated,
    /// the line of a batch or an import is not a JSON object
    NotJson,
    /// the object has two members of this name
    DuplicateMember,
    /// the list has the same entry twice
    ListedTwice,
    /// another record has this slug, number or value
    AlreadyTaken,
    /// a record refers to itself, directly or through others
    SelfReference,
    /// the server computes the member; it is left out, or sent as it was read
    Computed,
    /// it does not change once the record is there, or has been public
    Immutable,
    /// the time is in the future, where that is not allowed
    InFuture,
    /// the time is in the past, where that is not allowed
    InPast,
    /// it was valid, and is no longer
    Expired,
    /// it does not go with another member of the same document, which `detail` names
    Inconsistent,
    /// other records name what is to be removed; `detail` names them
    InUse,
    /// it contradicts what is stored, which `detail` names
    Conflict,
    /// the parameter does not go with another one
    DoesNotApply,
    /// its format is not the one that `detail` describes
    InvalidValue,
}

impl MistakeCode {
    /// The code as in responses.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What the code says of a member or parameter.
    pub fn meaning(self) -> &'static str {
        self.get_documentation().unwrap_or_default()
    }
}

impl Display for MistakeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for MistakeCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The words of a parser or validator for a mistake, with its code.
pub fn coded(code: MistakeCode, detail: impl Display) -> String {
    format!("{code}: {detail}")
}

/// The error of a validator.
pub fn broken(code: MistakeCode, detail: impl Display) -> garde::Error {
    garde::Error::new(coded(code, detail))
}

/// The code and the words in [`coded`] text.
pub fn split(text: &str) -> Option<(MistakeCode, &str)> {
    let (code, detail) = text.split_once(": ")?;
    Some((code.parse().ok()?, detail))
}
