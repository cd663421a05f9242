//! Stores new items as articles. Each becomes a document that is validated, stored and logged as in an import.

use serde_json::{Value, json};
use std::collections::HashSet;
use std::collections::hash_map::Entry;

use super::reading::{FeedItem, ParsedFeed};
use super::{Counts, Feed, Policy, RefusedItem, queries};
use crate::access::Rights;
use crate::log::Writer;
use crate::log::digest::sha256;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::platform::web_address::duplicate_key;
use crate::resources::articles;
use crate::writing::document::without_nulls;
use crate::writing::import::{self, ImportError, ImportOptions, OnMistake, Source};
use crate::writing::kind::Catalogue;

/// The maximum length of the part of a slug before its digest, in characters.
const MAX_SLUG_WORDS: usize = 120;

/// An item, and the digests that identify it.
struct IdentifiedItem {
    item: FeedItem,
    /// The digests of its id in this feed and of its link, if it has them.
    digests: Vec<String>,
    /// The link, normalised.
    link_key: Option<String>,
}

/// Stores the new items of a feed.
///
/// # Errors
/// If the database cannot be read or written.
pub fn store(
    writer: &mut Writer<'_>,
    catalogue: &Catalogue,
    feed: &Feed,
    parsed: ParsedFeed,
    policy: &Policy,
) -> Result<Counts, ImportError> {
    let mut counts = Counts {
        left_out: parsed.left_out,
        ..Counts::default()
    };
    let mut items = Vec::new();
    for item in parsed.items {
        match item {
            Ok(item) => items.push(IdentifiedItem::new(feed, item)),
            Err(refused) => counts.refused.push(refused),
        }
    }
    let new = new_items(writer, items, &mut counts)?;
    let documents = new
        .iter()
        .map(|item| item.document(feed, policy).to_string());
    let source = Source::Memory(documents.collect());
    let rights = Rights::all();
    let options = ImportOptions {
        on_mistake: OnMistake::KeepGoing,
        only_new: true,
        ..ImportOptions::of_request(catalogue, &rights)
    };
    let mut report = import::within(writer, &source, options, &|_| ())?;
    counts.new = report.records.len();
    for stored in &report.records {
        for digest in &new[stored.line - 1].digests {
            queries::save_item(writer, digest, stored.id)?;
        }
    }
    report.mistakes.dedup_by_key(|mistake| mistake.line);
    counts
        .refused
        .extend(report.mistakes.iter().map(|mistake| RefusedItem {
            label: new[mistake.line - 1].item.headline.clone(),
            reason: format!("{}: {}", mistake.location(), mistake.detail),
        }));
    Ok(counts)
}

/// The items that have no article yet, without duplicates. Items that are known only by their link are then also known
/// by their id.
fn new_items(
    writer: &mut Writer<'_>,
    items: Vec<IdentifiedItem>,
    counts: &mut Counts,
) -> Result<Vec<IdentifiedItem>, ImportError> {
    let digests: Vec<String> = items.iter().flat_map(|item| item.digests.clone()).collect();
    let mut known = queries::known(writer.connection, &digests)?;
    let links = items.iter().filter_map(|item| item.link_key.clone());
    let links: Vec<String> = links.collect();
    let linked = articles::queries::by_original_url(writer.connection, &links)?;
    let (mut new, mut seen) = (Vec::new(), HashSet::new());
    for item in items {
        let by_digest = item.digests.iter().find_map(|digest| known.get(digest));
        let by_link = || linked.get(item.link_key.as_ref()?);
        if let Some(article) = by_digest.or_else(by_link).cloned() {
            counts.known += 1;
            for digest in item.digests {
                if let Entry::Vacant(unknown) = known.entry(digest) {
                    queries::save_item(writer, unknown.key(), article)?;
                    unknown.insert(article);
                }
            }
            continue;
        }
        // a duplicate in the same feed
        let is_repeated = item.digests.iter().any(|digest| seen.contains(digest));
        seen.extend(item.digests.iter().cloned());
        match is_repeated {
            true => counts.known += 1,
            false => new.push(item),
        }
    }
    Ok(new)
}

impl IdentifiedItem {
    fn new(feed: &Feed, item: FeedItem) -> Self {
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

    /// The document of the article. Its id is new, so that it replaces no other article.
    fn document(&self, feed: &Feed, policy: &Policy) -> Value {
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

impl Policy {
    /// The policy for drafts without a licence.
    pub fn drafts() -> Self {
        Self {
            state: PublicationState::Draft,
            licence: None,
            attribution: None,
        }
    }
}
