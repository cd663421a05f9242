//! What an article has besides its own texts: links, quoted statements and corrections.

use chrono::{DateTime, Utc};
use diesel::result::QueryResult;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::platform::html;
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::{MistakeCode, broken};
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::platform::values;

/// The records that an article names, each once, in the order of the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleLinks {
    /// The publisher, and then the co-publishers.
    pub organisations: Vec<RecordId>,
    /// The topics that it is filed under.
    pub topics: Vec<RecordId>,
    /// The reports that it is about.
    pub reports: Vec<RecordId>,
    /// The recommendations that it is about.
    pub recommendations: Vec<RecordId>,
}

/// The maximum length of an excerpt, in characters.
const EXCERPT_LENGTH: usize = 280;

/// The beginning of a body, as plain text.
pub fn excerpt_of(body: &str) -> String {
    html::excerpt_of(body, EXCERPT_LENGTH)
}

/// The ids in links. An article that names a record twice must appear only once in its lists.
///
/// # Errors
/// If a link is not resolved to an id.
pub fn distinct<'a>(links: impl IntoIterator<Item = &'a Key>) -> QueryResult<Vec<RecordId>> {
    let mut distinct: Vec<RecordId> = Vec::new();
    for link in links {
        let id = link.resolved()?;
        if !distinct.contains(&id) {
            distinct.push(id);
        }
    }
    Ok(distinct)
}

/// A statement quoted in an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementDocument {
    /// The quoted text.
    #[garde(custom(values::text(20_000)))]
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// The speaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(300))))]
    #[schema(min_length = 1, max_length = 300)]
    pub speaker: Option<String>,
    /// The speaker's office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(300))))]
    #[schema(min_length = 1, max_length = 300)]
    pub office: Option<String>,
    /// The organisation that the speaker represents, by id or slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub organisation: Option<Key>,
}

/// What a publisher says of a change of an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeNote {
    /// When the change was published.
    #[serde(deserialize_with = "time::time")]
    #[garde(skip)]
    pub at: DateTime<Utc>,
    /// What was changed.
    #[garde(custom(values::text(5000)))]
    #[schema(min_length = 1, max_length = 5000, example = "First published.")]
    pub note: String,
}

/// A published correction of an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// When it was published.
    #[serde(deserialize_with = "time::time")]
    #[garde(skip)]
    pub at: DateTime<Utc>,
    /// What was wrong, and what is correct.
    #[garde(custom(values::text(5000)))]
    #[schema(max_length = 5000, example = "The number of forces was given as 44.")]
    pub note: String,
    /// The text before the correction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub before: Option<String>,
    /// The text after the correction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 5000))]
    #[schema(max_length = 5000)]
    pub after: Option<String>,
}

/// Validates that an article that is not a draft says when it was published.
pub fn required_unless_draft(
    state: PublicationState,
) -> impl FnOnce(&Option<DateTime<Utc>>, &()) -> garde::Result {
    move |published_at, _| match state.is_shown() && published_at.is_none() {
        true => Err(broken(
            MistakeCode::Required,
            "Required unless it is a draft.",
        )),
        false => Ok(()),
    }
}
