//! Where a record has the words that were searched for.

use std::collections::{HashMap, HashSet};
use tantivy::tokenizer::TextAnalyzer;

use super::typed::Part;
use super::words;
use crate::html::escape;

/// How long an extract is, in bytes, roughly.
const EXTRACT: usize = 240;

/// Marks words in texts.
pub struct Highlighter {
    english: Wanted,
    plain: Wanted,
}

/// The words as one analyser makes them.
struct Wanted {
    analyser: TextAnalyzer,
    words: HashSet<String>,
    /// What the last one may begin with.
    beginning: Option<String>,
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
        let wanted = |mut analyser: TextAnalyzer| {
            let parts = parts.iter().filter(|part| !part.is_excluded);
            let words = parts.flat_map(|part| words::of(&mut analyser, &part.text));
            Wanted {
                words: words.collect(),
                analyser,
                beginning: beginning.clone(),
                known: HashMap::new(),
            }
        };
        Self {
            english: wanted(words::english()),
            plain: wanted(words::plain()),
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
        let is_english = language.is_none_or(|tag| tag == "en" || tag.starts_with("en-"));
        let wanted = match is_english {
            true => &mut self.english,
            false => &mut self.plain,
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
    /// Whether this word of a text is among them.
    fn has(&mut self, word: &str) -> bool {
        if let Some(is_wanted) = self.known.get(word) {
            return *is_wanted;
        }
        let begins = |word: &str| {
            let beginning = self.beginning.as_deref();
            beginning.is_some_and(|beginning| word.starts_with(beginning))
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
