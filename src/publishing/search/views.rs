//! Views of search results.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::highlights::Highlighter;
use super::params::FacetName;
use super::queries::FoundRecord;
use crate::http::page::Page;
use crate::http::references::{NameReference, TitleReference};
use crate::log::Resource;
use crate::platform::html;
use crate::platform::identity::{RecordId, Slug};

/// The length of an extract without matches, in characters.
const EXCERPT: usize = 240;

/// A search result.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Hit {
    /// The kind of record.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// The record's id.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// The record's slug.
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        example = "stalking-super-complaint-2024"
    )]
    pub slug: Slug,
    /// The URL of the record.
    #[schema(
        max_length = 2000,
        example = "http://127.0.0.1:8080/v1/reports/stalking-super-complaint-2024"
    )]
    pub url: String,
    /// The headline, title or name; of a recommendation or a response, also the title of its report.
    #[schema(
        max_length = 700,
        example = "Recommendation 15: The police response to stalking"
    )]
    pub title: String,
    /// The language of the title, as a BCP 47 tag, if `lang` made it another one than the record's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35, example = "cy")]
    pub title_language: Option<String>,
    /// The title as HTML, with `<mark>` around the matching words. Everything else is escaped.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10000)]
    pub title_html: Option<String>,
    /// The passage of the text that matches best, as HTML in the same form.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10000)]
    pub extract_html: Option<String>,
    /// The record's language, as a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35, example = "en")]
    pub language: Option<String>,
    /// When an article was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<DateTime<Utc>>,
    /// The day a report, recommendation or response was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_on: Option<NaiveDate>,
    /// The organisation that published an article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<NameReference>,
    /// The report that a recommendation or a response belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<TitleReference>,
}

impl Hit {
    /// The view of a record. `base` is the public base URL of this API.
    pub fn new(found: FoundRecord, highlighter: Option<&mut Highlighter>, base: &str) -> Self {
        let FoundRecord {
            resource,
            row,
            title_language,
        } = found;
        let title = row.title;
        let text = match resource {
            Resource::Article => row.text.as_deref().map(html::text),
            _ => row.text,
        };
        let texts = [row.summary, text].into_iter().flatten();
        let texts = texts.collect::<Vec<_>>().join(" ");
        // as they are indexed: what belongs to a report does not state its language
        let is_below_report = resource.is_below_report();
        let language = row.language.as_deref().filter(|_| !is_below_report);
        let (mut title_html, mut extract_html) = (None, None);
        if let Some(highlighter) = highlighter {
            let of_title = title_language.as_deref().or(language);
            title_html = highlighter.whole(of_title, &title);
            extract_html = highlighter.extract(language, &texts);
        }
        if extract_html.is_none() && !texts.is_empty() {
            extract_html = Some(html::escape(&html::excerpt(&texts, EXCERPT)));
        }
        let related = row.related_id.zip(row.related_slug).zip(row.related_name);
        let (organisation, report) = match resource {
            Resource::Recommendation | Resource::Response => (None, related),
            _ => (related, None),
        };
        Self {
            url: format!("{base}/v1/{}/{}", resource.collection(), row.slug),
            resource,
            id: row.id,
            slug: row.slug,
            title,
            title_language,
            title_html,
            extract_html,
            language: row.language,
            published_at: row.published_at.map(|at| at.and_utc()),
            published_on: row.published_on,
            organisation: organisation.map(|((id, slug), name)| NameReference { id, slug, name }),
            report: report.map(|((id, slug), title)| TitleReference { id, slug, title }),
        }
    }
}

/// The number of results for each value of a filter.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Facet {
    /// What is counted: the name of the filter.
    pub name: FacetName,
    /// The values with the most results, at most 20; years and months from the newest on.
    #[schema(max_items = 20)]
    pub values: Vec<FacetValue>,
    /// Whether there are more values.
    pub has_more: bool,
    /// The URL of all values, in pages.
    #[schema(max_length = 12000, format = "uri")]
    pub url: String,
}

/// One page of the values of a facet.
#[derive(Debug, Serialize, ToSchema)]
pub struct FacetValues {
    /// The values with the most results first; years and months from the newest on.
    #[schema(max_items = 100)]
    pub data: Vec<FacetValue>,
    /// The page's place in the list.
    pub page: Page,
}

/// A value, and how many results have it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FacetValue {
    /// The value to pass to the filter.
    #[schema(max_length = 150, example = "iopc")]
    pub value: String,
    /// The value's display name.
    #[schema(max_length = 500, example = "Independent Office for Police Conduct")]
    pub label: String,
    /// How many results have it.
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub count: i64,
}

/// One page of search results, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hits {
    /// The records.
    #[schema(max_items = 100)]
    pub data: Vec<Hit>,
    /// The facets requested with `facet`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 12)]
    pub facets: Vec<Facet>,
    /// Whether these records have all the words. If no record does, `data` has the records with at least half of them, or with
    /// similar ones.
    pub has_all_words: bool,
    /// The page's place in the list.
    pub page: Page,
}

/// Suggestions for an incomplete query.
#[derive(Debug, Serialize, ToSchema)]
pub struct Suggestions {
    /// The records, best first.
    #[schema(max_items = 100)]
    pub data: Vec<Suggestion>,
}

/// A suggested record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Suggestion {
    /// The kind of record.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// The record's id.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// The record's slug.
    #[schema(value_type = String, min_length = 1, max_length = 150, example = "iopc")]
    pub slug: Slug,
    /// The headline, title or name; of a recommendation or a response, also the title of its report.
    #[schema(max_length = 700)]
    pub title: String,
    /// The language of the title, as a BCP 47 tag, if `lang` made it another one than the record's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35, example = "cy")]
    pub title_language: Option<String>,
}
