//! From HTML to plain text with its paragraphs, and back.

use super::entities::{decode, escape};
use super::tags::{INLINE, next_tag};
use crate::platform::language::TextDirection;

/// The elements that begin a line, in which there is no blank one before them. All others that are not inline are
/// paragraphs.
const LINES: [&str; 7] = ["br", "caption", "dd", "dt", "li", "summary", "tr"];
/// The elements that stand beside others on a line.
const CELLS: [&str; 5] = ["col", "colgroup", "img", "td", "th"];

/// What separates two words, from the least to the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Break {
    #[default]
    Nothing,
    Word,
    Line,
    Paragraph,
}

/// The text of sanitised HTML (from [`super::clean`]) without markup, with blank lines between paragraphs.
pub fn printed(html: &str) -> String {
    let mut text = PrintedText::default();
    let mut rest = html;
    while let Some((words, tag, after)) = next_tag(rest) {
        text.push(&decode(words));
        text.pending = text.pending.max(break_of(tag));
        rest = after;
    }
    text.push(&decode(rest));
    text.text
}

fn break_of(tag: &str) -> Break {
    let name = tag.trim_start_matches(['<', '/']);
    let name = name.split(|c: char| !c.is_ascii_alphanumeric()).next();
    let name = name.unwrap_or_default();
    match name {
        inline if INLINE.contains(&inline) => Break::Nothing,
        cell if CELLS.contains(&cell) => Break::Word,
        line if LINES.contains(&line) => Break::Line,
        _ => Break::Paragraph,
    }
}

#[derive(Default)]
struct PrintedText {
    text: String,
    pending: Break,
}

impl PrintedText {
    fn push(&mut self, words: &str) {
        for character in words.chars() {
            if character.is_whitespace() {
                self.pending = self.pending.max(Break::Word);
                continue;
            }
            let pending = std::mem::take(&mut self.pending);
            if !self.text.is_empty() {
                self.text.push_str(match pending {
                    Break::Nothing => "",
                    Break::Word => " ",
                    Break::Line => "\n",
                    Break::Paragraph => "\n\n",
                });
            }
            self.text.push(character);
        }
    }
}

/// The paragraphs of a plain text, which blank lines separate.
pub fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in text.lines() {
        match (line.trim(), paragraphs.last_mut()) {
            ("", Some(last)) if !last.is_empty() => paragraphs.push(String::new()),
            ("", _) | (_, None) => {}
            (line, Some(last)) => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(line);
            }
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// A plain text as HTML, with its paragraphs and lines; the text alone if it is a single line.
pub fn from_text(text: &str) -> String {
    let lines = |paragraph: &String| escape(paragraph).replace('\n', "<br>");
    match paragraphs(text).as_slice() {
        [line] if !line.contains('\n') => escape(line),
        all => {
            let each = all.iter().map(lines);
            each.map(|words| format!("<p>{words}</p>")).collect()
        }
    }
}

/// HTML in a language, with its direction, if it is written from right to left: whoever shows it elsewhere knows nothing
/// else of it.
pub fn directed(html: String, tag: &str) -> String {
    match TextDirection::of(tag) {
        TextDirection::LeftToRight => html,
        TextDirection::RightToLeft => {
            format!("<div lang=\"{}\" dir=\"rtl\">{html}</div>", escape(tag))
        }
    }
}
