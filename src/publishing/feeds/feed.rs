//! What a feed says, whatever its format.

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
pub struct Feed {
    /// What names the feed: the same on all its pages.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The language of all its entries, if only one was asked for.
    pub language: Option<String>,
    /// The address of this page.
    pub address: String,
    /// The address of the first page.
    pub first: String,
    /// The address of the same records as a list.
    pub list: String,
    /// The pages before and after.
    pub page: Page,
    /// What is in force.
    pub entries: Vec<Entry>,
    /// What was withdrawn, or is not public any more.
    pub tombstones: Vec<Tombstone>,
}

/// A record in force.
#[derive(Debug)]
pub struct Entry {
    /// What names it for ever: made of the record's id, which never changes.
    pub id: String,
    /// The headline.
    pub title: String,
    /// Where its publisher has it, or else the record.
    pub link: String,
    /// The address of the record.
    pub record: String,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// When it last really changed.
    pub updated: DateTime<Utc>,
    /// Who published it.
    pub authors: Vec<Author>,
    /// What it is about.
    pub categories: Vec<Category>,
    /// The language, as a BCP 47 tag.
    pub language: Option<String>,
    /// The whole of it, as far as it is known.
    pub content: Content,
    /// The gist.
    pub summary: Option<String>,
    /// The words that the licence asks for.
    pub attribution: Option<String>,
    /// The licence of its text: an SPDX name or a URL.
    pub licence: Option<String>,
}

/// A record that was withdrawn, or is not public any more.
#[derive(Debug)]
pub struct Tombstone {
    /// The id of the entry that it was.
    pub id: String,
    /// When that was.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: Option<String>,
}

/// A publisher.
#[derive(Debug)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The address of the organisation's record.
    pub record: String,
}

/// A word that entries are filed under.
#[derive(Debug)]
pub struct Category {
    /// The word.
    pub term: String,
    /// The same for people.
    pub label: String,
}

/// What an entry holds.
#[derive(Debug)]
pub enum Content {
    /// Safe HTML.
    Html(String),
    /// Text without markup.
    Text(String),
}

impl Feed {
    /// When anything on this page last changed.
    pub fn updated(&self) -> DateTime<Utc> {
        let entries = self.entries.iter().map(|entry| entry.updated);
        let tombstones = self.tombstones.iter().map(|tombstone| tombstone.at);
        entries.chain(tombstones).max().unwrap_or_default()
    }

    /// Adds articles. `base` is where clients reach this API.
    pub fn add_articles(&mut self, articles: Vec<Article>, base: &str) {
        for article in articles {
            match article.state {
                EditorialState::Withdrawn => self.tombstones.push(Tombstone::of_article(article)),
                _ => self.entries.push(Entry::of_article(article, base)),
            }
        }
    }

    /// Adds recommendations. `base` is where clients reach this API.
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
                    .push(Entry::of_recommendation(recommendation, base)),
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

impl Entry {
    /// The entry of an article. `base` is where clients reach this API.
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
            // what was changed before its moment came is as it was published
            updated: article.updated_at.max(article.published_at),
            language: Some(article.language),
            content,
            summary,
            attribution: article.attribution,
            licence: article.licence,
            record,
        }
    }

    /// The entry of a recommendation, with whole reports.
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

    /// What may be done with its text, in words.
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

/// The permanent name of a record (RFC 9562).
pub fn urn(id: &str) -> String {
    format!("urn:uuid:{id}")
}
