//! Views of embeds.

use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

use crate::platform::clock::uk_day;
use crate::platform::html;
use crate::platform::html::TooComplex;
use crate::publishing::feeds::item::JsonFeedItem;
use crate::publishing::feeds::words;
use crate::resources::media;

/// The default size of an embed, in pixels.
const DEFAULT_SIZE: (i64, i64) = (600, 200);
/// The smallest readable size, in pixels; below it, the response is a link.
const MIN_SIZE: (i64, i64) = (200, 100);
/// The most characters of a recommendation's text to show.
const MAX_EXCERPT: usize = 280;

/// An article or recommendation to embed (oEmbed 1.0).
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
    /// The publisher's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300, example = "Independent Office for Police Conduct")]
    pub author_name: Option<String>,
    /// The URL of the publisher's record.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub author_url: Option<String>,
    /// Always `Answerable`.
    #[schema(max_length = 60, example = "Answerable")]
    pub provider_name: &'static str,
    /// The URL of this API.
    #[schema(max_length = 2000, format = "uri", example = "http://127.0.0.1:8080")]
    pub provider_url: String,
    /// For how many seconds the embed may be cached.
    #[schema(minimum = 0, maximum = 60, example = 60)]
    pub cache_age: i64,
    /// The image that stands for it, if its size is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub thumbnail_url: Option<String>,
    /// Its width in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100000)]
    pub thumbnail_width: Option<i32>,
    /// Its height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100000)]
    pub thumbnail_height: Option<i32>,
    /// A quotation with headline, publisher, date and link. It loads nothing, and has no scripts or styles. Absent for
    /// a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100000)]
    pub html: Option<String>,
    /// The width in pixels, at most `maxwidth`. Absent for a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000, example = 600)]
    pub width: Option<i64>,
    /// The height in pixels, at most `maxheight`. Absent for a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000, example = 200)]
    pub height: Option<i64>,
}

/// The type of an embed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum EmbedKind {
    Rich,
    Link,
}

impl Embed {
    /// The embed of an item, at most `max_size` pixels wide and high. `base` is the public base URL of this API.
    ///
    /// # Errors
    /// If its HTML cannot be sanitised.
    pub fn new(
        item: &JsonFeedItem,
        max_size: (Option<i64>, Option<i64>),
        base: &str,
        cache_age: i64,
    ) -> Result<Self, TooComplex> {
        let at_most = |max: Option<i64>, usual: i64| max.map_or(usual, |max| max.min(usual));
        let width = at_most(max_size.0, DEFAULT_SIZE.0);
        let height = at_most(max_size.1, DEFAULT_SIZE.1);
        let is_readable = width >= MIN_SIZE.0 && height >= MIN_SIZE.1;
        let is_rich = is_readable && !item.title.trim().is_empty();
        let author = item.authors.first();
        // oEmbed 1.0, 2.3.4: all three or none, and none that is larger than asked for
        let thumbnail = media::lead(&item.images).and_then(|image| {
            let (width, height) = image.width.zip(image.height)?;
            let fits = |size: i32, max: Option<i64>| max.is_none_or(|max| i64::from(size) <= max);
            let fits = fits(width, max_size.0) && fits(height, max_size.1);
            fits.then(|| (image.url.clone(), width, height))
        });
        Ok(Self {
            version: "1.0",
            kind: match is_rich {
                true => EmbedKind::Rich,
                false => EmbedKind::Link,
            },
            title: item.title.clone(),
            author_name: author.map(|author| author.name.clone()),
            author_url: author.map(|author| author.url.clone()),
            provider_name: "Answerable",
            provider_url: base.to_owned(),
            cache_age,
            thumbnail_url: thumbnail.as_ref().map(|(url, _, _)| url.clone()),
            thumbnail_width: thumbnail.as_ref().map(|(_, width, _)| *width),
            thumbnail_height: thumbnail.as_ref().map(|(_, _, height)| *height),
            html: is_rich.then(|| quotation(item)).transpose()?,
            width: is_rich.then_some(width),
            height: is_rich.then_some(height),
        })
    }
}

/// The HTML of the embed. All of it is escaped text, but it goes through the sanitiser all the same.
fn quotation(item: &JsonFeedItem) -> Result<String, TooComplex> {
    let link = html::escape(&item.url);
    let language = item.language.as_deref().map(|tag| {
        let direction = match item.is_right_to_left() {
            true => " dir=\"rtl\"",
            false => "",
        };
        format!(" lang=\"{}\"{direction}", html::escape(tag))
    });
    let language = language.unwrap_or_default();
    let title = html::escape(&item.title);
    let heading = format!("<a href=\"{link}\">{title}</a>");
    let text = item
        .content_text
        .as_ref()
        .filter(|text| **text != item.title);
    let excerpt = text.map(|text| html::excerpt(text, MAX_EXCERPT));
    let tag = item.language.as_deref().unwrap_or("en");
    let date = words::day(tag, uk_day(item.date_published.naive_utc()));
    let authors = item.authors.iter().map(|author| author.name.as_str());
    let source = authors.chain([&*date]).collect::<Vec<_>>().join(", ");
    let quoted = html::paragraphs(excerpt.as_deref().unwrap_or_default());
    let below = quoted.into_iter().chain([source]);
    let below = below.chain(item.answerable.attribution.clone());
    let below = below.map(|text| html::escape(&text).replace('\n', "<br>"));
    let paragraphs = [heading].into_iter().chain(below);
    let paragraphs: String = paragraphs.map(|text| format!("<p>{text}</p>")).collect();
    let quotation = format!("<blockquote cite=\"{link}\"{language}>{paragraphs}</blockquote>");
    html::clean(&quotation, None).map(Cow::into_owned)
}
