//! The preconditions of a write (RFC 9110, 13.1).

use actix_web::http::header::{self, EntityTag, HeaderMap};

use crate::http::conditions::EntityTags;
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;

/// `If-Match` and `If-None-Match` of a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precondition {
    if_match: Option<EntityTags>,
    only_new: bool,
}

impl Precondition {
    /// Parses the headers. `If-None-Match` accepts only `*`.
    ///
    /// # Errors
    /// 400 if `If-None-Match` has any other value.
    pub fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        let only_new = match EntityTags::read(headers, header::IF_NONE_MATCH) {
            None => false,
            Some(EntityTags::Any) => true,
            Some(EntityTags::Listed(_)) => {
                let detail =
                    "A write accepts only `If-None-Match: *`, which means: create, do not change.";
                return Err(ApiError::new(ProblemCode::BadRequest, detail));
            }
        };
        let if_match = EntityTags::read(headers, header::IF_MATCH);
        Ok(Self { if_match, only_new })
    }

    /// Checks whether an existing record with this revision may be changed.
    ///
    /// # Errors
    /// 412 if a precondition fails; 428 if `If-Match` is missing.
    pub fn allows_change(&self, revision: i64) -> Result<(), ApiError> {
        let current = format!("\"r{revision}\"");
        if self.only_new {
            let detail = format!("The record already exists; its current entity tag is {current}.");
            return Err(ApiError::new(ProblemCode::PreconditionFailed, detail));
        }
        let Some(tags) = &self.if_match else {
            let detail = "Send `If-Match` with the ETag of the version that you changed, so that no concurrent change is lost.";
            return Err(ApiError::new(ProblemCode::PreconditionRequired, detail));
        };
        let is_met = match tags {
            EntityTags::Any => true,
            EntityTags::Listed(tags) => tags.iter().any(|tag| revision_of(tag) == Some(revision)),
        };
        if is_met {
            return Ok(());
        }
        let detail = format!(
            "The record has changed; its current entity tag is {current}. Read it again and reapply your change."
        );
        Err(ApiError::new(ProblemCode::PreconditionFailed, detail))
    }

    /// Checks whether a record that does not exist may be created.
    ///
    /// # Errors
    /// 412 if `If-Match` is present.
    pub fn allows_creation(&self) -> Result<(), ApiError> {
        match self.if_match {
            None => Ok(()),
            Some(_) => {
                let detail = "`If-Match` was sent, but the record does not exist.";
                Err(ApiError::new(ProblemCode::PreconditionFailed, detail))
            }
        }
    }
}

/// The revision in an entity tag. The rest of the tag distinguishes representations of that revision (`fields`, content
/// coding), so the tag of any representation works for a write.
pub fn revision_of(tag: &EntityTag) -> Option<i64> {
    let inner = tag.tag().strip_prefix('r').filter(|_| !tag.weak)?;
    let digits = inner.split(['.', '-']).next()?;
    digits.parse().ok()
}
