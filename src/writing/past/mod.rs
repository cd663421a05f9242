//! Reads as of a time in the past: `?as_of=` on records and lists, answered from the change log.
//!
//! A thread of each node ([`following`]) replays the log ([`replay`]) into a SQLite database beside it ([`file`]), whose
//! tables keep what they held after each entry ([`crate::platform::db::history`]). The same handlers then run the same SQL
//! on it, so that every filter, order and expansion works as it does today, on any day and at the same price.
//!
//! Retracted content stays retracted: a record that is withdrawn, removed, erased or a draft today is shown that way in
//! the past, too. It is replayed again when that changes, and a read waits until the whole log was followed.

mod again;
pub mod comparing;
mod file;
pub mod following;
mod records;
mod replay;
mod tables;

use chrono::NaiveDateTime;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

use crate::access::Public;
use crate::http::as_of::AsOf;
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::log::entries;
use crate::platform::db::{Database, DbConnection};
use crate::platform::time;
use file::FollowedLog;

/// Up to where the log was followed.
enum FollowState {
    /// That is not known yet.
    Unknown,
    Followed(FollowedLog),
    /// The last attempt to follow it failed.
    Failed(String),
}

/// What is known of the past, and how many ask for it.
pub struct Past {
    followed: watch::Sender<FollowState>,
    waiting: Mutex<usize>,
    is_asked: Condvar,
}

impl Default for Past {
    fn default() -> Self {
        Self {
            followed: watch::Sender::new(FollowState::Unknown),
            waiting: Mutex::default(),
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
        let (instance, now) = (self.instance(), self.now);
        let read = move |c: &mut DbConnection| {
            Ok::<_, ApiError>((last_entry(c, moment)?, entries::newest_number(c)?))
        };
        let (position, end) = instance.database.read(read).await?;
        let past = self.app_data::<Past>()?;
        let epoch = instance.log.tail().epoch();
        let wait = instance.config.pool_size().wait;
        let database = past.followed_to(epoch, end, now, wait).await?;
        Ok(self.at_moment(database, position, moment))
    }
}

impl Past {
    /// The database, once it has followed the log to this end and shows what is public at `now`.
    async fn followed_to(
        &self,
        epoch: i64,
        end: i64,
        now: NaiveDateTime,
        wait: Duration,
    ) -> Result<Database, ApiError> {
        let current = |state: &FollowState| match state {
            FollowState::Followed(followed)
                if followed.epoch == epoch
                    && followed.position >= end
                    && followed.next_appearance.is_none_or(|at| at > now) =>
            {
                Some(followed.database.clone())
            }
            _ => None,
        };
        let mut receiver = self.followed.subscribe();
        if let Some(database) = current(&receiver.borrow_and_update()) {
            return Ok(database);
        }
        let _waiting = WaitingRequest::new(self);
        let until = tokio::time::Instant::now() + wait;
        while let Ok(Ok(())) = tokio::time::timeout_at(until, receiver.changed()).await {
            let state = receiver.borrow_and_update();
            match current(&state) {
                Some(database) => return Ok(database),
                None if matches!(*state, FollowState::Failed(_)) => break,
                None => {}
            }
        }
        let so_far = match &*receiver.borrow() {
            FollowState::Failed(error) => return Err(ApiError::internal(error)),
            FollowState::Followed(followed) => followed.position,
            FollowState::Unknown => 0,
        };
        let detail = format!(
            "The past is being read from the change log: {so_far} of {end} entries so far."
        );
        Err(ApiError::new(ProblemCode::Unavailable, detail).with_retry_after(5))
    }

    fn waiting(&self) -> MutexGuard<'_, usize> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so long, or until somebody asks; whether somebody does.
    fn wait_to_be_asked(&self, pause: Duration) -> bool {
        let is_asked = &self.is_asked;
        let waited = is_asked.wait_timeout_while(self.waiting(), pause, |waiting| *waiting == 0);
        let (waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *waiting > 0
    }

    fn publish(&self, followed: FollowedLog) {
        self.followed.send_replace(FollowState::Followed(followed));
    }

    fn withdraw(&self) {
        self.followed.send_replace(FollowState::Unknown);
    }

    fn fail(&self, error: String) {
        self.followed.send_replace(FollowState::Failed(error));
    }
}

/// A request that waits until the log was followed.
struct WaitingRequest<'a>(&'a Past);

impl<'a> WaitingRequest<'a> {
    fn new(past: &'a Past) -> Self {
        *past.waiting() += 1;
        past.is_asked.notify_one();
        Self(past)
    }
}

impl Drop for WaitingRequest<'_> {
    fn drop(&mut self) {
        *self.0.waiting() -= 1;
    }
}

/// The number of the last entry written by a time; 0 if the log is empty.
///
/// # Errors
/// 404 if the log begins later.
pub fn last_entry(c: &mut DbConnection, moment: NaiveDateTime) -> Result<i64, ApiError> {
    let last = entries::end_at(c, moment)?.seq;
    match entries::first_written_at(c)? {
        Some(first) if last == 0 => {
            let first = time::in_milliseconds(first);
            let detail = format!("Nothing was known before {first}, when the change log begins.");
            Err(ApiError::new(ProblemCode::NothingKnownYet, detail))
        }
        _ => Ok(last),
    }
}
