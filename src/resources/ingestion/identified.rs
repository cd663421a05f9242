//! Items with what identifies them, and the documents that they become.

use serde_json::{Value, json};

use super::reading::FeedItem;
use super::{Counts, Feed, Policy, RefusedItem};
use crate::log::digest::sha256;
use crate::platform::identity::RecordId;
use crate::platform::web_address::duplicate_key;
use crate::writing::document::without_nulls;
use crate::writing::import::ImportReport;

/// The maximum length of the part of a slug before its digest, in characters.
const MAX_SLUG_WORDS: usize = 120;

/// An item, and the digests that identify it.
pub struct IdentifiedItem {
    /// The item.
    pub item: FeedItem,
    /// The digests of its id in this feed and of its link, if it has them.
    pub digests: Vec<String>,
    /// The link, normalised.
    pub link_key: Option<String>,
}

impl IdentifiedItem {
    /// Identifies an item of a feed.
    pub fn new(feed: &Feed, item: FeedItem) -> Self {
        let scope = feed.url.as_deref().unwrap_or(&feed.organisation);
        let link_key = item.link.as_deref().and_then(duplicate_key);
        let name = match (item.guid.is_empty(), &link_key) {
            (false, _) => Some(item.guid.clone()),
            (true, Some(_)) => None,
            // an item with neither is identified by headline and time of publication
            (true, None) => Some(format!("{}\0{}", item.headline, item.published_at)),
        };
        let by_name = name.map(|name| sha256(&["name\0", scope, "\0", &name]));
        let by_link = link_key.as_deref().map(|key| sha256(&["link\0", key]));
        Self {
            item,
            digests: by_name.into_iter().chain(by_link).collect(),
            link_key,
        }
    }

    /// What distinguishes this version of the item: when its publisher changed it or, if that is not known, its text.
    pub fn version(&self) -> String {
        let item = &self.item;
        match item.updated_at {
            Some(at) => at.to_rfc3339(),
            None => {
                let text = [&item.summary, &item.body_html, &item.language];
                let text = text.map(|text| text.as_deref().unwrap_or_default());
                let [summary, body, language] = text;
                sha256(&[&item.headline, "\0", summary, "\0", body, "\0", language])
            }
        }
    }

    /// The document of the article. Its id is new, so that it replaces no other article.
    pub fn document(&self, feed: &Feed, policy: &Policy) -> Value {
        let item = &self.item;
        without_nulls(json!({
            "type": "article",
            "id": RecordId::generate(),
            "slug": self.slug(),
            "headline": item.headline,
            "summary": item.summary,
            "body_html": item.body_html,
            "original_url": item.link,
            "language": item.language,
            "licence": policy.licence,
            "attribution": policy.attribution,
            "published_at": item.published_at,
            "updated_at": item.updated_at,
            "organisation": feed.organisation,
            "state": policy.state,
        }))
    }

    /// The slug: words of the headline, and a digest that distinguishes items with the same headline.
    fn slug(&self) -> String {
        let words = slug::slugify(&self.item.headline);
        let start: String = words.chars().take(MAX_SLUG_WORDS).collect();
        let digest = twox_hash::XxHash3_64::oneshot(self.digests.concat().as_bytes());
        match start.trim_matches('-') {
            "" => format!("item-{digest:016x}"),
            start => format!("{start}-{digest:016x}"),
        }
    }
}

/// Counts the items that could not be stored, each with its first mistake.
pub fn refuse(report: &mut ImportReport, items: &[IdentifiedItem], counts: &mut Counts) {
    report.mistakes.dedup_by_key(|mistake| mistake.line);
    let refused = report.mistakes.iter().map(|mistake| RefusedItem {
        label: items[mistake.line - 1].item.headline.clone(),
        reason: format!("{}: {}", mistake.location(), mistake.detail),
    });
    counts.refused.extend(refused);
}
