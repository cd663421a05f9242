//! What attributions are answered with.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::references::NameReference;

/// The most terms that are shown of one publisher.
pub const MAX_TERMS: usize = 100;

/// Under which terms the public articles of a publisher may be shown elsewhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attribution {
    /// The publisher: of several, the first of an article.
    pub organisation: NameReference,
    /// The terms, those of most articles first.
    #[schema(max_items = 100)]
    pub terms: Vec<Terms>,
    /// Whether there are more than are shown.
    pub has_more_terms: bool,
}

/// A licence and the words that it asks for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Terms {
    /// The licence: an SPDX name or a URL. Absent means: all rights reserved, link only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, example = "OGL-UK-3.0")]
    pub licence: Option<String>,
    /// The words that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub attribution: Option<String>,
    /// How many public articles have these.
    #[schema(minimum = 1, maximum = 9007199254740991_i64, example = 12)]
    pub article_count: i64,
}
