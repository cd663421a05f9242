//! Atom (RFC 4287), with paging (RFC 5005) and tombstones (RFC 6721).

use chrono::{DateTime, SecondsFormat, Utc};
use std::io;

use super::feed::{Content, FeedEntry, FeedPage, Tombstone};
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
        let links = [
            ("self", Some(&feed.address)),
            ("first", Some(&feed.first)),
            ("next", feed.page.next.as_ref()),
            ("previous", feed.page.prev.as_ref()),
        ];
        for (relation, address) in links {
            if let Some(address) = address {
                xml.empty("link", &[("rel", relation), ("href", address)])?;
            }
        }
        record(xml, &feed.list)?;
        // the grammar wants extensions before the entries
        for tombstone in &feed.tombstones {
            deleted(xml, tombstone)?;
        }
        feed.entries.iter().try_for_each(|one| entry(xml, one))
    })?;
    Ok(xml.finish())
}

fn entry(xml: &mut Xml, entry: &FeedEntry) -> io::Result<()> {
    let language = entry.language.as_deref();
    let attributes: Vec<_> = language.map(|tag| ("xml:lang", tag)).into_iter().collect();
    xml.element("entry", &attributes, |xml| {
        xml.text("id", &[], &entry.id)?;
        xml.text("title", &[], &entry.title)?;
        xml.text("published", &[], &time(entry.published))?;
        xml.text("updated", &[], &time(entry.updated))?;
        for author in &entry.authors {
            xml.element("author", &[], |xml| {
                xml.text("name", &[], &author.name)?;
                xml.text("uri", &[], &author.record)
            })?;
        }
        // without a type: readers take only such a link for the entry's own
        xml.empty("link", &[("rel", "alternate"), ("href", &entry.link)])?;
        if entry.link != entry.record {
            record(xml, &entry.record)?;
        }
        for category in &entry.categories {
            let attributes = [("term", &*category.term), ("label", &category.label)];
            xml.empty("category", &attributes)?;
        }
        if let Some(rights) = entry.rights() {
            xml.text("rights", &[], &rights)?;
        }
        if let Some(summary) = &entry.summary {
            xml.text("summary", &[], summary)?;
        }
        match &entry.content {
            Content::Html(html) => xml.text("content", &[("type", "html")], html),
            Content::Text(text) => xml.text("content", &[("type", "text")], text),
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
        let mut reason = tombstone.reason.iter();
        reason.try_for_each(|reason| xml.text("at:comment", &[], reason))
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
