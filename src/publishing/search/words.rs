//! Splits texts into words: in the same way for indexing and for searching.

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, Stemmer, TextAnalyzer,
    TextAnalyzerBuilder, Token, TokenStream, Tokenizer,
};
use unicode_segmentation::UnicodeSegmentation;

use crate::platform::folding::push_without_accents;

/// The longest token to index, in bytes; longer ones are not words.
const MAX_TOKEN: usize = 80;
const APOSTROPHES: [char; 2] = ['\'', '\u{2019}'];
/// The mark inside Hebrew abbreviations.
pub const GERSHAYIM: char = '\u{5f4}';
/// The mark after a Hebrew letter.
const GERESH: char = '\u{5f3}';
/// The longest ending to drop after an apostrophe, in characters.
const MAX_ENDING: usize = 2;

/// Stems English words, so that "recommendations" finds "recommended".
pub fn english() -> TextAnalyzer {
    let stemmer = Stemmer::new(Language::English);
    unstemmed().filter(stemmer).build()
}

/// Words of any language, unstemmed and without accents, so that "ty" finds "tŷ". The English stemmer would mangle
/// Welsh words.
pub fn plain() -> TextAnalyzer {
    unstemmed().build()
}

fn unstemmed() -> TextAnalyzerBuilder<impl Tokenizer> {
    TextAnalyzer::builder(Words)
        .filter(RemoveLongFilter::limit(MAX_TOKEN))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
}

/// Whether a BCP 47 tag denotes this language, in any region or script.
pub fn is_language(tag: &str, language: &str) -> bool {
    let rest = tag.strip_prefix(language);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The words of a text, as an analyser produces them.
pub fn analyse(analyser: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut stream = analyser.token_stream(text);
    while let Some(token) = stream.next() {
        words.push(token.text.clone());
    }
    words
}

/// The marks that part an abbreviation at word boundaries.
const CURLY: [char; 3] = ['\u{201c}', '\u{201d}', '\u{201e}'];

/// Whether it is a letter of Hebrew.
pub fn is_hebrew(letter: char) -> bool {
    ('\u{5d0}'..='\u{5ea}').contains(&letter)
}

/// Whether it is a mark inside a word: of Hebrew, since others are parted at it.
fn is_mark(letter: char) -> bool {
    let is_single = APOSTROPHES.contains(&letter) || letter == GERESH;
    is_single || letter == '"' || letter == GERSHAYIM || CURLY.contains(&letter)
}

/// The words of a text at word boundaries. These part a Hebrew abbreviation at a curly mark, which belongs to the word.
fn whole_words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut words = text.unicode_word_indices().peekable();
    std::iter::from_fn(move || {
        let (start, word) = words.next()?;
        let mut end = start + word.len();
        while let Some((next, following)) = words.peek() {
            let (before, between) = (text.get(..end)?, text.get(end..*next)?);
            let is_mark = between.chars().count() == 1 && between.starts_with(CURLY);
            // what opens a quotation elsewhere is such a mark only before the last letter
            let is_inner = between == "\u{201d}" || following.chars().count() == 1;
            let is_hebrew = before.ends_with(is_hebrew) && following.starts_with(is_hebrew);
            if !(is_mark && is_inner && is_hebrew) {
                break;
            }
            end = next + following.len();
            words.next();
        }
        Some((start, text.get(start..end)?))
    })
}

/// The unanalysed words of a text, with their offsets. Parts joined by an apostrophe are separate words, as in
/// "O'Brien"; short endings of Welsh and English after one ("swyddfa'r", "Mae'n", "force's") are dropped.
pub fn split_words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    whole_words(text).flat_map(move |(start, joined)| {
        let mut next = start;
        // in Hebrew it is the mark after a letter
        let is_hebrew = joined.contains(is_hebrew);
        let is_parting = move |letter: char| APOSTROPHES.contains(&letter) && !is_hebrew;
        let pieces = joined.split(is_parting).map(move |piece| {
            let (begin, apostrophe) = (next, text.get(next + piece.len()..));
            let apostrophe = apostrophe.and_then(|rest| rest.chars().next());
            next += piece.len() + apostrophe.map_or(0, char::len_utf8);
            (begin, piece)
        });
        let is_end =
            move |begin: usize, piece: &str| begin > start && piece.chars().count() <= MAX_ENDING;
        pieces.filter(move |(begin, piece)| !piece.is_empty() && !is_end(*begin, piece))
    })
}

/// Splits a text at word boundaries (Unicode Standard Annex 29). Text in scripts without spaces between words, such as
/// Chinese and Thai, is split into characters, and queries in them become phrases.
#[derive(Clone, Debug)]
struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream {
            words: Box::new(split_words(text)),
            token: Token::default(),
        }
    }
}

struct WordStream<'a> {
    words: Box<dyn Iterator<Item = (usize, &'a str)> + 'a>,
    token: Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((offset, word)) = self.words.next() else {
            return false;
        };
        let token = &mut self.token;
        (token.offset_from, token.offset_to) = (offset, offset + word.len());
        token.position = token.position.wrapping_add(1); // from usize::MAX, so that the first is 0
        token.text.clear();
        push_without_accents(word, &mut token.text);
        // Hebrew abbreviations are found with either mark, and without one
        token.text.retain(|letter| !is_mark(letter));
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
