//! A link in a content item to an organisation or a topic.

use serde_json::{Value, json};

use crate::log::Resource;

/// The site that every `base_path` is relative to.
pub(super) const SITE: &str = "https://www.gov.uk";

/// A link to an organisation or a topic.
pub(super) struct ContentLink<'a> {
    /// The type of the linked record.
    pub(super) resource: Resource,
    /// The linked record as the item describes it, or only its content id.
    pub(super) value: &'a Value,
}

impl ContentLink<'_> {
    /// The slug of the linked record. Links in older items have only a content id.
    pub(super) fn slug(&self) -> Option<String> {
        let title = self.value["title"].as_str()?;
        let path = self.value["base_path"].as_str()?;
        if title.trim().is_empty() || !path.starts_with('/') {
            return None;
        }
        let suffix = format!(".{}", self.value["locale"].as_str().unwrap_or_default());
        let path = match self.is_translated() && self.resource == Resource::Organisation {
            true => path.strip_suffix(&suffix).unwrap_or(path), // the same organisation in another language
            false => path,
        };
        slug(self.resource, path)
    }

    /// Whether the link has a name in a language other than English.
    pub(super) fn is_translated(&self) -> bool {
        let locale = self.value["locale"].as_str();
        locale.is_some_and(|locale| !locale.is_empty() && locale != "en")
    }

    /// The content id of the linked record.
    pub(super) fn content_id(&self) -> Option<&str> {
        self.value["content_id"].as_str().or(self.value.as_str())
    }

    /// A document with what the link says about the record.
    pub(super) fn document(&self, slug: &str) -> Value {
        let name = &self.value["title"];
        let mut document = json!({ "type": self.resource.name(), "slug": slug, "name": name });
        if self.resource == Resource::Organisation {
            let path = self.value["base_path"].as_str().unwrap_or_default();
            document["homepage"] = json!(format!("{SITE}{path}"));
            if let Some(id) = self.content_id() {
                document["identifiers"] = identifiers(id);
            }
        }
        document
    }
}

/// The identifiers of a record with this content id.
pub(super) fn identifiers(content_id: &str) -> Value {
    json!([{"scheme": "govuk-content-id", "value": content_id}])
}

/// The slug of an organisation is the last segment of its path; that of a page is the whole path. A slug that is too
/// long is truncated and ends with a hash of the whole, so that it stays unique.
pub(super) fn slug(resource: Resource, base_path: &str) -> Option<String> {
    const MAX_LENGTH: usize = 150;
    let path = base_path.trim_matches('/');
    let name = match resource {
        Resource::Organisation => path.rsplit('/').next().unwrap_or(path),
        _ => path.strip_prefix("government/").unwrap_or(path),
    };
    let slug = slug::slugify(name);
    if slug.len() <= MAX_LENGTH {
        return (!slug.is_empty()).then_some(slug);
    }
    let digest = twox_hash::XxHash3_64::oneshot(base_path.as_bytes());
    let start: String = slug.chars().take(MAX_LENGTH - 17).collect();
    Some(format!("{}-{digest:016x}", start.trim_end_matches('-')))
}
