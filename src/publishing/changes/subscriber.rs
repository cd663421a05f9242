//! A subscriber to the log: it catches up from the database, then reads from the shared ring buffer.

use actix_web::web::{Bytes, Data};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::cursor::Bookmark;
use super::ring::Event;
use super::subscribers::{CatchUp, NextEvent, Subscribers};
use crate::access::instance::Instance;
use crate::http::error::ApiError;
use crate::log::entries::{self, LogPosition};
use crate::log::{Lineage, Resource};
use crate::platform::db::DbConnection;

/// The most entries a subscriber reads at once while it catches up.
const PAGE: i64 = 20;
/// How long a client should wait before it reconnects, in milliseconds.
const RECONNECT_AFTER: u64 = 2_000;
/// How long to wait before checking again when no notification arrives.
const RECHECK_AFTER: Duration = Duration::from_millis(200);

/// Where a subscriber reads.
#[derive(Clone)]
enum EventSource {
    /// In the database, from this position on.
    Database(LogPosition),
    /// In the ring; the number of its next event.
    Ring(u64),
}

/// A subscriber. Dropping it frees its slot.
pub struct Subscriber {
    instance: Data<Instance>,
    subscribers: Data<Subscribers>,
    types: Vec<Resource>,
    source: EventSource,
    /// Where it is, as a cursor.
    cursor: Arc<str>,
    /// The epoch in which the log was seen to have what the subscriber has read.
    epoch: Option<i64>,
    /// The newest entry when it subscribed. The ring must have read that far before the subscriber may join, so that it
    /// does not get records in a state that was taken back before.
    newest: i64,
    /// Read, but not sent yet.
    ready: VecDeque<Bytes>,
    news: watch::Receiver<()>,
    /// The number of its next event, from which [`Subscribers`] finds the slowest subscriber.
    number: Arc<AtomicU64>,
    heartbeat: Instant,
    /// The client that reads and the key that signed its token, if it has one.
    credentials: Vec<Arc<str>>,
    _slot: OwnedSemaphorePermit,
}

impl Subscriber {
    /// Subscribes from a position on.
    pub fn new(
        instance: Data<Instance>,
        subscribers: Data<Subscribers>,
        types: Vec<Resource>,
        bookmark: Bookmark,
        credentials: Vec<Arc<str>>,
        slot: OwnedSemaphorePermit,
    ) -> Result<Self, ApiError> {
        subscribers.register_credentials(&credentials);
        let number = Arc::new(AtomicU64::new(u64::MAX));
        subscribers.register(&number);
        // a client that loses the connection before the first event can resume from here
        let cursor = bookmark.to_cursor(&instance.cursors)?;
        let greeting = format!("retry: {RECONNECT_AFTER}\nid: {cursor}\n\n");
        Ok(Self {
            news: subscribers.watch(),
            heartbeat: Instant::now() + period(&instance),
            newest: instance.log.tail().followed().unwrap_or(0),
            types,
            source: EventSource::Database(bookmark.place),
            cursor: cursor.into(),
            epoch: None,
            ready: VecDeque::from([greeting.into()]),
            number,
            credentials,
            _slot: slot,
            instance,
            subscribers,
        })
    }

    /// The next bytes to send, or `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.subscribers.is_revoked(&self.credentials) || self.subscribers.is_over() {
                return None;
            }
            if let Some(bytes) = self.ready.pop_front() {
                return Some(bytes);
            }
            if self.epoch != Some(self.subscribers.epoch()) {
                self.check_log().await;
                continue;
            }
            match self.source.clone() {
                EventSource::Database(place) => self.catch_up(place).await,
                EventSource::Ring(number) => match self.subscribers.next(number) {
                    NextEvent::Ready(event) => self.take(number, &event),
                    NextEvent::NotYet(cursor) => self.wait(cursor).await,
                    NextEvent::Dropped => return None,
                },
            }
        }
    }

    /// Checks that the log still has what the subscriber has read. If not, tells it, and goes on after what both have.
    async fn check_log(&mut self) {
        let epoch = self.subscribers.epoch();
        match self.after_fork().await {
            Ok((bookmark, event)) => {
                self.ready.extend(event);
                self.number.store(u64::MAX, Ordering::Release);
                self.newest = self.instance.log.tail().followed().unwrap_or(0);
                self.source = EventSource::Database(bookmark.place);
                self.epoch = Some(epoch);
            }
            Err(error) => {
                tracing::debug!(?error, "a subscriber's position cannot be checked");
                tokio::time::sleep(RECHECK_AFTER).await;
            }
        }
    }

    /// Where it goes on in the log as it is now, and what it is told if that is not where it was.
    async fn after_fork(&mut self) -> Result<(Bookmark, Option<Bytes>), ApiError> {
        let known = Bookmark::from_cursor(&self.instance.cursors, &self.cursor)?;
        if self.instance.log.tail().has(&known.lineage) {
            return Ok((known, None)); // without the database: after an outage, many clients connect at once
        }
        let read = known.clone();
        let permit = self.subscribers.catching_up.acquire().await;
        let _permit = permit.map_err(|error| ApiError::internal(&error))?;
        let check = move |c: &mut DbConnection| Ok::<_, ApiError>(read.after_fork(c)?);
        let Some((goes_on, fork)) = self.instance.database.read(check).await? else {
            return Ok((known, None));
        };
        let (log, now) = (&self.instance.log, self.instance.clock.now());
        if let Err(error) = log.report(known.lineage, now).await {
            tracing::warn!(%error, "cannot record that the log was put back");
        }
        let data = serde_json::to_string(&fork).map_err(|e| ApiError::internal(&e))?;
        self.cursor = goes_on.to_cursor(&self.instance.cursors)?.into();
        let event = format!("event: log-forked\nid: {}\ndata: {data}\n\n", self.cursor);
        Ok((goes_on, Some(event.into())))
    }

    fn take(&mut self, number: u64, event: &Event) {
        self.number.store(number + 1, Ordering::Release);
        self.source = EventSource::Ring(number + 1);
        self.cursor = event.cursor.clone();
        if self.types.is_empty() || self.types.contains(&event.resource) {
            self.ready.push_back(event.bytes.clone());
        }
    }

    /// Switches to the ring, or reads one page from the database towards it.
    async fn catch_up(&mut self, place: LogPosition) {
        let until = match self.subscribers.catch_up(&place, self.newest) {
            CatchUp::Join(number) => {
                self.number.store(number, Ordering::Release);
                self.source = EventSource::Ring(number);
                return;
            }
            CatchUp::Wait => return self.wait(None).await,
            CatchUp::Read(until) => until,
        };
        match self.read(place, until).await {
            Ok((events, place, cursor)) => {
                let bytes = events.iter().map(|event| event.bytes.clone());
                self.ready.extend(bytes);
                self.source = EventSource::Database(place);
                self.cursor = cursor;
            }
            Err(error) => {
                tracing::debug!(?error, "a subscriber cannot catch up");
                tokio::time::sleep(RECHECK_AFTER).await;
            }
        }
    }

    async fn read(
        &self,
        place: LogPosition,
        until: LogPosition,
    ) -> Result<(Vec<Arc<Event>>, LogPosition, Arc<str>), ApiError> {
        let permit = self.subscribers.catching_up.acquire().await;
        let _permit = permit.map_err(|error| ApiError::internal(&error))?;
        let (instance, types) = (self.instance.clone(), self.types.clone());
        let cursor = self.cursor.clone();
        let work = move |c: &mut DbConnection| {
            Bookmark::require(&instance.cursors, &cursor, c)?;
            let now = instance.clock.now();
            let batch = entries::after(c, &place, &until, &types, PAGE)?;
            let lineage = Lineage::of_end(c)?;
            let events = Event::render(c, batch.entries, (&lineage, &instance), now)?;
            let place = batch.place;
            let end = Bookmark { place, lineage }.with_cursor(&instance.cursors)?;
            Ok::<_, ApiError>((events, end.0, end.1))
        };
        self.instance.database.read(work).await
    }

    /// Waits for new events. When the heartbeat is due, queues a comment with the position up to which there was
    /// nothing to send.
    async fn wait(&mut self, cursor: Option<Arc<str>>) {
        let until = match self.source {
            EventSource::Database(_) => self.heartbeat.min(Instant::now() + RECHECK_AFTER),
            EventSource::Ring(_) => self.heartbeat,
        };
        let _ = tokio::time::timeout_at(until, self.news.changed()).await;
        if Instant::now() < self.heartbeat {
            return;
        }
        self.heartbeat = Instant::now() + period(&self.instance);
        let id = cursor.map(|cursor| format!("id: {cursor}\n"));
        let beat = format!(": still here\n{}\n", id.unwrap_or_default());
        self.ready.push_back(beat.into());
    }
}

fn period(instance: &Instance) -> Duration {
    Duration::from_millis(instance.config.heartbeat_ms)
}
