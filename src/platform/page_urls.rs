//! The pages of the public site: where people read the records of this API.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::str::FromStr;
use std::sync::Arc;
use url::Url;

/// The collections whose records have pages, and what the templates of their addresses may name.
const COLLECTIONS: [(&str, &[&str]); 4] = [
    ("articles", &["slug", "id", "language"]),
    ("organisations", &["slug", "id"]),
    ("recommendations", &["slug", "id", "report", "number"]),
    ("reports", &["slug", "id"]),
];

/// What a path segment keeps as it is (RFC 3986, 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The templates of the addresses of pages: the setting `page_urls`.
#[derive(Clone, Debug, Default)]
pub struct PageUrls(Arc<[PageTemplate]>);

#[derive(Debug)]
struct PageTemplate {
    collection: &'static str,
    /// The language of the records, if it is for those only.
    language: Option<String>,
    text: String,
}

impl PageUrls {
    /// Reads the setting.
    ///
    /// # Errors
    /// Why a template cannot be used.
    pub fn parse(templates: &[String]) -> Result<Self, String> {
        let templates = templates.iter().map(|text| text.parse());
        let templates: Result<Vec<PageTemplate>, String> = templates.collect();
        templates.map(|templates| Self(templates.into()))
    }

    /// The address of a record's page, if there is a template for its collection and its language, or for all languages.
    /// `values` are what a template may name.
    pub fn of(
        &self,
        collection: &str,
        language: Option<&str>,
        values: &[(&str, &str)],
    ) -> Option<String> {
        let mut fitting = self.0.iter().filter(|one| one.collection == collection);
        let exact = |one: &&PageTemplate| one.language.as_deref() == language;
        let template = match fitting.clone().find(exact) {
            Some(template) => template,
            None => fitting.find(|one| one.language.is_none())?,
        };
        let mut address = template.text.clone();
        for (name, value) in values {
            let value = utf8_percent_encode(value, UNRESERVED).to_string();
            address = address.replace(&format!("{{{name}}}"), &value);
        }
        Some(address)
    }

    /// The address of an article's page.
    pub fn of_article(&self, slug: &str, id: &str, language: &str) -> Option<String> {
        let values = [("slug", slug), ("id", id), ("language", language)];
        self.of("articles", Some(language), &values)
    }

    /// The address of a recommendation's page, given the slug of its report and its number there.
    pub fn of_recommendation(
        &self,
        (slug, id): (&str, &str),
        (report, number): (&str, &str),
    ) -> Option<String> {
        let values = [
            ("slug", slug),
            ("id", id),
            ("report", report),
            ("number", number),
        ];
        self.of("recommendations", None, &values)
    }

    /// What an address, or its path, says of a record, if it is that of a page.
    pub fn read(&self, address: &str) -> Option<PageAddress> {
        let address = address.split('#').next()?;
        let path = address.split('?').next()?;
        self.0.iter().find_map(|template| {
            let text = match address.starts_with('/') {
                true => path_of(&template.text),
                false => &template.text,
            };
            let address = if text.contains('?') { address } else { path };
            Some(PageAddress {
                collection: template.collection,
                values: values_in(address, text)?,
            })
        })
    }
}

/// What the address of a page says of its record.
#[derive(Clone, Debug)]
pub struct PageAddress {
    /// The collection.
    pub collection: &'static str,
    values: Vec<(String, String)>,
}

impl PageAddress {
    /// What the address has in the place of this name in its template.
    pub fn value(&self, name: &str) -> Option<&str> {
        let named = self.values.iter().find(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// An address without its scheme and host.
pub fn path_of(address: &str) -> &str {
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    let path = address[after_scheme..].find('/');
    path.map_or("/", |at| &address[after_scheme + at..])
}

/// What an address has in the places that a template names. A value is never longer than a segment of the path.
fn values_in(mut address: &str, mut template: &str) -> Option<Vec<(String, String)>> {
    let mut values = Vec::new();
    while let Some((before, place)) = template.split_once('{') {
        let (name, after) = place.split_once('}')?;
        address = address.strip_prefix(before)?;
        let segment = &address[..address.find(['/', '?']).unwrap_or(address.len())];
        let follows = &after[..after.find(['/', '{']).unwrap_or(after.len())];
        let length = match follows {
            "" => segment.len(),
            _ => segment.rfind(follows)?,
        };
        let value = percent_decode_str(&segment[..length]).decode_utf8().ok()?;
        if value.is_empty() {
            return None;
        }
        values.push((name.to_owned(), value.into_owned()));
        (address, template) = (&address[length..], after);
    }
    let is_end = address.trim_end_matches('/') == template.trim_end_matches('/');
    is_end.then_some(values)
}

impl FromStr for PageTemplate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = || {
            format!(
                "expected a collection, perhaps with a language, and a URL, such as \
                 articles.cy=https://site.example/cy/news/{{slug}}, not '{text}'"
            )
        };
        let (place, address) = text.split_once('=').ok_or_else(form)?;
        let (collection, language) = match place.split_once('.') {
            Some((collection, language)) => (collection, Some(language.to_owned())),
            None => (place, None),
        };
        let known = COLLECTIONS.iter().find(|(name, _)| *name == collection);
        let (collection, names) = known.ok_or_else(|| {
            let names = COLLECTIONS.map(|(name, _)| name).join(", ");
            format!("'{collection}' has no pages; expected one of {names}")
        })?;
        let mut rest = address;
        while let Some((_, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(form)?;
            if !names.contains(&name) {
                return Err(format!(
                    "unknown '{{{name}}}' in '{text}'; expected one of {}",
                    names.join(", ")
                ));
            }
            rest = after;
        }
        let is_web = Url::parse(&address.replace(['{', '}'], ""))
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let names_record = ["{slug}", "{id}", "{number}"]
            .iter()
            .any(|name| address.contains(name));
        if !is_web || !names_record {
            return Err(form());
        }
        Ok(Self {
            collection,
            language,
            text: address.to_owned(),
        })
    }
}
