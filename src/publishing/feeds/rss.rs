//! RSS 2.0, with elements from Atom, Dublin Core, Media RSS and the content module where RSS has none.

use std::borrow::Cow;
use std::io;

use super::feed::FeedPage;
use super::item::JsonFeedItem;
use super::xml::Xml;
use crate::resources::media::Image;

/// The media type.
pub const MEDIA_TYPE: &str = "application/rss+xml; charset=utf-8";

const ATTRIBUTES: [(&str, &str); 5] = [
    ("version", "2.0"),
    ("xmlns:atom", "http://www.w3.org/2005/Atom"),
    ("xmlns:content", "http://purl.org/rss/1.0/modules/content/"),
    ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
    ("xmlns:media", "http://search.yahoo.com/mrss/"),
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
    // RSS has room for one, and wants its size
    let enclosure = item
        .attachments
        .iter()
        .find_map(|file| Some((file, file.size_in_bytes?)));
    if let Some((file, size)) = enclosure {
        let size = size.to_string();
        let attributes = [
            ("url", &*file.url),
            ("length", &size),
            ("type", &file.mime_type),
        ];
        xml.empty("enclosure", &attributes)?;
    }
    item.images.iter().try_for_each(|one| image(xml, one))?;
    // HTML in either case
    let content = match &item.content_html {
        Some(html) => Cow::Borrowed(html.as_str()),
        None => Cow::Owned(item.html_of(item.content_text.as_deref().unwrap_or_default())),
    };
    match &item.summary {
        Some(summary) => {
            xml.text("description", &[], &item.html_of(summary))?;
            xml.text("content:encoded", &[], &content)
        }
        None => xml.text("description", &[], &content),
    }
}

/// An image (Media RSS 1.5.1).
fn image(xml: &mut Xml, image: &Image) -> io::Result<()> {
    let number = |number: Option<i32>| number.map(|number| number.to_string());
    let (width, height) = (number(image.width), number(image.height));
    let size = image.bytes.map(|bytes| bytes.to_string());
    let mut attributes = vec![("url", image.url.as_str()), ("medium", "image")];
    attributes.extend(image.media_type.as_deref().map(|kind| ("type", kind)));
    attributes.extend(size.as_deref().map(|size| ("fileSize", size)));
    attributes.extend(width.as_deref().map(|width| ("width", width)));
    attributes.extend(height.as_deref().map(|height| ("height", height)));
    xml.element("media:content", &attributes, |xml| {
        if !image.alt.is_empty() {
            xml.text("media:description", &[("type", "plain")], &image.alt)?;
        }
        xml.optional("media:credit", &[], image.credit.as_ref())
    })
}
