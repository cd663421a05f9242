//! Where a record has the words that were searched for.

use std::collections::{HashMap, HashSet};
use tantivy::tokenizer::TextAnalyzer;

use super::typed::Part;
use super::{welsh, words};
use crate::platform::html::escape;

/// How long an extract is, in bytes, roughly.
pub const EXTRACT: usize = 240;

/// Marks words in texts.
pub struct Highlighter {
    english: Wanted,
    plain: Wanted,
    welsh: Wanted,
}

/// The words as one analyser makes them.
struct Wanted {
    analyser: TextAnalyzer,
    words: HashSet<String>,
    /// What the last one may begin with.
    beginnings: Vec<String>,
    /// What they all begin with.
    initials: Vec<u8>,
    /// Whether a word of a text is to be marked: most words come again and again, and cutting one to its stem takes
    /// longer than looking it up.
    known: HashMap<String, bool>,
}

/// A word of a text.
struct Word {
    from: usize,
    to: usize,
    is_marked: bool,
}

impl Highlighter {
    /// Marks what was typed.
    pub fn new(parts: &[Part]) -> Self {
        let beginning = parts.iter().rfind(|part| part.is_beginning);
        let beginning = beginning.and_then(|part| words::of(&mut words::plain(), &part.text).pop());
        let beginnings: Vec<String> = beginning.into_iter().collect();
        let words = |mut analyser: TextAnalyzer| {
            let parts = parts.iter().filter(|part| !part.is_excluded);
            let words = parts.flat_map(|part| words::of(&mut analyser, &part.text));
            words.collect::<Vec<String>>()
        };
        let with_other_forms = |words: &[String]| {
            let others = words.iter().flat_map(|word| welsh::other_forms(word));
            words.iter().cloned().chain(others).collect::<Vec<String>>()
        };
        let (english, plain) = (words(words::english()), words(words::plain()));
        let in_welsh = with_other_forms(&plain);
        let beginnings_in_welsh = with_other_forms(&beginnings);
        Self {
            english: Wanted::new(english, beginnings.clone(), words::english()),
            plain: Wanted::new(plain, beginnings, words::plain()),
            welsh: Wanted::new(in_welsh, beginnings_in_welsh, words::plain()),
        }
    }

    /// A text whole, with the words marked, as HTML; nothing when none of them is in it.
    pub fn whole(&mut self, language: Option<&str>, text: &str) -> Option<String> {
        let words = self.words(language, text);
        let is_in_it = words.iter().any(|word| word.is_marked);
        is_in_it.then(|| marked(text, 0, text.len(), &words))
    }

    /// The part of a text that has most of the words, as HTML; nothing when none of them is in it.
    pub fn extract(&mut self, language: Option<&str>, text: &str) -> Option<String> {
        let words = self.words(language, text);
        let (mut best, mut most) = (None, 0);
        let mut rest = &words[..];
        while let Some(first) = rest.first() {
            let length = rest.partition_point(|word| word.to - first.from <= EXTRACT);
            let (part, others) = rest.split_at(length.max(1));
            let count = part.iter().filter(|word| word.is_marked).count();
            if count > most {
                (best, most) = (Some(part), count);
            }
            rest = others;
        }
        let part = best?;
        Some(marked(text, part.first()?.from, part.last()?.to, part))
    }

    /// The words of a text of this language.
    fn words(&mut self, language: Option<&str>, text: &str) -> Vec<Word> {
        let wanted = match language {
            None => &mut self.english,
            Some(tag) if words::is_in(tag, "en") => &mut self.english,
            Some(tag) if words::is_in(tag, "cy") => &mut self.welsh,
            Some(_) => &mut self.plain,
        };
        let words = words::as_they_stand(text).map(|(from, word)| Word {
            from,
            to: from + word.len(),
            is_marked: wanted.has(word),
        });
        words.collect()
    }
}

impl Wanted {
    fn new(words: Vec<String>, beginnings: Vec<String>, analyser: TextAnalyzer) -> Self {
        let initials = words.iter().chain(&beginnings);
        Self {
            initials: initials.filter_map(|word| word.bytes().next()).collect(),
            words: words.into_iter().collect(),
            beginnings,
            analyser,
            known: HashMap::new(),
        }
    }

    /// Whether this word of a text is among them.
    fn has(&mut self, word: &str) -> bool {
        // an analyser takes away accents, and changes no other letter that a word begins with
        let initial = word.bytes().next().unwrap_or_default();
        if initial.is_ascii() && !self.initials.contains(&initial.to_ascii_lowercase()) {
            return false;
        }
        if let Some(is_wanted) = self.known.get(word) {
            return *is_wanted;
        }
        let begins = |word: &str| {
            let mut beginnings = self.beginnings.iter();
            beginnings.any(|beginning| word.starts_with(beginning))
        };
        let made = words::of(&mut self.analyser, word);
        let is_wanted = made
            .iter()
            .any(|word| self.words.contains(word) || begins(word));
        self.known.insert(word.to_owned(), is_wanted);
        is_wanted
    }
}

/// A part of a text as HTML, with those of its words marked that are to be.
fn marked(text: &str, from: usize, to: usize, words: &[Word]) -> String {
    let between = |from, to| escape(text.get(from..to).unwrap_or_default());
    let (mut html, mut done) = (String::new(), from);
    for word in words.iter().filter(|word| word.is_marked) {
        let (before, itself) = (between(done, word.from), between(word.from, word.to));
        html.extend([&*before, "<mark>", &*itself, "</mark>"]);
        done = word.to;
    }
    html + &between(done, to)
}
