//! How a text becomes words: the same way when it is indexed and when it is searched for.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::ops::RangeInclusive;
use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, RemoveLongFilter, Stemmer, TextAnalyzer, Token,
    TokenStream, Tokenizer,
};
use unicode_segmentation::UnicodeSegmentation;

/// The longest word, in bytes; longer ones are no words.
const LONGEST: usize = 80;
/// Accents as characters of their own, behind the letter, of Latin, Greek and Cyrillic letters. Those of other scripts are
/// vowels, or make another letter.
const ACCENTS: RangeInclusive<char> = '\u{300}'..='\u{36f}';
const APOSTROPHES: [char; 2] = ['\'', '\u{2019}'];
/// The longest end that is left out behind an apostrophe, in characters.
const LONGEST_END: usize = 2;

/// English words, cut to their stems: "recommended" is found by "recommendations".
pub fn english() -> TextAnalyzer {
    TextAnalyzer::builder(Words)
        .filter(RemoveLongFilter::limit(LONGEST))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .filter(Stemmer::new(Language::English))
        .build()
}

/// Words of any language as they stand, without accents: "ty" finds "tŷ". English rules would cut words of Welsh in
/// the wrong places.
pub fn plain() -> TextAnalyzer {
    TextAnalyzer::builder(Words)
        .filter(RemoveLongFilter::limit(LONGEST))
        .filter(LowerCaser)
        .filter(AsciiFoldingFilter)
        .build()
}

/// Whether a BCP 47 tag is of this language, whatever region or script it names.
pub fn is_in(tag: &str, language: &str) -> bool {
    let rest = tag.strip_prefix(language);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The words of a text, as an analyser makes them.
pub fn of(analyser: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut stream = analyser.token_stream(text);
    while let Some(token) = stream.next() {
        words.push(token.text.clone());
    }
    words
}

/// The words of a text before any analyser, and where they begin. What an apostrophe joins are words of their own, as in
/// "O'Brien"; the short ends of Welsh and English that it joins ("swyddfa'r", "Mae'n", "force's") are left out.
pub fn as_they_stand(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.unicode_word_indices()
        .flat_map(move |(start, joined)| {
            let mut next = start;
            let pieces = joined.split(APOSTROPHES).map(move |piece| {
                let (begin, apostrophe) = (next, text.get(next + piece.len()..));
                let apostrophe = apostrophe.and_then(|rest| rest.chars().next());
                next += piece.len() + apostrophe.map_or(0, char::len_utf8);
                (begin, piece)
            });
            let is_end = move |begin: usize, piece: &str| {
                begin > start && piece.chars().count() <= LONGEST_END
            };
            pieces.filter(move |(begin, piece)| !piece.is_empty() && !is_end(*begin, piece))
        })
}

/// A word without accents, however they are written: as one character with the letter, or as one behind it. Letters that
/// are no others with an accent, as "ł" and "ø", are left to the filter that makes ASCII of them.
fn without_accents(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let letters = DecomposingNormalizerBorrowed::new_nfd().normalize_iter(word.chars());
    let bare = letters.filter(|letter| !ACCENTS.contains(letter));
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize_iter(bare);
    composed.collect()
}

/// Splits a text at the bounds of words (Unicode Standard Annex 29). Scripts that put no spaces between words, such as
/// Chinese and Thai, are split into characters; what is searched for in them is compared as a phrase.
#[derive(Clone, Debug)]
struct Words;

/// The words of one text.
struct WordStream {
    tokens: std::vec::IntoIter<Token>,
    current: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        let words = as_they_stand(text).enumerate();
        let tokens: Vec<Token> = words
            .map(|(position, (offset, word))| Token {
                offset_from: offset,
                offset_to: offset + word.len(),
                position,
                text: without_accents(word),
                position_length: 1,
            })
            .collect();
        WordStream {
            tokens: tokens.into_iter(),
            current: Token::default(),
        }
    }
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        match self.tokens.next() {
            Some(token) => {
                self.current = token;
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.current
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}
