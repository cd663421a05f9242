//! From the log to deliveries: what is new, for each webhook that asked for it.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use serde_json::Value;
use std::collections::HashSet;

use super::model::{DeliveryRow, WebhookRow};
use super::queries::{self, Backlog};
use crate::access::instance::Instance;
use crate::http::error::ApiError;
use crate::log::entries::{self, EntryRow, Place};
use crate::log::{Origin, Resource, Writer};
use crate::platform::db::DbConnection;
use crate::resources::{groups, recommendations};

/// The most entries that are read at once.
const PAGE: i64 = 100;
/// The most deliveries of a webhook that may wait: what is beyond waits in the log.
const MAX_WAITING: i64 = 1_000;

/// What became of looking at the log.
pub struct Look {
    /// The webhooks to send for.
    pub active: Vec<WebhookRow>,
    /// Whether there is more in the log than was looked at.
    pub has_more: bool,
    /// The next moment at which there is more without anything being written.
    pub next_moment: Option<NaiveDateTime>,
}

/// A webhook that moves on, to where, and what it is to send.
type Move = (WebhookRow, Place, Vec<DeliveryRow>);

/// Reads what is new and stores what is to be sent of it.
pub async fn fan_out(instance: &Instance) -> Result<Look, ApiError> {
    let now = instance.clock.now();
    let (look, moves) = instance.database.watch(move |c| plan(c, now)).await?;
    if moves.is_empty() {
        return Ok(look);
    }
    let store = move |writer: &mut Writer<'_>| {
        for (webhook, place, deliveries) in &moves {
            queries::move_on(writer.connection, webhook, place, deliveries)?;
        }
        Ok::<_, ApiError>(())
    };
    instance.log.write(origin(now), store).await?;
    Ok(look)
}

/// Who writes here.
pub fn origin(now: NaiveDateTime) -> Origin {
    Origin {
        actor: "webhooks".to_owned(),
        request_id: None,
        now,
    }
}

fn plan(c: &mut DbConnection, now: NaiveDateTime) -> Result<(Look, Vec<Move>), ApiError> {
    let active = queries::active(c)?;
    let mut look = Look {
        active,
        has_more: false,
        next_moment: None,
    };
    if look.active.is_empty() {
        return Ok((look, Vec::new()));
    }
    let until = entries::end(c, now)?;
    look.next_moment = entries::next_moment(c, now)?;
    let backlogs = queries::backlogs(c)?;
    let is_full = |backlog: &Backlog| backlog.count >= MAX_WAITING;
    let mut waiting: Vec<&WebhookRow> = look.active.iter().collect();
    waiting.retain(|webhook| !backlogs.get(&webhook.id).is_some_and(is_full));
    let mut moves = Vec::new();
    // most stand at the same place, and what lies before it is read once for all of them
    while let Some(first) = waiting.first() {
        let place = first.place();
        let (here, elsewhere): (Vec<_>, Vec<_>) = waiting
            .iter()
            .copied()
            .partition(|webhook| webhook.place() == place);
        let reading = entries::after(c, &place, &until, &[], PAGE)?;
        let has_moved = reading.place.seq != place.seq || !reading.entries.is_empty();
        look.has_more |= reading.has_more;
        let entries: Vec<EntryRow> = reading.entries.into_iter().map(|(row, _)| row).collect();
        let concerned = concerned(c, &entries, &here, now)?;
        for webhook in here.into_iter().filter(|_| has_moved) {
            let deliveries = deliveries(webhook, &entries, &concerned, now)?;
            moves.push((webhook.clone(), reading.place.clone(), deliveries));
        }
        waiting = elsewhere;
    }
    Ok((look, moves))
}

fn deliveries(
    webhook: &WebhookRow,
    entries: &[EntryRow],
    concerned: &[Concerned],
    now: NaiveDateTime,
) -> QueryResult<Vec<DeliveryRow>> {
    let (types, organisations) = (&webhook.types, &webhook.organisations);
    let is_wanted = |(entry, concerned): &(&EntryRow, &Concerned)| {
        let of_type = |resource: &Resource| resource.name() == entry.resource;
        (types.is_empty() || types.iter().any(of_type)) && concerned.includes(organisations)
    };
    let wanted = entries.iter().zip(concerned).filter(is_wanted);
    let numbered = wanted.zip(webhook.last_position + 1..);
    numbered
        .map(|((entry, _), position)| {
            Ok(DeliveryRow {
                seq: Some(entry.seq),
                resource: Some(entry.resource.clone()),
                resource_id: entry.resource_id.clone(),
                ..DeliveryRow::new(&webhook.id, position, now)?
            })
        })
        .collect()
}

/// Whom an entry concerns.
enum Concerned {
    /// Nobody asks, or it is not known any more: content that was erased says nothing.
    Everybody,
    /// The record itself, and those that it names.
    These(HashSet<String>),
}

impl Concerned {
    fn includes(&self, organisations: &[String]) -> bool {
        match self {
            Self::Everybody => true,
            Self::These(ids) => {
                organisations.is_empty() || organisations.iter().any(|id| ids.contains(id))
            }
        }
    }
}

/// Whom each of the entries concerns, when one of the webhooks asks.
fn concerned(
    c: &mut DbConnection,
    entries: &[EntryRow],
    webhooks: &[&WebhookRow],
    now: NaiveDateTime,
) -> Result<Vec<Concerned>, ApiError> {
    let asks = webhooks
        .iter()
        .any(|webhook| !webhook.organisations.is_empty());
    if !asks {
        return Ok(entries.iter().map(|_| Concerned::Everybody).collect());
    }
    let name = Resource::Recommendation.name();
    let recommendations = entries.iter().filter(|entry| entry.resource == name);
    let ids: Vec<&String> = recommendations.map(|entry| &entry.resource_id).collect();
    // those that a group stands for are not in the document
    let addressed = recommendations::queries::addressed(c, &ids)?;
    // who followed a record learns that it is not theirs any more
    let numbers: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
    let before = entries::before(c, &numbers, now)?;
    let named: Vec<Option<Named>> = entries.iter().map(|one| named(one, &before)).collect();
    // whom a recommendation came to through a group that it left is not kept: all that ever belonged hear of it
    let left = named.iter().flatten().flat_map(|named| &named.left);
    let members = groups::queries::members(c, &left.collect::<Vec<_>>(), None)?;
    let of_entry = |(entry, named): (&EntryRow, Option<Named>)| {
        let Some(Named { mut ids, left }) = named else {
            return Concerned::Everybody;
        };
        let of_it = addressed.get(&entry.resource_id).into_iter().flatten();
        ids.extend(of_it.cloned());
        let of_left = left.iter().filter_map(|group| members.get(group)).flatten();
        ids.extend(of_left.map(|member| member.id.clone()));
        Concerned::These(ids)
    };
    Ok(entries.iter().zip(named).map(of_entry).collect())
}

/// Which ids an entry names.
struct Named {
    /// The record itself, and those in the document and in the one before it.
    ids: HashSet<String>,
    /// The addressees that a recommendation has no more.
    left: HashSet<String>,
}

/// Which ids an entry names, of which these were before; nothing where the document is not kept.
fn named(entry: &EntryRow, before: &[EntryRow]) -> Option<Named> {
    let state = state_of(entry).filter(|state| state["state"] != "erased")?;
    let is_before = |one: &&EntryRow| {
        one.resource_id == entry.resource_id && one.revision + 1 == entry.revision
    };
    let previous = before.iter().find(is_before).and_then(state_of);
    let previous = previous.unwrap_or(Value::Null);
    let mut ids = HashSet::from([entry.resource_id.clone()]);
    name_all(&state, &mut ids);
    name_all(&previous, &mut ids);
    let (mut left, mut kept) = (HashSet::new(), HashSet::new());
    name_all(&previous["addressees"], &mut left);
    name_all(&state["addressees"], &mut kept);
    left.retain(|addressee| !kept.contains(addressee));
    Some(Named { ids, left })
}

/// The document of an entry.
fn state_of(entry: &EntryRow) -> Option<Value> {
    serde_json::from_str(entry.state.as_deref()?).ok()
}

/// Every id in a document.
fn name_all(value: &Value, ids: &mut HashSet<String>) {
    match value {
        Value::String(text) if text.len() == 36 => drop(ids.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| name_all(item, ids)),
        Value::Object(members) => members.values().for_each(|member| name_all(member, ids)),
        _ => {}
    }
}
