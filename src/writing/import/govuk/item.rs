//! A content item, and its conversion to a document.

use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};
use std::collections::HashMap;

use crate::log::Resource;
use crate::platform::html;

/// The site that every `base_path` is relative to.
const SITE: &str = "https://www.gov.uk";

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

/// Why an entry is not a page.
#[derive(Debug)]
pub(super) struct NotAPage(pub(super) String);

impl NotAPage {
    pub(super) fn because(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

/// A content item that is a page.
pub(super) struct Item {
    pub(super) label: String,
    pub(super) base_path: String,
    pub(super) resource: Resource,
    pub(super) slug: String,
    value: Value,
}

/// A record that an item links to.
pub(super) struct Linked<'a>(&'a Value);

impl Item {
    /// Parses an entry, or says why it is not a page.
    pub(super) fn read(label: &str, value: Value) -> Result<Self, NotAPage> {
        let text = |name: &str| value[name].as_str().filter(|text| !text.trim().is_empty());
        let base_path =
            text("base_path").ok_or_else(|| NotAPage::because("it has no base_path"))?;
        if !base_path.starts_with('/') {
            return Err(NotAPage::because("its base_path does not start with /"));
        }
        let kind = text("schema_name")
            .or(text("document_type"))
            .unwrap_or_default();
        if NO_PAGES.contains(&kind) {
            return Err(NotAPage(format!("it is a {kind}, not a page")));
        }
        text("title").ok_or_else(|| NotAPage::because("it has no title"))?;
        let (base_path, resource) = match kind {
            "organisation" => (base_path.to_owned(), Resource::Organisation),
            _ => (base_path.to_owned(), Resource::Article),
        };
        let slug = slug(resource, &base_path)
            .ok_or_else(|| NotAPage::because("its base_path is the site itself"))?;
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
    fn check(&self) -> Result<(), NotAPage> {
        for place in TIMES {
            let given = self.value.pointer(place).unwrap_or(&Value::Null);
            if !given.is_null() && *given != "" && time(given).is_none() {
                let name = place.rsplit('/').next().unwrap_or(place);
                let given: String = given.to_string().chars().take(60).collect();
                return Err(NotAPage(format!("its {name} is not a valid time: {given}")));
            }
        }
        if self.is_withdrawn() && time(&self.value["withdrawn_notice"]["withdrawn_at"]).is_none() {
            return Err(NotAPage::because(
                "it is withdrawn but has no withdrawal time",
            ));
        }
        match self.resource {
            Resource::Organisation if self.is_withdrawn() || self.is_limited() => Err(
                NotAPage::because("an organisation cannot be withdrawn or access-limited"),
            ),
            Resource::Article if self.published_at().is_none() => {
                Err(NotAPage::because("it has no publication time"))
            }
            _ => Ok(()),
        }
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
        notice.is_some_and(|notice| notice.values().any(|said| !said.is_null() && *said != ""))
    }

    fn is_limited(&self) -> bool {
        let limits = self.value["access_limited"].as_object();
        limits.is_some_and(|limits| !limits.is_empty())
    }

    /// The content id, which all translations of the page share.
    pub(super) fn content_id(&self) -> &str {
        self.value["content_id"].as_str().unwrap_or_default()
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

    /// Whether the item becomes this record.
    pub(super) fn is(&self, resource: Resource, slug: &str) -> bool {
        self.resource == resource && self.slug == slug
    }

    /// The organisations and topics that it links to, publishers first.
    pub(super) fn links(&self) -> impl Iterator<Item = (Resource, Linked<'_>)> {
        let kinds = [
            ("lead_organisations", Resource::Organisation),
            ("primary_publishing_organisation", Resource::Organisation),
            ("organisations", Resource::Organisation),
            ("taxons", Resource::Topic),
            ("topics", Resource::Topic),
        ];
        kinds.into_iter().flat_map(|(name, resource)| {
            let links = self.value["links"][name].as_array().into_iter().flatten();
            links.map(move |link| (resource, Linked(link)))
        })
    }

    /// The document. `names` maps the content ids of linked records to slugs.
    pub(super) fn document(
        &self,
        names: &HashMap<String, String>,
        publisher: Option<&str>,
    ) -> Value {
        let mut document = json!({ "type": self.resource.name(), "slug": self.slug });
        let url = format!("{SITE}{}", self.base_path);
        if !self.content_id().is_empty() {
            document["identifiers"] =
                json!([{"scheme": "govuk-content-id", "value": self.content_id()}]);
        }
        if self.resource == Resource::Organisation {
            document["name"] = self.value["title"].clone();
            document["homepage"] = json!(url);
            put(&mut document, "acronym", self.text("/details/acronym"));
            put(&mut document, "description", self.text("/description"));
            return document;
        }
        document["headline"] = self.value["title"].clone();
        document["original_url"] = json!(url);
        document["language"] = json!(self.locale());
        // a summary is plain text; some descriptions are HTML
        let summary = self
            .text("/description")
            .map(|text| match text.contains("</") {
                true => html::text(&html::clean(&text)),
                false => text,
            });
        put(&mut document, "summary", summary);
        put(&mut document, "body_html", self.body());
        self.add_times(&mut document);
        self.add_state(&mut document);
        self.add_links(&mut document, names, publisher);
        document
    }

    fn add_links(
        &self,
        document: &mut Value,
        names: &HashMap<String, String>,
        publisher: Option<&str>,
    ) {
        let mut slugs: HashMap<Resource, Vec<String>> = HashMap::new();
        for (resource, linked) in self.links() {
            let by_id = linked.content_id().and_then(|id| names.get(id).cloned());
            let list = slugs.entry(resource).or_default();
            if let Some(slug) = linked
                .slug(resource)
                .or(by_id)
                .filter(|slug| !list.contains(slug))
            {
                list.push(slug);
            }
        }
        let mut publishers = slugs
            .remove(&Resource::Organisation)
            .unwrap_or_default()
            .into_iter();
        put(
            document,
            "organisation",
            publishers.next().or(publisher.map(str::to_owned)),
        );
        document["co_publishers"] = publishers.collect();
        document["topics"] = slugs.remove(&Resource::Topic).unwrap_or_default().into();
    }

    fn add_times(&self, document: &mut Value) {
        let (published, updated) = (self.published_at(), time(&self.value["public_updated_at"]));
        let first = time(&self.value["details"]["first_public_at"]);
        put(
            document,
            "published_at",
            published.map(|at| at.to_rfc3339()),
        );
        put(
            document,
            "updated_at",
            updated
                .filter(|at| Some(*at) > published)
                .map(|at| at.to_rfc3339()),
        );
        put(
            document,
            "first_published_at",
            first
                .filter(|at| Some(*at) < published)
                .map(|at| at.to_rfc3339()),
        );
        let scheduled = time(&self.value["publishing_scheduled_at"]);
        put(
            document,
            "embargoed_until",
            scheduled.map(|at| at.to_rfc3339()),
        );
    }

    fn add_state(&self, document: &mut Value) {
        let notice = &self.value["withdrawn_notice"];
        let explanation = notice["explanation"]
            .as_str()
            .map(|text| html::text(&html::clean(text)));
        if let Some(at) = time(&notice["withdrawn_at"]) {
            let reason = explanation.filter(|text| !text.is_empty());
            let reason =
                reason.unwrap_or_else(|| "Withdrawn on GOV.UK without an explanation.".to_owned());
            document["state"] = json!("withdrawn");
            document["withdrawal"] = json!({"at": at.to_rfc3339(), "reason": reason});
        }
        if self.is_limited() {
            document["state"] = json!("draft");
        }
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

impl Linked<'_> {
    /// The slug of the linked record. Links in older items have only a content id.
    pub(super) fn slug(&self, resource: Resource) -> Option<String> {
        self.0["title"]
            .as_str()
            .filter(|title| !title.trim().is_empty())?;
        let path = self.0["base_path"]
            .as_str()
            .filter(|path| path.starts_with('/'))?;
        let suffix = format!(".{}", self.0["locale"].as_str().unwrap_or_default());
        let path = match self.is_translated() && resource == Resource::Organisation {
            true => path.strip_suffix(&suffix).unwrap_or(path), // the same organisation in another language
            false => path,
        };
        slug(resource, path)
    }

    /// Whether the link has a name in a language other than English.
    pub(super) fn is_translated(&self) -> bool {
        let locale = self.0["locale"].as_str();
        locale.is_some_and(|locale| !locale.is_empty() && locale != "en")
    }

    pub(super) fn content_id(&self) -> Option<&str> {
        self.0["content_id"].as_str().or(self.0.as_str())
    }

    /// A document with what the link says about the record.
    pub(super) fn document(&self, resource: Resource, slug: &str) -> Value {
        let mut document =
            json!({ "type": resource.name(), "slug": slug, "name": self.0["title"] });
        if resource == Resource::Organisation {
            let path = self.0["base_path"].as_str().unwrap_or_default();
            document["homepage"] = json!(format!("{SITE}{path}"));
            if let Some(id) = self.content_id() {
                document["identifiers"] = json!([{"scheme": "govuk-content-id", "value": id}]);
            }
        }
        document
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

fn time(value: &Value) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok()
}

fn put(document: &mut Value, name: &str, text: Option<String>) {
    if let Some(text) = text {
        document[name] = json!(text);
    }
}

/// The slug of an organisation is the last segment of its path; that of a page is the whole path. A slug that is too
/// long is truncated and ends with a hash of the whole, so that it stays unique.
fn slug(resource: Resource, base_path: &str) -> Option<String> {
    const LONGEST: usize = 150;
    let mut parts: Vec<&str> = base_path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    match resource {
        Resource::Organisation => parts = parts.pop().into_iter().collect(),
        _ if parts.len() > 1 && parts.first() == Some(&"government") => drop(parts.remove(0)),
        _ => {}
    }
    let slug = slug::slugify(parts.join("-"));
    if slug.len() <= LONGEST {
        return (!slug.is_empty()).then_some(slug);
    }
    let digest = twox_hash::XxHash3_64::oneshot(base_path.as_bytes());
    let start: String = slug.chars().take(LONGEST - 17).collect();
    Some(format!("{}-{digest:016x}", start.trim_end_matches('-')))
}
