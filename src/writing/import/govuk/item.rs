//! A content item, and its conversion to a document.

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};
use std::collections::HashMap;

use super::link::{ContentLink, SITE, identifiers, slug};
use super::media;
use crate::log::Resource;
use crate::platform::html;
use crate::writing::document::without_nulls;

/// The document types of items without content of their own, such as redirects.
const NO_PAGES: [&str; 6] = [
    "coming_soon",
    "gone",
    "placeholder",
    "redirect",
    "special_route",
    "unpublishing",
];

/// The members with times. An invalid time must not pass for an absent one, which could end an embargo or a withdrawal.
const TIMES: [&str; 7] = [
    "/first_published_at",
    "/public_updated_at",
    "/updated_at",
    "/publishing_scheduled_at",
    "/withdrawn_notice/withdrawn_at",
    "/details/first_public_at",
    "/details/first_published_at",
];

/// A content item that is a page.
pub(super) struct ContentItem {
    pub(super) label: String,
    pub(super) base_path: String,
    pub(super) resource: Resource,
    pub(super) slug: String,
    value: Value,
}

impl ContentItem {
    /// Parses an entry, or says why it is not a page.
    pub(super) fn read(label: &str, value: Value) -> Result<Self, String> {
        let text = |name: &str| value[name].as_str().filter(|text| !text.trim().is_empty());
        let base_path = text("base_path").ok_or("it has no base_path")?.to_owned();
        if !base_path.starts_with('/') {
            return Err("its base_path does not start with /".to_owned());
        }
        let schema = text("schema_name").or(text("document_type"));
        let schema = schema.unwrap_or_default();
        if NO_PAGES.contains(&schema) {
            return Err(format!("it is a {schema}, not a page"));
        }
        text("title").ok_or("it has no title")?;
        let resource = match schema {
            "organisation" => Resource::Organisation,
            _ => Resource::Article,
        };
        let slug = slug(resource, &base_path).ok_or("its base_path is the site itself")?;
        let item = Self {
            label: label.to_owned(),
            base_path,
            resource,
            slug,
            value,
        };
        item.check()?;
        Ok(item)
    }

    /// Checks that the item has everything that its document needs, and nothing that the document cannot express.
    fn check(&self) -> Result<(), String> {
        for pointer in TIMES {
            let given = self.value.pointer(pointer).unwrap_or(&Value::Null);
            if !given.is_null() && *given != "" && time(given).is_none() {
                let name = pointer.rsplit('/').next().unwrap_or(pointer);
                let given: String = given.to_string().chars().take(60).collect();
                return Err(format!("its {name} is not a valid time: {given}"));
            }
        }
        for text in [
            self.text("/description"),
            self.explanation().map(str::to_owned),
        ] {
            let text = text.unwrap_or_default();
            html::clean(&text, None).map_err(|too_complex| too_complex.to_string())?;
        }
        let is_organisation = self.resource == Resource::Organisation;
        let reason = if self.is_withdrawn() && self.withdrawn_at().is_none() {
            "it is withdrawn but has no withdrawal time"
        } else if is_organisation && (self.is_withdrawn() || self.is_limited()) {
            "an organisation cannot be withdrawn or access-limited"
        } else if !is_organisation && self.published_at().is_none() {
            "it has no publication time"
        } else {
            return Ok(());
        };
        Err(reason.to_owned())
    }

    /// A key that orders the versions of a page: by the time of the last change, then by whether the page is withdrawn,
    /// so that the order of the entries never reinstates a withdrawn page.
    pub(super) fn version(&self) -> (Option<DateTime<FixedOffset>>, bool) {
        let changed_at =
            time(&self.value["updated_at"]).max(time(&self.value["public_updated_at"]));
        (changed_at, self.is_withdrawn())
    }

    fn is_withdrawn(&self) -> bool {
        let notice = self.value["withdrawn_notice"].as_object();
        notice.is_some_and(|notice| {
            notice
                .values()
                .any(|value| !value.is_null() && *value != "")
        })
    }

    fn is_limited(&self) -> bool {
        let limits = self.value["access_limited"].as_object();
        limits.is_some_and(|limits| !limits.is_empty())
    }

    /// The content id, which all translations of the page share.
    pub(super) fn content_id(&self) -> Option<&str> {
        self.value["content_id"]
            .as_str()
            .filter(|id| !id.is_empty())
    }

    pub(super) fn locale(&self) -> &str {
        let locale = self.value["locale"].as_str();
        locale.filter(|locale| !locale.is_empty()).unwrap_or("en")
    }

    /// The slug of the page that this one may translate: the paths of translations end in `.cy` and the like.
    pub(super) fn untranslated_slug(&self) -> Option<String> {
        let suffix = format!(".{}", self.locale());
        slug(self.resource, self.base_path.strip_suffix(&suffix)?)
    }

    /// The links to organisations and topics, publishers first.
    pub(super) fn links(&self) -> impl Iterator<Item = ContentLink<'_>> {
        let lists = [
            ("lead_organisations", Resource::Organisation),
            ("primary_publishing_organisation", Resource::Organisation),
            ("organisations", Resource::Organisation),
            ("taxons", Resource::Topic),
            ("topics", Resource::Topic),
        ];
        lists.into_iter().flat_map(|(name, resource)| {
            let links = self.value["links"][name].as_array().into_iter().flatten();
            links.map(move |value| ContentLink { resource, value })
        })
    }

    /// The document. `slugs` has the slugs of linked records by content id.
    pub(super) fn document(
        &self,
        slugs: &HashMap<String, String>,
        publisher: Option<&str>,
    ) -> Value {
        let url = format!("{SITE}{}", self.base_path);
        let mut document = match self.resource {
            Resource::Organisation => json!({
                "name": self.value["title"],
                "homepage": url,
                "acronym": self.text("/details/acronym"),
                "description": self.text("/description"),
            }),
            _ => self.article(&url, slugs, publisher),
        };
        document["type"] = json!(self.resource.name());
        document["slug"] = json!(self.slug);
        document["identifiers"] = self.content_id().map(identifiers).into();
        without_nulls(document)
    }

    /// The members that only articles have; `null` where the item says nothing.
    fn article(
        &self,
        url: &str,
        slugs: &HashMap<String, String>,
        publisher: Option<&str>,
    ) -> Value {
        let mut publishers = self.linked_slugs(Resource::Organisation, slugs).into_iter();
        let organisation = publishers.next().or(publisher.map(str::to_owned));
        let published_at = self.published_at();
        let updated_at = time(&self.value["public_updated_at"]);
        let first_published_at = time(&self.value["details"]["first_public_at"]);
        let state = match (self.is_limited(), self.withdrawn_at()) {
            (true, _) => Some("draft"),
            (false, Some(_)) => Some("withdrawn"),
            (false, None) => None,
        };
        json!({
            "headline": self.value["title"],
            "original_url": url,
            "language": self.locale(),
            "summary": self.summary(),
            "body_html": self.body(),
            "published_at": published_at,
            "updated_at": updated_at.filter(|at| Some(*at) > published_at),
            "first_published_at": first_published_at.filter(|at| Some(*at) < published_at),
            "embargoed_until": time(&self.value["publishing_scheduled_at"]),
            "state": state,
            "withdrawal": self.withdrawal(),
            "organisation": organisation,
            "co_publishers": publishers.collect::<Vec<_>>(),
            "topics": self.linked_slugs(Resource::Topic, slugs),
            "images": media::images(&self.value["details"]),
            "attachments": media::attachments(&self.value["details"]),
            "document_type": self.text("/document_type"),
            "change_notes": media::change_notes(&self.value["details"]),
        })
    }

    /// The slugs of the linked records of a type, each once.
    fn linked_slugs(&self, resource: Resource, by_id: &HashMap<String, String>) -> Vec<String> {
        let mut slugs = Vec::new();
        for link in self.links().filter(|link| link.resource == resource) {
            let known = || by_id.get(link.content_id()?).cloned();
            let slug = link.slug().or_else(known);
            slugs.extend(slug.filter(|slug| !slugs.contains(slug)));
        }
        slugs
    }

    fn withdrawn_at(&self) -> Option<DateTime<FixedOffset>> {
        time(&self.value["withdrawn_notice"]["withdrawn_at"])
    }

    fn explanation(&self) -> Option<&str> {
        self.value["withdrawn_notice"]["explanation"].as_str()
    }

    fn withdrawal(&self) -> Option<Value> {
        let reason = self
            .explanation()
            .and_then(plain_text)
            .filter(|reason| !reason.is_empty())
            .unwrap_or_else(|| "Withdrawn on GOV.UK without an explanation.".to_owned());
        Some(json!({"at": self.withdrawn_at()?, "reason": reason}))
    }

    fn published_at(&self) -> Option<DateTime<FixedOffset>> {
        let details = &self.value["details"];
        let times = [
            &self.value["first_published_at"],
            &details["first_public_at"],
            &details["first_published_at"],
            &self.value["public_updated_at"],
        ];
        times.into_iter().find_map(time)
    }

    fn text(&self, pointer: &str) -> Option<String> {
        let text = self.value.pointer(pointer)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The summary, which is plain text; some descriptions are HTML.
    fn summary(&self) -> Option<String> {
        let description = self.text("/description")?;
        Some(match description.contains("</") {
            true => plain_text(&description)?,
            false => description,
        })
    }

    /// The body; the parts of a guide are concatenated.
    fn body(&self) -> Option<String> {
        let details = &self.value["details"];
        let mut body = html(&details["body"]).unwrap_or_default();
        for part in details["parts"].as_array().into_iter().flatten() {
            let title = part["title"].as_str().unwrap_or_default();
            let text = html(&part["body"]).unwrap_or_default();
            body.push_str(&format!("<h2>{}</h2>\n{text}", ammonia::clean_text(title)));
        }
        (!body.is_empty()).then_some(body)
    }
}

/// The HTML of a member that is a string or a list of versions by media type.
fn html(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(versions) => {
            let html = versions
                .iter()
                .find(|version| version["content_type"] == "text/html")?;
            Some(html["content"].as_str()?.to_owned())
        }
        _ => None,
    }
}

/// The text of HTML that was checked when the item was read.
fn plain_text(checked: &str) -> Option<String> {
    let clean = html::clean(checked, None).ok()?;
    Some(html::text(&clean))
}

fn time(value: &Value) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok()
}
