//! Log entries as the public sees them at a given moment.

use chrono::NaiveDateTime;
use std::collections::HashMap;

use super::views::Change;
use crate::access::lookup;
use crate::http::error::ApiError;
use crate::log::Resource;
use crate::log::entries::EntryRow;
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;

/// Renders entries, with one statement for each kind of record among them.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<EntryRow>,
    now: NaiveDateTime,
) -> Result<Vec<Change>, ApiError> {
    let mut states = HashMap::new();
    for resource in Resource::ALL {
        let of_resource = rows.iter().filter(|row| row.resource == resource.name());
        let ids: Vec<RecordId> = of_resource.map(|row| row.resource_id).collect();
        states.extend(lookup::public_states(c, resource, &ids, now)?);
    }
    let views = rows.into_iter().filter_map(|row| {
        let state = states.get(&row.resource_id).copied();
        Change::new(row, state)
    });
    let mut changes: Vec<Change> = views.collect();
    without_hidden_survivors(c, &mut changes, now)?;
    Ok(changes)
}

/// Clears `merged_into` where the public cannot see the record that it names.
fn without_hidden_survivors(
    c: &mut DbConnection,
    changes: &mut [Change],
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    for resource in Resource::ALL {
        let of_resource = changes.iter().filter(|change| change.resource == resource);
        let survivors = of_resource.filter_map(|change| change.merged_into);
        let survivors: Vec<RecordId> = survivors.collect();
        if survivors.is_empty() {
            continue;
        }
        let visible = lookup::public_states(c, resource, &survivors, now)?;
        for change in changes
            .iter_mut()
            .filter(|change| change.resource == resource)
        {
            change.merged_into.take_if(|id| !visible.contains_key(id));
        }
    }
    Ok(())
}
