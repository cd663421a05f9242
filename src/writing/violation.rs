//! [`Violation`]: what is wrong with a document, and where.

use crate::platform::mistakes::MistakeCode;

/// A rule that a document breaks, or a member that cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The location, as a JSON pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    /// What kind of mistake it is.
    pub code: MistakeCode,
    /// What is wrong.
    pub detail: String,
}

impl Violation {
    /// A violation at one location.
    pub fn new(code: MistakeCode, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }
    }

    /// A violation of the whole document.
    pub fn whole(code: MistakeCode, detail: impl Into<String>) -> Self {
        Self::new(code, "", detail)
    }

    /// Whether a violation at the same location, at one that contains it, or inside it is already in `known`. A member that
    /// could not be parsed has a placeholder, and a list with such an entry may be left out: their violations are meaningless.
    pub fn is_within(&self, known: &[Self]) -> bool {
        let is_in = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let own = self.pointer.as_str();
        known.iter().any(|other| {
            is_in(own, &other.pointer) || (!own.is_empty() && is_in(&other.pointer, own))
        })
    }
}
