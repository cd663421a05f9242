//! Reads as of a time in the past: `?as_of=` on records and lists, answered from the change log.
//!
//! A thread of each node ([`following`]) replays the log (`replay`) into a SQLite database beside it (`file`), whose
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
mod storing;
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
use crate::platform::db::{Database, DbConnection, Error};
use file::FollowedLog;

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
    waiting: Mutex<usize>,
    is_asked: Condvar,
}

impl Default for Past {
    fn default() -> Self {
        Self {
            followed: watch::Sender::new(FollowState::default()),
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
        let tail = instance.log.tail();
        let epoch = tail.epoch();
        let end = match tail.position() {
            Some(end) => end,
            None => {
                let newest = |c: &mut DbConnection| Ok::<_, Error>(entries::newest_number(c)?);
                instance.database.read(newest).await?
            }
        };
        let past = self.app_data::<Past>()?;
        let wait = instance.config.pool_size().wait;
        let database = past.followed_to(epoch, end, now, wait).await?;
        Ok(self.at_moment(database, moment))
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
        let current = |state: &FollowState| {
            let followed = state.followed.as_ref().filter(|followed| {
                followed.epoch == epoch
                    && followed.position >= end
                    && followed.next_appearance.is_none_or(|at| at > now)
            });
            followed.map(|followed| followed.database.clone())
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
                None if state.failure.is_some() => break,
                None => {}
            }
        }
        let state = receiver.borrow();
        if let Some(Some(error)) = &state.failure {
            return Err(ApiError::internal(error));
        }
        let so_far = state.followed.as_ref().map_or(0, |one| one.position);
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
