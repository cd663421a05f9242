//! Items with what identifies them, and the documents that they become.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

use super::reading::FeedItem;
use super::{Counts, Feed, Note, Policy, RefusedItem};
use crate::log::digest::sha256;
use crate::platform::identity::RecordId;
use crate::platform::web_address::duplicate_key;
use crate::writing::document::without_nulls;
use crate::writing::import::ImportReport;

/// The maximum length of the part of a slug before its digest, in characters.
const MAX_SLUG_WORDS: usize = 120;

/// An item, and what identifies it.
pub struct IdentifiedItem {
    /// The item.
    pub item: FeedItem,
    /// The digest of what tells it apart in the feeds of its organisation: its id, else its link, else its headline and time.
    pub name: String,
    /// The link, normalised.
    pub link_key: Option<String>,
}

/// Identifies the items of a feed. What several items share is the id or the page of none of them. Of an item that is there several
/// times, the newest counts; the others are returned as a number.
pub fn identify(
    feed: &Feed,
    mut items: Vec<FeedItem>,
    notes: &mut Vec<Note>,
) -> (Vec<IdentifiedItem>, usize) {
    without_shared_guids(&mut items, notes);
    without_shared_links(&mut items, notes);
    let (mut identified, mut places) = (Vec::<IdentifiedItem>::new(), HashMap::new());
    let mut repeated = 0;
    for item in items {
        let item = IdentifiedItem::new(feed, item);
        let names = std::iter::once(item.name.clone()).chain(item.link_digest());
        let known = names.clone().find_map(|name| places.get(&name).copied());
        let place = known.unwrap_or(identified.len());
        places.extend(names.map(|name| (name, place)));
        match identified.get_mut(place) {
            None => identified.push(item),
            Some(first) => {
                repeated += 1;
                if first.item.name_is(&item.item) && first.changed_at() < item.changed_at() {
                    *first = item;
                }
            }
        }
    }
    (identified, repeated)
}

/// Takes ids off that items with different links and headlines have.
fn without_shared_guids(items: &mut [FeedItem], notes: &mut Vec<Note>) {
    let mut pages: HashMap<String, HashSet<(Option<String>, String)>> = HashMap::new();
    for item in items.iter().filter(|item| !item.guid.is_empty()) {
        let page = (
            item.link.as_deref().and_then(duplicate_key),
            item.headline.clone(),
        );
        pages.entry(item.guid.clone()).or_default().insert(page);
    }
    for item in items {
        let Some(pages) = pages.get(&item.guid) else {
            continue;
        };
        let links: HashSet<_> = pages.iter().filter_map(|(link, _)| link.as_ref()).collect();
        let headlines: HashSet<_> = pages.iter().map(|(_, headline)| headline).collect();
        if links.len() > 1 && headlines.len() > 1 {
            item.guid.clear();
            notes.push(Note {
                label: item.headline.clone(),
                what: "its id is ignored, as other items have the same".to_owned(),
            });
        }
    }
}

/// Takes links off that items with different ids, or without ids and with different headlines, have.
fn without_shared_links(items: &mut [FeedItem], notes: &mut Vec<Note>) {
    let mut names: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for item in items.iter() {
        if let Some(key) = item.link.as_deref().and_then(duplicate_key) {
            let name = (item.guid.clone(), item.headline.clone());
            names.entry(key).or_default().push(name);
        }
    }
    for item in items {
        let key = item.link.as_deref().and_then(duplicate_key);
        let Some(names) = key.and_then(|key| names.get(&key)) else {
            continue;
        };
        let all_have_ids = names.iter().all(|(guid, _)| !guid.is_empty());
        let names = names.iter();
        let names: HashSet<_> = match all_have_ids {
            true => names.map(|(guid, _)| guid).collect(),
            false => names.map(|(_, headline)| headline).collect(),
        };
        if names.len() > 1 {
            item.link = None;
            notes.push(shared_link(&item.headline));
        }
    }
}

/// Says that the link of an item is left out.
pub fn shared_link(headline: &str) -> Note {
    Note {
        label: headline.to_owned(),
        what: "its link is left out, as other items have the same".to_owned(),
    }
}

impl FeedItem {
    /// Whether both have the same id or, without one, the same headline.
    fn name_is(&self, other: &Self) -> bool {
        match self.guid.is_empty() {
            true => self.headline == other.headline,
            false => self.guid == other.guid,
        }
    }
}

impl IdentifiedItem {
    /// Identifies an item of a feed.
    fn new(feed: &Feed, item: FeedItem) -> Self {
        let link_key = item.link.as_deref().and_then(duplicate_key);
        let name = match (item.guid.as_str(), &link_key) {
            ("", Some(key)) => format!("link\0{key}"),
            ("", None) => format!("text\0{}\0{}", item.headline, item.published_at),
            (guid, _) => format!("id\0{guid}"),
        };
        Self {
            item,
            name: sha256(&["name\0", &feed.organisation, "\0", &name]),
            link_key,
        }
    }

    /// The digest of its link, in the feeds of all organisations.
    pub fn link_digest(&self) -> Option<String> {
        let key = self.link_key.as_deref()?;
        Some(sha256(&["link\0", key]))
    }

    /// The same without its link.
    pub fn without_link(self, feed: &Feed) -> Self {
        let item = FeedItem {
            link: None,
            ..self.item
        };
        Self::new(feed, item)
    }

    fn changed_at(&self) -> DateTime<Utc> {
        self.item.updated_at.unwrap_or(self.item.published_at)
    }

    /// What distinguishes this version of the item: when its publisher changed it or, if that is not known, its text.
    pub fn version(&self) -> String {
        let item = &self.item;
        match item.updated_at {
            Some(at) => at.to_rfc3339(),
            None => {
                let text = [&item.summary, &item.body_html, &item.language, &item.link];
                sha256(&[&json!([item.headline, text]).to_string()])
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
        let digest = twox_hash::XxHash3_64::oneshot(self.name.as_bytes());
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
