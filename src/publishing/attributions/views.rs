//! Views of attributions.

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::references::NameReference;

/// The terms under which a publisher's public articles may be republished.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attribution {
    /// The publisher; for articles with several publishers, the first.
    pub organisation: NameReference,
    /// The terms, those of most articles first.
    #[schema(max_items = 100)]
    pub terms: Vec<Terms>,
    /// Whether there are more terms than shown.
    pub has_more_terms: bool,
}

/// A licence and the attribution that it requires.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Terms {
    /// The licence: an SPDX name or a URL. Absent for all rights reserved: link only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, example = "OGL-UK-3.0")]
    pub licence: Option<String>,
    /// The attribution that the licence requires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub attribution: Option<String>,
    /// How many public articles have these terms.
    #[schema(minimum = 1, maximum = 9007199254740991_i64, example = 12)]
    pub article_count: i64,
}
