//! The pages of the public site: where people read the records of this API.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;
use url::Url;

use super::identity::RecordId;
use super::language::Language;

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

/// How many ways to read an address are tried: `{report}-{number}` may be parted at each hyphen.
const MAX_READINGS: usize = 8;
/// The longest segment of a path that is read.
const MAX_SEGMENT: usize = 300;

/// The templates of the addresses of pages: the setting `page_urls`.
#[derive(Clone, Debug, Default)]
pub struct PageUrls(Arc<[PageTemplate]>);

#[derive(Debug)]
struct PageTemplate {
    collection: &'static str,
    /// The language of the records, if it is for those only.
    language: Option<String>,
    text: String,
    origin: String,
    /// The host without `www.`, and the port.
    host: String,
    path: String,
    query: Vec<(String, String)>,
    fragment: Option<String>,
}

/// What the address of a page says of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAddress {
    /// The collection.
    pub collection: &'static str,
    /// The number of the template.
    template: usize,
    values: PlaceValues,
}

/// What an address has in the places that a template names.
type PlaceValues = BTreeMap<String, String>;

impl PageAddress {
    /// What the address has in the place of this name in its template.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

impl PageUrls {
    /// Reads the setting.
    ///
    /// # Errors
    /// Why a template cannot be used.
    pub fn parse(templates: &[String]) -> Result<Self, String> {
        let templates = templates.iter().map(|text| text.parse());
        let templates: Vec<PageTemplate> = templates.collect::<Result<_, String>>()?;
        for (index, one) in templates.iter().enumerate() {
            let place = |one: &PageTemplate| (one.collection, one.language.clone());
            if templates[..index]
                .iter()
                .any(|other| place(other) == place(one))
            {
                return Err(format!("there are two templates for {}", one.collection));
            }
        }
        Ok(Self(templates.into()))
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

    /// What an address, or a path alone, may say of a record, if it is that of a page.
    pub fn read(&self, address: &str) -> Vec<PageAddress> {
        let is_path = address.starts_with('/') && !address.starts_with("//");
        let url = match is_path {
            true => Url::parse("https://any.invalid").and_then(|base| base.join(address)),
            false => Url::parse(address),
        };
        let Ok(url) = url else { return Vec::new() };
        let host = host(&url).filter(|_| !is_path);
        let templates = self.0.iter().enumerate();
        let templates = templates.filter(|(_, one)| is_path || host.as_ref() == Some(&one.host));
        let addresses = templates.flat_map(|(template, one)| {
            let readings = one.readings(&url).into_iter();
            readings.map(move |values| PageAddress {
                collection: one.collection,
                template,
                values,
            })
        });
        addresses.collect()
    }

    /// Whether an address, or a path alone, is that of a page, however it is written.
    pub fn is_at(&self, page: &str, address: &str) -> bool {
        let asked = self.read(address);
        self.read(page).iter().any(|page| asked.contains(page))
    }

    /// The addresses that a path has on the hosts of the site.
    pub fn on_hosts(&self, path: &str) -> BTreeSet<String> {
        let origins = self.0.iter().map(|one| &one.origin);
        origins.map(|origin| format!("{origin}{path}")).collect()
    }
}

/// The host of a web address without `www.`, and its port.
fn host(url: &Url) -> Option<String> {
    let host = url
        .host_str()
        .filter(|_| matches!(url.scheme(), "http" | "https"))?;
    let host = host.strip_prefix("www.").unwrap_or(host);
    let port = url.port().map(|port| format!(":{port}"));
    Some(format!("{host}{}", port.unwrap_or_default()))
}

impl PageTemplate {
    /// What an address has in the places of the template, in each way to read it. Other parameters do not matter.
    fn readings(&self, url: &Url) -> Vec<PlaceValues> {
        let trimmed = |path: &str| path.trim_end_matches('/').to_owned();
        let mut readings = readings(
            &trimmed(url.path()),
            &trimmed(&self.path),
            &PlaceValues::new(),
        );
        for (name, template) in &self.query {
            let values: Vec<String> = url
                .query_pairs()
                .filter_map(|(known, value)| (known == name.as_str()).then(|| encoded(&value)))
                .collect();
            readings = combined(&readings, &values, template);
        }
        if let Some(template) = &self.fragment {
            let fragment = url.fragment().unwrap_or_default().to_owned();
            readings = combined(&readings, &[fragment], template);
        }
        readings
    }
}

/// The readings of a path, each with what further texts have in the places of their template.
fn combined(known: &[PlaceValues], texts: &[String], template: &str) -> Vec<PlaceValues> {
    let of_text = |text: &String| {
        let each = known.iter();
        each.flat_map(|known| readings(text, template, known))
            .collect::<Vec<_>>()
    };
    let all = texts.iter().flat_map(of_text);
    all.take(MAX_READINGS).collect()
}

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, UNRESERVED).to_string()
}

/// What a text has in the places of a template, in each way to read it: the longest values first.
fn readings(text: &str, template: &str, known: &PlaceValues) -> Vec<PlaceValues> {
    let Some((before, place)) = template.split_once('{') else {
        return Vec::from_iter((text == template).then(|| known.clone()));
    };
    let (Some(text), Some((name, after))) = (text.strip_prefix(before), place.split_once('}'))
    else {
        return Vec::new();
    };
    let segment = text.find('/').unwrap_or(text.len());
    let mut found = Vec::new();
    if segment > MAX_SEGMENT {
        return found;
    }
    for end in (1..=segment).rev() {
        let Some((value, rest)) = text.split_at_checked(end) else {
            continue;
        };
        let Ok(value) = percent_decode_str(value).decode_utf8() else {
            continue;
        };
        let is_id = name != "id" || RecordId::parse(&value).is_some();
        if !is_id || known.get(name).is_some_and(|known| *known != value) {
            continue;
        }
        let mut known = known.clone();
        known.insert(name.to_owned(), value.into_owned());
        found.extend(readings(rest, after, &known));
        if found.len() >= MAX_READINGS {
            break;
        }
    }
    found
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
            Some((collection, language)) => (collection, Some(language)),
            None => (place, None),
        };
        let known = COLLECTIONS.iter().find(|(name, _)| *name == collection);
        let (collection, names) = known.ok_or_else(|| {
            let names = COLLECTIONS.map(|(name, _)| name).join(", ");
            format!("'{collection}' has no pages; expected one of {names}")
        })?;
        check_places(text, address, names)?;
        let url = Url::parse(address).map_err(|_| form())?;
        let host = host(&url).ok_or_else(form)?;
        let language = match language {
            Some(tag) => Some(
                Language::registered(tag)
                    .ok_or_else(|| {
                        format!("'{tag}' is not a registered language tag, such as 'cy' (BCP 47)")
                    })?
                    .to_string(),
            ),
            None => None,
        };
        let with_places = |text: &str| text.replace("%7B", "{").replace("%7D", "}");
        let query = url.query_pairs().into_owned();
        Ok(Self {
            collection,
            language,
            text: with_places(url.as_str()),
            origin: url.origin().ascii_serialization(),
            host,
            path: with_places(url.path()),
            query: query.collect(),
            fragment: url.fragment().map(with_places),
        })
    }
}

/// Checks that an address says which record, by places of these names.
fn check_places(text: &str, address: &str, names: &[&str]) -> Result<(), String> {
    let mut rest = address;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| format!("'{text}' has a '{{' without a '}}'"))?;
        if !names.contains(&name) {
            let names = names.join(", ");
            return Err(format!(
                "unknown '{{{name}}}' in '{text}'; expected one of {names}"
            ));
        }
        rest = after;
    }
    let has = |name: &str| address.contains(&format!("{{{name}}}"));
    if !(has("slug") || has("id") || (has("report") && has("number"))) {
        return Err(format!(
            "'{text}' does not say which record: expected {{slug}}, {{id}}, or {{report}} and {{number}}"
        ));
    }
    let mut parts = address.split(['/', '?', '&', '#']);
    match parts.find(|part| part.matches('{').count() > 2) {
        Some(part) => Err(format!("'{part}' has more than two places between slashes")),
        None => Ok(()),
    }
}
