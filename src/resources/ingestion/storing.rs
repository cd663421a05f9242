//! Stores the items of a feed. Each new one becomes a document that is validated, stored and logged as in an import.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::identified::{IdentifiedItem, refuse};
use super::queries::KnownItem;
use super::reading::ParsedFeed;
use super::{Counts, Feed, Note, Policy, queries, updating};
use crate::access::Rights;
use crate::log::Writer;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::resources::articles;
use crate::writing::import::{self, ImportError, ImportOptions, OnMistake, Source};
use crate::writing::kind::Catalogue;

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
        notes: parsed.notes,
        ..Counts::default()
    };
    let mut items = Vec::new();
    for item in parsed.items {
        match item {
            Ok(item) => items.push(IdentifiedItem::new(feed, item)),
            Err(refused) => counts.refused.push(refused),
        }
    }
    without_shared_links(&mut items, &mut counts);
    let sorted = sort(writer, items, policy, &mut counts)?;
    let new = sorted.new;
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
    let stored = report
        .records
        .iter()
        .map(|stored| (stored.id, &new[stored.line - 1]));
    let stored: Vec<(RecordId, &IdentifiedItem)> = stored.collect();
    updating::remember(writer, &stored)?;
    refuse(&mut report, &new, &mut counts);
    updating::update(writer, catalogue, sorted.changed, &mut counts)?;
    Ok(counts)
}

/// Takes links off that several items of a feed have, each with an id of its own: such a link is not the page of any of them.
fn without_shared_links(items: &mut [IdentifiedItem], counts: &mut Counts) {
    let mut guids: HashMap<String, HashSet<String>> = HashMap::new();
    for item in items.iter().filter(|item| !item.item.guid.is_empty()) {
        if let Some(key) = item.link_key.clone() {
            guids.entry(key).or_default().insert(item.item.guid.clone());
        }
    }
    for item in items {
        let shared = item.link_key.as_ref().and_then(|key| guids.get(key));
        if shared.is_some_and(|guids| guids.len() > 1) && !item.item.guid.is_empty() {
            counts.notes.push(Note {
                label: item.item.headline.clone(),
                what: "its link is left out, as other items have the same".to_owned(),
            });
            (item.link_key, item.item.link) = (None, None);
            item.digests.truncate(1);
        }
    }
}

/// The items of a feed, but for those that brought nothing.
#[derive(Default)]
struct Sorted {
    /// Those that have no article yet.
    new: Vec<IdentifiedItem>,
    /// Those whose article may need a revision.
    changed: Vec<(IdentifiedItem, KnownItem)>,
}

/// Tells new items from known ones, without duplicates. Items that are known only by their link are then also known by their id.
fn sort(
    writer: &mut Writer<'_>,
    items: Vec<IdentifiedItem>,
    policy: &Policy,
    counts: &mut Counts,
) -> Result<Sorted, ImportError> {
    let digests: Vec<String> = items.iter().flat_map(|item| item.digests.clone()).collect();
    let mut known = queries::known(writer.connection, &digests)?;
    let links = items.iter().filter_map(|item| item.link_key.clone());
    let links: Vec<String> = links.collect();
    let linked = articles::queries::by_original_url(writer.connection, &links)?;
    let (mut sorted, mut seen) = (Sorted::default(), HashSet::new());
    for item in items {
        // a duplicate in the same feed
        let is_repeated = item.digests.iter().any(|digest| seen.contains(digest));
        seen.extend(item.digests.iter().cloned());
        if is_repeated {
            counts.known += 1;
            continue;
        }
        let by_digest = item.digests.iter().find_map(|digest| known.get(digest));
        let by_link = || {
            let article_id = *linked.get(item.link_key.as_ref()?)?;
            // what came in another way is not this feed's to change
            Some(KnownItem {
                article_id,
                version: None,
                article_digest: None,
            })
        };
        let Some(found) = by_digest.cloned().or_else(by_link) else {
            sorted.new.push(item);
            continue;
        };
        for digest in &item.digests {
            if let Entry::Vacant(unknown) = known.entry(digest.clone()) {
                queries::save_item(writer, digest, &found)?;
                unknown.insert(found.clone());
            }
        }
        let is_other = found
            .version
            .as_ref()
            .is_some_and(|version| *version != item.version());
        match is_other && policy.updates {
            true => sorted.changed.push((item, found)),
            false => counts.known += 1,
        }
    }
    Ok(sorted)
}

impl Policy {
    /// The policy for drafts without a licence.
    pub fn drafts() -> Self {
        Self {
            state: PublicationState::Draft,
            licence: None,
            attribution: None,
            updates: true,
        }
    }
}
