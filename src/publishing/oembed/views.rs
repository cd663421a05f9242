//! What embeds are.

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::clock::uk_day;
use crate::platform::html;
use crate::publishing::feeds::feed::{Content, Entry};

/// How large an embed is when nothing smaller is asked for, in pixels.
const SIZE: (i64, i64) = (600, 200);
/// What is smaller than this shows nothing that can be read, in pixels.
const SMALLEST: (i64, i64) = (200, 100);
/// How many characters of a recommendation are shown.
const WORDS: usize = 280;

/// An article or recommendation for another page (oEmbed 1.0).
#[derive(Debug, Serialize, ToSchema)]
pub struct Embed {
    /// Always `1.0`.
    #[schema(max_length = 3, example = "1.0")]
    pub version: &'static str,
    /// Whether there is HTML to show, or only a link.
    #[serde(rename = "type")]
    pub kind: EmbedKind,
    /// The headline.
    #[schema(
        max_length = 600,
        example = "Watchdogs welcome the replies on stalking"
    )]
    pub title: String,
    /// Who published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300, example = "Independent Office for Police Conduct")]
    pub author_name: Option<String>,
    /// The address of the publisher's record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub author_url: Option<String>,
    /// Always `Answerable`.
    #[schema(max_length = 60, example = "Answerable")]
    pub provider_name: &'static str,
    /// The address of this API.
    #[schema(max_length = 2000, format = "uri", example = "http://127.0.0.1:8080")]
    pub provider_url: String,
    /// For how many seconds it may be shown before asking again.
    #[schema(minimum = 0, maximum = 60, example = 60)]
    pub cache_age: i64,
    /// A quotation with headline, publisher, date and link. It needs nothing from elsewhere, and has no scripts or
    /// styles. Not for a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100000)]
    pub html: Option<String>,
    /// How many pixels wide it is, at most what was asked for. Not for a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000, example = 600)]
    pub width: Option<i64>,
    /// The same for its height.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000, example = 200)]
    pub height: Option<i64>,
}

/// What kind of embed it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum EmbedKind {
    Rich,
    Link,
}

impl Embed {
    /// The embed of an entry, in at most `room` pixels. `base` is where clients reach this API.
    pub fn new(
        entry: &Entry,
        room: (Option<i64>, Option<i64>),
        base: &str,
        cache_age: i64,
    ) -> Self {
        let fitted = |room: Option<i64>, usual: i64| room.map_or(usual, |room| room.min(usual));
        let (width, height) = (fitted(room.0, SIZE.0), fitted(room.1, SIZE.1));
        let is_shown =
            width >= SMALLEST.0 && height >= SMALLEST.1 && !entry.title.trim().is_empty();
        let author = entry.authors.first();
        Self {
            version: "1.0",
            kind: match is_shown {
                true => EmbedKind::Rich,
                false => EmbedKind::Link,
            },
            title: entry.title.clone(),
            author_name: author.map(|author| author.name.clone()),
            author_url: author.map(|author| author.record.clone()),
            provider_name: "Answerable",
            provider_url: base.to_owned(),
            cache_age,
            html: is_shown.then(|| quotation(entry)),
            width: is_shown.then_some(width),
            height: is_shown.then_some(height),
        }
    }
}

/// What is shown: everything in it is text, and goes through the sanitiser all the same.
fn quotation(entry: &Entry) -> String {
    let text = |text: &str| html::escape(text);
    let link = text(&entry.link);
    let language = entry.language.as_deref().map(text);
    let language = language.map_or(String::new(), |tag| format!(" lang=\"{tag}\""));
    let mut shown = format!(
        "<blockquote cite=\"{link}\"{language}><p><a href=\"{link}\">{}</a></p>",
        text(&entry.title)
    );
    if let Content::Text(words) = &entry.content
        && *words != entry.title
    {
        let words = html::excerpt(words, WORDS);
        shown.push_str(&format!("<p>{}</p>", text(&words)));
    }
    let authors: Vec<&str> = entry.authors.iter().map(|one| one.name.as_str()).collect();
    let date = uk_day(entry.published.naive_utc())
        .format("%-d %B %Y")
        .to_string();
    let source = authors.iter().copied().chain([date.as_str()]);
    let source = source.collect::<Vec<_>>().join(", ");
    shown.push_str(&format!("<p>{}</p>", text(&source)));
    if let Some(attribution) = &entry.attribution {
        shown.push_str(&format!("<p>{}</p>", text(attribution)));
    }
    shown.push_str("</blockquote>");
    html::clean(&shown).into_owned()
}
