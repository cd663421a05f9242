//! Fans out new log entries into deliveries for the webhooks that want them.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use serde_json::Value;
use std::collections::HashSet;

use super::model::{DeliveryRow, WebhookRow};
use super::queries::{self, Backlog};
use crate::access::instance::Instance;
use crate::http::error::ApiError;
use crate::log::entries::{self, EntryRow, LogPosition};
use crate::log::{Origin, Resource, Writer};
use crate::platform::db::DbConnection;
use crate::resources::{groups, recommendations};

/// The most entries to read at once.
const PAGE: i64 = 100;
/// The most pending deliveries of a webhook; further entries wait in the log.
const MAX_WAITING: i64 = 1_000;

/// The result of reading the log.
pub struct Look {
    /// The webhooks to send to.
    pub active: Vec<WebhookRow>,
    /// Whether the log has entries that were not read yet.
    pub has_more: bool,
    /// The next moment at which a scheduled entry becomes public.
    pub next_moment: Option<NaiveDateTime>,
}

/// A webhook, its new position in the log, and its new deliveries.
type Move = (WebhookRow, LogPosition, Vec<DeliveryRow>);

/// Reads new entries and stores their deliveries.
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

/// The origin recorded for the writes of this task.
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
    // most webhooks are at the same position, so that one read serves them all
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

/// The organisations that an entry concerns.
enum Concerned {
    /// Any of them: no webhook filters by organisation, or the content was erased and no longer tells.
    Everybody,
    /// The record itself, and the records it refers to.
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

/// What each of the entries concerns, if any of the webhooks filters by organisation.
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
    // the document names a group, not its members
    let addressed = recommendations::queries::addressed(c, &ids)?;
    // the previous revision counts too, so that a webhook hears that a record no longer concerns its organisation
    let numbers: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
    let before = entries::before(c, &numbers, now)?;
    let named: Vec<Option<Named>> = entries.iter().map(|one| named(one, &before)).collect();
    // which members a removed group stood for is not kept, so all that it ever had are notified
    let left = named.iter().flatten().flat_map(|named| &named.left);
    let members = groups::queries::members(c, &left.collect::<Vec<_>>(), None)?;
    let of_entry = |(entry, named): (&EntryRow, Option<Named>)| {
        let Some(Named { mut ids, left }) = named else {
            return Concerned::Everybody;
        };
        let of_it = addressed.get(&entry.resource_id).into_iter().flatten();
        ids.extend(of_it.cloned());
        let of_left = left.iter().filter_map(|group| members.get(group)).flatten();
        ids.extend(of_left.map(|member| member.organisation.id.clone()));
        Concerned::These(ids)
    };
    Ok(entries.iter().zip(named).map(of_entry).collect())
}

/// The ids that an entry refers to.
struct Named {
    /// The record itself, and the ids in the document and in its previous revision.
    ids: HashSet<String>,
    /// The addressees that the recommendation no longer has.
    left: HashSet<String>,
}

/// The ids that an entry refers to, given the previous revisions; `None` where the document is not kept.
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

/// The document in an entry.
fn state_of(entry: &EntryRow) -> Option<Value> {
    serde_json::from_str(entry.state.as_deref()?).ok()
}

/// Collects every id in a document.
fn name_all(value: &Value, ids: &mut HashSet<String>) {
    match value {
        Value::String(text) if text.len() == 36 => drop(ids.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| name_all(item, ids)),
        Value::Object(members) => members.values().for_each(|member| name_all(member, ids)),
        _ => {}
    }
}
