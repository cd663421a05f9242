//! Makes items of a feed, whatever its format and however it keeps to it.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use std::collections::HashSet;
use url::Url;

use super::dates::FeedDate;
use super::repair::repaired;
use super::source::{SourceFeed, SourceItem, SourceLink, SourceText};
use super::{Note, RefusedItem, json_feeds, xml_feeds};
use crate::platform::html::TooComplex;
use crate::platform::language::Language;
use crate::platform::{html, values};

/// The maximum lengths of an article's headline and summary, in characters.
const MAX_HEADLINE: usize = 300;
const MAX_SUMMARY: usize = 2_000;
/// The maximum length of a headline that is an excerpt of the text, in characters.
const MAX_EXCERPT: usize = 100;
/// The longest pause that a feed can request.
const MAX_TTL: TimeDelta = TimeDelta::days(1);

/// An item of a feed, with the parts that an article has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedItem {
    /// The id in the feed; empty if it has none.
    pub guid: String,
    /// The item on its publisher's website.
    pub link: Option<String>,
    /// The headline.
    pub headline: String,
    /// The summary, as plain text.
    pub summary: Option<String>,
    /// The body, as sanitised HTML.
    pub body_html: Option<String>,
    /// The language, if the feed has a valid tag.
    pub language: Option<String>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// When its publisher last changed it, if after publication.
    pub updated_at: Option<DateTime<Utc>>,
}

/// A parsed feed.
#[derive(Debug)]
pub struct ParsedFeed {
    /// The items in the order of the feed, valid or refused.
    pub items: Vec<Result<FeedItem, RefusedItem>>,
    /// What was wrong, and could be read all the same.
    pub notes: Vec<Note>,
    /// The number of items beyond the limit.
    pub left_out: usize,
    /// The pause that the feed requests.
    pub ttl: TimeDelta,
}

/// What an item needs of its feed.
struct Frame {
    /// The address of the feed.
    base: Option<Url>,
    language: Option<String>,
    /// The offset of its dates, if all that state one state the same.
    offset: Option<FixedOffset>,
}

/// Parses a feed. `charset` is the encoding according to the server, and `base` the base URL of relative links.
///
/// # Errors
/// If this is not a feed.
pub fn read(bytes: &[u8], charset: Option<&str>, base: Option<&str>) -> Result<ParsedFeed, String> {
    let text = repaired(bytes, charset);
    let base = base.and_then(|base| Url::parse(base).ok());
    let feed = match text.starts_with('{') {
        true => json_feeds::read(&text)?,
        false => xml_feeds::read(&text, base.as_ref())?,
    };
    let frame = Frame {
        offset: offset(&feed),
        language: tag(feed.language.as_deref()),
        base,
    };
    let mut notes = feed.notes;
    let items = feed.items.into_iter().enumerate();
    Ok(ParsedFeed {
        items: items
            .map(|(index, source)| item(index, &source?, &frame, &mut notes))
            .collect(),
        notes,
        left_out: feed.left_out,
        ttl: feed.ttl.min(MAX_TTL),
    })
}

/// The offset of a feed's dates, if all that state one state the same.
fn offset(feed: &SourceFeed) -> Option<FixedOffset> {
    let items = feed.items.iter().flatten();
    let dates = items.flat_map(|item| item.published.iter().chain(&item.updated));
    let dates = dates.filter_map(|text| FeedDate::read(text));
    let offsets: HashSet<FixedOffset> = dates.filter_map(|date| date.offset()).collect();
    let mut offsets = offsets.into_iter();
    offsets.next().filter(|_| offsets.next().is_none())
}

fn item(
    index: usize,
    source: &SourceItem,
    frame: &Frame,
    notes: &mut Vec<Note>,
) -> Result<FeedItem, RefusedItem> {
    let own_language = language(source);
    let link = link(source, own_language.as_deref(), frame.base.as_ref());
    let place = || {
        link.as_ref()
            .map_or_else(|| format!("item {}", index + 1), |link| link.href.clone())
    };
    let address = link.as_ref().and_then(|link| Url::parse(&link.href).ok());
    let address = address.or_else(|| frame.base.clone());
    let (title, summary, body_html) = texts(source, address.as_ref()).map_err(|too_complex| {
        let title = source
            .title
            .as_ref()
            .and_then(|title| plain_text(title).ok());
        RefusedItem {
            label: title
                .filter(|title| !title.is_empty())
                .unwrap_or_else(place),
            reason: too_complex.to_string(),
        }
    })?;
    let headline = headline(&title, &summary, body_html.as_deref());
    let label = match headline.is_empty() {
        true => place(),
        false => headline.clone(),
    };
    let refused = |reason: String| RefusedItem {
        label: label.clone(),
        reason,
    };
    if headline.is_empty() {
        return Err(refused("it has no title and no text".to_owned()));
    }
    let mut tell = |what: String| {
        notes.push(Note {
            label: label.clone(),
            what,
        });
    };
    let (published_at, updated) = times(source, frame.offset, &mut tell).map_err(refused)?;
    let of_link = || link.as_ref().and_then(|link| tag(link.language.as_deref()));
    Ok(FeedItem {
        guid: source.guid.trim().to_owned(),
        headline,
        summary: (!summary.is_empty()).then(|| html::excerpt(&summary, MAX_SUMMARY)),
        body_html,
        language: own_language
            .or_else(of_link)
            .or_else(|| frame.language.clone()),
        published_at,
        updated_at: updated.filter(|updated| *updated > published_at),
        link: link.map(|link| link.href),
    })
}

/// The headline of an item: its title, or the beginning of its text.
fn headline(title: &str, summary: &str, body_html: Option<&str>) -> String {
    match (title.is_empty(), body_html) {
        (false, _) => html::excerpt(title, MAX_HEADLINE),
        (true, Some(body)) if summary.is_empty() => html::excerpt_of(body, MAX_EXCERPT),
        (true, _) => html::excerpt(summary, MAX_EXCERPT),
    }
}

/// When an item was published, or else changed, and when it was changed. `tell` hears what had to be supposed.
fn times(
    source: &SourceItem,
    feed: Option<FixedOffset>,
    tell: &mut impl FnMut(String),
) -> Result<(DateTime<Utc>, Option<DateTime<Utc>>), String> {
    let mut read = |text: &String| {
        let read = FeedDate::read(text).and_then(|date| date.time(feed));
        if read.is_none() {
            let text = html::excerpt(text, MAX_EXCERPT);
            tell(format!(
                "its date '{text}' cannot be read, or in more than one way"
            ));
        }
        let (at, supposed) = read?;
        supposed.into_iter().for_each(&mut *tell);
        Some(at)
    };
    let published = source.published.iter().find_map(&mut read);
    let updated = source.updated.iter().find_map(&mut read);
    let published_at = published.or(updated);
    let published_at = published_at.ok_or("it has no time of publication")?;
    Ok((published_at, updated))
}

/// The language of an item: that of its content, else of its summary, its title, or the whole.
fn language(source: &SourceItem) -> Option<String> {
    let texts = [&source.content, &source.summary, &source.title];
    let mut texts = texts.into_iter().flatten();
    texts
        .find_map(|text| tag(text.language.as_deref()))
        .or_else(|| tag(source.language.as_deref()))
}

/// The title and the summary of an item, which may be empty, and the body, if it has one. Relative links are those of a page.
fn texts(
    source: &SourceItem,
    page: Option<&Url>,
) -> Result<(String, String, Option<String>), TooComplex> {
    let plain = |text: &Option<SourceText>| text.as_ref().map(plain_text).transpose();
    let title = plain(&source.title)?.unwrap_or_default();
    let summary = plain(&source.summary)?.unwrap_or_default();
    let mut body_html = match &source.content {
        Some(content) => body(content, page)?,
        None => None,
    };
    if let (None, Some(description)) = (&body_html, &source.summary) {
        // a description that a summary cannot hold is the whole text
        let is_long = summary.chars().count() > MAX_SUMMARY;
        body_html = body(description, page)?.filter(|body| is_long || has_more_than_words(body));
    }
    Ok((title, summary, body_html))
}

/// Whether sanitised HTML has something that a plain text would lose.
fn has_more_than_words(html: &str) -> bool {
    let tags = ["<a ", "<img ", "<li", "<table", "<h", "<blockquote", "<pre"];
    tags.iter().any(|tag| html.contains(tag)) || html.matches("<p").count() > 1
}

/// The page of an item: of its links, one to HTML, in its language if there are several; else the id, if it is an address and a
/// permanent link.
fn link(source: &SourceItem, language: Option<&str>, base: Option<&Url>) -> Option<SourceLink> {
    let absolute = |link: &SourceLink| {
        let href = link.href.trim();
        let base = link.base.as_ref().or(base);
        let url = Url::parse(href).ok().or_else(|| base?.join(href).ok())?;
        let href = url.to_string();
        let is_valid = !link.href.trim().is_empty() && values::web_url(&href, &()).is_ok();
        is_valid.then(|| SourceLink {
            href,
            language: link.language.clone(),
            ..SourceLink::default()
        })
    };
    let is_html = |link: &&SourceLink| {
        let media_type = link.media_type.as_deref().unwrap_or("text/html");
        media_type.to_ascii_lowercase().contains("html")
    };
    let is_in_language = |link: &&SourceLink| {
        language.is_some() && tag(link.language.as_deref()).as_deref() == language
    };
    let links = || source.links.iter();
    let preferred = links().filter(is_html).filter(is_in_language);
    let mut preferred = preferred.chain(links().filter(is_html)).chain(links());
    let id = SourceLink {
        href: source.guid.trim().to_owned(),
        ..SourceLink::default()
    };
    let is_url = Url::parse(&id.href).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    let by_id = || {
        (is_url && source.is_permalink)
            .then(|| absolute(&id))
            .flatten()
    };
    preferred.find_map(absolute).or_else(by_id)
}

/// A text on one line, without markup and control characters.
fn plain_text(text: &SourceText) -> Result<String, TooComplex> {
    let html = match text.is_html {
        true => sanitised(text, None)?,
        false => html::escape(&without_controls(&text.value)),
    };
    Ok(html::text(&html))
}

/// A text as sanitised HTML; `None` if nothing is in it.
fn body(text: &SourceText, page: Option<&Url>) -> Result<Option<String>, TooComplex> {
    let body = sanitised(text, text.base.as_ref().or(page))?;
    let has_content = !html::text(&body).is_empty() || body.contains("<img");
    Ok(has_content.then_some(body))
}

/// A text as sanitised HTML.
fn sanitised(text: &SourceText, page: Option<&Url>) -> Result<String, TooComplex> {
    let value = without_controls(&text.value);
    let html = match text.is_html {
        true => value,
        false => html::from_text(&value),
    };
    // references can be control characters too
    Ok(without_controls(&html::clean(&html, page)?))
}

fn without_controls(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), "")
}

/// A language tag, normalised: `en-gb` and `EN_gb` become `en-GB`.
fn tag(language: Option<&str>) -> Option<String> {
    let tag = language?.trim().replace('_', "-");
    Language::registered(&tag).map(|tag| tag.to_string())
}
