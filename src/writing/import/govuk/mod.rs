//! Converts GOV.UK content items to documents, for `import --format govuk`.
//!
//! An item is the Publishing API's JSON for a page: <https://docs.publishing.service.gov.uk/content-schemas>. Pages
//! become articles, and `organisation` pages become organisations; the organisations and taxons that pages link to are
//! included. The result is a temporary file of ordinary import lines, so everything that follows is as for any import.

mod entries;
mod item;

use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;

use super::Error;
use crate::log::Resource;
use item::{Item, Linked, NotAPage};

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
pub type Knows<'a> = dyn FnMut(Resource, &str) -> Result<bool, Error> + 'a;

/// Converts a `.tar`, `.tar.gz` or `.tgz` archive of JSON files, a folder of them, one `.json` file, or a file with one
/// item per line. `publisher` is the slug of the publisher of items that name none.
///
/// # Errors
/// When a file cannot be read or written, or `knows` fails.
pub fn convert(
    path: &Path,
    publisher: Option<&str>,
    knows: &mut Knows<'_>,
) -> Result<Converted, Error> {
    let mut pages: BTreeMap<String, Item> = BTreeMap::new();
    let mut skipped = Vec::new();
    entries::each(path, &mut |label, parsed| {
        let read = parsed.and_then(|value| Item::read(label, value));
        match read {
            Ok(item) => keep_the_newest(&mut pages, item, &mut skipped),
            Err(NotAPage(reason)) => skipped.push(Skipped {
                label: label.to_owned(),
                reason,
            }),
        }
    })?;
    let mut output = Output::new()?;
    let names = names(&pages);
    for ((resource, slug), named) in &linked(&pages) {
        let stored = knows(*resource, slug)?;
        if !stored && !pages.values().any(|page| page.is(*resource, slug)) {
            output.write(named.label, &named.linked.document(*resource, slug))?;
        }
    }
    let originals = originals(&pages);
    for page in pages.values() {
        let mut document = page.document(&names, publisher);
        if let Some(original) = original(page, &originals, knows)? {
            document["translation_of"] = json!(original);
        }
        output.write(&page.label, &document)?;
    }
    output.finish(skipped)
}

/// Keeps the newest version of a page. Collections of items may have the same page several times, from different days.
fn keep_the_newest(pages: &mut BTreeMap<String, Item>, item: Item, skipped: &mut Vec<Skipped>) {
    let mut leave_out = |label: String| {
        let reason = "another entry with the same base_path is as new or newer".to_owned();
        skipped.push(Skipped { label, reason });
    };
    match pages.get(&item.base_path) {
        Some(kept) if kept.version() >= item.version() => leave_out(item.label),
        _ => {
            if let Some(older) = pages.insert(item.base_path.clone(), item) {
                leave_out(older.label);
            }
        }
    }
}

/// A record that pages link to, and one of those pages.
struct Named<'a> {
    linked: Linked<'a>,
    label: &'a str,
}

/// The organisations and topics that pages link to, by slug. Links with an English name take precedence.
fn linked(pages: &BTreeMap<String, Item>) -> BTreeMap<(Resource, String), Named<'_>> {
    let mut found: BTreeMap<(Resource, String), Named<'_>> = BTreeMap::new();
    for page in pages.values() {
        for (resource, linked) in page.links() {
            if let Some(slug) = linked.slug(resource) {
                let label = page.label.as_str();
                let key = (resource, slug);
                let kept = found.get(&key);
                if kept.is_none_or(|kept| kept.linked.is_translated() && !linked.is_translated()) {
                    found.insert(key, Named { linked, label });
                }
            }
        }
    }
    found
}

/// The slugs of organisations and topics by content id, because older items refer to them by content id only.
fn names(pages: &BTreeMap<String, Item>) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for page in pages.values() {
        if page.resource == Resource::Organisation {
            names.insert(page.content_id().to_owned(), page.slug.clone());
        }
        for (resource, linked) in page.links() {
            if let (Some(id), Some(slug)) = (linked.content_id(), linked.slug(resource)) {
                names.insert(id.to_owned(), slug);
            }
        }
    }
    names
}

/// The pages that others may translate, by content id: the English page or, without one, the page whose path has no
/// language suffix. Left out if several pages qualify, because the content id then does not identify the original.
fn originals(pages: &BTreeMap<String, Item>) -> HashMap<&str, &Item> {
    let mut by_id: HashMap<&str, Vec<&Item>> = HashMap::new();
    for page in pages.values() {
        if page.resource == Resource::Article && !page.content_id().is_empty() {
            by_id.entry(page.content_id()).or_default().push(page);
        }
    }
    let found = by_id.into_iter();
    found
        .filter_map(|(id, versions)| Some((id, only_original(&versions)?)))
        .collect()
}

fn only_original<'a>(versions: &[&'a Item]) -> Option<&'a Item> {
    let mut candidates = versions.to_vec();
    candidates.retain(|page| page.locale() == "en");
    if candidates.is_empty() {
        candidates = versions.to_vec();
        candidates.retain(|page| page.untranslated_slug().is_none());
    }
    match candidates.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// The slug of the page that this one translates, among the items or already stored.
fn original(
    page: &Item,
    originals: &HashMap<&str, &Item>,
    knows: &mut Knows<'_>,
) -> Result<Option<String>, Error> {
    if page.resource != Resource::Article {
        return Ok(None);
    }
    if let Some(original) = originals.get(page.content_id()) {
        let is_other = original.locale() != page.locale();
        return Ok(is_other.then(|| original.slug.clone()));
    }
    match page.untranslated_slug() {
        Some(slug) if knows(Resource::Article, &slug)? => Ok(Some(slug)),
        _ => Ok(None),
    }
}

struct Output {
    file: std::io::BufWriter<tempfile::NamedTempFile>,
    labels: Vec<String>,
}

impl Output {
    fn new() -> Result<Self, Error> {
        let file = std::io::BufWriter::new(tempfile::NamedTempFile::new()?);
        Ok(Self {
            file,
            labels: Vec::new(),
        })
    }

    fn write(&mut self, label: &str, document: &Value) -> Result<(), Error> {
        writeln!(self.file, "{document}")?;
        self.labels.push(label.to_owned());
        Ok(())
    }

    fn finish(self, skipped: Vec<Skipped>) -> Result<Converted, Error> {
        let documents = self.file.into_inner().map_err(|error| error.into_error())?;
        Ok(Converted {
            documents,
            labels: self.labels,
            skipped,
        })
    }
}
