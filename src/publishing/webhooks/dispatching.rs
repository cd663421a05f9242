//! The task that sends deliveries. Concurrency is limited both in total and per webhook, so that a slow or dead
//! receiver does not delay the others.
//!
//! A node leases a delivery before it sends it ([`queries::lease`]), so that no other node sends it at the same time.
//! If the node dies, the lease expires and another takes over.

use actix_web::web::Data;
use chrono::{NaiveDateTime, TimeDelta};
use futures_util::StreamExt;
use futures_util::future::{FutureExt, LocalBoxFuture};
use futures_util::stream::FuturesUnordered;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

use super::fan_out::{fan_out, write};
use super::model::{Attempt, DeliveryRow, LEASE_MARGIN, WebhookRow};
use super::queries;
use super::sending::{self, AttemptOutcome, Message};
use super::views::WebhookMessage;
use super::wake::Wake;
use crate::access::instance::Instance;
use crate::http::counters::Counters;
use crate::http::cursor::Cursors;
use crate::http::error::ApiError;
use crate::log::{entries, forks, tail};
use crate::platform::db::DbConnection;
use crate::platform::outbound::{Limits, Outbound};
use crate::platform::page_urls::PageUrls;
use crate::publishing::changes::cursor::Bookmark;
use crate::publishing::changes::subscribers::Subscribers;
use crate::publishing::changes::views::Change;
use crate::publishing::changes::{routes, showing};

/// The most deliveries sent concurrently.
const MAX_CONCURRENT: usize = 64;
/// The most deliveries sent concurrently to one webhook.
const MAX_CONCURRENT_PER_WEBHOOK: usize = 8;
/// How often to poll the database for deliveries that other nodes left.
const POLL: Duration = Duration::from_secs(1);
/// The least time between two looks at the log: a busy one is not looked at after each write.
const PAUSE: Duration = Duration::from_millis(50);
/// How often to delete old deliveries.
const PRUNE_EVERY: Duration = Duration::from_secs(600);
/// How long to keep finished deliveries.
const RETENTION: TimeDelta = TimeDelta::days(7);

/// Sends deliveries for as long as the server runs.
pub async fn dispatch(
    instance: Data<Instance>,
    subscribers: Data<Subscribers>,
    wake: Data<Wake>,
    counters: Data<Counters>,
) {
    if instance.not_ready().is_some() {
        return;
    }
    let timeout = Duration::from_millis(instance.config.webhook_timeout_ms);
    let limits = Limits {
        timeout,
        max_bytes: 0, // response bodies are not read
        allowed: instance.config.webhook_addresses.clone(),
    };
    let outbound = match Outbound::new(limits) {
        Ok(outbound) => Rc::new(outbound),
        Err(error) => return tracing::error!(%error, "cannot send webhooks"),
    };
    let dispatcher = Dispatcher {
        log: instance.log.tail().watch(),
        outbound,
        lease: timeout + LEASE_MARGIN,
        sending: FuturesUnordered::new(),
        busy: HashMap::new(),
        attempted: Vec::new(),
        is_behind: false,
        next_moment: None,
        polled: Instant::now(),
        pruned: None,
        turn: 0,
        instance,
        subscribers,
        wake,
        counters,
    };
    dispatcher.run().await;
}

/// A delivery that was attempted, and the outcome.
type Attempted = (DeliveryRow, AttemptOutcome);

struct Dispatcher {
    instance: Data<Instance>,
    subscribers: Data<Subscribers>,
    wake: Data<Wake>,
    counters: Data<Counters>,
    outbound: Rc<Outbound>,
    /// How long a delivery is leased.
    lease: Duration,
    /// Notified of new log entries.
    log: watch::Receiver<i64>,
    sending: FuturesUnordered<LocalBoxFuture<'static, Attempted>>,
    /// The number of attempts in flight, by webhook.
    busy: HashMap<String, usize>,
    /// Finished attempts that are not recorded yet.
    attempted: Vec<Attempted>,
    /// Whether the log has entries that were not read yet.
    is_behind: bool,
    /// The next moment at which there is something to do without a notification.
    next_moment: Option<NaiveDateTime>,
    polled: Instant,
    pruned: Option<Instant>,
    /// Rotates the webhook that is served first.
    turn: usize,
}

impl Dispatcher {
    async fn run(mut self) {
        while !self.subscribers.is_over() {
            let mut is_woken = self.is_behind || self.wait().await;
            while let Some(Some(attempted)) = self.sending.next().now_or_never() {
                self.attempted.push(attempted);
                is_woken = true;
            }
            let now = self.instance.clock.now();
            let is_time = self.next_moment.is_some_and(|moment| moment <= now);
            if !is_woken && !is_time && self.polled.elapsed() < POLL {
                continue;
            }
            if let Err(error) = self.step().await {
                tracing::debug!(?error, "webhooks are waiting for the database");
                tokio::time::sleep(tail::INTERVAL).await;
            }
            self.polled = Instant::now();
        }
    }

    /// Waits for a write, a notification or a finished attempt. Returns false if none came within [`tail::INTERVAL`].
    async fn wait(&mut self) -> bool {
        tokio::select! {
            _ = self.log.changed() => {
                tokio::time::sleep_until(self.polled + PAUSE).await;
                true
            }
            () = self.wake.notified() => true,
            Some(attempted) = self.sending.next() => {
                self.attempted.push(attempted);
                true
            }
            () = tokio::time::sleep(tail::INTERVAL) => false,
        }
    }

    async fn step(&mut self) -> Result<(), ApiError> {
        self.record_attempts().await?;
        let result = fan_out(&self.instance).await?;
        (self.is_behind, self.next_moment) = (result.has_more, result.next_moment);
        if result.active.is_empty() {
            return Ok(());
        }
        self.send(result.active).await?;
        if self.pruned.is_none_or(|at| at.elapsed() > PRUNE_EVERY) {
            let now = self.instance.clock.now();
            let prune = move |c: &mut DbConnection| Ok(queries::prune(c, now - RETENTION)?);
            write(&self.instance, now, prune).await?;
            self.pruned = Some(Instant::now());
        }
        Ok(())
    }

    /// Records the finished attempts.
    async fn record_attempts(&mut self) -> Result<(), ApiError> {
        if self.attempted.is_empty() {
            return Ok(());
        }
        let (now, attempted) = (self.instance.clock.now(), self.attempted.clone());
        let retries = self.instance.config.webhook_retries();
        let store = move |c: &mut DbConnection| {
            for (delivery, outcome) in attempted {
                let (state, next) = sending::next_state(&delivery, &outcome, &retries, now);
                if outcome.is_gone() {
                    let reason = "The receiver responded with 410 Gone.";
                    queries::disable(c, &delivery.webhook_id, reason, now)?;
                }
                let attempt = Attempt {
                    at: now.and_utc(),
                    status: outcome.status,
                    error: outcome.error,
                };
                queries::record(c, &delivery, attempt, state, next)?;
            }
            Ok(())
        };
        write(&self.instance, now, store).await?;
        for (delivery, outcome) in self.attempted.drain(..) {
            self.counters.count_webhook_attempt(outcome.error.is_none());
            if let Some(count) = self.busy.get_mut(&delivery.webhook_id) {
                *count = count.saturating_sub(1);
            }
        }
        self.busy.retain(|_, count| *count > 0);
        Ok(())
    }

    /// Leases due deliveries and starts to send them.
    async fn send(&mut self, mut active: Vec<WebhookRow>) -> Result<(), ApiError> {
        // so that no webhook is always last
        self.turn = self.turn.wrapping_add(1);
        let first = self.turn % active.len().max(1);
        active.rotate_left(first);
        let (now, begun, busy) = (self.instance.clock.now(), Instant::now(), self.busy.clone());
        let mut room = MAX_CONCURRENT.saturating_sub(self.sending.len());
        let find_due = move |c: &mut DbConnection| {
            let mut due = Vec::new();
            for webhook in active {
                let busy = busy.get(&webhook.id).copied().unwrap_or(0);
                let limit = MAX_CONCURRENT_PER_WEBHOOK.saturating_sub(busy).min(room);
                if limit > 0 {
                    let deliveries = queries::sendable(c, &webhook.id, now, limit)?;
                    room -= deliveries.len();
                    due.extend(deliveries.into_iter().map(|one| (webhook.clone(), one)));
                }
            }
            Ok::<_, ApiError>(due)
        };
        let due = self.instance.database.watch(find_due).await?;
        if due.is_empty() {
            return Ok(());
        }
        for message in self.lease(due, now).await? {
            if begun.elapsed() > LEASE_MARGIN / 2 {
                break; // the lease might expire during the attempt
            }
            self.begin(message);
        }
        Ok(())
    }

    /// Leases the deliveries that no other node holds, and builds their messages.
    async fn lease(
        &self,
        due: Vec<(WebhookRow, DeliveryRow)>,
        now: NaiveDateTime,
    ) -> Result<Vec<Message>, ApiError> {
        let (until, base) = (now + self.lease, self.instance.config.issuer());
        let (cursors, pages) = (self.instance.cursors.clone(), self.instance.pages.clone());
        let work = move |c: &mut DbConnection| {
            let mut leased = Vec::new();
            for (webhook, mut delivery) in due {
                if queries::lease(c, &delivery.id, now, until)? {
                    delivery.leased_until = Some(until);
                    leased.push((webhook, delivery));
                }
            }
            messages(c, leased, (&base, &pages, &cursors), now)
        };
        write(&self.instance, now, work).await
    }

    fn begin(&mut self, message: Message) {
        let (outbound, with_http) = (self.outbound.clone(), self.instance.config.webhook_http);
        let delivery = message.delivery.clone();
        *self.busy.entry(delivery.webhook_id.clone()).or_default() += 1;
        // in a task of its own, so that it progresses while this one waits for the database
        let attempt = async move { sending::send(&outbound, &message, with_http).await };
        let attempt = actix_web::rt::spawn(attempt);
        self.sending.push(Box::pin(async move {
            let outcome = attempt.await;
            let aborted = |_| AttemptOutcome::failed("the attempt was aborted");
            (delivery, outcome.unwrap_or_else(aborted))
        }));
    }
}

/// Builds the message of each delivery from the public view of its log entry at this moment. `base` is the public base
/// URL of this API.
fn messages(
    c: &mut DbConnection,
    leased: Vec<(WebhookRow, DeliveryRow)>,
    (base, pages, cursors): (&str, &PageUrls, &Cursors),
    now: NaiveDateTime,
) -> Result<Vec<Message>, ApiError> {
    let numbers: Vec<i64> = leased.iter().filter_map(|(_, row)| row.seq).collect();
    let rows = entries::with_numbers(c, &numbers)?;
    let changes = showing::views(c, rows, now, pages)?;
    let by_number: HashMap<i64, Change> = changes.into_iter().map(|one| (one.seq, one)).collect();
    let mut messages = Vec::with_capacity(leased.len());
    for (webhook, delivery) in leased {
        let change = delivery.seq.and_then(|seq| by_number.get(&seq));
        let message = match (change, delivery.fork) {
            (Some(change), _) => WebhookMessage::of(change.clone(), base),
            (None, Some(number)) => fork_message(c, &webhook, number, (base, cursors))?,
            (None, None) => WebhookMessage::test(&webhook.id, delivery.created_at.and_utc(), base),
        };
        messages.push(Message {
            body: serde_json::to_string(&message).map_err(|e| ApiError::internal(&e))?,
            webhook,
            delivery,
            now,
        });
    }
    Ok(messages)
}

/// Builds the message about a fork of the log.
fn fork_message(
    c: &mut DbConnection,
    webhook: &WebhookRow,
    number: i64,
    (base, cursors): (&str, &Cursors),
) -> Result<WebhookMessage, ApiError> {
    let fork = forks::after(c, number - 1)?.into_iter().next();
    let fork = fork.ok_or_else(|| ApiError::internal(&"a delivery about no fork"))?;
    let bookmark = Bookmark::after_entry(c, fork.last_common)?;
    let next = routes::since(base, cursors, &bookmark)?;
    let since = entries::written_at(c, fork.last_common)?;
    let since = since.map(|since| since.and_utc());
    Ok(WebhookMessage::fork(&webhook.id, &fork, since, next))
}
