//! Sanitises external HTML before it is stored.

mod attributes;
mod cleaning;
mod effort;
mod entities;
mod limits;
mod plain;
mod tags;
mod taken_off;

pub use cleaning::{clean, has_markup, has_relative_links, is_likely};
pub use entities::{decode, escape};
pub use limits::{MAX_ATTRIBUTES, MAX_DEPTH, TooComplex};
pub use plain::{directed, from_text, paragraphs, printed};
pub use taken_off::TakenOff;

use tags::{INLINE, after_tag};

/// The text of sanitised HTML (from [`clean`]) without markup, on one line.
pub fn text(html: &str) -> String {
    beginning(html, usize::MAX)
}

/// The [`excerpt`] of the text of sanitised HTML, of which no more is read than that takes.
pub fn excerpt_of(html: &str, limit: usize) -> String {
    excerpt(&beginning(html, limit + 1), limit)
}

/// The text of sanitised HTML, or as much of it as has `length` characters.
fn beginning(html: &str, length: usize) -> String {
    let mut line = Line {
        room: length,
        ..Line::default()
    };
    let mut rest = html;
    while let Some((words, tag)) = rest.split_once('<') {
        line.push(&decode(words));
        let name = tag.trim_start_matches('/');
        let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next();
        if !name.is_some_and(|name| INLINE.contains(&name)) {
            line.push(" ");
        }
        if line.room == 0 {
            return line.text;
        }
        rest = after_tag(tag);
    }
    line.push(&decode(rest));
    line.text
}

/// A text on one line, with one space between words.
#[derive(Default)]
struct Line {
    text: String,
    ends_word: bool,
    /// How many characters there is room for.
    room: usize,
}

impl Line {
    fn push(&mut self, text: &str) {
        for character in text.chars() {
            if character.is_whitespace() {
                self.ends_word = true;
                continue;
            }
            if std::mem::take(&mut self.ends_word) && !self.text.is_empty() && self.room > 0 {
                self.text.push(' ');
                self.room -= 1;
            }
            if self.room == 0 {
                return;
            }
            self.text.push(character);
            self.room -= 1;
        }
    }
}

/// The beginning of a text: whole words, at most `limit` characters.
pub fn excerpt(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let cut: String = text.chars().take(limit - 1).collect();
    let whole = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(words, _)| words);
    format!("{whole}…")
}
