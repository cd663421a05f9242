//! Articles as JSON-LD, in the schema.org vocabulary.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::media_nodes::MediaNode;
use super::views::Article;
use crate::http::addresses::Addresses;
use crate::http::references::Expandable;
use crate::log::Resource;
use crate::platform::html;
use crate::platform::language::TextDirection;
use crate::platform::states::EditorialState;
use crate::resources::organisations::json_ld::{
    CONTEXT, OrganizationNode, PropertyValue, SdPublisher, identifiers,
};

/// An article (schema.org).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NewsArticle {
    /// The vocabulary.
    #[serde(rename = "@context")]
    #[schema(max_length = 100, example = "https://schema.org")]
    pub context: &'static str,
    /// Always `NewsArticle`.
    #[serde(rename = "@type")]
    #[schema(max_length = 60, example = "NewsArticle")]
    pub schema_type: &'static str,
    /// The permanent URI.
    #[serde(rename = "@id")]
    #[schema(
        max_length = 45,
        example = "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub node: String,
    /// Its page on the public site, or else the URL of the record.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// The article on its publisher's website.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub is_based_on: Option<String>,
    /// The headline.
    #[schema(max_length = 300)]
    pub headline: String,
    /// The summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// The body, as plain text, with blank lines between its paragraphs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000000)]
    pub article_body: Option<String>,
    /// `Withdrawn` if the article is withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20, example = "Withdrawn")]
    pub creative_work_status: Option<&'static str>,
    /// When it was first published.
    pub date_published: DateTime<Utc>,
    /// When it was last changed, other than by a minor edit.
    pub date_modified: DateTime<Utc>,
    /// The language, as a BCP 47 tag.
    #[schema(max_length = 35, example = "en")]
    pub in_language: String,
    /// `rtl` if its texts are written from right to left.
    #[serde(rename = "rdf:direction", skip_serializing_if = "Option::is_none")]
    pub direction: Option<TextDirection>,
    /// The publisher.
    pub publisher: OrganizationNode,
    /// The co-publishers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, required = false)]
    pub contributor: Vec<OrganizationNode>,
    /// The topics it is filed under.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, required = false)]
    pub keywords: Vec<String>,
    /// The reports it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, required = false)]
    pub citation: Vec<ReportNode>,
    /// The images.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, required = false)]
    pub image: Vec<MediaNode>,
    /// The files that are published with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200, required = false)]
    pub associated_media: Vec<MediaNode>,
    /// The corrections since publication.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100, required = false)]
    pub correction: Vec<CorrectionComment>,
    /// The licence of its text: an SPDX name or a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub license: Option<String>,
    /// The attribution that the licence requires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub credit_text: Option<String>,
    /// Its identifiers in other systems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, required = false)]
    pub identifier: Vec<PropertyValue>,
    /// The publisher of this structured data.
    pub sd_publisher: SdPublisher,
}

/// A report that an article is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportNode {
    /// The type.
    #[serde(rename = "@type")]
    #[schema(max_length = 60, example = "Report")]
    pub schema_type: &'static str,
    /// The permanent URI.
    #[serde(rename = "@id")]
    #[schema(max_length = 45)]
    pub node: String,
    /// The title.
    #[schema(max_length = 500)]
    pub name: String,
    /// The URL of the record.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
}

/// A correction.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CorrectionComment {
    /// The type.
    #[serde(rename = "@type")]
    #[schema(max_length = 60, example = "CorrectionComment")]
    pub schema_type: &'static str,
    /// When it was published.
    pub date_published: DateTime<Utc>,
    /// What was wrong, and what is correct.
    #[schema(max_length = 5000)]
    pub text: String,
}

impl NewsArticle {
    /// The JSON-LD of a view that includes whole organisations. `addresses` says where others are read.
    pub fn new(article: Article, addresses: &Addresses) -> Self {
        let publisher = |body| OrganizationNode::new(body, addresses);
        let is_withdrawn = article.state == EditorialState::Withdrawn;
        let topics = article.topics.into_iter().map(|topic| match topic {
            Expandable::Reference(topic) => topic.name,
            Expandable::Whole(topic) => topic.name,
        });
        let reports = article.reports.iter().map(|report| match report {
            Expandable::Reference(report) => (report.id, &report.slug, &report.title),
            Expandable::Whole(report) => (report.id, &report.slug, &report.title),
        });
        let corrections = article.corrections.into_iter();
        Self {
            context: CONTEXT,
            schema_type: "NewsArticle",
            node: format!("urn:uuid:{}", article.id),
            url: article
                .page_url
                .unwrap_or_else(|| addresses.record(Resource::Article, article.id)),
            is_based_on: article.original_url,
            headline: article.headline,
            description: article.summary,
            article_body: article.body_html.as_deref().map(html::printed),
            creative_work_status: is_withdrawn.then_some("Withdrawn"),
            date_published: article.first_published_at.unwrap_or(article.published_at),
            date_modified: article.updated_at,
            direction: Some(article.text_direction)
                .filter(|direction| *direction == TextDirection::RightToLeft),
            in_language: article.language,
            publisher: publisher(&article.organisation),
            contributor: article.co_publishers.iter().map(publisher).collect(),
            keywords: topics.collect(),
            citation: reports
                .map(|(id, slug, title)| ReportNode {
                    schema_type: "Report",
                    node: format!("urn:uuid:{id}"),
                    name: title.clone(),
                    url: addresses.of(Resource::Report, id, slug),
                })
                .collect(),
            image: article.images.into_iter().map(MediaNode::image).collect(),
            associated_media: article
                .attachments
                .into_iter()
                .map(MediaNode::file)
                .collect(),
            correction: corrections
                .map(|correction| CorrectionComment {
                    schema_type: "CorrectionComment",
                    date_published: correction.at,
                    text: correction.note,
                })
                .collect(),
            license: article.licence,
            credit_text: article.attribution,
            identifier: identifiers(article.identifiers),
            sd_publisher: SdPublisher::new(&addresses.base),
        }
    }
}
