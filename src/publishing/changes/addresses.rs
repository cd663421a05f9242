//! Where people read, or read, the records that changes are about: so that a site can renew its pages.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::result::QueryResult;
use serde_json::{Map, Value};

use super::views::{Change, ChangeAction};
use crate::access::names;
use crate::log::Resource;
use crate::log::entries::EntryRow;
use crate::log::former_slugs;
use crate::platform::clock::uk_day;
use crate::platform::db::schema::changes;
use crate::platform::db::{DbConnection, Json};
use crate::platform::identity::{RecordId, Slug};
use crate::platform::page_urls::PageUrls;

/// How many entries of a record are read at most to find the last that the public could see.
const MAX_TAKEN_BACK: i64 = 100;

/// What the document of an entry says of the address of its record.
#[derive(Clone, Debug, Default)]
pub struct AddressParts {
    slug: Option<Slug>,
    language: Option<String>,
    report: Option<RecordId>,
    number: Option<String>,
    /// Whether the public could see it: what was taken back may have got another slug, then or since.
    is_public: bool,
}

impl AddressParts {
    /// Those of an entry with this document.
    pub fn of(row: &EntryRow, document: Option<&Map<String, Value>>) -> Self {
        let at = row.public_from.unwrap_or(row.at);
        let parts = document.map(|document| Self::of_document(document, at));
        parts.unwrap_or_default()
    }

    /// Those of a document whose entry the public could see from this time on.
    fn of_document(document: &Map<String, Value>, at: NaiveDateTime) -> Self {
        let text = |name: &str| Some(document.get(name)?.as_str()?.to_owned());
        let time = |name: &str| text(name)?.parse::<DateTime<Utc>>().ok();
        let mut times = ["published_at", "embargoed_until"]
            .into_iter()
            .filter_map(time);
        let day = text("published_on").and_then(|day| day.parse::<NaiveDate>().ok());
        let is_ahead = times.any(|time| time.naive_utc() > at) || day > Some(uk_day(at));
        Self {
            slug: text("slug").map(Slug),
            language: text("language"),
            report: text("report").as_deref().and_then(RecordId::parse),
            number: text("number"),
            is_public: matches!(text("state").as_deref(), Some("published" | "withdrawn"))
                && !is_ahead,
        }
    }
}

/// Adds slugs, former slugs and pages to changes, given what their entries say. What was erased has none.
///
/// # Errors
/// If the database cannot be read.
pub fn add(
    c: &mut DbConnection,
    changes: &mut [Change],
    parts: Vec<AddressParts>,
    pages: &PageUrls,
) -> QueryResult<()> {
    let mut shown = Vec::new();
    for (change, parts) in changes.iter_mut().zip(parts) {
        // a recommendation may have got another slug and number while its report was taken back
        let is_hidden = match change.action {
            ChangeAction::Erased => true,
            ChangeAction::Removed => change.resource == Resource::Recommendation,
            _ => false,
        };
        if is_hidden || !Resource::WITH_SLUGS.contains(&change.resource) {
            continue;
        }
        let parts = match parts.is_public {
            true => parts,
            false => last_public(c, change)?,
        };
        shown.push((change, parts));
    }
    let ids: Vec<RecordId> = shown.iter().map(|(change, _)| change.id).collect();
    let former = former_slugs::of_records(c, &ids)?;
    let reports = shown.iter().filter_map(|(_, parts)| parts.report);
    let reports = names::load(c, reports.map(|id| (Resource::Report, id)))?;
    for (change, parts) in shown {
        let report = parts.report.and_then(|id| reports.get(&id));
        change.page_url = page(change, &parts, report.map(|report| &*report.slug), pages);
        change.former_slugs = former.get(&change.id).cloned().unwrap_or_default();
        change
            .former_slugs
            .retain(|slug| Some(slug) != parts.slug.as_ref());
        change.slug = parts.slug;
    }
    Ok(())
}

type LoggedDocument = Json<Map<String, Value>>;

/// What the newest entry before this one said that the public could see.
fn last_public(c: &mut DbConnection, change: &Change) -> QueryResult<AddressParts> {
    let documents = changes::table
        .filter(changes::resource_id.eq(change.id))
        .filter(changes::revision.lt(change.revision))
        .filter(changes::public_from.is_not_null())
        .order(changes::revision.desc())
        .select((changes::state, changes::public_from))
        .limit(MAX_TAKEN_BACK);
    let documents: Vec<(Option<LoggedDocument>, Option<NaiveDateTime>)> = documents.load(c)?;
    let mut parts = documents
        .iter()
        .filter_map(|(document, at)| Some(AddressParts::of_document(document.as_ref()?, (*at)?)));
    Ok(parts.find(|parts| parts.is_public).unwrap_or_default())
}

fn page(
    change: &Change,
    parts: &AddressParts,
    report: Option<&str>,
    pages: &PageUrls,
) -> Option<String> {
    let (slug, id) = (parts.slug.as_deref()?, &*change.id);
    let language = parts.language.as_deref().unwrap_or("en");
    match change.resource {
        Resource::Article => pages.of_article(slug, id, language),
        Resource::Recommendation => {
            pages.of_recommendation((slug, id), (report?, parts.number.as_deref()?))
        }
        Resource::Report => pages.of("reports", Some(language), &[("slug", slug), ("id", id)]),
        resource => pages.of(resource.collection(), None, &[("slug", slug), ("id", id)]),
    }
}
