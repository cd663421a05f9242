//! Highlights the matching words of a record.

use std::collections::{HashMap, HashSet};
use tantivy::tokenizer::TextAnalyzer;

use super::query_parser::SearchTerm;
use super::{welsh, words};
use crate::platform::html::escape;

/// The approximate length of an extract, in bytes.
pub const EXTRACT: usize = 240;

/// Highlights the words of a query in texts.
pub struct Highlighter {
    english: WordMatcher,
    plain: WordMatcher,
    welsh: WordMatcher,
}

/// Recognises the words of the query, as one analyser produces them.
struct WordMatcher {
    analyser: TextAnalyzer,
    /// The same without stemming, for prefixes.
    plain: TextAnalyzer,
    words: HashSet<String>,
    /// The prefixes: the last word of the query, if it may be incomplete.
    prefixes: Vec<String>,
    /// The first bytes of all of these.
    initials: Vec<u8>,
    /// Caches whether a word matches: most words recur, and a lookup is faster than stemming.
    known: HashMap<String, bool>,
}

/// A word in a text, by its offsets.
struct WordSpan {
    from: usize,
    to: usize,
    is_match: bool,
}

impl Highlighter {
    /// A highlighter for a query.
    pub fn new(terms: &[SearchTerm]) -> Self {
        let prefix = terms.iter().rfind(|term| term.is_prefix);
        let prefix = prefix.and_then(|term| words::analyse(&mut words::plain(), &term.text).pop());
        let prefixes: Vec<String> = prefix.into_iter().collect();
        let words = |mut analyser: TextAnalyzer| {
            let terms = terms.iter().filter(|term| !term.is_excluded);
            let words = terms.flat_map(|term| words::analyse(&mut analyser, &term.text));
            words.collect::<Vec<String>>()
        };
        let with_other_forms = |words: &[String]| {
            let others = words.iter().flat_map(|word| welsh::other_forms(word));
            words.iter().cloned().chain(others).collect()
        };
        let (english, plain) = (words(words::english()), words(words::plain()));
        let (in_welsh, prefixes_in_welsh) = (with_other_forms(&plain), with_other_forms(&prefixes));
        Self {
            english: WordMatcher::new(english, prefixes.clone(), words::english()),
            plain: WordMatcher::new(plain, prefixes, words::plain()),
            welsh: WordMatcher::new(in_welsh, prefixes_in_welsh, words::plain()),
        }
    }

    /// The whole text as HTML with matches highlighted; `None` if there are none.
    pub fn whole(&mut self, language: Option<&str>, text: &str) -> Option<String> {
        let words = self.words(language, text);
        let has_match = words.iter().any(|word| word.is_match);
        has_match.then(|| marked(text, 0, text.len(), &words))
    }

    /// The passage with the most matches, as HTML with matches highlighted; `None` if there are none.
    pub fn extract(&mut self, language: Option<&str>, text: &str) -> Option<String> {
        let words = self.words(language, text);
        let (mut best, mut most) = (None, 0);
        let mut rest = &words[..];
        while let Some(first) = rest.first() {
            let length = rest.partition_point(|word| word.to - first.from <= EXTRACT);
            let (part, others) = rest.split_at(length.max(1));
            let count = part.iter().filter(|word| word.is_match).count();
            if count > most {
                (best, most) = (Some(part), count);
            }
            rest = others;
        }
        let part = best?;
        Some(marked(text, part.first()?.from, part.last()?.to, part))
    }

    /// Splits a text in this language into words.
    fn words(&mut self, language: Option<&str>, text: &str) -> Vec<WordSpan> {
        let matcher = match language {
            None => &mut self.english,
            Some(tag) if words::is_language(tag, "en") => &mut self.english,
            Some(tag) if words::is_language(tag, "cy") => &mut self.welsh,
            Some(_) => &mut self.plain,
        };
        let words = words::split_words(text).map(|(from, word)| WordSpan {
            from,
            to: from + word.len(),
            is_match: matcher.matches(word),
        });
        words.collect()
    }
}

impl WordMatcher {
    fn new(words: Vec<String>, prefixes: Vec<String>, analyser: TextAnalyzer) -> Self {
        let initials = words.iter().chain(&prefixes);
        Self {
            initials: initials.filter_map(|word| word.bytes().next()).collect(),
            words: words.into_iter().collect(),
            prefixes,
            analyser,
            plain: words::plain(),
            known: HashMap::new(),
        }
    }

    /// Whether a word of a text matches.
    fn matches(&mut self, word: &str) -> bool {
        // analysers remove accents, but change no other initial letter
        let initial = word.bytes().next().unwrap_or_default();
        if initial.is_ascii() && !self.initials.contains(&initial.to_ascii_lowercase()) {
            return false;
        }
        if let Some(matches) = self.known.get(word) {
            return *matches;
        }
        let analysed = words::analyse(&mut self.analyser, word);
        let mut matches = analysed.iter().any(|word| self.words.contains(word));
        if !matches && !self.prefixes.is_empty() {
            let plain = words::analyse(&mut self.plain, word);
            let begins = |prefix: &String| plain.iter().any(|word| word.starts_with(prefix));
            matches = self.prefixes.iter().any(begins);
        }
        self.known.insert(word.to_owned(), matches);
        matches
    }
}

/// A passage as HTML, with the matching words highlighted.
fn marked(text: &str, from: usize, to: usize, words: &[WordSpan]) -> String {
    let between = |from, to| escape(text.get(from..to).unwrap_or_default());
    let (mut html, mut done) = (String::new(), from);
    for word in words.iter().filter(|word| word.is_match) {
        let (before, matched) = (between(done, word.from), between(word.from, word.to));
        html.extend([&*before, "<mark>", &*matched, "</mark>"]);
        done = word.to;
    }
    html + &between(done, to)
}
