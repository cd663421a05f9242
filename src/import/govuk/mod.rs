//! GOV.UK content items as documents: `import --format govuk`.
//!
//! An item is what the Publishing API hands out for a page: <https://docs.publishing.service.gov.uk/content-schemas>.
//! Pages become articles, `organisation` pages organisations; organisations and taxons that pages link to come
//! along. The result is ordinary import lines in a temporary file, so that everything after is as for any import.

mod entries;
mod item;

use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;

use super::Error;
use crate::changes::Resource;
use item::{Item, Linked, NotAPage};

/// What became of the content items.
pub struct Converted {
    /// The documents, one a line.
    pub documents: tempfile::NamedTempFile,
    /// What each line was made from: line 1 is at 0.
    pub labels: Vec<String>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
}

/// An entry that is no page.
#[derive(Debug)]
pub struct Skipped {
    /// The entry.
    pub label: String,
    /// Why it was left out.
    pub reason: String,
}

/// Asks whether a record with this slug is stored already.
pub type Knows<'a> = dyn FnMut(Resource, &str) -> Result<bool, Error> + 'a;

/// Converts a `.tar`, `.tar.gz` or `.tgz` of JSON files, a folder of them, one `.json`, or a file with one item
/// a line. `publisher` is the slug of the organisation for items that name none.
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
    for (slug, linked) in &linked(&pages) {
        let stored = knows(linked.resource, slug)?;
        if !stored && !pages.values().any(|page| page.is(linked.resource, slug)) {
            output.write(linked.label, &linked.linked.document(linked.resource, slug))?;
        }
    }
    let originals = originals(&pages);
    for page in pages.values() {
        let mut document = page.document(&names, publisher);
        if let Some(original) = originals
            .get(page.content_id())
            .filter(|slug| **slug != page.slug)
            && page.resource == Resource::Article
        {
            document["translation_of"] = json!(original);
        }
        output.write(&page.label, &document)?;
    }
    output.finish(skipped)
}

/// Collections of items hold the same page more than once, from different days.
fn keep_the_newest(pages: &mut BTreeMap<String, Item>, item: Item, skipped: &mut Vec<Skipped>) {
    let mut leave_out = |label: String| {
        let reason = "an entry with the same base_path is newer".to_owned();
        skipped.push(Skipped { label, reason });
    };
    match pages.get(&item.base_path) {
        Some(kept) if kept.changed_at() >= item.changed_at() => leave_out(item.label),
        _ => {
            if let Some(older) = pages.insert(item.base_path.clone(), item) {
                leave_out(older.label);
            }
        }
    }
}

/// A record that pages name, and one of the pages that do.
struct Named<'a> {
    resource: Resource,
    linked: Linked<'a>,
    label: &'a str,
}

/// The organisations and topics that pages link to, by slug.
fn linked(pages: &BTreeMap<String, Item>) -> BTreeMap<String, Named<'_>> {
    let mut found = BTreeMap::new();
    for page in pages.values() {
        for (resource, linked) in page.links() {
            if let Some(slug) = linked.slug(resource) {
                let label = page.label.as_str();
                found.entry(slug).or_insert(Named {
                    resource,
                    linked,
                    label,
                });
            }
        }
    }
    found
}

/// The slug of every organisation and topic by its content id: older items name them by that alone.
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

/// The slug of the page that others are translations of, by content id: the English one.
fn originals(pages: &BTreeMap<String, Item>) -> HashMap<&str, &str> {
    let articles = pages
        .values()
        .filter(|page| page.resource == Resource::Article);
    let english = articles.filter(|page| page.locale() == "en" && !page.content_id().is_empty());
    english
        .map(|page| (page.content_id(), page.slug.as_str()))
        .collect()
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
