//! Reads RSS (0.9 to 2.0, with a version or without) and Atom (0.3 and 1.0).
//!
//! Items are found by their names, wherever they are: versions differ in little else.

use chrono::TimeDelta;
use url::Url;

use super::Note;
use super::source::{SourceFeed, SourceItem, SourceLink};
use super::xml::{self, ITEMS};
use super::xml_texts::{Inherited, ItemTexts, Vocabulary};
use super::xml_tree::Element;

const DUBLIN_CORE: [&str; 4] = [
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/dc/elements/1.0/",
    "http://purl.org/dc/terms/",
    // where the prefix is not declared
    "dc",
];
const CONTENT: [&str; 2] = ["http://purl.org/rss/1.0/modules/content/", "content"];
const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// The elements that are feeds.
const FEEDS: [&str; 4] = ["rss", "rdf", "feed", "channel"];
/// How many dates of an item are tried.
const MAX_DATES: usize = 5;
/// How many links of an item are looked at.
const MAX_LINKS: usize = 20;

/// Reads a feed. `base` is its address, if that is known.
///
/// # Errors
/// If this is not a feed.
pub fn read(text: &str, base: Option<&Url>) -> Result<SourceFeed, String> {
    let document = xml::parse(text);
    let mut found = Vec::new();
    for root in &document.roots {
        find(root, &mut found);
    }
    if found.is_empty() {
        return Err("this is not an RSS, Atom or JSON feed".to_owned());
    }
    let mut feed = SourceFeed::default();
    for defect in document.defects {
        feed.notes.push(Note {
            label: format!("line {}", defect.line),
            what: defect.what,
        });
    }
    let here = Inherited {
        language: None,
        base: None,
        address: base,
    };
    for root in found {
        walk(root, &here, &mut feed);
    }
    Ok(feed)
}

/// Collects the outermost elements that are feeds or items. They may be in another document, or there may be several.
fn find<'e>(element: &'e Element, found: &mut Vec<&'e Element>) {
    let name = element.name.as_str();
    match FEEDS.contains(&name) || ITEMS.contains(&name) {
        true => found.push(element),
        false => element.elements().for_each(|child| find(child, found)),
    }
}

/// Collects the items, and what is said of the feed on the way to them.
fn walk(element: &Element, around: &Inherited<'_>, feed: &mut SourceFeed) {
    if ITEMS.contains(&element.name.as_str()) {
        feed.add(|| Ok(item(element, &around.of_item())));
        return;
    }
    let place = around.within(element);
    let is_feed = FEEDS.contains(&element.name.as_str());
    if is_feed {
        feed.language = feed.language.take().or(place.language.clone());
    }
    for child in element.elements() {
        match child.name.as_str() {
            "language" if is_feed => feed.language = words(child).or(feed.language.take()),
            "ttl" if is_feed => {
                let minutes = child.text().trim().parse::<u32>().unwrap_or_default();
                feed.ttl = TimeDelta::minutes(i64::from(minutes));
            }
            // whatever items are in
            _ => walk(child, &place, feed),
        }
    }
}

fn item(element: &Element, around: &Inherited<'_>) -> SourceItem {
    let place = around.within(element);
    let mut item = SourceItem {
        guid: element
            .attribute("rdf:about")
            .unwrap_or_default()
            .to_owned(),
        is_permalink: true,
        language: place.language.clone(),
        ..SourceItem::default()
    };
    // where nothing else says when it was published
    let (mut published, mut other_dates) = (Vec::new(), Vec::new());
    let mut texts = ItemTexts::of(element);
    for child in element.elements() {
        let place = place.within(child);
        let name = child.name.as_str();
        match (vocabulary(child, element), name) {
            (Vocabulary::Feed, "link") if item.links.len() < MAX_LINKS => {
                item.links.extend(link(child, &place))
            }
            (Vocabulary::Feed, "guid") => {
                item.guid = words(child).unwrap_or_default();
                let given = child.attribute("ispermalink").unwrap_or("true");
                item.is_permalink = !given.trim().eq_ignore_ascii_case("false");
            }
            (Vocabulary::Feed, "id") => item.guid = words(child).unwrap_or_default(),
            (_, "language") => item.language = item.language.take().or(words(child)),
            (Vocabulary::Other, "group") => {
                for described in child.elements().filter(|child| child.name == "description") {
                    texts.add(Vocabulary::Other, "description", described, &place);
                }
            }
            (Vocabulary::Other, name) if !["description", "summary"].contains(&name) => {}
            (_, "pubdate" | "published" | "issued") => {
                published.extend(words(child));
            }
            (_, "date" | "created" | "available") => other_dates.extend(words(child)),
            (_, "updated" | "modified" | "lastbuilddate") => {
                item.updated = item.updated.take().or(words(child));
            }
            (vocabulary, name) => texts.add(vocabulary, name, child, &place),
        }
    }
    published.extend(other_dates);
    published.truncate(MAX_DATES);
    item.published = published;
    texts.into_item(item)
}

/// The vocabulary of a child of an item. RSS and Atom have had many namespaces: what counts is that it is the item's.
fn vocabulary(element: &Element, item: &Element) -> Vocabulary {
    let namespace = element.namespace.trim_end_matches('/');
    let is_among = |list: &[&str]| {
        list.iter()
            .any(|one| namespace == one.trim_end_matches('/'))
    };
    if is_among(&DUBLIN_CORE) {
        Vocabulary::DublinCore
    } else if is_among(&CONTENT) {
        Vocabulary::Content
    } else if is_among(&[XHTML]) {
        Vocabulary::Xhtml
    } else if element.namespace == item.namespace || namespace.contains("atom") {
        Vocabulary::Feed
    } else {
        Vocabulary::Other
    }
}

/// The text of an element, if it has any.
fn words(element: &Element) -> Option<String> {
    let text = element.text();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A link that may be the item's page: one of Atom without `rel` or with `alternate`, or one of RSS.
fn link(element: &Element, place: &Inherited<'_>) -> Option<SourceLink> {
    let rel = element.attribute("rel").unwrap_or("alternate").trim();
    let rel = rel.rsplit('/').next().unwrap_or(rel);
    if !rel.eq_ignore_ascii_case("alternate") {
        return None;
    }
    let href = element.attribute("href").map(str::to_owned);
    let href = href.or_else(|| words(element))?;
    let given = |name: &str| element.attribute(name).map(str::to_owned);
    Some(SourceLink {
        href,
        base: place.base.clone(),
        media_type: given("type"),
        language: given("hreflang"),
    })
}
