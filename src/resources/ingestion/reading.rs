//! Parses feeds into items, tolerating common errors.

use chrono::{DateTime, TimeDelta, Utc};
use feed_rs::model::{Content, Entry, Link, Text};
use feed_rs::parser;
use url::Url;

use super::repair::repaired;
use super::{MAX_ITEMS, RefusedItem};
use crate::platform::html::TooComplex;
use crate::platform::language::Language;
use crate::platform::time;
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
    /// The number of items beyond the limit.
    pub left_out: usize,
    /// The pause that the feed requests.
    pub ttl: TimeDelta,
}

/// Parses a feed. `charset` is the encoding according to the server, and `base` the base URL of relative links.
///
/// # Errors
/// If this is not a feed.
pub fn read(bytes: &[u8], charset: Option<&str>, base: Option<&str>) -> Result<ParsedFeed, String> {
    let parser = parser::Builder::new()
        .base_uri(base)
        // items without an id get none: a generated one would differ each time
        .id_generator(|_, _, _| String::new())
        .build();
    let feed = parser
        .parse(repaired(bytes, charset).as_bytes())
        .map_err(|error| format!("this is not an RSS, Atom or JSON feed: {error}"))?;
    let base = base.and_then(|base| Url::parse(base).ok());
    let minutes = feed.ttl.map_or(0, i64::from);
    let left_out = feed.entries.len().saturating_sub(MAX_ITEMS);
    let language = feed.language.as_deref();
    let entries = feed.entries.into_iter().take(MAX_ITEMS).enumerate();
    Ok(ParsedFeed {
        items: entries
            .map(|(index, entry)| item(index, entry, base.as_ref(), language))
            .collect(),
        left_out,
        ttl: TimeDelta::minutes(minutes).min(MAX_TTL),
    })
}

fn item(
    index: usize,
    entry: Entry,
    base: Option<&Url>,
    language: Option<&str>,
) -> Result<FeedItem, RefusedItem> {
    let link = link(&entry.links, &entry.id, base);
    let place = || {
        link.clone()
            .unwrap_or_else(|| format!("item {}", index + 1))
    };
    let address = address(&entry, link.as_deref(), base);
    let (title, summary, body_html) = texts(&entry, address.as_ref()).map_err(|too_complex| {
        let title = entry
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
    let headline = match (title.is_empty(), &body_html) {
        (false, _) => html::excerpt(&title, MAX_HEADLINE),
        (true, Some(body)) if summary.is_empty() => html::excerpt_of(body, MAX_EXCERPT),
        (true, _) => html::excerpt(&summary, MAX_EXCERPT),
    };
    let label = match headline.is_empty() {
        true => place(),
        false => headline.clone(),
    };
    let refused = |reason: &str| RefusedItem {
        label: label.clone(),
        reason: reason.to_owned(),
    };
    if headline.is_empty() {
        return Err(refused("it has no title and no text"));
    }
    let (published, updated) = (
        entry.published.and_then(time::normal),
        entry.updated.and_then(time::normal),
    );
    let published_at = published.or(updated);
    let published_at = published_at.ok_or_else(|| refused("it has no time of publication"))?;
    Ok(FeedItem {
        guid: entry.id.trim().to_owned(),
        link,
        headline,
        summary: (!summary.is_empty()).then(|| html::excerpt(&summary, MAX_SUMMARY)),
        body_html,
        language: tag(entry.language.as_deref()).or_else(|| tag(language)),
        published_at,
        updated_at: updated.filter(|updated| *updated > published_at),
    })
}

/// The title and the summary of an item, which may be empty, and the body, if it has one. Its relative links are those of a page.
fn texts(
    entry: &Entry,
    page: Option<&Url>,
) -> Result<(String, String, Option<String>), TooComplex> {
    let plain = |text: &Option<Text>| text.as_ref().map(plain_text).transpose();
    let title = plain(&entry.title)?.unwrap_or_default();
    let summary = plain(&entry.summary)?.unwrap_or_default();
    let mut body_html = match &entry.content {
        Some(content) => body(content, page)?,
        None => None,
    };
    let is_long = summary.chars().count() > MAX_SUMMARY;
    if let (None, true, Some(description)) = (&body_html, is_long, &entry.summary) {
        // the description is the whole text
        let content_type = description.content_type.as_ref();
        body_html = Some(sanitised(&description.content, content_type, page)?);
    }
    Ok((title, summary, body_html))
}

/// The address that the relative links of an item start from: its `xml:base`, else its page, else the feed.
fn address(entry: &Entry, link: Option<&str>, feed: Option<&Url>) -> Option<Url> {
    let content = entry
        .content
        .as_ref()
        .and_then(|content| content.src.as_ref());
    let given = entry
        .base
        .as_deref()
        .or(content.map(|src| src.href.as_str()));
    let given = given.and_then(|given| match feed {
        Some(feed) => feed.join(given).ok(),
        None => Url::parse(given).ok(),
    });
    // the parser gives the feed's own address where there is none
    let given = given.filter(|given| Some(given) != feed);
    given.or_else(|| Url::parse(link?).ok()).or(feed.cloned())
}

/// The page of an item: the first `alternate` link, else the first link without `rel`, else the id if it is a URL.
fn link(links: &[Link], guid: &str, base: Option<&Url>) -> Option<String> {
    let with_rel = |rel: Option<&str>| links.iter().find(|link| link.rel.as_deref() == rel);
    let absolute = |address: &str| {
        let url = match (Url::parse(address), base) {
            (Ok(url), _) => url,
            (Err(_), base) => base?.join(address).ok()?,
        };
        let address = url.to_string();
        values::web_url(&address, &()).is_ok().then_some(address)
    };
    let page = with_rel(Some("alternate")).or_else(|| with_rel(None));
    let href = page.map(|link| link.href.trim());
    let is_url = guid.starts_with("http://") || guid.starts_with("https://");
    href.filter(|href| !href.is_empty())
        .and_then(absolute)
        .or_else(|| is_url.then(|| absolute(guid)).flatten())
}

/// A text without markup and control characters.
fn plain_text(text: &Text) -> Result<String, TooComplex> {
    let text = sanitised(&text.content, text.content_type.as_ref(), None)?;
    Ok(without_controls(&html::text(&text)))
}

/// The body of an item, as sanitised HTML.
fn body(content: &Content, page: Option<&Url>) -> Result<Option<String>, TooComplex> {
    let content_type = content.content_type.as_ref();
    let is_text = content_type.starts_with("text/") || content_type.contains("xhtml");
    let Some(body) = content.body.as_deref().filter(|_| is_text) else {
        return Ok(None);
    };
    let body = sanitised(body, content_type, page)?;
    let has_content = !html::text(&body).is_empty() || body.contains("<img");
    Ok(has_content.then_some(body))
}

/// Sanitises a text of this media type. A text declared as plain is often HTML.
fn sanitised(text: &str, content_type: &str, page: Option<&Url>) -> Result<String, TooComplex> {
    let text = &without_controls(text);
    let has_entities = text.contains('&') && text.contains(';');
    let has_tags = text.contains("</") || text.contains("/>");
    match content_type != "text/plain" || has_tags || has_entities {
        true => Ok(without_controls(&html::clean(text, page)?)), // entities can be control characters too
        false => Ok(html::escape(text)),
    }
}

fn without_controls(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), "")
}

/// A language tag, normalised: `en-gb` and `EN_gb` become `en-GB`.
fn tag(language: Option<&str>) -> Option<String> {
    let tag = language?.trim().replace('_', "-");
    Language::registered(&tag).map(|tag| tag.to_string())
}
