//! Fans out new log entries into deliveries for the webhooks that want them.

use chrono::NaiveDateTime;
use diesel::result::{Error, QueryResult};
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;

use super::model::{DeliveryRow, LEASE_MARGIN, WebhookRow};
use super::queries;
use crate::access::instance::Instance;
use crate::http::error::ApiError;
use crate::log::entries::{self, EntryRow, LogPosition};
use crate::log::forks::{self, LogFork};
use crate::log::{Origin, Resource, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::resources::{groups, recommendations};

/// The most entries to read at once.
const PAGE: i64 = 100;
/// The most pending deliveries of a webhook; further entries wait in the log.
const MAX_WAITING: i64 = 1_000;

/// How much of a digest is part of the id of a message: 64 bits, in hexadecimal.
const DIGEST_LENGTH: usize = 16;

/// The result of reading the log.
pub struct FanOut {
    /// The webhooks to send to.
    pub active: Vec<WebhookRow>,
    /// Whether the log has entries that were not read yet.
    pub has_more: bool,
    /// The next moment at which a scheduled entry becomes public.
    pub next_moment: Option<NaiveDateTime>,
}

/// A webhook, its new position in the log, the forks that it is told of, and its new deliveries.
type NewDeliveries = (WebhookRow, LogPosition, i64, Vec<DeliveryRow>);

/// Reads new entries and stores their deliveries.
pub async fn fan_out(instance: &Instance) -> Result<FanOut, ApiError> {
    let now = instance.clock.now();
    let timeout = Duration::from_millis(instance.config.webhook_timeout_ms);
    let settled = now + timeout + LEASE_MARGIN;
    let plan = move |c: &mut DbConnection| plan(c, now, settled);
    let (result, new) = instance.database.watch(plan).await?;
    if !new.is_empty() {
        let store = move |c: &mut DbConnection| {
            for (webhook, place, fork, deliveries) in &new {
                queries::advance(c, webhook, (place, *fork), deliveries)?;
            }
            Ok(())
        };
        write(instance, now, store).await?;
    }
    Ok(result)
}

/// Runs `work` in one transaction, on behalf of the task that sends deliveries.
pub async fn write<T: Send + 'static>(
    instance: &Instance,
    now: NaiveDateTime,
    work: impl FnOnce(&mut DbConnection) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let origin = Origin {
        actor: "webhooks".to_owned(),
        now,
        ..Origin::default()
    };
    let work = |writer: &mut Writer<'_>| work(writer.connection);
    instance.log.write(origin, work).await
}

/// `settled` is when all attempts will have ended that are under way.
fn plan(
    c: &mut DbConnection,
    now: NaiveDateTime,
    settled: NaiveDateTime,
) -> Result<(FanOut, Vec<NewDeliveries>), ApiError> {
    let mut result = FanOut {
        active: queries::active(c)?,
        has_more: false,
        next_moment: None,
    };
    let mut new = Vec::new();
    if result.active.is_empty() {
        return Ok((result, new));
    }
    let until = entries::end(c, now)?;
    result.next_moment = entries::next_moment(c, now)?;
    let full = queries::with_pending(c, MAX_WAITING)?;
    let mut waiting: Vec<&WebhookRow> = result.active.iter().collect();
    waiting.retain(|webhook| !full.contains(&webhook.id));
    let oldest = waiting.iter().map(|webhook| webhook.fork).min();
    let forks = forks::after(c, oldest.unwrap_or(0))?;
    // most webhooks are at the same position, so that one read serves them all
    while let Some(first) = waiting.first() {
        let place = first.place();
        let (here, elsewhere): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|webhook| webhook.place() == place);
        let batch = entries::after(c, &place, &until, &[], PAGE)?;
        result.has_more |= batch.has_more;
        let is_ahead = place.moment > now;
        if is_ahead
            || batch.place.seq != place.seq
            || !batch.entries.is_empty()
            || !forks.is_empty()
        {
            let entries: Vec<EntryRow> = batch.entries.into_iter().map(|(row, _)| row).collect();
            let related = related_ids(c, &entries, &here, now)?;
            for webhook in here {
                let mut all = about_forks(webhook, &forks, settled)?;
                let first = webhook.last_position + 1 + all.len() as i64;
                all.extend(deliveries((webhook, first), &entries, &related, now)?);
                let newest = forks.last().map_or(0, |fork| fork.number);
                let fork = webhook.fork.max(newest);
                new.push((webhook.clone(), batch.place.clone(), fork, all));
            }
        }
        waiting = elsewhere;
    }
    Ok((result, new))
}

/// The record that an entry is about, and the records that it refers to. `None` stands for any: no webhook filters by
/// organisation, or the content was erased and no longer tells.
type RelatedIds = Option<HashSet<RecordId>>;

/// The deliveries that tell a webhook of the forks that it has not heard of. They are due when all attempts have ended
/// that began before: no message about a lost entry comes after them.
fn about_forks(
    webhook: &WebhookRow,
    forks: &[LogFork],
    settled: NaiveDateTime,
) -> QueryResult<Vec<DeliveryRow>> {
    let new = forks.iter().filter(|fork| fork.number > webhook.fork);
    new.zip(webhook.last_position + 1..)
        .map(|(fork, position)| {
            Ok(DeliveryRow {
                fork: Some(fork.number),
                ..DeliveryRow::new(&webhook.id, position, settled)?
            })
        })
        .collect()
}

/// The deliveries about the entries that a webhook wants, numbered from `first` on.
fn deliveries(
    (webhook, first): (&WebhookRow, i64),
    entries: &[EntryRow],
    related: &[RelatedIds],
    now: NaiveDateTime,
) -> QueryResult<Vec<DeliveryRow>> {
    let (types, organisations) = (&webhook.types, &webhook.organisations);
    let is_wanted = |(entry, related): &(&EntryRow, &RelatedIds)| {
        let is_related = |ids: &HashSet<RecordId>| organisations.iter().any(|id| ids.contains(id));
        let of_type = |resource: &Resource| *resource == entry.resource.0;
        (types.is_empty() || types.iter().any(of_type))
            && (organisations.is_empty() || related.as_ref().is_none_or(is_related))
    };
    let wanted = entries.iter().zip(related).filter(is_wanted);
    let numbered = wanted.zip(first..);
    numbered
        .map(|((entry, _), position)| {
            Ok(DeliveryRow {
                seq: Some(entry.seq),
                digest: Some(entry.digest.chars().take(DIGEST_LENGTH).collect()),
                resource: Some(entry.resource.0.name().to_owned()),
                resource_id: entry.resource_id.to_string(),
                ..DeliveryRow::new(&webhook.id, position, now)?
            })
        })
        .collect()
}

/// The related ids of each entry, if any of the webhooks filters by organisation.
fn related_ids(
    c: &mut DbConnection,
    entries: &[EntryRow],
    webhooks: &[&WebhookRow],
    now: NaiveDateTime,
) -> Result<Vec<RelatedIds>, ApiError> {
    if webhooks.iter().all(|hook| hook.organisations.is_empty()) {
        return Ok(vec![None; entries.len()]);
    }
    let is_recommendation = |entry: &&EntryRow| entry.resource.0 == Resource::Recommendation;
    let recommendations = entries.iter().filter(is_recommendation);
    let ids: Vec<RecordId> = recommendations.map(|entry| entry.resource_id).collect();
    // the document names a group, not its members
    let addressed = recommendations::queries::addressed(c, &ids)?;
    // the previous revision counts too, so that a webhook hears that a record no longer concerns its organisation
    let numbers: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
    let previous = entries::before(c, &numbers, now)?;
    let references = entries.iter().map(|entry| References::of(entry, &previous));
    let references: Vec<Option<References>> = references.collect::<QueryResult<_>>()?;
    // which members a removed group stood for is not kept, so all that it ever had are notified
    let removed = references
        .iter()
        .flatten()
        .flat_map(|of| &of.removed)
        .copied();
    let members = groups::queries::members(c, &removed.collect::<Vec<_>>(), None)?;
    let related = |(entry, references): (&EntryRow, Option<References>)| {
        let References { mut ids, removed } = references?;
        let addressed = addressed.get(&entry.resource_id).into_iter().flatten();
        ids.extend(addressed);
        let members = removed.iter().filter_map(|group| members.get(group));
        ids.extend(members.flatten().map(|member| member.organisation.id));
        Some(ids)
    };
    Ok(entries.iter().zip(references).map(related).collect())
}

/// The ids in the document of an entry.
struct References {
    /// The record itself, and the ids in the document and in its previous revision.
    ids: HashSet<RecordId>,
    /// The addressees that the recommendation no longer has.
    removed: HashSet<RecordId>,
}

impl References {
    /// Those of an entry, given the previous revisions; `None` where the document is not kept.
    fn of(entry: &EntryRow, previous: &[EntryRow]) -> QueryResult<Option<Self>> {
        let document = |entry: &EntryRow| Ok::<_, Error>(entry.document()?.map(Value::Object));
        let Some(state) = document(entry)?.filter(|document| document["state"] != "erased") else {
            return Ok(None);
        };
        let is_previous = |other: &&EntryRow| {
            other.resource_id == entry.resource_id && other.revision + 1 == entry.revision
        };
        let previous = previous
            .iter()
            .find(is_previous)
            .map(document)
            .transpose()?;
        let previous = previous.flatten().unwrap_or_default();
        let mut ids = &ids_in(&state) | &ids_in(&previous);
        ids.insert(entry.resource_id);
        let removed = &ids_in(&previous["addressees"]) - &ids_in(&state["addressees"]);
        Ok(Some(Self { ids, removed }))
    }
}

/// Every id in a document.
fn ids_in(value: &Value) -> HashSet<RecordId> {
    match value {
        Value::String(text) => RecordId::parse(text).into_iter().collect(),
        Value::Array(items) => items.iter().flat_map(ids_in).collect(),
        Value::Object(members) => members.values().flat_map(ids_in).collect(),
        _ => HashSet::new(),
    }
}
