//! The subscribers to the log. One task reads the log for all of them.
//!
//! The task reads new entries once, renders them as events, and keeps the newest in a ring buffer ([`Subscribers`]). Each
//! subscriber (`super::subscriber`) reads the ring at its own pace. When entries arrive faster than subscribers take
//! them, the task waits briefly for the slowest. A subscriber that still lags is disconnected, and can resume from its
//! last event.

use actix_web::web::Data;
use chrono::NaiveDateTime;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak,
};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use super::cursor::Bookmark;
use super::ring::{Event, Ring};
use crate::access::instance::Instance;
use crate::access::{clients, keys};
use crate::http::error::ApiError;
use crate::log::entries::{self, LogPosition};
use crate::log::{Lineage, tail};
use crate::platform::db::{DbConnection, Error};
use crate::platform::identity::RecordId;

/// The most entries to read at once.
const PAGE: i64 = 50;
/// How long to wait for the slowest subscriber.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// How often to check on it meanwhile.
const CHECK_EVERY: Duration = Duration::from_millis(5);
/// How many subscribers may catch up from the database at the same time.
const MAX_CATCHING_UP: usize = 4;
/// How often the clients and keys of subscribers are checked for having been revoked.
const CHECK_CLIENTS_AFTER: Duration = Duration::from_secs(1);
/// How long to wait after the log could not be read.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The result of asking for the next event.
pub enum NextEvent {
    /// The event.
    Ready(Arc<Event>),
    /// There is none yet. The cursor of the position up to which the log was read.
    NotYet(Option<Arc<str>>),
    /// The subscriber lags: its event was already dropped from the ring.
    Dropped,
}

/// What a subscriber that reads from the database does next.
pub enum CatchUp {
    /// It joins the ring; the number of its next event.
    Join(u64),
    /// It reads the database up to this position.
    Read(LogPosition),
    /// It waits, as the task has not read as far as the subscriber.
    Wait,
}

/// All subscribers to the log on this node.
pub struct Subscribers {
    ring: RwLock<Ring>,
    /// The epoch of the log that the ring is of. It changes only while the ring is locked.
    epoch: AtomicI64,
    news: watch::Sender<()>,
    /// Wakes the task that reads the log.
    wanted: Notify,
    is_over: AtomicBool,
    slots: Arc<Semaphore>,
    size: usize,
    /// The number of each subscriber's next event; `u64::MAX` while it is not in the ring yet.
    numbers: Mutex<Vec<Weak<AtomicU64>>>,
    /// The clients of subscribers with a token, and the keys that signed the tokens; and those that were revoked.
    credentials: Mutex<Vec<Weak<str>>>,
    revoked: RwLock<HashSet<String>>,
    /// Limits how many subscribers read from the database at once.
    pub catching_up: Semaphore,
}

impl Subscribers {
    /// With room for `size` subscribers.
    pub fn new(size: usize) -> Self {
        Self {
            ring: RwLock::default(),
            epoch: AtomicI64::new(0),
            news: watch::Sender::new(()),
            wanted: Notify::new(),
            is_over: AtomicBool::new(false),
            slots: Arc::new(Semaphore::new(size)),
            size,
            numbers: Mutex::default(),
            credentials: Mutex::default(),
            revoked: RwLock::default(),
            catching_up: Semaphore::new(MAX_CATCHING_UP),
        }
    }

    /// Takes a slot, or `None` when all are taken.
    pub fn enter(&self) -> Option<OwnedSemaphorePermit> {
        self.slots.clone().try_acquire_owned().ok()
    }

    /// How many subscribers there are.
    pub fn count(&self) -> usize {
        self.size - self.slots.available_permits()
    }

    fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring_mut(&self) -> RwLockWriteGuard<'_, Ring> {
        self.ring.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn numbers(&self) -> MutexGuard<'_, Vec<Weak<AtomicU64>>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers the number of a subscriber's next event, so that the task waits for it when it lags.
    pub fn register(&self, number: &Arc<AtomicU64>) {
        let mut numbers = self.numbers();
        numbers.retain(|other| other.strong_count() > 0);
        numbers.push(Arc::downgrade(number));
    }

    /// Registers the client of a subscriber and the key that signed its token: its stream ends when one is revoked.
    pub fn register_credentials(&self, credentials: &[Arc<str>]) {
        let mut known = self.lock_credentials();
        known.retain(|other| other.strong_count() > 0);
        known.extend(credentials.iter().map(Arc::downgrade));
    }

    /// Whether one of these clients and keys was revoked while it was in use.
    pub fn is_revoked(&self, credentials: &[Arc<str>]) -> bool {
        let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner);
        credentials.iter().any(|one| revoked.contains(&**one))
    }

    /// The clients and keys of subscribers, each once.
    fn credentials(&self) -> HashSet<String> {
        let known = self.lock_credentials();
        let known = known.iter().filter_map(Weak::upgrade);
        known.map(|one| one.to_string()).collect()
    }

    fn lock_credentials(&self) -> MutexGuard<'_, Vec<Weak<str>>> {
        self.credentials
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the streams with these clients and keys.
    fn revoke(&self, credentials: HashSet<String>) {
        if !credentials.is_empty() {
            *self.revoked.write().unwrap_or_else(PoisonError::into_inner) = credentials;
            self.news.send_replace(());
        }
    }

    /// A receiver that is notified when there is more to read.
    pub fn watch(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// Whether the server is shutting down.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// Ends all streams.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        self.news.send_replace(());
    }

    /// The event with this number.
    pub fn next(&self, number: u64) -> NextEvent {
        let ring = self.ring();
        match ring.get(number) {
            Some(event) => NextEvent::Ready(event),
            None if number < ring.first() => NextEvent::Dropped,
            None => NextEvent::NotYet(ring.cursor()),
        }
    }

    /// How a subscriber at `place` gets to the ring, once the log was read up to entry `newest` at least.
    pub fn catch_up(&self, place: &LogPosition, newest: i64) -> CatchUp {
        let ring = self.ring();
        if let Some(end) = ring.place().filter(|end| end.seq >= newest) {
            if let Some(number) = ring.find(place) {
                return CatchUp::Join(number);
            }
            if place.is_up_to(end) {
                return CatchUp::Read(end.clone());
            }
        }
        self.wanted.notify_one();
        CatchUp::Wait
    }

    /// The number of the next event of the slowest subscriber.
    fn slowest(&self) -> u64 {
        let numbers = self.numbers();
        let numbers = numbers.iter().filter_map(Weak::upgrade);
        let numbers = numbers.map(|number| number.load(Ordering::Acquire));
        numbers.min().unwrap_or(u64::MAX)
    }

    /// The entries in the ring, with their positions, about records that these events take back. They must be rendered
    /// again, and no longer sent as they were.
    fn retracted(&self, events: &[Arc<Event>]) -> HashMap<i64, LogPosition> {
        let retractions = events.iter().filter(|event| event.is_retraction);
        let ids: HashSet<RecordId> = retractions.map(|event| event.id).collect();
        self.ring().of_records(&ids)
    }

    /// Publishes what was read to all subscribers. `rerendered` are events that the ring has already.
    async fn publish(
        &self,
        events: Vec<Arc<Event>>,
        rerendered: Vec<Arc<Event>>,
        end: (LogPosition, Arc<str>),
    ) {
        self.ring_mut().replace(rerendered);
        let oldest_that_stays = {
            let ring = self.ring();
            ring.first() + ring.surplus(&events) as u64
        };
        let waited = tokio::time::Instant::now();
        while self.slowest() < oldest_that_stays && waited.elapsed() < MAX_WAIT {
            tokio::time::sleep(CHECK_EVERY).await;
        }
        self.ring_mut().push(events, end.0, end.1);
        self.news.send_replace(());
    }

    /// The epoch of the log that the ring is of.
    pub fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Empties the ring: there are no subscribers, or the log has come to another epoch. No number of the old ring is one
    /// of the new: a subscriber that still has one has missed events.
    fn clear(&self, epoch: i64) {
        let mut ring = self.ring_mut();
        *ring = Ring::from(ring.next() + 1);
        self.epoch.store(epoch, Ordering::Release);
    }
}

/// Reads new entries of the log for all subscribers, as long as the server runs.
pub async fn read_for_all(instance: Data<Instance>, subscribers: Data<Subscribers>) {
    if instance.not_ready().is_some() {
        return;
    }
    let mut log = instance.log.tail().watch();
    let mut next_moment: Option<NaiveDateTime> = None;
    let mut checked_at = Instant::now();
    loop {
        if checked_at.elapsed() >= CHECK_CLIENTS_AFTER {
            checked_at = Instant::now();
            end_revoked(&instance, &subscribers).await;
        }
        let is_woken = tokio::select! {
            _ = log.changed() => true,
            () = subscribers.wanted.notified() => true,
            () = tokio::time::sleep(tail::INTERVAL) => false,
        };
        let epoch = instance.log.tail().epoch();
        if epoch != subscribers.epoch() {
            subscribers.clear(epoch);
            subscribers.news.send_replace(());
        }
        if !is_woken && next_moment.is_none_or(|moment| moment > instance.clock.now()) {
            continue;
        }
        next_moment = None;
        if subscribers.count() == 0 {
            subscribers.clear(epoch);
            continue;
        }
        match read_on(&instance, &subscribers).await {
            Ok(moment) => next_moment = moment,
            Err(error) => {
                tracing::debug!(?error, "the log cannot be read for its subscribers");
                tokio::time::sleep(RETRY_AFTER).await;
                subscribers.wanted.notify_one();
            }
        }
    }
}

/// Ends the streams of clients that were revoked, and of tokens whose key was removed.
async fn end_revoked(instance: &Data<Instance>, subscribers: &Data<Subscribers>) {
    let mut credentials = subscribers.credentials();
    if credentials.is_empty() {
        return;
    }
    let ids: Vec<String> = credentials.iter().cloned().collect();
    let now = instance.clock.now();
    let active = move |c: &mut DbConnection| {
        Ok::<_, Error>((clients::active(c, &ids)?, keys::load(c, now)?))
    };
    match instance.database.watch(active).await {
        Ok((clients, keys)) => {
            let is_valid = |one: &String| clients.contains(one) || keys.ids().any(|id| id == one);
            credentials.retain(|one| !is_valid(one));
            subscribers.revoke(credentials);
        }
        Err(error) => tracing::debug!(%error, "the clients of subscribers cannot be checked"),
    }
}

/// Reads to the end of the log. Returns the next moment at which there is more without a write: when a scheduled record
/// becomes public.
async fn read_on(
    instance: &Data<Instance>,
    subscribers: &Data<Subscribers>,
) -> Result<Option<NaiveDateTime>, ApiError> {
    loop {
        let now = instance.clock.now();
        let (shared, all) = (instance.clone(), subscribers.clone());
        let work = move |c: &mut DbConnection| {
            if let Some(cursor) = all.ring().cursor() {
                Bookmark::require(&shared.cursors, &cursor, c)?;
            }
            let until = entries::end(c, now)?;
            let place = all.ring().place().unwrap_or(&until).clone();
            let batch = entries::after(c, &place, &until, &[], PAGE)?;
            let lineage = Lineage::of(c, until.seq)?;
            let read = (&lineage, &**shared);
            let events = Event::render(c, batch.entries, read, now)?;
            let rerendered = Event::rerender(c, all.retracted(&events), read, now)?;
            let next_moment = entries::next_moment(c, now)?;
            let place = batch.place;
            let end = Bookmark { place, lineage }.with_cursor(&shared.cursors)?;
            Ok::<_, ApiError>((events, rerendered, end, batch.has_more, next_moment))
        };
        let (events, rerendered, end, has_more, next_moment) =
            instance.database.watch(work).await?;
        subscribers.publish(events, rerendered, end).await;
        if !has_more {
            return Ok(next_moment);
        }
    }
}
