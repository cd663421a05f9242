//! Writes XML that is well formed whatever its content.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;
use std::io;

/// The attributes of an element.
type Attributes<'a> = &'a [(&'a str, &'a str)];

/// A document under construction.
pub struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// Begins a document in UTF-8.
    pub fn new() -> io::Result<Self> {
        let mut writer = Writer::new(Vec::with_capacity(16_384));
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        Ok(Self(writer))
    }

    /// The finished document.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }

    /// Writes an element with child elements.
    pub fn element(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.0.write_event(Event::Start(start(name, attributes)))?;
        inside(self)?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// Writes an element with text.
    pub fn text(&mut self, name: &str, attributes: Attributes<'_>, text: &str) -> io::Result<()> {
        self.element(name, attributes, |xml| {
            let text = allowed(text);
            xml.0.write_event(Event::Text(BytesText::new(&text)))
        })
    }

    /// Writes an element with text, if there is one.
    pub fn optional(
        &mut self,
        name: &str,
        attributes: Attributes<'_>,
        text: Option<&String>,
    ) -> io::Result<()> {
        text.map_or(Ok(()), |text| self.text(name, attributes, text))
    }

    /// Writes an empty element.
    pub fn empty(&mut self, name: &str, attributes: Attributes<'_>) -> io::Result<()> {
        self.0.write_event(Event::Empty(start(name, attributes)))
    }
}

fn start<'a>(name: &'a str, attributes: Attributes<'_>) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (name, value) in attributes {
        start.push_attribute((*name, &*allowed(value)));
    }
    start
}

/// The text without the characters that XML 1.0 (2.2) cannot represent.
fn allowed(text: &str) -> Cow<'_, str> {
    let is_allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    match text.chars().all(is_allowed) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.chars().filter(|c| is_allowed(*c)).collect()),
    }
}
