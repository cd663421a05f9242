//! The texts of an item of RSS or Atom.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::source::{SourceItem, SourceLink, SourceText};
use super::xml_tree::Element;
use crate::platform::{html, language};

/// The longest `xml:base` that is read, in bytes.
const MAX_BASE: usize = 2_000;

/// What an element inherits.
#[derive(Clone)]
pub struct Inherited<'p> {
    /// The language tag.
    pub language: Option<String>,
    /// The nearest `xml:base`, resolved.
    pub base: Option<Url>,
    /// The address of the feed.
    pub address: Option<&'p Url>,
}

impl Inherited<'_> {
    /// The place within an element.
    pub fn within(&self, element: &Element) -> Self {
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
    pub fn of_item(&self) -> Self {
        Self {
            language: None,
            ..self.clone()
        }
    }
}

/// What an element of an item is, whichever vocabulary it is from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    Feed,
    DublinCore,
    Content,
    Xhtml,
    Other,
}

/// The texts of an item, as they come.
#[derive(Default)]
pub struct ItemTexts {
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
    /// Of media and podcasts, where there is no other.
    foreign_description: Option<SourceText>,
}

impl ItemTexts {
    /// Those of an item that has none yet.
    pub fn of(item: &Element) -> Self {
        Self {
            is_atom: item.name == "entry",
            ..Self::default()
        }
    }

    /// Takes the text of an element, if there is none of its kind yet.
    pub fn add(
        &mut self,
        vocabulary: Vocabulary,
        name: &str,
        element: &Element,
        place: &Inherited<'_>,
    ) {
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
            (Vocabulary::Other, _) => (&mut self.foreign_description, WrittenAs::Guessed),
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

    /// The item with these texts.
    pub fn into_item(self, mut item: SourceItem) -> SourceItem {
        item.links.extend(self.elsewhere);
        item.title = self.title.or(self.other_title);
        item.content = self.content.or(self.body);
        item.summary = self
            .description
            .or(self.summary)
            .or(self.other_description)
            .or(self.foreign_description);
        item
    }
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
fn source_text(element: &Element, place: &Inherited<'_>, default: WrittenAs) -> Option<SourceText> {
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
        true => element.markup(default != WrittenAs::Plain && !given.contains("xhtml")),
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
    let is_html = match (kind, has_elements || !given.is_empty()) {
        (WrittenAs::Plain, _) => false,
        (WrittenAs::Html, true) => true,
        // descriptions are HTML, but publishers also write plain text
        (WrittenAs::Html, false) => html::has_markup(&value),
        (WrittenAs::Guessed, _) => html::is_likely(&value),
    };
    Some(SourceText {
        is_html,
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
