//! The parameters of search requests.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::page::Count;
use crate::platform::identity::Key;
use crate::platform::language::Language;
use crate::platform::time;
use crate::resources::recommendations::model::ResponseRequirement;

/// The kinds of records that can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum SearchableKind {
    Article,
    Recommendation,
    Report,
    Organisation,
    Response,
}

/// The filters by which results can be counted.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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
    Year,
    Month,
}

/// The orders of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchSort {
    /// Best match first; without words to search for, newest first.
    #[default]
    Relevance,
    /// Newest first.
    #[serde(rename = "-published_at")]
    Newest,
    /// Oldest first.
    #[serde(rename = "published_at")]
    Oldest,
}

/// The parameters of a search. The filters are those of the lists, and mean the same. A filter excludes the kinds of records
/// that it does not apply to, and is an error if `type` names one of those.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// The words to search for. All must occur, in any form and order; `"words in quotation marks"` in exactly that
    /// order; a `-word` must not occur. The last word may be incomplete. A word that occurs in no record also matches
    /// words in names and headlines that differ by a letter or two. Without it, all records that the filters select are
    /// results.
    #[param(max_length = 2000, example = "stalking recommendations")]
    pub q: Option<String>,
    /// The order of the results.
    #[param(inline)]
    pub sort: SearchSort,
    /// Only records of these kinds. Repeat for several.
    #[serde(rename = "type")]
    #[param(inline, max_items = 50)]
    pub resource: Vec<SearchableKind>,
    /// Only records that these organisations published, that are addressed to them or that they responded, and the organisations themselves,
    /// by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["iopc"]))]
    pub organisation: Vec<Key>,
    /// Only articles filed under one of these topics, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking"]))]
    pub topic: Vec<Key>,
    /// Only articles filed under all of these topics, by id or slug. Repeat for each.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking"]))]
    pub every_topic: Vec<Key>,
    /// Only these reports, their recommendations, and articles about them, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<Key>,
    /// Only these recommendations and articles about them, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024-15"]))]
    pub recommendation: Vec<Key>,
    /// Only articles and reports that these organisations published, alone or with others, by id or slug. Repeat for
    /// several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["iopc"]))]
    pub publisher: Vec<Key>,
    /// Only reports that followed complaints by these bodies, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["suzy-lamplugh-trust"]))]
    pub complainant_body: Vec<Key>,
    /// Only recommendations addressed to these groups, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<Key>,
    /// Only organisations that are part of these, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["home-office"]))]
    pub parent: Vec<Key>,
    /// Only recommendations, reports, organisations and responses of these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["recommendation"]))]
    pub kind: Vec<String>,
    /// Only recommendations with one of these themes. Repeat for several.
    #[param(max_items = 50, example = json!(["accountability"]))]
    pub theme: Vec<String>,
    /// Only recommendations that require one of these kinds of response. Repeat for several.
    #[param(inline, max_items = 50)]
    pub response_requirement: Vec<ResponseRequirement>,
    /// Only articles, reports and organisations in one of these languages, as BCP 47 tags. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["en"]))]
    pub language: Vec<Language>,
    /// Only the article with this original link, compared as in the list of articles.
    #[param(
        max_length = 2000,
        example = "https://www.policeconduct.gov.uk/news/example"
    )]
    pub original_url: Option<String>,
    /// Only the report with this reference number, as `scheme:value`.
    #[param(max_length = 300, example = "iopc:2018/123456")]
    pub reference: Option<String>,
    /// Only the organisation with this identifier, as `scheme:value`.
    #[param(max_length = 300, example = "police-force-register:essex")]
    pub identifier: Option<String>,
    /// Only organisations that have or had exactly this name or acronym.
    #[param(max_length = 300, example = "Independent Police Complaints Commission")]
    pub name: Option<String>,
    /// Only records published in one of these years, in the United Kingdom. Repeat for several.
    #[param(max_items = 50, example = json!(["2024"]))]
    pub year: Vec<String>,
    /// Only records published in one of these months, in the United Kingdom. Repeat for several.
    #[param(max_items = 50, example = json!(["2024-09"]))]
    pub month: Vec<String>,
    /// Published at or after this time.
    #[serde(deserialize_with = "time::optional_time")]
    #[param(example = "2024-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Published before this time.
    #[serde(deserialize_with = "time::optional_time")]
    #[param(example = "2027-01-01T00:00:00Z")]
    pub published_before: Option<DateTime<Utc>>,
    /// Updated at or after this time.
    #[serde(deserialize_with = "time::optional_time")]
    #[param(example = "2024-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Updated before this time.
    #[serde(deserialize_with = "time::optional_time")]
    #[param(example = "2027-01-01T00:00:00Z")]
    pub updated_before: Option<DateTime<Utc>>,
    /// Only recommendations with a stated due date on or after this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// Only recommendations with a stated due date before this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
    /// Count the results by these filters; each count is of what would be found without the filter itself, so that several
    /// values can be chosen. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub facet: Vec<FacetName>,
    /// Whether to count all results.
    #[param(inline)]
    pub count: Count,
    /// Name records in this language (BCP 47), where they have a name or title in it: in titles, references and facets. What was found
    /// is in its own language.
    #[param(value_type = Option<String>, min_length = 2, max_length = 35, example = "cy")]
    pub lang: Option<Language>,
}

/// The parameters of suggestions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SuggestParams {
    /// What the user has typed so far.
    #[param(required = true, value_type = String, max_length = 2000, example = "stalk")]
    pub q: Option<String>,
    /// Only records of these kinds. Repeat for several.
    #[serde(rename = "type")]
    #[param(inline, max_items = 50)]
    pub resource: Vec<SearchableKind>,
    /// Name records in this language (BCP 47), where they have a name or title in it: otherwise as they are.
    #[param(value_type = Option<String>, min_length = 2, max_length = 35, example = "cy")]
    pub lang: Option<Language>,
    /// How many suggestions to return.
    #[param(minimum = 1, maximum = 100, default = 20, example = 10)]
    pub limit: Option<i64>,
}

/// The parameters of related articles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct RelatedParams {
    /// How many articles to return.
    #[param(minimum = 1, maximum = 100, default = 20, example = 5)]
    pub limit: Option<i64>,
}
