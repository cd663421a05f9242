//! Highlights the matching words of a record.

use std::collections::{HashMap, HashSet};
use tantivy::tokenizer::TextAnalyzer;

use super::query_parser::Part;
use super::{welsh, words};
use crate::platform::html::escape;

/// The approximate length of an extract, in bytes.
pub const EXTRACT: usize = 240;

/// Highlights the words of a query in texts.
pub struct Highlighter {
    english: Wanted,
    plain: Wanted,
    welsh: Wanted,
}

/// The words of the query, as one analyser produces them.
struct Wanted {
    analyser: TextAnalyzer,
    words: HashSet<String>,
    /// The prefixes: the last word of the query, if it may be incomplete.
    beginnings: Vec<String>,
    /// The first bytes of all of these.
    initials: Vec<u8>,
    /// Caches whether a word matches: most words recur, and a lookup is faster than stemming.
    known: HashMap<String, bool>,
}

/// A word in a text, by its offsets.
struct Word {
    from: usize,
    to: usize,
    is_marked: bool,
}

impl Highlighter {
    /// A highlighter for a query.
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

    /// The whole text as HTML with matches highlighted; `None` if there are none.
    pub fn whole(&mut self, language: Option<&str>, text: &str) -> Option<String> {
        let words = self.words(language, text);
        let is_in_it = words.iter().any(|word| word.is_marked);
        is_in_it.then(|| marked(text, 0, text.len(), &words))
    }

    /// The passage with the most matches, as HTML with matches highlighted; `None` if there are none.
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

    /// Splits a text in this language into words.
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

    /// Whether a word of a text matches.
    fn has(&mut self, word: &str) -> bool {
        // analysers remove accents, but change no other initial letter
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

/// A passage as HTML, with the matching words highlighted.
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
