//! RSS 2.0, with elements from Atom, Dublin Core and the content module where RSS has none.

use quick_xml::escape::partial_escape;
use std::borrow::Cow;
use std::io;

use super::feed::{Content, FeedEntry, FeedPage};
use super::xml::Xml;

/// The media type.
pub const MEDIA_TYPE: &str = "application/rss+xml; charset=utf-8";

const ATTRIBUTES: [(&str, &str); 4] = [
    ("version", "2.0"),
    ("xmlns:atom", "http://www.w3.org/2005/Atom"),
    ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
];

/// Writes a feed without tombstones, for which RSS has no element.
pub fn write(feed: &FeedPage) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.element("rss", &ATTRIBUTES, |xml| {
        xml.element("channel", &[], |xml| channel(xml, feed))
    })?;
    Ok(xml.finish())
}

fn channel(xml: &mut Xml, feed: &FeedPage) -> io::Result<()> {
    xml.text("title", &[], &feed.title)?;
    xml.text("link", &[], &feed.list)?;
    xml.text("description", &[], &feed.title)?;
    if let Some(language) = &feed.language {
        xml.text("language", &[], language)?;
    }
    xml.text("lastBuildDate", &[], &feed.updated().to_rfc2822())?;
    xml.text("generator", &[], "Answerable")?;
    let links = [
        ("self", Some(&feed.address)),
        ("first", Some(&feed.first)),
        ("next", feed.page.next.as_ref()),
        ("previous", feed.page.prev.as_ref()),
    ];
    for (relation, address) in links {
        if let Some(address) = address {
            let attributes = [
                ("rel", relation),
                ("type", "application/rss+xml"),
                ("href", address),
            ];
            xml.empty("atom:link", &attributes)?;
        }
    }
    feed.entries
        .iter()
        .try_for_each(|entry| xml.element("item", &[], |xml| item(xml, entry)))
}

fn item(xml: &mut Xml, entry: &FeedEntry) -> io::Result<()> {
    xml.text("title", &[], &entry.title)?;
    xml.text("link", &[], &entry.link)?;
    xml.text("guid", &[("isPermaLink", "false")], &entry.id)?;
    xml.text("pubDate", &[], &entry.published.to_rfc2822())?;
    for author in &entry.authors {
        xml.text("dc:creator", &[], &author.name)?;
    }
    for category in &entry.categories {
        xml.text("category", &[], &category.label)?;
    }
    if let Some(language) = &entry.language {
        xml.text("dc:language", &[], language)?;
    }
    if let Some(rights) = entry.rights() {
        xml.text("dc:rights", &[], &rights)?;
    }
    // HTML in either case
    let content = match &entry.content {
        Content::Html(html) => Cow::Borrowed(html.as_str()),
        Content::Text(text) => partial_escape(text.as_str()),
    };
    match &entry.summary {
        Some(summary) => {
            xml.text("description", &[], &partial_escape(summary.as_str()))?;
            xml.text("content:encoded", &[], &content)
        }
        None => xml.text("description", &[], &content),
    }
}
