//! What requests to search may say.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::page::{Count, Paging};
use crate::log::Resource;
use crate::resources::recommendations::model::ResponseRequirement;

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
    Publisher,
    Group,
    Kind,
    Theme,
    ResponseRequirement,
}

impl FacetName {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Type,
        Self::Organisation,
        Self::Topic,
        Self::Report,
        Self::Language,
        Self::Publisher,
        Self::Group,
        Self::Kind,
        Self::Theme,
        Self::ResponseRequirement,
    ];

    /// The name, which is that of the filter too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Organisation => "organisation",
            Self::Topic => "topic",
            Self::Report => "report",
            Self::Language => "language",
            Self::Publisher => "publisher",
            Self::Group => "group",
            Self::Kind => "kind",
            Self::Theme => "theme",
            Self::ResponseRequirement => "response_requirement",
        }
    }
}

/// The parameters of a search. Those that narrow it are those of the lists, with the same meaning; records of a kind that
/// a filter says nothing of are left out.
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
    /// Only articles about one of these recommendations, and they themselves, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024-15"]))]
    pub recommendation: Vec<String>,
    /// Only articles and reports that these organisations published, alone or with others, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["iopc"]))]
    pub publisher: Vec<String>,
    /// Only reports that these bodies' complaints led to, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["suzy-lamplugh-trust"]))]
    pub complainant_body: Vec<String>,
    /// Only recommendations addressed to these groups, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<String>,
    /// Only organisations that are parts of these, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["home-office"]))]
    pub parent: Vec<String>,
    /// Only recommendations, reports and organisations of these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["recommendation"]))]
    pub kind: Vec<String>,
    /// Only recommendations with one of these themes. Repeat for several.
    #[param(max_items = 50, example = json!(["accountability"]))]
    pub theme: Vec<String>,
    /// Only recommendations of which this kind of response is owed. Repeat for several.
    #[param(inline, max_items = 50)]
    pub response_requirement: Vec<ResponseRequirement>,
    /// Only articles and reports in one of these languages, as BCP 47 tags. Repeat for several.
    #[param(max_items = 50, example = json!(["en"]))]
    pub language: Vec<String>,
    /// Only the article with this original link, compared as the list of articles does.
    #[param(
        max_length = 2000,
        example = "https://www.policeconduct.gov.uk/news/example"
    )]
    pub original_url: Option<String>,
    /// Only the report with this number, as `scheme:value`.
    #[param(max_length = 300, example = "iopc:2018/123456")]
    pub reference: Option<String>,
    /// Only the organisation with this number, as `scheme:value`.
    #[param(max_length = 300, example = "police-force-register:essex")]
    pub identifier: Option<String>,
    /// Only the organisations that had this name at some time.
    #[param(max_length = 300, example = "Independent Police Complaints Commission")]
    pub name: Option<String>,
    /// Published then or later.
    #[param(example = "2024-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Published before then.
    #[param(example = "2027-01-01T00:00:00Z")]
    pub published_before: Option<DateTime<Utc>>,
    /// Changed then or later.
    #[param(example = "2024-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Changed before then.
    #[param(example = "2027-01-01T00:00:00Z")]
    pub updated_before: Option<DateTime<Utc>>,
    /// Only recommendations due, as their reports state it, on this day or later.
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// Only recommendations due, as their reports state it, before this day.
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
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
