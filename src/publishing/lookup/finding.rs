//! The record at an address: that of its page, of the API, or of its original.

use chrono::NaiveDateTime;
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;
use url::Url;

use crate::access::lookup;
use crate::http::addresses::Addresses;
use crate::http::error::ApiError;
use crate::log::Resource;
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::page_urls::PageAddress;
use crate::platform::web_address::duplicate_key;
use crate::resources::{articles, recommendations};
use crate::writing::document::ReportNumber;

/// A record that was found by its address.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The kind of record.
    pub resource: Resource,
    /// The id.
    pub id: RecordId,
    /// Whether the address has a former slug: another record may take it.
    pub has_moved: bool,
}

/// How an address names a record.
enum Named {
    Key(Key),
    Number(ReportNumber),
}

/// The record of one of these kinds at an address.
///
/// # Errors
/// 400 if it is no address; 404, 410 or 451 if there is no record that the public may see.
pub fn at_address(
    c: &mut DbConnection,
    url: &str,
    (addresses, kinds): (&Addresses, &[Resource]),
    now: NaiveDateTime,
) -> Result<Found, ApiError> {
    let mut refusal = None;
    for (resource, named) in own_records(url, addresses) {
        if !kinds.contains(&resource) {
            continue;
        }
        match find(c, resource, named, now) {
            Ok(found) => return Ok(found),
            Err(error) if error.code.status() >= 500 => return Err(error),
            // that a record was removed says more than that there is none
            Err(error) if error.code.status() != 404 => refusal = Some(error),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    // a page of the public site may also be the original of an article with another slug
    match article_at(c, url, addresses) {
        Ok(id) => find(c, Resource::Article, Named::Key(id.into()), now),
        Err(error) => Err(refusal.unwrap_or(error)),
    }
}

/// The records that an address may lead to, in this API or on the public site.
fn own_records(url: &str, addresses: &Addresses) -> Vec<(Resource, Named)> {
    let pages = addresses.pages.read(url).into_iter();
    let mut records: Vec<_> = pages.filter_map(|page| of_page(&page)).collect();
    records.extend(in_api(url, addresses));
    records
}

fn of_page(page: &PageAddress) -> Option<(Resource, Named)> {
    let resource = Resource::of_collection(page.collection)?;
    if let Some(key) = page.value("id").or(page.value("slug")) {
        return Some((resource, Named::Key(key.into())));
    }
    let number = ReportNumber {
        report: page.value("report")?.into(),
        number: page.value("number")?.to_owned(),
    };
    Some((resource, Named::Number(number)))
}

fn in_api(url: &str, addresses: &Addresses) -> Option<(Resource, Named)> {
    let base = Url::parse(&addresses.base).ok()?;
    let url = match url.starts_with('/') {
        true => base.join(url).ok()?,
        false => Url::parse(url).ok()?,
    };
    if url.origin() != base.origin() {
        return None;
    }
    let base_path = base.path().trim_end_matches('/');
    let path = url.path().strip_prefix(base_path)?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let (collection, key) = path.strip_prefix("/v1/")?.split_once('/')?;
    let resource = Resource::of_collection(collection)?;
    Some((resource, Named::Key(key.trim_end_matches('/').into())))
}

/// The id of the article with this original link; of a path alone, with one on a host of the public site.
fn article_at(
    c: &mut DbConnection,
    url: &str,
    addresses: &Addresses,
) -> Result<RecordId, ApiError> {
    let urls = match url.starts_with('/') {
        true => addresses.pages.on_hosts(url),
        false => BTreeSet::from([url.to_owned()]),
    };
    let keys: Option<Vec<String>> = urls.iter().map(|url| duplicate_key(url)).collect();
    let keys = keys.ok_or_else(|| {
        let detail = "Expected an absolute http or https URL.";
        ApiError::parameter(MistakeCode::NotAUrl, "url", detail)
    })?;
    let ids = articles::queries::by_original_url(c, &keys)?;
    ids.into_values().next().ok_or_else(ApiError::not_found)
}

/// A record by what an address says. A former slug is followed rather than redirected, since it is in a parameter, not in the
/// path.
fn find(
    c: &mut DbConnection,
    resource: Resource,
    named: Named,
    now: NaiveDateTime,
) -> Result<Found, ApiError> {
    let (key, of_moved) = match named {
        Named::Key(key) => (key, false),
        Named::Number(ReportNumber { report, number }) => {
            let report = find(c, Resource::Report, Named::Key(report), now)?;
            let has_moved = report.has_moved;
            let report = report.id.into();
            let found = recommendations::queries::by_number(c, &ReportNumber { report, number })?;
            let (id, _) = found.ok_or_else(ApiError::not_found)?;
            (id.into(), has_moved)
        }
    };
    let found = match lookup::find(c, resource, &key, now) {
        Err(ApiError {
            moved: Some(moved), ..
        }) => lookup::find(c, resource, &moved.new.as_str().into(), now).map(|id| (id, true)),
        found => found.map(|id| (id, of_moved)),
    };
    let (id, has_moved) = found.map_err(|error| match error.moved {
        Some(_) => ApiError::not_found(),
        None => error,
    })?;
    Ok(Found {
        resource,
        id,
        has_moved,
    })
}
