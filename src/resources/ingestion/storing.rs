//! Stores the items of a feed. Each new one becomes a document that is validated, stored and logged as in an import.

use std::collections::HashSet;

use super::identified::{IdentifiedItem, identify, refuse, shared_link};
use super::queries::KnownItem;
use super::reading::ParsedFeed;
use super::{Counts, Feed, Policy, queries, updating};
use crate::access::Rights;
use crate::log::Writer;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::resources::articles;
use crate::writing::import::{self, ImportError, ImportOptions, OnMistake, Source};
use crate::writing::kind::Catalogue;

/// Stores the items of a feed: new ones, and what has changed.
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
            Ok(item) => items.push(item),
            Err(refused) => counts.refused.push(refused),
        }
    }
    let (items, repeated) = identify(feed, items, &mut counts.notes);
    counts.known = repeated;
    let sorted = sort(writer, feed, items, policy, &mut counts)?;
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
    updating::update(writer, catalogue, feed, sorted.changed, &mut counts)?;
    Ok(counts)
}

/// The items of a feed, but for those that brought nothing.
#[derive(Default)]
struct Sorted {
    /// Those that have no article yet.
    new: Vec<IdentifiedItem>,
    /// Those whose article may need a revision.
    changed: Vec<(IdentifiedItem, KnownItem)>,
}

impl Sorted {
    /// Adds an item that is known: its article needs a revision if the item is another version.
    fn add_known(
        &mut self,
        item: IdentifiedItem,
        known: KnownItem,
        is_due: bool,
        counts: &mut Counts,
    ) {
        let version = known.version.as_ref();
        let is_other = version.is_some_and(|version| is_due || *version != item.version());
        match is_other {
            true => self.changed.push((item, known)),
            false => counts.known += 1,
        }
    }
}

/// Tells new items from known ones.
fn sort(
    writer: &mut Writer<'_>,
    feed: &Feed,
    items: Vec<IdentifiedItem>,
    policy: &Policy,
    counts: &mut Counts,
) -> Result<Sorted, ImportError> {
    let names = items.iter().map(|item| item.name.clone());
    let digests = names.chain(items.iter().filter_map(IdentifiedItem::link_digest));
    let known = queries::known(writer.connection, &digests.collect::<Vec<_>>())?;
    let links = items.iter().filter_map(|item| item.link_key.clone());
    let links: Vec<String> = links.collect();
    let linked = articles::queries::by_original_url(writer.connection, &links)?;
    let outdated = match policy.updates {
        true => {
            let articles = known.values().map(|item| item.article_id);
            updating::outdated_proposals(writer, &articles.collect())?
        }
        false => HashSet::new(),
    };
    let (mut sorted, mut by_link) = (Sorted::default(), Vec::new());
    for item in items {
        if let Some(found) = known.get(&item.name).cloned() {
            let is_due = outdated.contains(&found.article_id);
            sorted.add_known(item, found, is_due, counts);
            continue;
        }
        let found = item
            .link_digest()
            .and_then(|digest| known.get(&digest).cloned());
        let article = item.link_key.as_ref().and_then(|key| linked.get(key));
        match found.or(article.map(|id| KnownItem::elsewhere(*id))) {
            Some(found) => by_link.push((item, found)),
            None => sorted.new.push(item),
        }
    }
    adopt(writer, feed, by_link, &mut sorted, counts)?;
    if !policy.updates {
        counts.known += std::mem::take(&mut sorted.changed).len();
    }
    Ok(sorted)
}

/// Items that are known by their links only. One whose id has changed is the same; with another headline and time too it is another
/// item, and the link no page of either. Articles that came in another way, or from another organisation, are not this feed's to
/// change.
fn adopt(
    writer: &mut Writer<'_>,
    feed: &Feed,
    by_link: Vec<(IdentifiedItem, KnownItem)>,
    sorted: &mut Sorted,
    counts: &mut Counts,
) -> Result<(), ImportError> {
    let ids: Vec<RecordId> = by_link.iter().map(|(_, found)| found.article_id).collect();
    let articles = queries::articles(writer.connection, &ids)?;
    for (item, found) in by_link {
        let article = articles.get(&found.article_id);
        let article = article.map(updating::document).transpose()?;
        let own = article.filter(|article| updating::is_of(article, feed));
        let is_other = own
            .as_ref()
            .is_some_and(|article| updating::is_another(article, &item));
        let was_ingested = found.version.is_some();
        if is_other && was_ingested && !item.item.guid.is_empty() {
            counts.notes.push(shared_link(&item.item.headline));
            sorted.new.push(item.without_link(feed));
            continue;
        }
        let found = match own {
            Some(_) => found,
            None => KnownItem::elsewhere(found.article_id),
        };
        queries::save_item(writer, &item.name, &found)?;
        if let Some(link) = item.link_digest().filter(|_| !was_ingested) {
            // also for the feeds of others, once the article is erased
            queries::save_item(writer, &link, &found)?;
        }
        sorted.add_known(item, found, false, counts);
    }
    Ok(())
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
