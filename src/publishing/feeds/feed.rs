//! A page of a feed, independent of its format.

use chrono::{DateTime, Utc};

use super::item::{JsonFeedItem, urn};
use crate::http::addresses::Addresses;
use crate::http::page::Page;
use crate::platform::states::{EditorialState, VisibleState};
use crate::resources::articles::views::Article;
use crate::resources::recommendations::views::Recommendation;

/// One page of a feed.
#[derive(Debug)]
pub struct FeedPage {
    /// The feed's id, the same on all its pages.
    pub id: String,
    /// The title.
    pub title: String,
    /// The language of all items, if the request filters by exactly one.
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
    pub items: Vec<JsonFeedItem>,
    /// The records that were withdrawn or are no longer public.
    pub tombstones: Vec<Tombstone>,
}

/// A record that was withdrawn or is no longer public.
#[derive(Debug)]
pub struct Tombstone {
    /// The id of its item.
    pub id: String,
    /// When it was withdrawn or removed.
    pub at: DateTime<Utc>,
    /// The reason.
    pub reason: Option<String>,
}

impl FeedPage {
    /// When anything on this page last changed.
    pub fn updated(&self) -> DateTime<Utc> {
        let items = self.items.iter().map(|item| item.date_modified);
        let tombstones = self.tombstones.iter().map(|tombstone| tombstone.at);
        items.chain(tombstones).max().unwrap_or_default()
    }

    /// The URLs of this page and those around it, with their relations.
    pub fn links(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let links = [
            ("self", Some(&self.address)),
            ("first", Some(&self.first)),
            ("next", self.page.next.as_ref()),
            ("previous", self.page.prev.as_ref()),
        ];
        let links = links.into_iter();
        links.filter_map(|(relation, address)| Some((relation, address?.as_str())))
    }

    /// Adds articles. `base` is the public base URL of this API.
    pub fn add_articles(&mut self, articles: Vec<Article>, addresses: &Addresses) {
        for article in articles {
            if article.state == EditorialState::Withdrawn {
                let withdrawal = article.withdrawal.as_ref();
                self.tombstones.push(Tombstone {
                    id: urn(&article.id),
                    at: withdrawal.map_or(article.updated_at, |withdrawal| withdrawal.at),
                    reason: article.withdrawal.map(|withdrawal| withdrawal.reason),
                });
            } else {
                self.items
                    .push(JsonFeedItem::of_article(article, addresses));
            }
        }
    }

    /// Adds recommendations. `base` is the public base URL of this API.
    pub fn add_recommendations(
        &mut self,
        recommendations: Vec<Recommendation>,
        addresses: &Addresses,
    ) {
        for recommendation in recommendations {
            if recommendation.state == VisibleState::Withdrawn {
                self.tombstones.push(Tombstone {
                    id: urn(&recommendation.id),
                    at: recommendation.updated_at,
                    reason: None,
                });
            } else {
                let item = JsonFeedItem::of_recommendation(recommendation, addresses);
                self.items.push(item);
            }
        }
    }
}
