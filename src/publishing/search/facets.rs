//! The values of facets as they are shown: slugs and names instead of ids.

use chrono::NaiveDateTime;
use std::collections::HashMap;

use super::engine::FACET_VALUES;
use super::params::FacetName;
use super::views::{Facet, FacetValue};
use crate::http::error::ApiError;
use crate::log::Resource;
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::language::Language;
use crate::resources::reports::views::Report;
use crate::resources::{collection, in_language, references};

/// The facets of a search, each with the URL of all its values: `base` is that of this API, `query` that of the search.
///
/// # Errors
/// If the database cannot be read.
pub fn shown(
    c: &mut DbConnection,
    facets: Vec<(FacetName, Vec<(String, i64)>)>,
    (base, query): (&str, &str),
    (lang, now): (Option<&Language>, NaiveDateTime),
) -> Result<Vec<Facet>, ApiError> {
    let facets = facets.into_iter().map(|(name, mut counts)| {
        let has_more = counts.len() > FACET_VALUES;
        counts.truncate(FACET_VALUES);
        Ok(Facet {
            name,
            values: values(c, name, &counts, (lang, now))?,
            has_more,
            url: format!("{base}/v1/search/facets/{}{query}", <&str>::from(name)),
        })
    });
    facets.collect()
}

/// The values of a facet, with how many results have each.
///
/// # Errors
/// If the database cannot be read.
pub fn values(
    c: &mut DbConnection,
    name: FacetName,
    counts: &[(String, i64)],
    (lang, now): (Option<&Language>, NaiveDateTime),
) -> Result<Vec<FacetValue>, ApiError> {
    let keys: Vec<&String> = counts.iter().map(|(key, _)| key).collect();
    let labels = labels(c, name, &keys, now)?;
    let ids = keys.iter().filter_map(|key| RecordId::parse(key));
    let called = in_language::called(c, &ids.collect(), lang)?;
    let values = counts.iter().filter_map(|(key, count)| {
        let (value, own) = labels.get(key)?.clone();
        let called = RecordId::parse(key).and_then(|id| called.get(&id));
        let label = called.map_or(own, |called| called.name.clone());
        Some(FacetValue {
            value,
            label,
            count: *count,
        })
    });
    Ok(values.collect())
}

/// What a facet shows for each of its keys: the slug and the name of the record with that id, or else the key itself.
fn labels(
    c: &mut DbConnection,
    facet: FacetName,
    keys: &[&String],
    now: NaiveDateTime,
) -> Result<HashMap<String, (String, String)>, ApiError> {
    let ids = || keys.iter().filter_map(|key| RecordId::parse(key));
    let resource = match facet {
        FacetName::Organisation | FacetName::Publisher => Resource::Organisation,
        FacetName::Topic => Resource::Topic,
        FacetName::Group => Resource::Group,
        FacetName::Report => {
            let rows = collection::public_rows::<Report>(c, &ids().collect::<Vec<_>>(), now)?;
            let labels = rows
                .into_iter()
                .map(|row| (row.id.to_string(), (row.slug.0, row.title)));
            return Ok(labels.collect());
        }
        _ => {
            let keys = keys.iter().copied().cloned();
            return Ok(keys.map(|key| (key.clone(), (key.clone(), key))).collect());
        }
    };
    let rows = references::named(c, resource, ids())?.into_values();
    let labels = rows.map(|row| (row.id.to_string(), (row.slug.0, row.name)));
    Ok(labels.collect())
}
