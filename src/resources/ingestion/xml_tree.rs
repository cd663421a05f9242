//! The tree of an XML document.

use std::rc::Rc;

use crate::platform::html;

/// Elements of HTML without content.
pub const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// An element. Names are in lower case.
#[derive(Debug)]
pub struct Element {
    /// What its prefix stands for, or the default namespace; empty if there is none.
    pub namespace: Rc<str>,
    /// Its name without the prefix.
    pub name: String,
    /// The attributes, with their prefixes.
    pub attributes: Vec<(String, String)>,
    /// What is in it.
    pub children: Vec<XmlNode>,
    /// The element as it was opened, with the prefix.
    pub tag: String,
}

/// What an element contains.
#[derive(Debug)]
pub enum XmlNode {
    Element(Element),
    Text(String),
}

impl Element {
    /// The value of an attribute, by its name with the prefix.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(given, _)| given == name)?;
        Some(value)
    }

    /// The elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            XmlNode::Element(element) => Some(element),
            XmlNode::Text(_) => None,
        })
    }

    /// All text in it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.add_text(&mut text);
        text
    }

    fn add_text(&self, text: &mut String) {
        for child in &self.children {
            match child {
                XmlNode::Element(element) => element.add_text(text),
                XmlNode::Text(words) => text.push_str(words),
            }
        }
    }

    /// What is in it, as HTML. Where `is_mixed`, text between elements that looks like HTML is HTML.
    pub fn markup(&self, is_mixed: bool) -> String {
        let mut markup = String::new();
        self.add_markup(&mut markup, is_mixed);
        markup
    }

    fn add_markup(&self, markup: &mut String, is_mixed: bool) {
        for child in &self.children {
            match child {
                XmlNode::Text(words) if is_mixed && html::is_likely(words) => {
                    markup.push_str(words)
                }
                XmlNode::Text(words) => markup.push_str(&html::escape(words)),
                XmlNode::Element(element) => {
                    markup.extend(["<", &element.name]);
                    for (name, value) in &element.attributes {
                        let value = html::escape(value);
                        let name = name.strip_prefix("xml:").unwrap_or(name);
                        markup.extend([" ", name, "=\"", &value, "\""]);
                    }
                    markup.push('>');
                    if !VOID.contains(&element.name.as_str()) {
                        element.add_markup(markup, false);
                        markup.extend(["</", &element.name, ">"]);
                    }
                }
            }
        }
    }
}
