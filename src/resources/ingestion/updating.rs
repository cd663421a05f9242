//! Revises the articles of items that have changed at their source. An article that was edited here gets a proposal instead.

use serde_json::{Map, Value, json};
use std::collections::HashSet;

use super::identified::{IdentifiedItem, refuse};
use super::queries::{self, KnownItem, StoredArticle};
use super::{Counts, Feed, RefusedItem};
use crate::access::{Rights, Scope};
use crate::log::digest::sha256;
use crate::log::{Resource, Writer};
use crate::platform::db::Error;
use crate::platform::identity::RecordId;
use crate::platform::time;
use crate::writing::document::without_nulls;
use crate::writing::import::{self, ImportError, ImportOptions, OnMistake, Source};
use crate::writing::kind::Catalogue;
use crate::writing::proposals::model::{Awaits, RequiredApproval, WaitingWrite};
use crate::writing::proposals::storing as proposals;
use crate::writing::recorder::{Capacity, RecordedBy};

/// The members of an article that an item brings.
const BROUGHT: [&str; 5] = [
    "headline",
    "summary",
    "body_html",
    "language",
    "original_url",
];

/// Stores which articles these items are, in which version, and how their text came from there.
///
/// # Errors
/// If the database cannot be read or written.
pub fn remember(
    writer: &mut Writer<'_>,
    stored: &[(RecordId, &IdentifiedItem)],
) -> Result<(), ImportError> {
    let ids: Vec<RecordId> = stored.iter().map(|(id, _)| *id).collect();
    let articles = queries::articles(writer.connection, &ids)?;
    for (id, item) in stored {
        let article = articles.get(id).map(document).transpose()?;
        let known = KnownItem {
            article_id: *id,
            version: Some(item.version()),
            article_digest: article.map(|document| digest(&document)),
        };
        save(writer, item, &known)?;
    }
    Ok(())
}

/// Those of these articles for which a proposal waits that changes an older revision.
///
/// # Errors
/// If the database cannot be read.
pub fn outdated_proposals(
    writer: &mut Writer<'_>,
    articles: &HashSet<RecordId>,
) -> Result<HashSet<RecordId>, ImportError> {
    let mut pending = proposals::pending(writer)?;
    pending.retain(|(id, _)| articles.contains(id));
    let ids: Vec<RecordId> = pending.iter().map(|(id, _)| *id).collect();
    let articles = queries::articles(writer.connection, &ids)?;
    let is_outdated = |(id, revision): &(RecordId, i64)| {
        articles
            .get(id)
            .is_some_and(|article| article.revision != *revision)
    };
    Ok(pending
        .into_iter()
        .filter(is_outdated)
        .map(|(id, _)| id)
        .collect())
}

/// Revises the articles of items that have changed, or proposes it if they were edited here. What was removed, erased or withdrawn
/// here stays so.
///
/// # Errors
/// If the database cannot be read or written.
pub fn update(
    writer: &mut Writer<'_>,
    catalogue: &Catalogue,
    feed: &Feed,
    changed: Vec<(IdentifiedItem, KnownItem)>,
    counts: &mut Counts,
) -> Result<(), ImportError> {
    let ids: Vec<RecordId> = changed.iter().map(|(_, known)| known.article_id).collect();
    let articles = queries::articles(writer.connection, &ids)?;
    let (mut revised, mut lines) = (Vec::new(), Vec::new());
    for (item, known) in changed {
        let Some(article) = articles.get(&known.article_id) else {
            counts.known += 1;
            continue;
        };
        if let Some(document) = settle(writer, feed, article, (&item, known), counts)? {
            lines.push(line(article.id, document));
            revised.push(item);
        }
    }
    let rights = Rights::all();
    let options = ImportOptions {
        on_mistake: OnMistake::KeepGoing,
        ..ImportOptions::of_request(catalogue, &rights)
    };
    let mut report = import::within(writer, &Source::Memory(lines), options, &|_| ())?;
    counts.updated = report.records.len();
    let stored = report
        .records
        .iter()
        .map(|stored| (stored.id, &revised[stored.line - 1]));
    let stored: Vec<(RecordId, &IdentifiedItem)> = stored.collect();
    remember(writer, &stored)?;
    refuse(&mut report, &revised, counts);
    Ok(())
}

/// The revision of an article, if it is to be stored; otherwise it is proposed, or nothing is to be done. What is withdrawn, removed
/// or another organisation's by now is looked at again the next time.
fn settle(
    writer: &mut Writer<'_>,
    feed: &Feed,
    article: &StoredArticle,
    (item, known): (&IdentifiedItem, KnownItem),
    counts: &mut Counts,
) -> Result<Option<Map<String, Value>>, ImportError> {
    let before = document(article)?;
    let is_left = before.contains_key("withdrawal")
        || matches!(
            before.get("state").and_then(Value::as_str),
            Some("gone" | "erased")
        )
        || !is_of(&before, feed);
    if is_left {
        counts.known += 1;
        return Ok(None);
    }
    let after = revision(&before, item);
    let is_edited = known.article_digest.as_ref() != Some(&digest(&before));
    if after == before || !is_edited {
        proposals::supersede(writer, article.id)?;
    }
    if after != before && !is_edited {
        return Ok(Some(after));
    }
    if after == before {
        counts.known += 1;
    } else if let Some(reason) = propose(writer, article, &after)? {
        let label = item.item.headline.clone();
        counts.refused.push(RefusedItem { label, reason });
        return Ok(None);
    } else {
        counts.proposed += 1;
    }
    // if the text is or becomes that of the item, nobody has edited it
    let seen = KnownItem {
        version: Some(item.version()),
        article_digest: Some(digest(&after)),
        ..known
    };
    save(writer, item, &seen)?;
    Ok(None)
}

fn save(
    writer: &mut Writer<'_>,
    item: &IdentifiedItem,
    known: &KnownItem,
) -> Result<(), ImportError> {
    for digest in std::iter::once(item.name.clone()).chain(item.link_digest()) {
        queries::save_item(writer, &digest, known)?;
    }
    Ok(())
}

/// Whether an article is of the organisation whose feed this is.
pub fn is_of(article: &Map<String, Value>, feed: &Feed) -> bool {
    let organisation = article.get("organisation").and_then(Value::as_str);
    organisation == Some(&*feed.organisation)
}

/// Whether an article has neither the headline nor the time of an item.
pub fn is_another(article: &Map<String, Value>, item: &IdentifiedItem) -> bool {
    let text = |name: &str| article.get(name).and_then(Value::as_str);
    let published_at = text("published_at").and_then(time::parse);
    text("headline") != Some(&item.item.headline) && published_at != Some(item.item.published_at)
}

/// The document of an article.
///
/// # Errors
/// If the log has something else.
pub fn document(article: &StoredArticle) -> Result<Map<String, Value>, ImportError> {
    let document = serde_json::from_str(&article.state);
    document.map_err(|error| {
        Error::Query(diesel::result::Error::DeserializationError(error.into())).into()
    })
}

/// A digest of what an item brings of an article.
fn digest(document: &Map<String, Value>) -> String {
    let brought = BROUGHT.map(|name| document.get(name).unwrap_or(&Value::Null));
    sha256(&[&json!(brought).to_string()])
}

/// An article with the text of an item.
fn revision(before: &Map<String, Value>, item: &IdentifiedItem) -> Map<String, Value> {
    let item = &item.item;
    let texts = without_nulls(json!({
        "headline": item.headline,
        "summary": item.summary,
        "body_html": item.body_html,
        "language": item.language,
        "original_url": item.link,
    }));
    let mut after = before.clone();
    for name in BROUGHT {
        match texts.get(name) {
            Some(value) => drop(after.insert(name.to_owned(), value.clone())),
            // what an item does not say of its language or page need not have changed
            None if ["language", "original_url"].contains(&name) => {}
            None => drop(after.shift_remove(name)),
        }
    }
    if after != *before {
        after.shift_remove("updated_at");
        if let Some(at) = item.updated_at {
            after.insert("updated_at".to_owned(), json!(at));
        }
    }
    after
}

fn line(id: RecordId, mut document: Map<String, Value>) -> String {
    document.insert("type".to_owned(), json!(Resource::Article.name()));
    document.insert("id".to_owned(), json!(id));
    Value::Object(document).to_string()
}

/// Proposes a revision to the publisher of the article, in place of an earlier one. Returns why that is not possible.
fn propose(
    writer: &mut Writer<'_>,
    article: &StoredArticle,
    after: &Map<String, Value>,
) -> Result<Option<String>, ImportError> {
    let publisher = after.get("organisation").and_then(Value::as_str);
    let publisher = publisher.and_then(RecordId::parse);
    let waiting = WaitingWrite {
        line: 1,
        resource: Resource::Article,
        record: article.id,
        base_revision: article.revision,
        document: Value::Object(after.clone()).to_string(),
        by: RecordedBy {
            capacity: Capacity::Administrator,
            organisation: None,
            at: writer.now().and_utc(),
        },
        awaited: RequiredApproval {
            awaits: Awaits::Review,
            parties: publisher.into_iter().collect(),
            scope: match after.get("state").and_then(Value::as_str) {
                Some("draft") => Scope::ArticlesWrite,
                _ => Scope::ArticlesPublish,
            },
        },
    };
    proposals::supersede(writer, article.id)?;
    Ok(proposals::propose(writer, waiting)
        .err()
        .map(|error| error.to_string()))
}
