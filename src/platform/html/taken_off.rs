//! What the sanitiser took off.

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

/// How many names are told.
const MAX_NAMES: usize = 20;
/// The longest name that is told.
const MAX_NAME: usize = 30;

/// How many elements and attributes were taken off HTML, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenOff {
    /// The elements.
    pub elements: BTreeMap<String, usize>,
    /// The attributes.
    pub attributes: BTreeMap<String, usize>,
}

impl TakenOff {
    /// What `before` has, and `after`, which was made of it, has not.
    pub fn between(before: &str, after: &str) -> Self {
        let (before, after) = (counted(before), counted(after));
        let less = |before: BTreeMap<String, usize>, after: &BTreeMap<String, usize>| {
            let missing = before.into_iter().filter_map(|(name, count)| {
                let kept = after.get(&name).copied().unwrap_or_default();
                let missing = count.saturating_sub(kept);
                (missing > 0).then_some((name, missing))
            });
            missing.collect()
        };
        Self {
            elements: less(before.elements, &after.elements),
            attributes: less(before.attributes, &after.attributes),
        }
    }

    /// Whether nothing was taken off.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty() && self.attributes.is_empty()
    }

    /// Adds what was taken off other HTML.
    pub fn add(&mut self, other: Self) {
        for (name, count) in other.elements {
            *self.elements.entry(name).or_default() += count;
        }
        for (name, count) in other.attributes {
            *self.attributes.entry(name).or_default() += count;
        }
    }

    /// The names of the elements, and those of the attributes, each once and separated by spaces.
    pub fn names(&self) -> [String; 2] {
        [&self.elements, &self.attributes].map(|counts| {
            let names = counts.keys().filter(|name| is_plain(name));
            let names: Vec<&str> = names.take(MAX_NAMES).map(String::as_str).collect();
            names.join(" ")
        })
    }
}

/// `<script> (3), onclick (1)`.
impl fmt::Display for TakenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let elements = self
            .elements
            .iter()
            .map(|(name, count)| (format!("<{name}>"), count));
        let attributes = self
            .attributes
            .iter()
            .map(|(name, count)| (name.clone(), count));
        let all = elements
            .chain(attributes)
            .filter(|(name, _)| is_plain(name.trim_matches(['<', '>'])));
        let all: Vec<String> = all
            .take(MAX_NAMES)
            .map(|(name, count)| format!("{name} ({count})"))
            .collect();
        f.write_str(&all.join(", "))
    }
}

/// Whether a name is one that can be repeated anywhere: what is sent can be anything.
fn is_plain(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'_');
    name.len() <= MAX_NAME && name.bytes().all(is_plain)
}

/// The elements and attributes in HTML.
fn counted(html: &str) -> TakenOff {
    let tokenizer = Tokenizer::new(Counter::default(), Default::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

#[derive(Default)]
struct Counter(RefCell<TakenOff>);

impl TokenSink for Counter {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(Tag {
            kind: TagKind::StartTag,
            name,
            attrs,
            ..
        }) = token
        else {
            return TokenSinkResult::Continue;
        };
        let mut counts = self.0.borrow_mut();
        *counts.elements.entry(name.to_string()).or_default() += 1;
        for attribute in &attrs {
            let name = attribute.name.local.to_string();
            *counts.attributes.entry(name).or_default() += 1;
        }
        // what is in these is no HTML
        match &*name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                TokenSinkResult::RawData(RawKind::Rawtext)
            }
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}
