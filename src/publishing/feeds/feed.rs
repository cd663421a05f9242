//! A page of a feed, independent of its format.

use chrono::{DateTime, Utc};

use crate::http::page::Page;
use crate::http::references::{Expandable, NameReference};
use crate::platform::clock::start_of_uk_day;
use crate::platform::states::{EditorialState, VisibleState};
use crate::resources::articles::views::Article;
use crate::resources::organisations::views::Organisation;
use crate::resources::recommendations::views::Recommendation;

/// One page of a feed.
#[derive(Debug)]
pub struct FeedPage {
    /// The feed's id, the same on all its pages.
    pub id: String,
    /// The title.
    pub title: String,
    /// The language of all entries, if the request filters by exactly one.
    pub language: Option<String>,
    /// The URL of this page.
    pub address: String,
    /// The URL of the first page.
    pub first: String,
    /// The URL of the same records as a list.
    pub list: String,
    /// The links to the next and previous pages.
    pub page: Page,
    /// The published records.
    pub entries: Vec<FeedEntry>,
    /// The records that were withdrawn or are no longer public.
    pub tombstones: Vec<Tombstone>,
}

/// A published record.
#[derive(Debug)]
pub struct FeedEntry {
    /// The permanent id of the entry, made from the record's id.
    pub id: String,
    /// The headline.
    pub title: String,
    /// The publisher's page, or else the record's URL.
    pub link: String,
    /// The URL of the record.
    pub record: String,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// When it was last changed, other than by a minor edit.
    pub updated: DateTime<Utc>,
    /// The publishers.
    pub authors: Vec<Author>,
    /// The topics or themes.
    pub categories: Vec<Category>,
    /// The language, as a BCP 47 tag.
    pub language: Option<String>,
    /// The full text, where it is known.
    pub content: Content,
    /// The summary.
    pub summary: Option<String>,
    /// The attribution that the licence requires.
    pub attribution: Option<String>,
    /// The licence of its text: an SPDX name or a URL.
    pub licence: Option<String>,
}

/// A record that was withdrawn or is no longer public.
#[derive(Debug)]
pub struct Tombstone {
    /// The id of its entry.
    pub id: String,
    /// When it was withdrawn or removed.
    pub at: DateTime<Utc>,
    /// The reason.
    pub reason: Option<String>,
}

/// A publisher.
#[derive(Debug)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The URL of the organisation's record.
    pub record: String,
}

/// A topic or theme of an entry.
#[derive(Debug)]
pub struct Category {
    /// The machine-readable term.
    pub term: String,
    /// The display name.
    pub label: String,
}

/// The content of an entry.
#[derive(Debug)]
pub enum Content {
    /// Sanitised HTML.
    Html(String),
    /// Plain text.
    Text(String),
}

impl FeedPage {
    /// When anything on this page last changed.
    pub fn updated(&self) -> DateTime<Utc> {
        let entries = self.entries.iter().map(|entry| entry.updated);
        let tombstones = self.tombstones.iter().map(|tombstone| tombstone.at);
        entries.chain(tombstones).max().unwrap_or_default()
    }

    /// Adds articles. `base` is the public base URL of this API.
    pub fn add_articles(&mut self, articles: Vec<Article>, base: &str) {
        for article in articles {
            match article.state {
                EditorialState::Withdrawn => self.tombstones.push(Tombstone::of_article(article)),
                _ => self.entries.push(FeedEntry::of_article(article, base)),
            }
        }
    }

    /// Adds recommendations. `base` is the public base URL of this API.
    pub fn add_recommendations(&mut self, recommendations: Vec<Recommendation>, base: &str) {
        for recommendation in recommendations {
            match recommendation.state {
                VisibleState::Withdrawn => self.tombstones.push(Tombstone {
                    id: urn(&recommendation.id),
                    at: recommendation.updated_at,
                    reason: None,
                }),
                VisibleState::Published => self
                    .entries
                    .push(FeedEntry::of_recommendation(recommendation, base)),
            }
        }
    }
}

impl Tombstone {
    fn of_article(article: Article) -> Self {
        let (at, reason) = match article.withdrawal {
            Some(withdrawal) => (withdrawal.at, Some(withdrawal.reason)),
            None => (article.updated_at, None),
        };
        Self {
            id: urn(&article.id),
            at,
            reason,
        }
    }
}

impl FeedEntry {
    /// The entry of an article. `base` is the public base URL of this API.
    pub fn of_article(article: Article, base: &str) -> Self {
        let record = format!("{base}/v1/articles/{}", article.id);
        let publishers = std::iter::once(&article.organisation).chain(&article.co_publishers);
        let topics = article.topics.iter().map(|topic| match topic {
            Expandable::Reference(topic) => (&topic.slug, &topic.name),
            Expandable::Whole(topic) => (&topic.slug, &topic.name),
        });
        let (content, summary) = match (article.body_html, article.summary) {
            (Some(body), summary) => (Content::Html(body), summary.or(article.excerpt)),
            (None, Some(summary)) => (Content::Text(summary), None),
            (None, None) => (Content::Text(article.headline.clone()), None),
        };
        Self {
            id: urn(&article.id),
            link: article.original_url.unwrap_or_else(|| record.clone()),
            authors: publishers.map(|body| author(body, base)).collect(),
            categories: topics
                .map(|(slug, name)| Category {
                    term: slug.clone(),
                    label: name.clone(),
                })
                .collect(),
            title: article.headline,
            published: article.published_at,
            // a record changed before its scheduled publication is first seen when published
            updated: article.updated_at.max(article.published_at),
            language: Some(article.language),
            content,
            summary,
            attribution: article.attribution,
            licence: article.licence,
            record,
        }
    }

    /// The entry of a recommendation whose report is expanded.
    pub fn of_recommendation(recommendation: Recommendation, base: &str) -> Self {
        let record = format!("{base}/v1/recommendations/{}", recommendation.id);
        let published = start_of_uk_day(recommendation.published_on).and_utc();
        let (title, publishers) = match &recommendation.report {
            Expandable::Whole(report) => (&report.title, report.publishers.as_slice()),
            Expandable::Reference(report) => (&report.title, &[][..]),
        };
        let themes = recommendation.themes.iter().map(|theme| Category {
            term: theme.clone(),
            label: theme.replace(['_', '-'], " "),
        });
        Self {
            id: urn(&recommendation.id),
            title: format!("Recommendation {}: {title}", recommendation.number),
            link: recommendation.source_url.unwrap_or_else(|| record.clone()),
            published,
            updated: recommendation.updated_at.max(published),
            authors: publishers.iter().map(|body| author(body, base)).collect(),
            categories: themes.collect(),
            language: None,
            content: Content::Text(recommendation.text),
            summary: recommendation.summary,
            attribution: None,
            licence: None,
            record,
        }
    }

    /// The licence and attribution as a sentence.
    pub fn rights(&self) -> Option<String> {
        let licence = self.licence.as_ref();
        let licence = licence.map(|licence| format!("Licence: {licence}"));
        let words: Vec<String> = self
            .attribution
            .clone()
            .into_iter()
            .chain(licence)
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

fn author(body: &Expandable<NameReference, Organisation>, base: &str) -> Author {
    let (id, name) = body.id_and_name();
    Author {
        name: name.to_owned(),
        record: format!("{base}/v1/organisations/{id}"),
    }
}

/// The permanent URN of a record (RFC 9562).
pub fn urn(id: &str) -> String {
    format!("urn:uuid:{id}")
}
