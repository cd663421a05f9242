//! The subscribers to the log. One task reads the log for all of them.
//!
//! The task reads new entries once, renders them as events, and keeps the newest in a ring buffer ([`Subscribers`]). Each
//! subscriber (`super::subscriber`) reads the ring at its own pace. When entries arrive faster than subscribers take
//! them, the task waits briefly for the slowest. A subscriber that still lags is disconnected, and can resume from its
//! last event.

use actix_web::web::Data;
use chrono::NaiveDateTime;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use super::ring::{Event, Ring};
use crate::access::instance::Instance;
use crate::http::error::ApiError;
use crate::log::entries::{self, LogPosition};
use crate::log::tail;
use crate::platform::db::DbConnection;

/// The most entries to read at once.
const PAGE: i64 = 50;
/// How long to wait for the slowest subscriber.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often to check on it meanwhile.
const GLANCE: Duration = Duration::from_millis(5);
/// How many subscribers may catch up from the database at the same time.
const CATCHING_UP: usize = 4;
/// How long to wait after the log could not be read.
const REST: Duration = Duration::from_secs(1);

/// The result of asking for the next event.
pub enum Next {
    /// The next event.
    Event(Arc<Event>),
    /// There is none yet. The position up to which the log was read.
    Later(Option<LogPosition>),
    /// The subscriber lags: its event was already dropped from the ring.
    Overtaken,
}

/// How a subscriber that is catching up gets to the ring.
pub enum Way {
    /// It joins the ring; the number of its next event.
    Joined(u64),
    /// It must read the database up to this position first.
    Read(LogPosition),
    /// The task has not read as far as the subscriber; wait for it.
    Wait,
}

/// All subscribers to the log on this node.
pub struct Subscribers {
    ring: RwLock<Ring>,
    told: watch::Sender<()>,
    /// Wakes the task that reads the log.
    wanted: Notify,
    is_over: AtomicBool,
    places: Arc<Semaphore>,
    size: usize,
    /// The number of each subscriber's next event; `u64::MAX` while it is not in the ring yet.
    standing: Mutex<Vec<Weak<AtomicU64>>>,
    /// Limits how many subscribers read from the database at once.
    pub turns: Semaphore,
}

impl Subscribers {
    /// With room for `places` subscribers.
    pub fn new(places: usize) -> Self {
        Self {
            ring: RwLock::default(),
            told: watch::Sender::new(()),
            wanted: Notify::new(),
            is_over: AtomicBool::new(false),
            places: Arc::new(Semaphore::new(places)),
            size: places,
            standing: Mutex::default(),
            turns: Semaphore::new(CATCHING_UP),
        }
    }

    /// Takes a slot, or `None` when all are taken.
    pub fn enter(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// How many subscribers there are.
    pub fn count(&self) -> usize {
        self.size - self.places.available_permits()
    }

    /// Registers a subscriber, so that the task waits for it when it lags.
    pub fn register(&self, standing: &Arc<AtomicU64>) {
        let mut all = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.strong_count() > 0);
        all.push(Arc::downgrade(standing));
    }

    /// A receiver that is notified when there is more to read.
    pub fn watch(&self) -> watch::Receiver<()> {
        self.told.subscribe()
    }

    /// Whether the server is shutting down.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// Ends all streams.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        self.told.send_replace(());
    }

    /// The event with this number.
    pub fn next(&self, number: u64) -> Next {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        match ring.get(number) {
            Some(event) => Next::Event(event),
            None if number < ring.first() => Next::Overtaken,
            None => Next::Later(ring.place().cloned()),
        }
    }

    /// How a subscriber at `place` gets to the ring, once the log was read up to entry `newest` at least.
    pub fn way(&self, place: &LogPosition, newest: i64) -> Way {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        if ring.place().is_none_or(|end| end.seq < newest) {
            self.wanted.notify_one();
            return Way::Wait;
        }
        if let Some(number) = ring.find(place) {
            return Way::Joined(number);
        }
        match ring.place() {
            Some(end) if place.is_up_to(end) => Way::Read(end.clone()),
            _ => {
                self.wanted.notify_one();
                Way::Wait
            }
        }
    }

    fn slowest(&self) -> u64 {
        let all = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = all.iter().filter_map(Weak::upgrade);
        let numbers = standing.map(|one| one.load(Ordering::Acquire));
        numbers.min().unwrap_or(u64::MAX)
    }

    /// Whether there are no subscribers.
    fn is_empty(&self) -> bool {
        let all = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().all(|one| one.strong_count() == 0)
    }

    /// The entries in the ring, with their positions, about records that these events take back. They must be rendered
    /// again, and no longer sent as they were.
    fn taken_back(&self, events: &[Arc<Event>]) -> HashMap<i64, LogPosition> {
        let taken = events.iter().filter(|event| event.takes_back);
        let ids: HashSet<&String> = taken.map(|event| &event.id).collect();
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.of_records(&ids)
    }

    /// Publishes what was read to all subscribers.
    async fn tell(&self, events: Vec<Arc<Event>>, anew: Vec<Arc<Event>>, place: LogPosition) {
        {
            let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            ring.replace(anew);
        }
        let oldest_that_stays = {
            let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
            ring.first() + ring.surplus(&events) as u64
        };
        let waited = tokio::time::Instant::now();
        while self.slowest() < oldest_that_stays && waited.elapsed() < PATIENCE {
            tokio::time::sleep(GLANCE).await;
        }
        {
            let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            ring.push(events, place);
        }
        self.told.send_replace(());
    }

    /// Empties the ring; there are no subscribers.
    fn forget(&self) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        *ring = Ring::from(ring.next());
    }

    fn place(&self) -> Option<LogPosition> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.place().cloned()
    }
}

/// Reads new entries of the log for all subscribers, as long as the server runs.
pub async fn read_for_all(instance: Data<Instance>, followers: Data<Subscribers>) {
    if instance.not_ready().is_some() {
        return;
    }
    let mut news = instance.log.tail().watch();
    let mut next_moment = None;
    loop {
        let is_time = |moment: NaiveDateTime| moment <= instance.clock.now();
        if !woken(&mut news, &followers.wanted).await && !next_moment.is_some_and(is_time) {
            continue;
        }
        next_moment = None;
        if followers.is_empty() {
            followers.forget();
            continue;
        }
        match read_on(&instance, &followers).await {
            Ok(moment) => next_moment = moment,
            Err(error) => {
                tracing::debug!(?error, "the log cannot be read for its subscribers");
                tokio::time::sleep(REST).await;
                followers.wanted.notify_one();
            }
        }
    }
}

/// Waits for new entries or for a subscriber that needs them, up to [`tail::INTERVAL`].
async fn woken(news: &mut watch::Receiver<i64>, wanted: &Notify) -> bool {
    let news = std::pin::pin!(news.changed());
    let wanted = std::pin::pin!(wanted.notified());
    let either = futures_util::future::select(news, wanted);
    tokio::time::timeout(tail::INTERVAL, either).await.is_ok()
}

/// Reads to the end of the log. Returns the next moment at which there is more without a write: when a scheduled record
/// becomes public.
async fn read_on(
    instance: &Data<Instance>,
    followers: &Data<Subscribers>,
) -> Result<Option<NaiveDateTime>, ApiError> {
    loop {
        let (place, now) = (followers.place(), instance.clock.now());
        let (shared, all) = (instance.clone(), followers.clone());
        let work = move |c: &mut DbConnection| {
            let until = entries::end(c, now)?;
            let place = place.unwrap_or_else(|| until.clone());
            let reading = entries::after(c, &place, &until, &[], PAGE)?;
            let events = Event::render(c, reading.entries, &shared.cursors, now)?;
            let anew = shown_anew(c, &shared, &all, &events, now)?;
            let next_moment = entries::next_moment(c, now)?;
            let has_more = reading.has_more;
            Ok::<_, ApiError>((events, anew, reading.place, has_more, next_moment))
        };
        let (events, anew, place, has_more, next_moment) = instance.database.watch(work).await?;
        followers.tell(events, anew, place).await;
        if !has_more {
            return Ok(next_moment);
        }
    }
}

/// Renders again the events in the ring whose records were taken back.
fn shown_anew(
    c: &mut DbConnection,
    instance: &Instance,
    followers: &Subscribers,
    events: &[Arc<Event>],
    now: NaiveDateTime,
) -> Result<Vec<Arc<Event>>, ApiError> {
    let mut places = followers.taken_back(events);
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let numbers: Vec<i64> = places.keys().copied().collect();
    let rows = entries::with_numbers(c, &numbers)?.into_iter();
    let entries = rows.filter_map(|row| Some((places.remove(&row.seq)?, row)));
    let entries = entries.map(|(place, row)| (row, place)).collect();
    Event::render(c, entries, &instance.cursors, now)
}
