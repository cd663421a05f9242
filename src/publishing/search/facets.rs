//! The values of facets as they are shown: slugs and names instead of ids.

use chrono::NaiveDateTime;
use std::collections::HashMap;

use super::params::FacetName;
use super::views::FacetValue;
use crate::http::error::ApiError;
use crate::log::Resource;
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::resources::reports::views::Report;
use crate::resources::{collection, references};

/// The values of a facet, with how many results have each.
///
/// # Errors
/// If the database cannot be read.
pub fn values(
    c: &mut DbConnection,
    name: FacetName,
    counts: &[(String, i64)],
    now: NaiveDateTime,
) -> Result<Vec<FacetValue>, ApiError> {
    let keys: Vec<&String> = counts.iter().map(|(key, _)| key).collect();
    let labels = labels(c, name, &keys, now)?;
    let values = counts.iter().filter_map(|(key, count)| {
        let (value, label) = labels.get(key)?.clone();
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
