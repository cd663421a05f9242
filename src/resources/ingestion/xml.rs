//! Reads XML that need not be well-formed into a tree: a defect costs the words around it at most.

use quick_xml::errors::{Error, SyntaxError};
use quick_xml::escape::{resolve_html5_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use std::rc::Rc;

use super::xml_tree::{Element, VOID, XmlNode};

/// The deepest element that is kept; the text of deeper ones belongs to it.
const MAX_DEPTH: usize = 100;
/// How often reading goes on after an error of syntax. Each may look at all that follows.
const MAX_ERRORS: usize = 50;

/// How many namespaces may be declared at once, and how long they may be.
const MAX_NAMESPACES: usize = 100;
const MAX_NAMESPACE: usize = 200;
/// How many defects are told.
const MAX_DEFECTS: usize = 10;

/// The elements that items are in.
pub const ITEMS: [&str; 2] = ["item", "entry"];
/// The children of an item that contain no other of these: if one begins in another, that one was not closed.
const FIELDS: [&str; 9] = [
    "author",
    "category",
    "comments",
    "description",
    "enclosure",
    "guid",
    "link",
    "pubdate",
    "title",
];
/// How many elements are read.
const MAX_ELEMENTS: usize = 200_000;

/// A document, and what is wrong with it.
#[derive(Debug, Default)]
pub struct XmlDocument {
    /// The outermost elements: one in a well-formed document.
    pub roots: Vec<Element>,
    /// The first defects, each with the line that it is on.
    pub defects: Vec<Defect>,
}

/// A place where XML is not well-formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// Reads a document. Comments, declarations and unknown entities are left out.
pub fn parse(text: &str) -> XmlDocument {
    let mut builder = Builder::new(text);
    let (mut start, mut errors) = (0, 0);
    while let Err((at, error)) = read(&mut builder, start) {
        errors += 1;
        builder.defect(at, format!("the feed is not well-formed: {error}"));
        let rest = &text[at..];
        if let Some(words) = rest.strip_prefix("<![CDATA[") {
            builder.text(words);
            break;
        }
        // what is cut off in a tag ends there
        let is_cut = matches!(error, Error::Syntax(SyntaxError::UnclosedTag));
        if is_cut || errors > MAX_ERRORS || rest.is_empty() {
            break;
        }
        let comment = "<!--";
        start = match rest.starts_with(comment) {
            true => at + comment.len(),
            false => at + rest.chars().next().map_or(1, char::len_utf8),
        };
    }
    builder.finish()
}

/// Reads from a place to the end, or to an error and its place.
fn read(builder: &mut Builder<'_>, start: usize) -> Result<(), (usize, Error)> {
    let mut reader = Reader::from_str(&builder.source[start..]);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    loop {
        let at = start + usize::try_from(reader.buffer_position()).unwrap_or_default();
        match reader.read_event().map_err(|error| (at, error))? {
            Event::Start(_) | Event::Empty(_) if builder.is_full(at) => return Ok(()),
            Event::Start(tag) => {
                builder.open(&tag, at);
                if builder.is_void(tag.name().as_ref()) {
                    builder.close_last();
                }
            }
            Event::Empty(tag) => {
                builder.open(&tag, at);
                builder.close_last();
            }
            Event::End(tag) => builder.close(tag.name().as_ref().trim(), at),
            Event::Text(text) => builder.text(&text.xml10_content()),
            Event::CData(text) => builder.text(&text.xml10_content()),
            Event::GeneralRef(reference) => builder.reference(&reference),
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// Builds the tree.
struct Builder<'s> {
    source: &'s str,
    /// The elements that are open, from the outermost.
    open: Vec<Element>,
    /// How many elements there have been.
    elements: usize,
    /// How many more are open that are too deep to be kept.
    too_deep: usize,
    /// The namespaces that are declared where this is.
    declared: Vec<Declaration>,
    document: XmlDocument,
}

/// A namespace, as an element that is open declares it.
struct Declaration {
    /// How many elements are around that element.
    depth: usize,
    prefix: String,
    namespace: Rc<str>,
}

impl<'s> Builder<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            source,
            open: Vec::new(),
            elements: 0,
            too_deep: 0,
            declared: Vec::new(),
            document: XmlDocument::default(),
        }
    }

    fn defect(&mut self, at: usize, what: String) {
        if self.document.defects.len() < MAX_DEFECTS {
            let line = self.source[..at].matches('\n').count() + 1;
            self.document.defects.push(Defect { line, what });
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, at: usize) {
        let name = tag.name().as_ref().to_ascii_lowercase();
        self.close_what_was_left_open(&name, at);
        let element = self.element(tag);
        match self.open.len() < MAX_DEPTH {
            true => self.open.push(element),
            false => self.too_deep += 1,
        }
    }

    /// Closes the element that was opened last.
    fn close_last(&mut self) {
        match self.too_deep {
            0 => self.close_down_to(self.open.len().saturating_sub(1)),
            _ => self.too_deep -= 1,
        }
    }

    /// Whether the element that was opened last is one of HTML without content, in markup that is not escaped.
    fn is_void(&self, tag: &str) -> bool {
        let item = self.open.iter().rposition(is_item);
        let is_in_field = item.is_some_and(|item| self.open.len() > item + 2);
        let local = tag.rsplit(':').next().unwrap_or(tag).to_ascii_lowercase();
        is_in_field && VOID.contains(&local.as_str())
    }

    /// Whether no more elements are read. That is told once.
    fn is_full(&mut self, at: usize) -> bool {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            let what =
                format!("the feed has more than {MAX_ELEMENTS} elements: the others are not read");
            self.document.defects.clear();
            self.defect(at, what);
        }
        self.elements > MAX_ELEMENTS
    }

    fn element(&mut self, tag: &BytesStart<'_>) -> Element {
        let name = tag.name().as_ref().to_ascii_lowercase();
        let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
        let mut attributes = Vec::new();
        // attributes without quotes or values are read as in HTML
        for attribute in tag.html_attributes().with_checks(false).flatten() {
            let name = attribute.key.as_ref().to_ascii_lowercase();
            let value = resolved(&attribute.value);
            match name.strip_prefix("xmlns") {
                Some("") => self.declare("", &value),
                Some(prefix) if prefix.starts_with(':') => self.declare(&prefix[1..], &value),
                _ => attributes.push((name, value)),
            }
        }
        let mut declared = self.declared.iter().rev();
        let namespace = declared.find(|declaration| declaration.prefix == prefix);
        Element {
            // a prefix that is not declared stands for itself
            namespace: namespace.map_or_else(|| prefix.into(), |found| found.namespace.clone()),
            name: local.to_owned(),
            attributes,
            children: Vec::new(),
            tag: name.clone(),
        }
    }

    /// Declares a namespace for the element that is being opened.
    fn declare(&mut self, prefix: &str, namespace: &str) {
        if self.declared.len() < MAX_NAMESPACES && namespace.len() <= MAX_NAMESPACE {
            self.declared.push(Declaration {
                depth: self.open.len(),
                prefix: prefix.to_owned(),
                namespace: namespace.trim().to_ascii_lowercase().into(),
            });
        }
    }

    /// Closes what cannot contain this element: an item of another item, and a field of an item of another field.
    fn close_what_was_left_open(&mut self, tag: &str, at: usize) {
        let item = self.open.iter().rposition(is_item);
        let Some(item) = item else { return };
        let is_item = self.open[item].tag == tag;
        let field = self.open.get(item + 1);
        let is_field = field.is_some_and(|field| {
            let names = [field.tag.as_str(), tag];
            // markup in a description can have a title
            let is_markup = names == ["description", "title"];
            self.open.len() == item + 2
                && !is_markup
                && names.iter().all(|name| FIELDS.contains(name))
        });
        if is_item || is_field {
            let depth = if is_item { item } else { item + 1 };
            self.too_deep = 0;
            let unclosed = self.open[depth].tag.clone();
            self.defect(at, format!("'{unclosed}' is not closed"));
            self.close_down_to(depth);
        }
    }

    fn close(&mut self, name: &str, at: usize) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let name = name.to_ascii_lowercase();
        let Some(depth) = self.open.iter().rposition(|element| element.tag == name) else {
            let local = name.rsplit(':').next().unwrap_or(&name);
            if VOID.contains(&local) {
                return; // it was closed where it began
            }
            self.defect(at, format!("'{name}' is closed, but not open"));
            return;
        };
        if let Some(unclosed) = self.open.get(depth + 1) {
            let what = format!("'{}' is not closed", unclosed.tag);
            self.defect(at, what);
        }
        self.close_down_to(depth);
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(element) = self.open.pop() else {
                return;
            };
            self.declared
                .retain(|declared| declared.depth < self.open.len());
            match self.open.last_mut() {
                Some(parent) => parent.children.push(XmlNode::Element(element)),
                None => self.document.roots.push(element),
            }
        }
    }

    fn text(&mut self, words: &str) {
        let Some(element) = self.open.last_mut() else {
            return;
        };
        match element.children.last_mut() {
            Some(XmlNode::Text(text)) => text.push_str(words),
            _ => element.children.push(XmlNode::Text(words.to_owned())),
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        let lower = BytesRef::new(reference.replace("#X", "#x"));
        match lower.resolve_char_ref() {
            Ok(Some(character)) => self.text(character.encode_utf8(&mut [0; 4])),
            // no character has this number
            Err(_) => {}
            Ok(None) => {
                let name: &str = reference;
                let words = resolve_html5_entity(name);
                self.text(&words.map_or_else(|| format!("&{name};"), str::to_owned));
            }
        }
    }

    fn finish(mut self) -> XmlDocument {
        if let Some(unclosed) = self.open.first() {
            let what = format!("the feed ends before '{}' is closed", unclosed.tag);
            self.defect(self.source.len(), what);
        }
        self.close_down_to(0);
        self.document
    }
}

fn is_item(element: &Element) -> bool {
    ITEMS.contains(&element.name.as_str())
}

/// A text with its references resolved, where they are known.
fn resolved(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut resolved = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let reference = piece.split_once(';').and_then(|(name, rest)| {
            let words = match name.starts_with('#') {
                true => unescape(&format!("&{};", name.replace('X', "x")))
                    .ok()?
                    .into_owned(),
                false => resolve_html5_entity(name)?.to_owned(),
            };
            Some((words, rest))
        });
        match reference {
            Some((words, rest)) => resolved.extend([words.as_str(), rest]),
            None => resolved.extend(["&", piece]),
        }
    }
    resolved
}
