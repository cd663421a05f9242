//! Where a record has the words that were searched for.

use std::collections::BTreeMap;
use tantivy::snippet::SnippetGenerator;
use tantivy::tokenizer::TextAnalyzer;

use super::schema::Fields;
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
    words: BTreeMap<String, f32>,
    /// What the last one may begin with.
    beginning: Option<String>,
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
                words: words.map(|word| (word, 1.0)).collect(),
                analyser,
                beginning: beginning.clone(),
            }
        };
        Self {
            english: wanted(words::english()),
            plain: wanted(words::plain()),
        }
    }

    /// A text whole, with the words marked, as HTML; nothing when none of them is in it.
    pub fn whole(&self, language: Option<&str>, text: &str) -> Option<String> {
        let (words, mut analyser) = self.wanted(language, text);
        let mut html = String::new();
        let mut done = 0;
        let mut stream = analyser.token_stream(text);
        while let Some(token) = stream.next() {
            let (from, to) = (token.offset_from, token.offset_to);
            if words.contains_key(&token.text)
                && let (Some(before), Some(word)) = (text.get(done..from), text.get(from..to))
            {
                html.extend([&escape(before), "<mark>", &escape(word), "</mark>"]);
                done = to;
            }
        }
        (done > 0).then(|| html + &escape(text.get(done..).unwrap_or_default()))
    }

    /// The part of a text that has most of the words, as HTML; nothing when none of them is in it.
    pub fn extract(&self, fields: &Fields, language: Option<&str>, text: &str) -> Option<String> {
        let (words, analyser) = self.wanted(language, text);
        let generator = SnippetGenerator::new(words, analyser, fields.body, EXTRACT);
        let mut snippet = generator.snippet(text);
        if snippet.is_empty() {
            return None;
        }
        snippet.set_snippet_prefix_postfix("<mark>", "</mark>");
        Some(snippet.to_html())
    }

    /// The words to be marked in a text of this language, and what finds them in it.
    fn wanted(&self, language: Option<&str>, text: &str) -> (BTreeMap<String, f32>, TextAnalyzer) {
        let is_english = language.is_none_or(|tag| tag == "en" || tag.starts_with("en-"));
        let wanted = match is_english {
            true => &self.english,
            false => &self.plain,
        };
        let (mut words, mut analyser) = (wanted.words.clone(), wanted.analyser.clone());
        if let Some(beginning) = &wanted.beginning {
            let begun = words::of(&mut analyser, text).into_iter();
            let begun = begun.filter(|word| word.starts_with(beginning.as_str()));
            words.extend(begun.map(|word| (word, 1.0)));
        }
        (words, analyser)
    }
}
