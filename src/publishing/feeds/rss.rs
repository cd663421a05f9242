//! RSS 2.0, with elements from Atom, Dublin Core and the content module where RSS has none.

use quick_xml::escape::partial_escape;
use std::borrow::Cow;
use std::io;

use super::feed::FeedPage;
use super::item::JsonFeedItem;
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
    xml.optional("language", &[], feed.language.as_ref())?;
    xml.text("lastBuildDate", &[], &feed.updated().to_rfc2822())?;
    xml.text("generator", &[], "Answerable")?;
    for (relation, address) in feed.links() {
        let attributes = [
            ("rel", relation),
            ("type", "application/rss+xml"),
            ("href", address),
        ];
        xml.empty("atom:link", &attributes)?;
    }
    feed.items
        .iter()
        .try_for_each(|one| xml.element("item", &[], |xml| item(xml, one)))
}

fn item(xml: &mut Xml, item: &JsonFeedItem) -> io::Result<()> {
    xml.text("title", &[], &item.title)?;
    xml.text("link", &[], &item.url)?;
    xml.text("guid", &[("isPermaLink", "false")], &item.id)?;
    xml.text("pubDate", &[], &item.date_published.to_rfc2822())?;
    for author in &item.authors {
        xml.text("dc:creator", &[], &author.name)?;
    }
    for tag in &item.tags {
        xml.text("category", &[], &tag.label)?;
    }
    xml.optional("dc:language", &[], item.language.as_ref())?;
    xml.optional("dc:rights", &[], item.rights().as_ref())?;
    // HTML in either case
    let content = match &item.content_html {
        Some(html) => Cow::Borrowed(html.as_str()),
        None => partial_escape(item.content_text.as_deref().unwrap_or_default()),
    };
    match &item.summary {
        Some(summary) => {
            xml.text("description", &[], &partial_escape(summary.as_str()))?;
            xml.text("content:encoded", &[], &content)
        }
        None => xml.text("description", &[], &content),
    }
}
