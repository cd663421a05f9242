//! The record at an address: that of its page, of the API, or of its original.

use chrono::NaiveDateTime;
use url::Url;

use crate::access::lookup;
use crate::http::addresses::Addresses;
use crate::http::error::ApiError;
use crate::log::Resource;
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
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
    let own = own_record(url, addresses).filter(|(resource, _)| kinds.contains(resource));
    let own = own.map(|(resource, named)| find(c, resource, named, now));
    match own {
        Some(Ok(found)) => Ok(found),
        // a page of the public site may also be the original of an article with another slug
        own => {
            let id = article_at(c, url).map_err(|error| match own {
                Some(Err(own)) => own,
                _ => error,
            })?;
            find(c, Resource::Article, Named::Key(id.into()), now)
        }
    }
}

/// The record that an address leads to, in this API or on the public site, if it does.
fn own_record(url: &str, addresses: &Addresses) -> Option<(Resource, Named)> {
    if let Some(page) = addresses.pages.read(url) {
        let resource = Resource::of_collection(page.collection)?;
        let key = page.value("slug").or(page.value("id"));
        let number = || {
            Some(Named::Number(ReportNumber {
                report: page.value("report")?.into(),
                number: page.value("number")?.to_owned(),
            }))
        };
        let named = key.map(|key| Named::Key(key.into()));
        return Some((resource, named.or_else(number)?));
    }
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
    let (collection, key) = path.strip_prefix("/v1/")?.split_once('/')?;
    let resource = Resource::of_collection(collection)?;
    Some((resource, Named::Key(key.into())))
}

/// The id of the article with this original link.
fn article_at(c: &mut DbConnection, url: &str) -> Result<RecordId, ApiError> {
    if url.starts_with('/') {
        return Err(ApiError::not_found());
    }
    let key = duplicate_key(url).ok_or_else(|| {
        let detail = "Expected an absolute http or https URL.";
        ApiError::parameter(MistakeCode::NotAUrl, "url", detail)
    })?;
    let mut ids = articles::queries::by_original_url(c, std::slice::from_ref(&key))?;
    ids.remove(&key).ok_or_else(ApiError::not_found)
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
