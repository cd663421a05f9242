//! The items of a feed, in the terms of JSON Feed: it has a member for almost everything that RSS and Atom show.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::words::FeedWords;
use crate::http::addresses::Addresses;
use crate::http::references::{Expandable, NameReference};
use crate::log::Resource;
use crate::platform::clock::start_of_uk_day;
use crate::platform::html;
use crate::platform::language::TextDirection;
use crate::resources::articles::views::Article;
use crate::resources::media::{self, Attachment, Image};
use crate::resources::organisations::views::Organisation;
use crate::resources::recommendations::views::Recommendation;

/// An article or recommendation in a feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedItem {
    /// The permanent id.
    #[schema(
        min_length = 45,
        max_length = 45,
        example = "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub id: String,
    /// The record's page on the public site, or else the publisher's page, or else the record's URL.
    #[schema(max_length = 12000, format = "uri")]
    pub url: String,
    /// The headline.
    #[schema(
        max_length = 600,
        example = "Watchdogs welcome the replies on stalking"
    )]
    pub title: String,
    /// The body as sanitised HTML. Of what is written from right to left, in an element that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000000)]
    pub content_html: Option<String>,
    /// The text, for items without a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50000)]
    pub content_text: Option<String>,
    /// The summary, where the content is more than that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub summary: Option<String>,
    /// The image that stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub image: Option<String>,
    /// The files that are published with it, if their media types are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 200, required = false)]
    pub attachments: Vec<JsonFeedAttachment>,
    /// The images, which JSON Feed has no member for.
    #[serde(skip)]
    pub images: Vec<Image>,
    /// When it was published.
    pub date_published: DateTime<Utc>,
    /// When it was last changed, other than by a minor edit.
    pub date_modified: DateTime<Utc>,
    /// The publishers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100, required = false)]
    pub authors: Vec<JsonFeedAuthor>,
    /// The topics or themes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, required = false, value_type = Vec<String>)]
    pub tags: Vec<Tag>,
    /// The language, as a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35, example = "en")]
    pub language: Option<String>,
    /// Members for which JSON Feed has no equivalent.
    #[serde(rename = "_answerable")]
    pub answerable: JsonFeedExtension,
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedAttachment {
    /// The address.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// The media type.
    #[schema(max_length = 100, example = "application/pdf")]
    pub mime_type: String,
    /// The title.
    #[schema(max_length = 500)]
    pub title: String,
    /// The size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9007199254740991_i64)]
    pub size_in_bytes: Option<i64>,
}

impl JsonFeedAttachment {
    fn of(file: Attachment) -> Option<Self> {
        Some(Self {
            mime_type: file.media_type?,
            url: file.url,
            title: file.title,
            size_in_bytes: file.bytes,
        })
    }
}

/// A publisher.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedAuthor {
    /// The name.
    #[schema(max_length = 300, example = "Independent Office for Police Conduct")]
    pub name: String,
    /// The organisation's page on the public site, or else the URL of its record.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
}

/// A topic or theme. In JSON, only its display name.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Tag {
    /// The machine-readable term.
    #[serde(skip)]
    pub term: String,
    /// The display name.
    pub label: String,
}

/// Members for which JSON Feed has no equivalent.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedExtension {
    /// The URL of the record.
    #[schema(max_length = 2000, format = "uri")]
    pub record: String,
    /// The attribution that the licence requires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub attribution: Option<String>,
    /// The licence of the text: an SPDX name or a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, example = "OGL-UK-3.0")]
    pub licence: Option<String>,
}

impl JsonFeedItem {
    /// The item of an article. `addresses` says where records are read.
    pub fn of_article(article: Article, addresses: &Addresses) -> Self {
        let record = addresses.record(Resource::Article, article.id);
        let publishers = std::iter::once(&article.organisation).chain(&article.co_publishers);
        let tags = article.topics.iter().map(|topic| {
            let (term, label) = match topic {
                Expandable::Reference(topic) => (&topic.slug, &topic.name),
                Expandable::Whole(topic) => (&topic.slug, &topic.name),
            };
            Tag {
                term: term.to_string(),
                label: label.clone(),
            }
        });
        let (content_text, summary) = match (&article.body_html, article.summary) {
            (Some(_), summary) => (None, summary.or(article.excerpt)),
            (None, Some(summary)) => (Some(summary), None),
            (None, None) => (Some(article.headline.clone()), None),
        };
        let language = article.language.as_str();
        let html_of_text = html_if_directed(content_text.as_deref(), Some(language));
        let body = article.body_html.map(|body| html::directed(body, language));
        Self {
            id: urn(&article.id),
            url: article
                .page_url
                .or(article.original_url)
                .unwrap_or_else(|| record.clone()),
            authors: publishers.map(|body| author(body, addresses)).collect(),
            tags: tags.collect(),
            title: article.headline,
            image: media::lead(&article.images).map(|image| image.url.clone()),
            images: article.images,
            attachments: article
                .attachments
                .into_iter()
                .filter_map(JsonFeedAttachment::of)
                .collect(),
            date_published: article.published_at,
            // a record changed before its scheduled publication is first seen when published
            date_modified: article.updated_at.max(article.published_at),
            language: Some(article.language),
            content_html: body.or(html_of_text),
            content_text,
            summary,
            answerable: JsonFeedExtension {
                record,
                attribution: article.attribution,
                licence: article.licence,
            },
        }
    }

    /// The item of a recommendation whose report is expanded. `addresses` says where records are read.
    pub fn of_recommendation(recommendation: Recommendation, addresses: &Addresses) -> Self {
        let record = addresses.record(Resource::Recommendation, recommendation.id);
        let published = start_of_uk_day(recommendation.published_on).and_utc();
        let (title, publishers, language) = match &recommendation.report {
            Expandable::Whole(report) => (
                &report.title,
                report.publishers.as_slice(),
                Some(report.language.clone()),
            ),
            Expandable::Reference(report) => (&report.title, &[][..], None),
        };
        let word = FeedWords::of(language.as_deref().unwrap_or_default()).recommendation;
        let tags = recommendation.themes.into_iter().map(|theme| Tag {
            label: theme.replace(['_', '-'], " "),
            term: theme,
        });
        Self {
            id: urn(&recommendation.id),
            title: format!("{word} {}: {title}", recommendation.number),
            url: recommendation
                .page_url
                .or(recommendation.source_url)
                .unwrap_or_else(|| record.clone()),
            date_published: published,
            date_modified: recommendation.updated_at.max(published),
            authors: publishers
                .iter()
                .map(|body| author(body, addresses))
                .collect(),
            tags: tags.collect(),
            content_html: html_if_directed(Some(&recommendation.text), language.as_deref()),
            language,
            image: None,
            images: Vec::new(),
            attachments: Vec::new(),
            content_text: Some(recommendation.text),
            summary: recommendation.summary,
            answerable: JsonFeedExtension {
                record,
                attribution: None,
                licence: None,
            },
        }
    }

    /// A text of the item as HTML.
    pub fn html_of(&self, text: &str) -> String {
        html::directed(
            html::from_text(text),
            self.language.as_deref().unwrap_or_default(),
        )
    }

    /// Whether its language is written from right to left.
    pub fn is_right_to_left(&self) -> bool {
        let language = self.language.as_deref().unwrap_or_default();
        TextDirection::of(language) == TextDirection::RightToLeft
    }

    /// The licence and attribution as a sentence.
    pub fn rights(&self) -> Option<String> {
        let JsonFeedExtension {
            attribution,
            licence,
            ..
        } = &self.answerable;
        let word = FeedWords::of(self.language.as_deref().unwrap_or_default()).licence;
        match (attribution, licence) {
            (Some(attribution), Some(licence)) => Some(format!("{attribution} {word}: {licence}")),
            (None, Some(licence)) => Some(format!("{word}: {licence}")),
            (attribution, None) => attribution.clone(),
        }
    }
}

/// A text as HTML if its language is written from right to left, which a plain text cannot say.
fn html_if_directed(text: Option<&str>, language: Option<&str>) -> Option<String> {
    let (text, language) = text.zip(language)?;
    let is_directed = TextDirection::of(language) == TextDirection::RightToLeft;
    is_directed.then(|| html::directed(html::from_text(text), language))
}

fn author(body: &Expandable<NameReference, Organisation>, addresses: &Addresses) -> JsonFeedAuthor {
    let (id, slug, name) = body.identity();
    JsonFeedAuthor {
        name: name.to_owned(),
        url: addresses.of(Resource::Organisation, id, slug),
    }
}

/// The permanent URN of a record (RFC 9562).
pub fn urn(id: &str) -> String {
    format!("urn:uuid:{id}")
}
