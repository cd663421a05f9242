//! [`Violation`]: what is wrong with a document, and where.

/// A rule that a document breaks, or a place in it that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The place, as a JSON pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    /// What is wrong.
    pub detail: String,
}

impl Violation {
    /// At one place.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }

    /// Of the whole document.
    pub fn whole(detail: impl Into<String>) -> Self {
        Self::new("", detail)
    }

    /// Whether its place, or one around it, is among those that are told already. A member that could not be read holds
    /// a stand-in, of which nothing more is to be said.
    pub fn is_told(&self, told: &[Self]) -> bool {
        told.iter().any(|other| {
            let rest = self.pointer.strip_prefix(other.pointer.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}
