//! Reads as of a time in the past: `?as_of=` on records and lists, answered from the change log.
//!
//! A thread of each node ([`following`]) replays the log (`replay`) into a SQLite database beside it (`file`), whose
//! tables keep what they held after each entry ([`crate::platform::db::history`]). The same handlers then run the same SQL
//! on it, so that every filter, order and expansion works as it does today, on any day.
//!
//! Retracted content stays retracted: a record that is withdrawn, removed, erased or a draft today is shown that way in
//! the past, too. It is replayed again when that changes, and a read waits until the whole log was followed.

mod again;
pub mod comparing;
mod file;
pub mod following;
mod records;
mod replay;
mod storing;
pub mod tables;

use chrono::NaiveDateTime;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

use crate::access::Public;
use crate::http::as_of::{AsOf, check_is_known};
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::log::LogExtent;
use crate::platform::db::{Database, DbConnection, Error, Reading};
use file::FollowedLog;

/// How long a read waits at most until its node has followed the log, if not much is left.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// So many entries take longer than that.
const MANY_ENTRIES: i64 = 20_000;
/// After how many seconds a request that is refused should come again.
const RETRY_AFTER: u32 = 5;

/// Up to where the log was followed, as far as that is known.
#[derive(Default)]
struct FollowState {
    followed: Option<FollowedLog>,
    /// Whether the last attempt failed, and why if an entry cannot be read.
    failure: Option<Option<String>>,
}

/// What is known of the past, and how many ask for it.
pub struct Past {
    followed: watch::Sender<FollowState>,
    demand: Mutex<Demand>,
    is_asked: Condvar,
}

/// Who waits for the thread to follow the log.
#[derive(Default)]
struct Demand {
    requests: usize,
    /// When a request was last refused, which is expected to come again.
    refused: Option<Instant>,
}

impl Demand {
    fn is_none(&self) -> bool {
        let is_gone = |refused: Instant| refused.elapsed().as_secs() > u64::from(2 * RETRY_AFTER);
        self.requests == 0 && self.refused.is_none_or(is_gone)
    }
}

impl Default for Past {
    fn default() -> Self {
        Self {
            followed: watch::Sender::new(FollowState::default()),
            demand: Mutex::default(),
            is_asked: Condvar::new(),
        }
    }
}

impl Public {
    /// Switches to an earlier time: reads return what they would have returned then.
    ///
    /// # Errors
    /// 400 if the time is to come; 404 if it is before the log; 503 while the log is being followed.
    pub async fn as_of(self, as_of: Option<AsOf>) -> Result<Self, ApiError> {
        as_of.map_or(Ok(()), |as_of| as_of.check(self.now))?;
        let Some(moment) = as_of.map(AsOf::moment).filter(|moment| *moment < self.now) else {
            return Ok(self);
        };
        self.require_active_caller().await?;
        let database = self.past_database(self.now, Some(moment)).await?;
        Ok(self.at_moment(database, moment))
    }

    /// Before another read for a request about the past: what was taken back since the last one must not be shown.
    ///
    /// # Errors
    /// 503 while the log is being followed.
    pub async fn follow_again(&mut self) -> Result<(), ApiError> {
        if let Some(now) = self.asked_at() {
            let database = self.past_database(now, None).await?;
            self.continue_from(database);
        }
        Ok(())
    }

    /// The database of the past, once it has followed the whole log. Checks that something was known at `moment`.
    async fn past_database(
        &self,
        now: NaiveDateTime,
        moment: Option<NaiveDateTime>,
    ) -> Result<Database, ApiError> {
        let instance = self.instance();
        let past = self.app_data::<Past>()?;
        let position = past.position();
        // also what other nodes have just taken back counts
        let extent = move |c: &mut DbConnection, _| Ok::<_, Error>(LogExtent::load(c, position)?);
        let log = instance.database.read_as(Reading::Brief, extent).await?;
        moment.map_or(Ok(()), |moment| check_is_known(moment, log.first_at))?;
        let wait = instance.config.pool_size().wait;
        past.followed_to(&log, now, wait).await
    }
}

impl Past {
    /// The last entry that was replayed; 0 if that is not known.
    fn position(&self) -> i64 {
        let state = self.followed.borrow();
        state.followed.as_ref().map_or(0, |one| one.position)
    }

    /// The database, once it has followed the log to this end and shows what is public at `now`. The digest that the log has
    /// at the position tells whether it is the log that was followed.
    async fn followed_to(
        &self,
        log: &LogExtent,
        now: NaiveDateTime,
        wait: Duration,
    ) -> Result<Database, ApiError> {
        let end = log.end;
        let current = |state: &FollowState| {
            let followed = state.followed.as_ref().filter(|followed| {
                followed.position >= end && followed.next_appearance.is_none_or(|at| at > now)
            });
            followed.map(|followed| (followed.database.clone(), followed.digest.clone()))
        };
        let mut receiver = self.followed.subscribe();
        if let Some((database, followed)) = current(&receiver.borrow_and_update())
            && log
                .digest
                .as_deref()
                .unwrap_or_default()
                .starts_with(&followed)
        {
            return Ok(database);
        }
        if self.followed.borrow().failure.is_some() {
            return Err(self.unavailable(end));
        }
        let _waiting = WaitingRequest::new(self);
        let wait = match end - self.position() {
            ..MANY_ENTRIES => wait.max(MAX_WAIT),
            _ => wait,
        };
        let until = tokio::time::Instant::now() + wait;
        while let Ok(Ok(())) = tokio::time::timeout_at(until, receiver.changed()).await {
            let state = receiver.borrow_and_update();
            match current(&state) {
                Some((database, _)) => return Ok(database),
                None if state.failure.is_some() => break,
                None => {}
            }
        }
        Err(self.unavailable(end))
    }

    fn unavailable(&self, end: i64) -> ApiError {
        self.demand().refused = Some(Instant::now());
        let state = self.followed.borrow();
        let so_far = state.followed.as_ref().map_or(0, |one| one.position);
        let detail = match &state.failure {
            Some(Some(error)) => return ApiError::internal(error),
            Some(None) => "The past cannot be read from the change log at the moment.".to_owned(),
            None => format!(
                "The past is being read from the change log: {so_far} of {end} entries so far."
            ),
        };
        ApiError::new(ProblemCode::Unavailable, detail).with_retry_after(RETRY_AFTER)
    }

    fn demand(&self) -> MutexGuard<'_, Demand> {
        self.demand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so long, or until somebody asks; whether somebody does.
    fn wait_to_be_asked(&self, pause: Duration) -> bool {
        let is_asked = &self.is_asked;
        let waited = is_asked.wait_timeout_while(self.demand(), pause, |demand| demand.is_none());
        let (demand, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !demand.is_none()
    }

    fn publish(&self, followed: FollowedLog) {
        if followed.position == followed.end {
            self.demand().refused = None;
        }
        self.followed.send_replace(FollowState {
            followed: Some(followed),
            failure: None,
        });
    }

    fn withdraw(&self) {
        self.followed.send_replace(FollowState::default());
    }

    /// Tells those who wait that the attempt failed, and why if an entry cannot be read. What was followed before can still
    /// be read.
    fn fail(&self, unreadable: Option<String>) {
        let failure = Some(unreadable);
        self.followed.send_modify(|state| state.failure = failure);
    }
}

/// A request that waits until the log was followed.
struct WaitingRequest<'a>(&'a Past);

impl<'a> WaitingRequest<'a> {
    fn new(past: &'a Past) -> Self {
        past.demand().requests += 1;
        past.is_asked.notify_one();
        Self(past)
    }
}

impl Drop for WaitingRequest<'_> {
    fn drop(&mut self) {
        self.0.demand().requests -= 1;
    }
}
