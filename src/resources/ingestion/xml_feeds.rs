//! Reads RSS (0.9 to 2.0, with a version or without) and Atom (0.3 and 1.0).
//!
//! Items are found by their names, wherever they are: versions differ in little else.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use url::Url;

use super::Note;
use super::source::{SourceFeed, SourceItem, SourceLink, SourceText};
use super::xml::{self, ITEMS};
use super::xml_tree::Element;
use crate::platform::{html, language};

const DUBLIN_CORE: [&str; 4] = [
    "http://purl.org/dc/elements/1.1/",
    "http://purl.org/dc/elements/1.0/",
    "http://purl.org/dc/terms/",
    // where the prefix is not declared
    "dc",
];
const CONTENT: [&str; 2] = ["http://purl.org/rss/1.0/modules/content/", "content"];
const XHTML: &str = "http://www.w3.org/1999/xhtml";
/// The longest `xml:base` that is read, in bytes.
const MAX_BASE: usize = 2_000;

/// What an element of an item is, whichever vocabulary it is from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vocabulary {
    Feed,
    DublinCore,
    Content,
    Xhtml,
    Other,
}

/// Reads a feed. `base` is its address, if that is known.
///
/// # Errors
/// If this is not a feed.
pub fn read(text: &str, base: Option<&Url>) -> Result<SourceFeed, String> {
    let document = xml::parse(text);
    let is_root = |root: &&Element| ["rss", "rdf", "feed", "channel"].contains(&root.name.as_str());
    let is_item = |root: &&Element| ITEMS.contains(&root.name.as_str());
    let mut roots = document.roots.iter();
    let found = roots.clone().find(is_root).or_else(|| roots.find(is_item));
    let root = found.ok_or("this is not an RSS, Atom or JSON feed")?;
    let mut feed = SourceFeed::default();
    for defect in document.defects {
        feed.notes.push(Note {
            label: format!("line {}", defect.line),
            what: defect.what,
        });
    }
    let here = Place {
        language: None,
        base: None,
        address: base,
    };
    walk(root, &here, &mut feed);
    Ok(feed)
}

/// What an element inherits.
#[derive(Clone)]
struct Place<'p> {
    language: Option<String>,
    /// The nearest `xml:base`, resolved.
    base: Option<Url>,
    address: Option<&'p Url>,
}

impl Place<'_> {
    /// The place within an element.
    fn within(&self, element: &Element) -> Self {
        let mut place = self.clone();
        let given =
            |name: &str, most: usize| element.attribute(name).filter(|value| value.len() <= most);
        if let Some(language) = given("xml:lang", language::MAX_LENGTH) {
            place.language = Some(language.to_owned());
        }
        if let Some(base) = given("xml:base", MAX_BASE) {
            let outer = self.base.as_ref().or(self.address);
            let joined = outer.map_or_else(|| Url::parse(base), |outer| outer.join(base));
            place.base = joined.ok().or(place.base);
        }
        place
    }

    /// The place of an item: what it inherits from the feed is not its own.
    fn of_item(&self) -> Self {
        Self {
            language: None,
            ..self.clone()
        }
    }
}

/// Collects the items, and what is said of the feed on the way to them.
fn walk(element: &Element, around: &Place<'_>, feed: &mut SourceFeed) {
    if ITEMS.contains(&element.name.as_str()) {
        feed.items.push(item(element, &around.of_item()));
        return;
    }
    let place = around.within(element);
    feed.language = feed.language.take().or(place.language.clone());
    for child in element.elements() {
        match child.name.as_str() {
            "channel" | "items" | "seq" | "item" | "entry" | "feed" => walk(child, &place, feed),
            "language" => feed.language = words(child).or(feed.language.take()),
            "ttl" => {
                let minutes = child.text().trim().parse::<u32>().unwrap_or_default();
                feed.ttl = TimeDelta::minutes(i64::from(minutes));
            }
            _ => {}
        }
    }
}

fn item(element: &Element, around: &Place<'_>) -> SourceItem {
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
    // where nothing says when it was published
    let mut other_date = None;
    let mut texts = Texts {
        is_atom: element.name == "entry",
        ..Texts::default()
    };
    for child in element.elements() {
        let place = place.within(child);
        let name = child.name.as_str();
        match (vocabulary(child, element), name) {
            (Vocabulary::Feed, "link") => item.links.extend(link(child, &place)),
            (Vocabulary::Feed, "guid") => {
                item.guid = words(child).unwrap_or_default();
                let given = child.attribute("ispermalink").unwrap_or("true");
                item.is_permalink = !given.trim().eq_ignore_ascii_case("false");
            }
            (Vocabulary::Feed, "id") => item.guid = words(child).unwrap_or_default(),
            (_, "language") => item.language = item.language.take().or(words(child)),
            (Vocabulary::Other, _) => {}
            (_, "pubdate" | "published" | "issued") => {
                item.published = item.published.take().or(words(child));
            }
            (_, "date" | "created" | "available") => other_date = other_date.or(words(child)),
            (_, "updated" | "modified" | "lastbuilddate") => {
                item.updated = item.updated.take().or(words(child));
            }
            (vocabulary, name) => texts.add(vocabulary, name, child, &place),
        }
    }
    item.published = item.published.take().or(other_date);
    texts.into_item(item)
}

/// The texts of an item, as they come.
#[derive(Default)]
struct Texts {
    /// Atom says what is HTML.
    is_atom: bool,
    title: Option<SourceText>,
    description: Option<SourceText>,
    summary: Option<SourceText>,
    content: Option<SourceText>,
    body: Option<SourceText>,
    /// Where the content is, if it is not here.
    elsewhere: Option<SourceLink>,
    /// Of Dublin Core, where there is no other.
    other_title: Option<SourceText>,
    other_description: Option<SourceText>,
}

impl Texts {
    fn add(&mut self, vocabulary: Vocabulary, name: &str, element: &Element, place: &Place<'_>) {
        let guessed = match self.is_atom {
            true => WrittenAs::Plain,
            false => WrittenAs::Guessed,
        };
        let (text, default) = match (vocabulary, name) {
            (Vocabulary::Feed, "title") => (&mut self.title, guessed),
            (Vocabulary::Feed, "description") => (&mut self.description, WrittenAs::Html),
            (Vocabulary::Feed, "summary" | "tagline") => (&mut self.summary, guessed),
            (Vocabulary::Feed, "content") => {
                if let Some(src) = element.attribute("src") {
                    self.elsewhere = Some(SourceLink {
                        href: src.to_owned(),
                        base: place.base.clone(),
                        media_type: element.attribute("type").map(str::to_owned),
                        language: None,
                    });
                    return;
                }
                (&mut self.content, guessed)
            }
            (Vocabulary::Feed, "fullitem") | (Vocabulary::Content, "encoded") => {
                (&mut self.content, WrittenAs::Html)
            }
            (Vocabulary::Xhtml | Vocabulary::Feed, "body" | "div") => {
                (&mut self.body, WrittenAs::Html)
            }
            (Vocabulary::DublinCore, "title") => (&mut self.other_title, WrittenAs::Guessed),
            (Vocabulary::DublinCore, "description" | "abstract") => {
                (&mut self.other_description, WrittenAs::Guessed)
            }
            _ => return,
        };
        // of several, the first that has words
        if text
            .as_ref()
            .is_none_or(|text| text.value.trim().is_empty())
        {
            *text = source_text(element, place, default);
        }
    }

    fn into_item(self, mut item: SourceItem) -> SourceItem {
        item.links.extend(self.elsewhere);
        item.title = self.title.or(self.other_title);
        item.content = self.content.or(self.body);
        item.summary = self.description.or(self.summary).or(self.other_description);
        item
    }
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
fn link(element: &Element, place: &Place<'_>) -> Option<SourceLink> {
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

/// How a text is to be read that does not say so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WrittenAs {
    Plain,
    Html,
    /// HTML if it looks like it: some formats do not say.
    Guessed,
}

/// The text of an element; `None` if it is of another medium. Atom says by `type`, and Atom 0.3 also by `mode`, how it is written.
fn source_text(element: &Element, place: &Place<'_>, default: WrittenAs) -> Option<SourceText> {
    let given = element.attribute("type").unwrap_or_default();
    let given = given
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let has_elements = element.elements().next().is_some();
    let is_base64 = element
        .attribute("mode")
        .is_some_and(|mode| mode.trim().eq_ignore_ascii_case("base64"));
    let mut value = match has_elements {
        true => element.markup(),
        false => element.text(),
    };
    let kind = match given.as_str() {
        _ if has_elements => WrittenAs::Html,
        "" if is_base64 => WrittenAs::Guessed,
        "" => default,
        "text" | "text/plain" if default == WrittenAs::Plain => WrittenAs::Plain,
        "html" | "text/html" | "xhtml" | "application/xhtml+xml" => WrittenAs::Html,
        _ => WrittenAs::Guessed,
    };
    let is_text = ["", "text", "html", "xhtml"].contains(&given.as_str())
        || given.starts_with("text/")
        || given.ends_with("xml")
        || has_elements;
    if is_base64 || !is_text {
        match decoded(&value) {
            Some(decoded) => value = decoded,
            // an image, say
            None if given.contains('/') => return None,
            None => {}
        }
    }
    Some(SourceText {
        is_html: kind == WrittenAs::Html || kind == WrittenAs::Guessed && html::is_likely(&value),
        value,
        language: place.language.clone(),
        base: place.base.clone(),
    })
}

/// A text from base64.
fn decoded(value: &str) -> Option<String> {
    let value: String = value.split_whitespace().collect();
    let text = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let is_text = !text.contains(|c: char| c.is_control() && !c.is_whitespace());
    is_text.then_some(text)
}
