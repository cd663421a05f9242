//! The task that sends deliveries. Concurrency is limited both in total and per webhook, so that a slow or dead
//! receiver does not delay the others.
//!
//! A node leases a delivery before it sends it ([`queries::lease`]), so that no other node sends it at the same time.
//! If the node dies, the lease expires and another takes over.

use actix_web::web::Data;
use chrono::{NaiveDateTime, TimeDelta};
use futures_util::StreamExt;
use futures_util::future::{Either, FutureExt, LocalBoxFuture, select};
use futures_util::stream::FuturesUnordered;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

use super::fan_out::{fan_out, origin};
use super::model::{Attempt, DeliveryRow, WebhookRow};
use super::queries;
use super::sending::{self, AttemptOutcome, Message};
use super::views::WebhookMessage;
use super::wake::Wake;
use crate::access::instance::Instance;
use crate::http::counters::Counters;
use crate::http::error::ApiError;
use crate::log::entries::{self, EntryRow};
use crate::log::{Writer, tail};
use crate::platform::db::DbConnection;
use crate::platform::outbound::{Limits, Outbound};
use crate::publishing::changes::showing;
use crate::publishing::changes::subscribers::Subscribers;
use crate::publishing::changes::views::Change;

/// The most deliveries sent concurrently.
const AT_ONCE: usize = 64;
/// The most deliveries sent concurrently to one webhook.
const AT_ONCE_TO_ONE: usize = 8;
/// How much longer a lease is than an attempt can take.
const MARGIN: Duration = Duration::from_secs(2);
/// How often to poll the database for deliveries that other nodes left.
const LOOK: Duration = Duration::from_secs(1);
/// How often to delete old deliveries.
const PRUNE: Duration = Duration::from_secs(600);
/// How long to keep finished deliveries.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Sends deliveries for as long as the server runs.
pub async fn dispatch(
    instance: Data<Instance>,
    followers: Data<Subscribers>,
    wake: Data<Wake>,
    counters: Data<Counters>,
) {
    if instance.not_ready().is_some() {
        return;
    }
    let limits = Limits {
        timeout: Duration::from_millis(instance.config.webhook_timeout_ms),
        max_bytes: 0, // response bodies are not read
        allowed: instance.config.webhook_addresses.clone(),
    };
    match Outbound::new(limits) {
        Ok(outbound) => {
            Dispatcher::new(instance, followers, wake, counters, outbound)
                .run()
                .await
        }
        Err(error) => tracing::error!(%error, "cannot send webhooks"),
    }
}

/// A delivery that was attempted, and the outcome.
type Sent = (DeliveryRow, AttemptOutcome);

struct Dispatcher {
    instance: Data<Instance>,
    followers: Data<Subscribers>,
    wake: Data<Wake>,
    counters: Data<Counters>,
    outbound: Rc<Outbound>,
    news: watch::Receiver<i64>,
    sending: FuturesUnordered<LocalBoxFuture<'static, Sent>>,
    /// The number of attempts in flight, by webhook.
    busy: HashMap<String, usize>,
    /// Finished attempts that are not recorded yet.
    sent: Vec<Sent>,
    /// Whether the log has entries that were not read yet.
    is_behind: bool,
    /// The next moment at which there is something to do without a notification.
    next_moment: Option<NaiveDateTime>,
    looked: Instant,
    pruned: Option<Instant>,
    /// Rotates the webhook that is served first.
    turn: usize,
}

impl Dispatcher {
    fn new(
        instance: Data<Instance>,
        followers: Data<Subscribers>,
        wake: Data<Wake>,
        counters: Data<Counters>,
        outbound: Outbound,
    ) -> Self {
        Self {
            news: instance.log.tail().watch(),
            outbound: Rc::new(outbound),
            sending: FuturesUnordered::new(),
            busy: HashMap::new(),
            sent: Vec::new(),
            is_behind: false,
            next_moment: None,
            looked: Instant::now(),
            pruned: None,
            turn: 0,
            instance,
            followers,
            wake,
            counters,
        }
    }

    async fn run(mut self) {
        while !self.followers.is_over() {
            let mut is_told = self.is_behind || self.wait().await;
            while let Some(Some(sent)) = self.sending.next().now_or_never() {
                self.sent.push(sent);
                is_told = true;
            }
            let now = self.instance.clock.now();
            let is_time = self.next_moment.is_some_and(|moment| moment <= now);
            if !is_told && !is_time && self.looked.elapsed() < LOOK {
                continue;
            }
            if let Err(error) = self.step().await {
                tracing::debug!(?error, "webhooks are waiting for the database");
                tokio::time::sleep(tail::INTERVAL).await;
            }
            self.looked = Instant::now();
        }
    }

    /// Waits for a write, a call or a finished attempt, up to [`tail::INTERVAL`].
    async fn wait(&mut self) -> bool {
        let (news, sending) = (&mut self.news, &mut self.sending);
        let news = std::pin::pin!(news.changed());
        let asked = std::pin::pin!(self.wake.called());
        let over = std::pin::pin!(async {
            match sending.next().await {
                Some(sent) => sent,
                None => std::future::pending().await,
            }
        });
        let told = tokio::time::timeout(tail::INTERVAL, select(select(news, asked), over)).await;
        match told {
            Ok(Either::Right((sent, _))) => {
                self.sent.push(sent);
                true
            }
            Ok(Either::Left(_)) => true,
            Err(_) => false,
        }
    }

    async fn step(&mut self) -> Result<(), ApiError> {
        self.write_down().await?;
        let look = fan_out(&self.instance).await?;
        (self.is_behind, self.next_moment) = (look.has_more, look.next_moment);
        if look.active.is_empty() {
            return Ok(());
        }
        self.send(look.active).await?;
        if self.pruned.is_none_or(|at| at.elapsed() > PRUNE) {
            let now = self.instance.clock.now();
            let prune = move |writer: &mut Writer<'_>| {
                Ok::<_, ApiError>(queries::prune(writer.connection, now - KEPT)?)
            };
            self.instance.log.write(origin(now), prune).await?;
            self.pruned = Some(Instant::now());
        }
        Ok(())
    }

    /// Records the finished attempts.
    async fn write_down(&mut self) -> Result<(), ApiError> {
        if self.sent.is_empty() {
            return Ok(());
        }
        let (now, sent) = (self.instance.clock.now(), self.sent.clone());
        let retries = self.instance.config.webhook_retries();
        let store = move |writer: &mut Writer<'_>| {
            for (delivery, outcome) in sent {
                let (state, next) = sending::standing(&delivery, &outcome, &retries, now);
                if outcome.is_gone() {
                    let reason = "The receiver responded with 410 Gone.";
                    queries::disable(writer.connection, &delivery.webhook_id, reason, now)?;
                }
                let attempt = Attempt {
                    at: now.and_utc(),
                    status: outcome.status,
                    error: outcome.error,
                };
                queries::record(writer.connection, &delivery, attempt, state, next)?;
            }
            Ok::<_, ApiError>(())
        };
        self.instance.log.write(origin(now), store).await?;
        for (delivery, outcome) in self.sent.drain(..) {
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
        let free = active.into_iter().map(|webhook| {
            let busy = self.busy.get(&webhook.id).copied().unwrap_or(0);
            (webhook, AT_ONCE_TO_ONE.saturating_sub(busy))
        });
        let free: Vec<(WebhookRow, usize)> = free.collect();
        let mut room = AT_ONCE.saturating_sub(self.sending.len());
        let (now, begun) = (self.instance.clock.now(), Instant::now());
        let candidates = self.instance.database.watch(move |c| {
            let mut candidates = Vec::new();
            for (webhook, free) in free {
                let limit = free.min(room);
                if limit == 0 {
                    continue;
                }
                let due = queries::sendable(c, &webhook.id, now, limit)?;
                room -= due.len();
                candidates.extend(due.into_iter().map(|delivery| (webhook.clone(), delivery)));
            }
            Ok::<_, ApiError>(candidates)
        });
        let candidates = candidates.await?;
        if candidates.is_empty() {
            return Ok(());
        }
        for message in self.take(candidates, now).await? {
            if begun.elapsed() > MARGIN / 2 {
                break; // the lease might expire during the attempt
            }
            self.begin(message);
        }
        Ok(())
    }

    /// Leases the deliveries that no other node holds, and builds their messages.
    async fn take(
        &self,
        candidates: Vec<(WebhookRow, DeliveryRow)>,
        now: NaiveDateTime,
    ) -> Result<Vec<Message>, ApiError> {
        let timeout = Duration::from_millis(self.instance.config.webhook_timeout_ms);
        let until = now + TimeDelta::from_std(timeout + MARGIN).unwrap_or(TimeDelta::minutes(1));
        let base = self.instance.config.issuer();
        let work = move |writer: &mut Writer<'_>| {
            let mut taken = Vec::new();
            for (webhook, mut delivery) in candidates {
                if queries::lease(writer.connection, &delivery.id, now, until)? {
                    delivery.leased_until = Some(until);
                    taken.push((webhook, delivery));
                }
            }
            messages(writer.connection, taken, &base, now)
        };
        self.instance.log.write(origin(now), work).await
    }

    fn begin(&mut self, message: Message) {
        let (outbound, takes_http) = (self.outbound.clone(), self.instance.config.webhook_http);
        let delivery = message.delivery.clone();
        *self.busy.entry(delivery.webhook_id.clone()).or_default() += 1;
        // in a task of its own, so that it progresses while this one waits for the database
        let attempt =
            actix_web::rt::spawn(
                async move { sending::send(&outbound, &message, takes_http).await },
            );
        self.sending.push(Box::pin(async move {
            let outcome = attempt
                .await
                .unwrap_or_else(|_| AttemptOutcome::failed("the attempt was aborted"));
            (delivery, outcome)
        }));
    }
}

/// Builds the message of each delivery from the public view of its log entry at this moment.
fn messages(
    c: &mut DbConnection,
    taken: Vec<(WebhookRow, DeliveryRow)>,
    base: &str,
    now: NaiveDateTime,
) -> Result<Vec<Message>, ApiError> {
    let numbers: Vec<i64> = taken.iter().filter_map(|(_, one)| one.seq).collect();
    let rows: Vec<EntryRow> = entries::with_numbers(c, &numbers)?;
    let changes = showing::views(c, rows, now)?;
    let by_number: HashMap<i64, Change> = changes.into_iter().map(|one| (one.seq, one)).collect();
    let mut messages = Vec::with_capacity(taken.len());
    for (webhook, delivery) in taken {
        let change = delivery.seq.and_then(|seq| by_number.get(&seq));
        let message = match change {
            Some(change) => WebhookMessage::of(change.clone(), base),
            None => WebhookMessage::test(&webhook.id, delivery.created_at.and_utc(), base),
        };
        messages.push(Message {
            body: serde_json::to_string(&message).map_err(|e| ApiError::internal(&e))?,
            secrets: webhook.secrets(now).map(str::to_owned).collect(),
            url: webhook.url,
            delivery,
            now,
        });
    }
    Ok(messages)
}
