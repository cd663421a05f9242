//! What a request demands of the record that it is about (RFC 9110, 13.1).

use actix_web::http::header::{self, HeaderMap};

use crate::http::error::ApiError;
use crate::http::problem;

/// `If-Match` and `If-None-Match` of a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    if_match: Option<Vec<String>>,
    only_new: bool,
}

impl Precondition {
    /// Reads the headers. `If-None-Match` makes sense with `*` only.
    pub fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        let text = |name| -> Option<String> {
            let values: Vec<&str> = headers
                .get_all(name)
                .filter_map(|v| v.to_str().ok())
                .collect();
            (!values.is_empty()).then(|| values.join(","))
        };
        let only_new = match text(header::IF_NONE_MATCH).as_deref().map(str::trim) {
            None => false,
            Some("*") => true,
            Some(_) => {
                let detail =
                    "A write takes `If-None-Match: *` only, which means: create, do not change.";
                return Err(ApiError::new(&problem::BAD_REQUEST, detail));
            }
        };
        let if_match = text(header::IF_MATCH)
            .map(|text| text.split(',').map(|tag| tag.trim().to_owned()).collect());
        Ok(Self { if_match, only_new })
    }

    /// Whether the record may be changed: it exists, with this revision.
    pub fn allows_change(&self, revision: i64) -> Result<(), ApiError> {
        let current = format!("\"r{revision}\"");
        if self.only_new {
            let detail =
                format!("The record exists already; its current entity tag begins {current}.");
            return Err(ApiError::new(&problem::PRECONDITION_FAILED, detail));
        }
        let Some(tags) = &self.if_match else {
            let detail = "Send the ETag of the version that you changed as `If-Match`, so that nobody else's change is lost.";
            return Err(ApiError::new(&problem::PRECONDITION_REQUIRED, detail));
        };
        if tags
            .iter()
            .any(|tag| tag == "*" || revision_of(tag) == Some(revision))
        {
            return Ok(());
        }
        let detail = format!(
            "The record has changed since; its current version is {current}. Read it again and repeat your change."
        );
        Err(ApiError::new(&problem::PRECONDITION_FAILED, detail))
    }

    /// Whether a record may be created that does not exist.
    pub fn allows_creation(&self) -> Result<(), ApiError> {
        match self.if_match {
            None => Ok(()),
            Some(_) => {
                let detail = "There is no record yet that `If-Match` could be about.";
                Err(ApiError::new(&problem::PRECONDITION_FAILED, detail))
            }
        }
    }
}

/// The revision in an entity tag. What follows it tells representations apart (`fields`, content coding),
/// all of which stand for the same revision; so the tag of any of them is good for a write.
pub fn revision_of(tag: &str) -> Option<i64> {
    let inner = tag.strip_prefix("\"r")?.strip_suffix('"')?;
    let digits = inner.split(['.', '-']).next()?;
    digits.parse().ok()
}
