//! What requests to search may say.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::changes::Resource;
use crate::http::page::{Count, Paging};

/// The kinds of records that are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Searched {
    Article,
    Recommendation,
    Report,
    Organisation,
}

impl Searched {
    /// The resource.
    pub fn resource(self) -> Resource {
        match self {
            Self::Article => Resource::Article,
            Self::Recommendation => Resource::Recommendation,
            Self::Report => Resource::Report,
            Self::Organisation => Resource::Organisation,
        }
    }
}

/// What records that were found can be counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum FacetName {
    Type,
    Organisation,
    Topic,
    Report,
    Language,
}

impl FacetName {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Type,
        Self::Organisation,
        Self::Topic,
        Self::Report,
        Self::Language,
    ];

    /// The name, which is that of the filter too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Organisation => "organisation",
            Self::Topic => "topic",
            Self::Report => "report",
            Self::Language => "language",
        }
    }
}

/// The parameters of a search.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SearchFor {
    /// What is looked for. All words must occur, in any form and order; `"words in quotation marks"` in that order;
    /// `-word` must not. The last word may be the beginning of one. A word that no record has is looked for with a
    /// letter or two different, in names and headlines.
    #[param(required = true, value_type = String, max_length = 2000, example = "stalking recommendations")]
    pub q: Option<String>,
    /// Only records of these kinds. Repeat for several.
    #[serde(rename = "type")]
    #[param(inline, max_items = 50)]
    pub resource: Vec<Searched>,
    /// Only what these organisations published or were told to do, or they themselves, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["iopc"]))]
    pub organisation: Vec<String>,
    /// Only articles filed under one of these topics, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking"]))]
    pub topic: Vec<String>,
    /// Only these reports, their recommendations, and articles about them, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<String>,
    /// Only what is in one of these languages, as BCP 47 tags. Repeat for several.
    #[param(max_items = 50, example = json!(["en"]))]
    pub language: Vec<String>,
    /// Published then or later.
    #[param(example = "2024-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Published before then.
    #[param(example = "2027-01-01T00:00:00Z")]
    pub published_before: Option<DateTime<Utc>>,
    /// Count what was found by these. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub facet: Vec<FacetName>,
    /// Whether to say how many there are in all.
    #[param(inline)]
    pub count: Count,
    /// How many a page holds.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on; from `page.next` or `page.prev` of an answer.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

impl SearchFor {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}

/// The parameters of suggestions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SuggestFor {
    /// What was typed so far.
    #[param(required = true, value_type = String, max_length = 2000, example = "stalk")]
    pub q: Option<String>,
    /// Only records of these kinds. Repeat for several.
    #[serde(rename = "type")]
    #[param(inline, max_items = 50)]
    pub resource: Vec<Searched>,
    /// How many.
    #[param(minimum = 1, maximum = 100, default = 20, example = 10)]
    pub limit: Option<i64>,
}

/// The parameters of related articles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListRelated {
    /// How many.
    #[param(minimum = 1, maximum = 100, default = 20, example = 5)]
    pub limit: Option<i64>,
}
