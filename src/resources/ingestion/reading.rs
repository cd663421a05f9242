//! Parses feeds into items, tolerating common errors.

use chrono::{DateTime, TimeDelta, Utc};
use feed_rs::model::{Content, Entry, Link, Text};
use feed_rs::parser;
use url::Url;

use super::mending::mended;
use super::{MAX_ITEMS, Refused};
use crate::platform::{html, values};

/// The maximum lengths of an article's headline and summary, in characters.
const HEADLINE: usize = 300;
const SUMMARY: usize = 2_000;
/// The maximum length of a headline that is made from the text, in characters.
const MADE_HEADLINE: usize = 100;
/// The longest pause that a feed can request.
const LONGEST_TTL: TimeDelta = TimeDelta::days(1);

/// An item of a feed, with the parts that an article has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
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
pub struct Reading {
    /// The items in the order of the feed, valid or refused.
    pub items: Vec<Result<Item, Refused>>,
    /// The number of items beyond the limit.
    pub left_out: usize,
    /// The pause that the feed requests.
    pub ttl: TimeDelta,
}

/// Parses a feed. `charset` is the encoding according to the server, and `base` the base URL of relative links.
///
/// # Errors
/// If this is not a feed.
pub fn read(bytes: &[u8], charset: Option<&str>, base: Option<&str>) -> Result<Reading, String> {
    let parser = parser::Builder::new()
        .base_uri(base)
        // items without an id get none: a generated one would differ each time
        .id_generator(|_, _, _| String::new())
        .build();
    let feed = parser
        .parse(mended(bytes, charset).as_bytes())
        .map_err(|error| format!("this is not an RSS, Atom or JSON feed: {error}"))?;
    let base = base.and_then(|base| Url::parse(base).ok());
    let minutes = feed.ttl.map_or(0, i64::from);
    let left_out = feed.entries.len().saturating_sub(MAX_ITEMS);
    let language = feed.language.as_deref();
    let entries = feed.entries.into_iter().take(MAX_ITEMS).enumerate();
    Ok(Reading {
        items: entries
            .map(|(index, entry)| item(index, entry, base.as_ref(), language))
            .collect(),
        left_out,
        ttl: TimeDelta::minutes(minutes).min(LONGEST_TTL),
    })
}

fn item(
    index: usize,
    entry: Entry,
    base: Option<&Url>,
    language: Option<&str>,
) -> Result<Item, Refused> {
    let link = link(&entry.links, &entry.id, base);
    let title = entry.title.as_ref().map(words).unwrap_or_default();
    let told = entry.summary.as_ref().map(words).unwrap_or_default();
    let mut body_html = entry.content.as_ref().and_then(markup);
    let is_long = told.chars().count() > SUMMARY;
    if let (None, true, Some(summary)) = (&body_html, is_long, &entry.summary) {
        // the description is the whole text
        body_html = Some(safe(&summary.content, summary.content_type.as_ref()));
    }
    let text = match (&body_html, told.is_empty()) {
        (Some(body), true) => html::text(body),
        _ => told.clone(),
    };
    let headline = match title.is_empty() {
        true => html::excerpt(&text, MADE_HEADLINE),
        false => html::excerpt(&title, HEADLINE),
    };
    let label = [&headline, link.as_deref().unwrap_or_default()]
        .into_iter()
        .find(|name| !name.is_empty())
        .map_or_else(|| format!("item {}", index + 1), str::to_owned);
    let refused = |reason: &str| Refused {
        label: label.clone(),
        reason: reason.to_owned(),
    };
    if headline.is_empty() {
        return Err(refused("it has no title and no text"));
    }
    let published_at = entry
        .published
        .or(entry.updated)
        .ok_or_else(|| refused("it has no time of publication"))?;
    Ok(Item {
        guid: entry.id.trim().to_owned(),
        link,
        headline,
        summary: (!told.is_empty()).then(|| html::excerpt(&told, SUMMARY)),
        body_html,
        language: tag(entry.language.as_deref()).or_else(|| tag(language)),
        published_at,
        updated_at: entry.updated.filter(|updated| *updated > published_at),
    })
}

/// The page of an item: the first `alternate` link, else the first link without `rel`, else the id if it is a URL.
fn link(links: &[Link], guid: &str, base: Option<&Url>) -> Option<String> {
    let rel = |link: &&Link, rel: Option<&str>| link.rel.as_deref() == rel;
    let page = links
        .iter()
        .find(|link| rel(link, Some("alternate")))
        .or_else(|| links.iter().find(|link| rel(link, None)));
    let given = page.map(|link| link.href.trim());
    let absolute = |address: &str| {
        let url = match (Url::parse(address), base) {
            (Ok(url), _) => url,
            (Err(_), Some(base)) => base.join(address).ok()?,
            (Err(_), None) => return None,
        };
        let address = url.to_string();
        values::web_url(&address, &()).is_ok().then_some(address)
    };
    given
        .filter(|given| !given.is_empty())
        .and_then(absolute)
        .or_else(|| {
            let is_address = guid.starts_with("http://") || guid.starts_with("https://");
            is_address.then(|| absolute(guid)).flatten()
        })
}

/// A text without markup and control characters.
fn words(text: &Text) -> String {
    let text = safe(&text.content, text.content_type.as_ref());
    without_controls(&html::text(&text))
}

/// The body of an item, as sanitised HTML.
fn markup(content: &Content) -> Option<String> {
    let kind = content.content_type.as_ref();
    let body = content.body.as_deref()?;
    let is_text = kind.starts_with("text/") || kind.contains("xhtml");
    let body = is_text.then(|| safe(body, kind))?;
    (!html::text(&body).is_empty() || body.contains("<img")).then_some(body)
}

/// Sanitises a text of this media type. A text declared as plain is often HTML.
fn safe(text: &str, kind: &str) -> String {
    let has_entities = text.contains('&') && text.contains(';');
    let has_tags = text.contains("</") || text.contains("/>");
    let is_markup = kind != "text/plain" || has_tags || has_entities;
    match is_markup {
        true => without_controls(&html::clean(text)),
        false => without_controls(&html::escape(text)),
    }
}

fn without_controls(text: &str) -> String {
    let is_kept = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    text.chars().filter(is_kept).collect()
}

/// A language tag, normalised: `en-GB` and `EN_gb` become `en-gb`.
fn tag(language: Option<&str>) -> Option<String> {
    let tag = language?.trim().replace('_', "-").to_lowercase();
    values::language(&tag, &()).is_ok().then_some(tag)
}
