//! Atom (RFC 4287), with paging (RFC 5005) and tombstones (RFC 6721).

use chrono::{DateTime, SecondsFormat, Utc};
use std::io;

use super::feed::{FeedPage, Tombstone};
use super::item::JsonFeedItem;
use super::xml::Xml;

/// The media type.
pub const MEDIA_TYPE: &str = "application/atom+xml; charset=utf-8";

const NAMESPACES: [(&str, &str); 2] = [
    ("xmlns", "http://www.w3.org/2005/Atom"),
    ("xmlns:at", "http://purl.org/atompub/tombstones/1.0"),
];

/// Writes a feed.
pub fn write(feed: &FeedPage) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    let mut attributes = NAMESPACES.to_vec();
    attributes.extend(feed.language.as_deref().map(|tag| ("xml:lang", tag)));
    xml.element("feed", &attributes, |xml| {
        xml.text("id", &[], &feed.id)?;
        xml.text("title", &[], &feed.title)?;
        xml.text("updated", &[], &time(feed.updated()))?;
        xml.text("generator", &[], "Answerable")?;
        for (relation, address) in feed.links() {
            xml.empty("link", &[("rel", relation), ("href", address)])?;
        }
        record(xml, &feed.list)?;
        // the grammar wants extensions before the entries
        for tombstone in &feed.tombstones {
            deleted(xml, tombstone)?;
        }
        feed.items.iter().try_for_each(|item| entry(xml, item))
    })?;
    Ok(xml.finish())
}

fn entry(xml: &mut Xml, item: &JsonFeedItem) -> io::Result<()> {
    let language = item.language.as_deref();
    let attributes: Vec<_> = language.map(|tag| ("xml:lang", tag)).into_iter().collect();
    xml.element("entry", &attributes, |xml| {
        xml.text("id", &[], &item.id)?;
        xml.text("title", &[], &item.title)?;
        xml.text("published", &[], &time(item.date_published))?;
        xml.text("updated", &[], &time(item.date_modified))?;
        for author in &item.authors {
            xml.element("author", &[], |xml| {
                xml.text("name", &[], &author.name)?;
                xml.text("uri", &[], &author.url)
            })?;
        }
        // without a type: readers take only such a link for the entry's own
        xml.empty("link", &[("rel", "alternate"), ("href", &item.url)])?;
        if item.url != item.answerable.record {
            record(xml, &item.answerable.record)?;
        }
        for file in &item.attachments {
            let size = file.size_in_bytes.map(|size| size.to_string());
            let mut attributes = vec![("rel", "enclosure"), ("href", file.url.as_str())];
            attributes.extend([("type", file.mime_type.as_str()), ("title", &file.title)]);
            attributes.extend(size.as_deref().map(|size| ("length", size)));
            xml.empty("link", &attributes)?;
        }
        for tag in &item.tags {
            xml.empty("category", &[("term", &tag.term), ("label", &tag.label)])?;
        }
        xml.optional("rights", &[], item.rights().as_ref())?;
        if let Some(summary) = &item.summary {
            match item.is_right_to_left() {
                true => xml.text("summary", &[("type", "html")], &item.html_of(summary))?,
                false => xml.text("summary", &[], summary)?,
            }
        }
        match (&item.content_html, &item.content_text) {
            (Some(html), _) => xml.text("content", &[("type", "html")], html),
            (None, text) => xml.optional("content", &[("type", "text")], text.as_ref()),
        }
    })
}

/// The link to the same record or list as JSON.
fn record(xml: &mut Xml, address: &str) -> io::Result<()> {
    let attributes = [
        ("rel", "alternate"),
        ("type", "application/json"),
        ("href", address),
    ];
    xml.empty("link", &attributes)
}

fn deleted(xml: &mut Xml, tombstone: &Tombstone) -> io::Result<()> {
    let at = time(tombstone.at);
    let attributes = [("ref", &*tombstone.id), ("when", &at)];
    xml.element("at:deleted-entry", &attributes, |xml| {
        xml.optional("at:comment", &[], tombstone.reason.as_ref())
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
