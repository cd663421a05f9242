//! Stores new items as articles. Each becomes a document that is validated, stored and logged as in an import.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

use super::reading::{Item, Reading};
use super::{Counts, Feed, Policy, Refused, queries};
use crate::access::Rights;
use crate::log::Writer;
use crate::platform::states::PublicationState;
use crate::platform::values::hex;
use crate::platform::web_address::duplicate_key;
use crate::resources::articles;
use crate::writing::import::{self, Error, ImportOptions, OnMistake, Source};
use crate::writing::kind::Catalogue;

/// The maximum length of the part of a slug before its digest, in characters.
const SLUG: usize = 120;

/// An item, and the digests that identify it.
struct Known {
    item: Item,
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
    reading: Reading,
    policy: &Policy,
) -> Result<Counts, Error> {
    let mut tally = Counts {
        left_out: reading.left_out,
        ..Counts::default()
    };
    let mut items = Vec::new();
    for item in reading.items {
        match item {
            Ok(item) => items.push(Known::new(feed, item)),
            Err(refused) => tally.refused.push(refused),
        }
    }
    let new = unknown(writer, items, &mut tally)?;
    let documents = new.iter().map(|one| one.document(feed, policy).to_string());
    let source = Source::memory(documents.collect());
    let rights = Rights::all();
    let terms = ImportOptions {
        catalogue,
        rights: &rights,
        on_mistake: OnMistake::KeepGoing,
        only_new: true,
        name_records: true,
    };
    let report = import::within(writer, &source, terms, &|_| ())?;
    let at = |line: usize| new.get(line.saturating_sub(1));
    for stored in &report.records {
        tally.new += 1;
        for digest in at(stored.line).into_iter().flat_map(|one| &one.digests) {
            queries::remember_item(writer, digest, &stored.id)?;
        }
    }
    let mut told = HashSet::new();
    for mistake in &report.mistakes {
        if let (Some(one), true) = (at(mistake.line), told.insert(mistake.line)) {
            tally.refused.push(Refused {
                label: one.item.headline.clone(),
                reason: format!("{}: {}", mistake.place(), mistake.detail),
            });
        }
    }
    Ok(tally)
}

/// The items that have no article yet, without duplicates. Items that are known only by their link are then also known
/// by their id.
fn unknown(
    writer: &mut Writer<'_>,
    items: Vec<Known>,
    tally: &mut Counts,
) -> Result<Vec<Known>, Error> {
    let digests: Vec<String> = items.iter().flat_map(|one| one.digests.clone()).collect();
    let taken = queries::known(writer.connection, &digests)?;
    let links: Vec<String> = items
        .iter()
        .filter_map(|one| one.link_key.clone())
        .collect();
    let linked = articles::queries::by_original_url(writer.connection, &links)?;
    let (mut new, mut seen) = (Vec::new(), HashSet::new());
    let mut remembered: HashMap<String, String> = HashMap::new();
    for one in items {
        let article = one
            .digests
            .iter()
            .find_map(|digest| taken.get(digest))
            .or_else(|| one.link_key.as_ref().and_then(|key| linked.get(key)));
        if let Some(article) = article {
            tally.known += 1;
            for digest in one.digests.iter().filter(|one| !taken.contains_key(*one)) {
                remembered.insert(digest.clone(), article.clone());
            }
            continue;
        }
        // a duplicate in the same feed
        let is_repeated = one.digests.iter().any(|digest| seen.contains(digest));
        seen.extend(one.digests.iter().cloned());
        match is_repeated {
            true => tally.known += 1,
            false => new.push(one),
        }
    }
    for (digest, article) in &remembered {
        queries::remember_item(writer, digest, article)?;
    }
    Ok(new)
}

impl Known {
    fn new(feed: &Feed, item: Item) -> Self {
        let scope = feed.url.as_deref().unwrap_or(&feed.organisation);
        let link_key = item.link.as_deref().and_then(duplicate_key);
        let name = match (item.guid.is_empty(), &link_key) {
            (false, _) => Some(item.guid.clone()),
            (true, Some(_)) => None,
            // an item with neither is identified by headline and time of publication
            (true, None) => Some(format!("{}\0{}", item.headline, item.published_at)),
        };
        let mut digests = Vec::new();
        digests.extend(name.map(|name| digest(&["name", scope, &name])));
        digests.extend(link_key.as_deref().map(|key| digest(&["link", key])));
        Self {
            item,
            digests,
            link_key,
        }
    }

    /// The document of the article. Its id is new, so that it replaces no other article.
    fn document(&self, feed: &Feed, policy: &Policy) -> Value {
        let item = &self.item;
        let mut document = json!({
            "type": "article",
            "id": Uuid::now_v7(),
            "slug": self.slug(),
            "headline": item.headline,
            "published_at": item.published_at,
            "organisation": feed.organisation,
            "state": policy.state,
        });
        let more = [
            ("summary", &item.summary),
            ("body_html", &item.body_html),
            ("original_url", &item.link),
            ("language", &item.language),
            ("licence", &policy.licence),
            ("attribution", &policy.attribution),
        ];
        for (name, value) in more {
            if let Some(value) = value {
                document[name] = Value::from(value.clone());
            }
        }
        if let Some(updated_at) = item.updated_at {
            document["updated_at"] = json!(updated_at);
        }
        document
    }

    /// The slug: words of the headline, and a digest that distinguishes items with the same headline.
    fn slug(&self) -> String {
        let words = slug::slugify(&self.item.headline);
        let start: String = words.chars().take(SLUG).collect();
        let digest = self.digests.concat();
        let digest = twox_hash::XxHash3_64::oneshot(digest.as_bytes());
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

fn digest(parts: &[&str]) -> String {
    hex(&Sha256::digest(parts.join("\0")))
}
