//! Converts GOV.UK content items to documents, for `import --format govuk`.
//!
//! An item is the Publishing API's JSON for a page: <https://docs.publishing.service.gov.uk/content-schemas>. Pages
//! become articles, and `organisation` pages become organisations; the organisations and taxons that pages link to are
//! included. The result is a temporary file of ordinary import lines, so everything that follows is as for any import.

mod entries;
mod item;
mod link;
mod media;

use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::{BufWriter, Write};
use std::path::Path;

use super::ImportError;
use crate::log::Resource;
use item::ContentItem;
use link::ContentLink;

/// The result of a conversion.
pub struct Converted {
    /// The documents, one per line.
    pub documents: tempfile::NamedTempFile,
    /// The label of the entry that each line was converted from; that of line 1 is at index 0.
    pub labels: Vec<String>,
    /// The entries that were skipped.
    pub skipped: Vec<Skipped>,
}

/// An entry that was skipped.
#[derive(Debug)]
pub struct Skipped {
    /// The label of the entry.
    pub label: String,
    /// Why it was skipped.
    pub reason: String,
}

/// Returns whether a record with this slug is already stored.
pub type IsStored<'a> = dyn FnMut(Resource, &str) -> Result<bool, ImportError> + 'a;

/// Converts a `.tar`, `.tar.gz` or `.tgz` archive of JSON files, a folder of them, one `.json` file, or a file with one
/// item per line. `publisher` is the slug of the publisher of items that name none.
///
/// # Errors
/// When a file cannot be read or written, or `is_stored` fails.
pub fn convert(
    path: &Path,
    publisher: Option<&str>,
    is_stored: &mut IsStored<'_>,
) -> Result<Converted, ImportError> {
    let mut pages: BTreeMap<String, ContentItem> = BTreeMap::new();
    let mut skipped = Vec::new();
    entries::each(path, &mut |label, parsed| {
        let item = parsed.and_then(|value| ContentItem::read(label, value));
        match item {
            Ok(item) => skipped.extend(keep_newest(&mut pages, item)),
            Err(reason) => skipped.push(Skipped {
                label: label.to_owned(),
                reason,
            }),
        }
    })?;
    let mut file = BufWriter::new(tempfile::NamedTempFile::new()?);
    let mut labels = Vec::new();
    let mut write = |label: &str, document: &Value| {
        labels.push(label.to_owned());
        writeln!(file, "{document}")
    };
    for ((resource, slug), (label, link)) in linked(&pages) {
        let mut items = pages.values();
        let is_item = items.any(|page| page.resource == resource && page.slug == slug);
        if !is_item && !is_stored(resource, &slug)? {
            write(label, &link.document(&slug))?;
        }
    }
    let slugs = slugs_by_content_id(&pages);
    let originals = originals(&pages);
    for page in pages.values() {
        let mut document = page.document(&slugs, publisher);
        if let Some(original) = original(page, &originals, is_stored)? {
            document["translation_of"] = json!(original);
        }
        write(&page.label, &document)?;
    }
    let documents = file.into_inner().map_err(|error| error.into_error())?;
    Ok(Converted {
        documents,
        labels,
        skipped,
    })
}

/// Keeps the newest version of a page, and returns the other one. Collections of items may have the same page several
/// times, from different days.
fn keep_newest(pages: &mut BTreeMap<String, ContentItem>, item: ContentItem) -> Option<Skipped> {
    let left_out = match pages.get(&item.base_path) {
        Some(kept) if kept.version() >= item.version() => item,
        _ => pages.insert(item.base_path.clone(), item)?,
    };
    Some(Skipped {
        label: left_out.label,
        reason: "another entry with the same base_path is as new or newer".to_owned(),
    })
}

/// The organisations and topics that pages link to, by slug: for each a link, and the label of the page that has it.
/// Links with an English name take precedence.
fn linked(
    pages: &BTreeMap<String, ContentItem>,
) -> BTreeMap<(Resource, String), (&str, ContentLink<'_>)> {
    let mut found: BTreeMap<_, (&str, ContentLink<'_>)> = BTreeMap::new();
    for page in pages.values() {
        for link in page.links() {
            let Some(slug) = link.slug() else { continue };
            let key = (link.resource, slug);
            let kept = found.get(&key);
            if kept.is_none_or(|(_, kept)| kept.is_translated() && !link.is_translated()) {
                found.insert(key, (&page.label, link));
            }
        }
    }
    found
}

/// The slugs of organisations and topics by content id, because older items refer to them by content id only.
fn slugs_by_content_id(pages: &BTreeMap<String, ContentItem>) -> HashMap<String, String> {
    let mut slugs = HashMap::new();
    for page in pages.values() {
        if let (Resource::Organisation, Some(id)) = (page.resource, page.content_id()) {
            slugs.insert(id.to_owned(), page.slug.clone());
        }
        for link in page.links() {
            if let (Some(id), Some(slug)) = (link.content_id(), link.slug()) {
                slugs.insert(id.to_owned(), slug);
            }
        }
    }
    slugs
}

/// The pages that others may translate, by content id: the English page or, without one, the page whose path has no
/// language suffix. Left out if several pages qualify, because the content id then does not identify the original.
fn originals(pages: &BTreeMap<String, ContentItem>) -> HashMap<&str, &ContentItem> {
    let mut by_id: HashMap<&str, Vec<&ContentItem>> = HashMap::new();
    for page in pages.values() {
        if let (Resource::Article, Some(id)) = (page.resource, page.content_id()) {
            by_id.entry(id).or_default().push(page);
        }
    }
    let found = by_id.into_iter();
    found
        .filter_map(|(id, versions)| Some((id, only_original(versions)?)))
        .collect()
}

fn only_original(mut versions: Vec<&ContentItem>) -> Option<&ContentItem> {
    match versions.iter().any(|page| page.locale() == "en") {
        true => versions.retain(|page| page.locale() == "en"),
        false => versions.retain(|page| page.untranslated_slug().is_none()),
    }
    match versions[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// The slug of the page that this one translates, among the items or already stored.
fn original(
    page: &ContentItem,
    originals: &HashMap<&str, &ContentItem>,
    is_stored: &mut IsStored<'_>,
) -> Result<Option<String>, ImportError> {
    if page.resource != Resource::Article {
        return Ok(None);
    }
    if let Some(original) = page.content_id().and_then(|id| originals.get(id)) {
        let is_other = original.locale() != page.locale();
        return Ok(is_other.then(|| original.slug.clone()));
    }
    match page.untranslated_slug() {
        Some(slug) if is_stored(Resource::Article, &slug)? => Ok(Some(slug)),
        _ => Ok(None),
    }
}
