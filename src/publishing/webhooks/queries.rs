//! All SQL of webhooks and their deliveries.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashSet;

use super::model::{Attempt, DeliveryRow, DeliveryState, WebhookRow};
use super::schema::{webhook_deliveries, webhooks};
use crate::log::entries::LogPosition;
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{DbConnection, EnumText, Sql};

/// The order of deliveries: newest first.
const BY_POSITION: Order = Order {
    column: "d.position",
    id: "d.id",
    descending: true,
};

/// One page of webhooks in the order of their creation: those of a client, or all.
pub fn list(
    connection: &mut DbConnection,
    owner: Option<&str>,
    keyset: &Keyset,
) -> QueryResult<Slice<WebhookRow>> {
    let mut sql = Sql::new("SELECT w.* FROM webhooks w WHERE w.id > ''");
    sql.and("w.client_id =", owner);
    keyset.finish(&mut sql, Order::by_id("w.id"));
    Ok(keyset.slice(sql.load(connection)?))
}

/// The webhook with this id, if it belongs to this client; without a client, any webhook.
pub fn find(
    connection: &mut DbConnection,
    id: &str,
    owner: Option<&str>,
) -> QueryResult<Option<WebhookRow>> {
    let found: Option<WebhookRow> = webhooks::table
        .find(id)
        .select(WebhookRow::as_select())
        .first(connection)
        .optional()?;
    Ok(found.filter(|row| owner.is_none_or(|owner| owner == row.client_id)))
}

/// The number of a client's webhooks.
pub fn count_of(connection: &mut DbConnection, client: &str) -> QueryResult<i64> {
    webhooks::table
        .filter(webhooks::client_id.eq(client))
        .count()
        .get_result(connection)
}

/// Stores a new webhook.
pub fn insert(connection: &mut DbConnection, row: &WebhookRow) -> QueryResult<()> {
    diesel::insert_into(webhooks::table)
        .values(row)
        .execute(connection)
        .map(drop)
}

/// Stores a changed webhook as its next revision.
pub fn update(
    connection: &mut DbConnection,
    row: &mut WebhookRow,
    now: NaiveDateTime,
) -> QueryResult<()> {
    row.revision += 1;
    row.updated_at = now;
    diesel::update(webhooks::table.find(&row.id))
        .set(&*row)
        .execute(connection)
        .map(drop)
}

/// Removes a webhook and its deliveries.
pub fn remove(connection: &mut DbConnection, id: &str) -> QueryResult<()> {
    let of_it = webhook_deliveries::table.filter(webhook_deliveries::webhook_id.eq(id));
    diesel::delete(of_it).execute(connection)?;
    diesel::delete(webhooks::table.find(id))
        .execute(connection)
        .map(drop)
}

/// The enabled webhooks of clients that were not revoked.
pub fn active(connection: &mut DbConnection) -> QueryResult<Vec<WebhookRow>> {
    let mut sql = Sql::new("SELECT w.* FROM webhooks w WHERE w.is_enabled = ");
    sql.bind(true).push(
        " AND NOT EXISTS (SELECT 1 FROM clients k WHERE k.id = w.client_id AND k.revoked_at IS NOT NULL) \
         ORDER BY w.id",
    );
    sql.load(connection)
}

/// Moves a webhook on to a position in the log and a fork, which does not make a new revision, and stores new deliveries.
/// Does nothing if another node has moved it.
pub fn advance(
    connection: &mut DbConnection,
    before: &WebhookRow,
    (place, fork): (&LogPosition, i64),
    deliveries: &[DeliveryRow],
) -> QueryResult<()> {
    let unmoved = webhooks::table
        .find(&before.id)
        .filter(webhooks::place_seq.eq(before.place_seq))
        .filter(webhooks::place_moment.eq(before.place_moment))
        .filter(webhooks::place_tie.eq(before.place_tie))
        .filter(webhooks::last_position.eq(before.last_position))
        .filter(webhooks::fork.eq(before.fork));
    let moved = diesel::update(unmoved)
        .set((
            webhooks::place_seq.eq(place.seq),
            webhooks::place_moment.eq(place.moment),
            webhooks::place_tie.eq(place.tie),
            webhooks::last_position.eq(before.last_position + deliveries.len() as i64),
            webhooks::fork.eq(fork),
        ))
        .execute(connection)?;
    if moved > 0 {
        for delivery in deliveries {
            diesel::insert_into(webhook_deliveries::table)
                .values(delivery)
                .execute(connection)?;
        }
    }
    Ok(())
}

/// One page of the deliveries of a webhook.
pub fn deliveries(
    connection: &mut DbConnection,
    webhook: &str,
    state: Option<DeliveryState>,
    keyset: &Keyset,
) -> QueryResult<Slice<DeliveryRow>> {
    let mut sql = Sql::new("SELECT d.* FROM webhook_deliveries d WHERE d.webhook_id = ");
    sql.bind(webhook);
    sql.and("d.state =", state.map(<&str>::from));
    keyset.finish(&mut sql, BY_POSITION);
    Ok(keyset.slice(sql.load(connection)?))
}

/// A delivery of a webhook.
pub fn find_delivery(
    connection: &mut DbConnection,
    webhook: &str,
    id: &str,
) -> QueryResult<Option<DeliveryRow>> {
    webhook_deliveries::table
        .find(id)
        .filter(webhook_deliveries::webhook_id.eq(webhook))
        .select(DeliveryRow::as_select())
        .first(connection)
        .optional()
}

/// Makes a delivery due at once, with the full number of retries.
pub fn send_again(
    connection: &mut DbConnection,
    row: &mut DeliveryRow,
    now: NaiveDateTime,
) -> QueryResult<()> {
    row.state = EnumText(DeliveryState::Pending);
    row.attempts = 0;
    row.next_attempt_at = Some(now);
    row.finished_at = None;
    diesel::update(webhook_deliveries::table.find(&row.id))
        .set(&*row)
        .execute(connection)
        .map(drop)
}

/// The ids of the webhooks with at least `count` pending deliveries.
pub fn with_pending(connection: &mut DbConnection, count: i64) -> QueryResult<HashSet<String>> {
    use webhook_deliveries::dsl;
    let pending = dsl::webhook_deliveries.filter(dsl::state.eq("pending"));
    let by_webhook = pending
        .group_by(dsl::webhook_id)
        .having(diesel::dsl::count_star().ge(count));
    let ids: Vec<String> = by_webhook.select(dsl::webhook_id).load(connection)?;
    Ok(ids.into_iter().collect())
}

/// The deliveries of a webhook that can be sent now: due, not leased, the first pending one about their record, and not
/// behind one that tells of a fork of the log.
pub fn sendable(
    connection: &mut DbConnection,
    webhook: &str,
    now: NaiveDateTime,
    limit: usize,
) -> QueryResult<Vec<DeliveryRow>> {
    let mut sql = Sql::new("SELECT d.* FROM webhook_deliveries d WHERE d.webhook_id = ");
    sql.bind(webhook);
    sql.push(" AND d.state = 'pending' AND d.next_attempt_at <= ")
        .bind(now);
    sql.push(" AND (d.leased_until IS NULL OR d.leased_until <= ")
        .bind(now);
    sql.push(
        ") AND NOT EXISTS (SELECT 1 FROM webhook_deliveries e WHERE e.webhook_id = d.webhook_id AND e.state = 'pending' \
         AND e.resource_id = d.resource_id AND e.position < d.position) AND d.position <= \
         (SELECT coalesce(min(f.position), 9223372036854775807) FROM webhook_deliveries f WHERE f.state = 'pending' \
         AND f.fork IS NOT NULL AND f.webhook_id = ",
    );
    sql.bind(webhook);
    sql.push(") ORDER BY d.position LIMIT ");
    sql.bind(limit as i64);
    sql.load(connection)
}

/// The number of pending deliveries of all webhooks.
pub fn pending(connection: &mut DbConnection) -> QueryResult<i64> {
    webhook_deliveries::table
        .filter(webhook_deliveries::state.eq(<&str>::from(DeliveryState::Pending)))
        .count()
        .get_result(connection)
}

/// Leases a delivery until `until`. Returns false if another node holds the lease.
pub fn lease(
    connection: &mut DbConnection,
    id: &str,
    now: NaiveDateTime,
    until: NaiveDateTime,
) -> QueryResult<bool> {
    use webhook_deliveries::dsl;
    let free = dsl::webhook_deliveries
        .find(id)
        .filter(dsl::state.eq(<&str>::from(DeliveryState::Pending)))
        .filter(dsl::next_attempt_at.le(now))
        .filter(dsl::leased_until.is_null().or(dsl::leased_until.le(now)));
    let leased = diesel::update(free)
        .set(dsl::leased_until.eq(until))
        .execute(connection)?;
    Ok(leased > 0)
}

/// Records an attempt, if this node still holds the lease. `next` is the time of the next attempt.
pub fn record(
    connection: &mut DbConnection,
    row: &DeliveryRow,
    attempt: Attempt,
    state: DeliveryState,
    next: Option<NaiveDateTime>,
) -> QueryResult<()> {
    use webhook_deliveries::dsl;
    let at = attempt.at.naive_utc();
    let own = dsl::webhook_deliveries
        .find(&row.id)
        .filter(dsl::leased_until.eq(row.leased_until));
    diesel::update(own)
        .set(&DeliveryRow {
            state: EnumText(state),
            attempts: row.attempts + 1,
            attempt_log: row.logged(attempt)?,
            next_attempt_at: next,
            leased_until: None,
            finished_at: (state != DeliveryState::Pending).then_some(at),
            ..row.clone()
        })
        .execute(connection)
        .map(drop)
}

/// Disables a webhook for a reason.
pub fn disable(
    connection: &mut DbConnection,
    id: &str,
    reason: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    use webhooks::dsl;
    let on = dsl::webhooks.find(id).filter(dsl::is_enabled.eq(true));
    diesel::update(on)
        .set((
            dsl::is_enabled.eq(false),
            dsl::disabled_reason.eq(reason),
            dsl::revision.eq(dsl::revision + 1),
            dsl::updated_at.eq(now),
        ))
        .execute(connection)
        .map(drop)
}

/// Deletes deliveries that finished before a moment.
pub fn prune(connection: &mut DbConnection, before: NaiveDateTime) -> QueryResult<()> {
    let old = webhook_deliveries::table.filter(webhook_deliveries::finished_at.lt(before));
    diesel::delete(old).execute(connection).map(drop)
}
