//! Names without regard to case and accents: how people sort and look them up.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::ops::RangeInclusive;

/// Combining accents of Latin, Greek and Cyrillic letters. In other scripts, combining marks are vowels, or make a
/// different letter.
const ACCENTS: RangeInclusive<char> = '\u{300}'..='\u{36f}';

/// What separates the folded name in a sort key from the name itself: it sorts before every character of a name.
const SEPARATOR: char = '\u{1}';

/// Appends a text without its accents, whether composed with the letter or combining. Letters that do not decompose, such as
/// "ł" and "ø", stay.
pub fn push_without_accents(text: &str, to: &mut String) {
    if text.is_ascii() {
        return to.push_str(text);
    }
    let letters = DecomposingNormalizerBorrowed::new_nfd().normalize_iter(text.chars());
    let bare = letters.filter(|letter| !ACCENTS.contains(letter));
    to.extend(ComposingNormalizerBorrowed::new_nfc().normalize_iter(bare));
}

/// A name in lower case and without accents, whatever its Unicode form.
pub fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    push_without_accents(name, &mut folded);
    folded.to_lowercase()
}

/// What names are sorted by, byte by byte: case and accents aside, and those that are equal then by their code points.
pub fn sort_key(name: &str) -> String {
    let mut key = folded(name);
    key.push(SEPARATOR);
    key.push_str(name);
    key
}

/// The sort keys of the names that are equal to this one, case and accents aside: from the first, and before the second.
pub fn sort_keys_like(name: &str) -> (String, String) {
    let folded = folded(name);
    (format!("{folded}{SEPARATOR}"), format!("{folded}\u{2}"))
}
