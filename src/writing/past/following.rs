//! The thread that follows the log.

use diesel::result::DatabaseErrorKind::UniqueViolation;
use diesel::result::Error::{DatabaseError, DeserializationError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::Past;
use super::file::PastFile;
use crate::access::instance::Instance;
use crate::platform::db::Error;
use crate::writing::kind::Catalogue;

/// How often the thread looks whether the log has grown.
const PAUSE: Duration = Duration::from_secs(1);
/// It does not begin before, unless it is asked: there is more to do at start.
const FIRST_PAUSES: u32 = 5;
/// It follows once nothing was written for a pause, or this many entries are new, or some are for so many pauses: what was
/// erased must not stay in the file because others write.
const MAX_LAG: i64 = 20_000;
const MAX_PAUSES: u32 = 30;
/// How long to wait after the end of the log was reached, whoever asks.
const SHORT_PAUSE: Duration = Duration::from_millis(5);
/// How long to wait after a failure. It doubles with each further one.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(2);
/// The longest pause after failures: 2 seconds, doubled so often.
const MAX_DOUBLINGS: u32 = 3;
/// After so many failures in a row that damage explains, the database is built again.
const FAILURES_TO_REBUILD: u32 = 3;
/// How often to try to empty the write-ahead log.
const TRIES_TO_EMPTY: Duration = Duration::from_secs(10);

/// Starts the thread. It ends with the application.
pub fn start(instance: &Arc<Instance>, past: Arc<Past>, catalogue: &'static Catalogue) {
    let instance = Arc::downgrade(instance);
    let thread = std::thread::Builder::new().name("past".to_owned());
    if let Err(error) = thread.spawn(move || run(&instance, &past, catalogue)) {
        tracing::error!(%error, "as_of is not available: cannot start its thread");
    }
}

fn run(instance: &Weak<Instance>, past: &Past, catalogue: &Catalogue) {
    let mut follower = Follower::default();
    let mut pause = PAUSE;
    loop {
        let is_asked = past.wait_to_be_asked(pause);
        let Some(instance) = instance.upgrade() else {
            return;
        };
        let round = || follower.round(&instance, past, catalogue, is_asked);
        let result = catch_unwind(AssertUnwindSafe(round));
        drop(instance);
        let failure = match result {
            Ok(Ok(next)) => {
                pause = next;
                continue;
            }
            Ok(Err(error)) => error,
            Err(_) => anyhow::anyhow!("the thread panicked"),
        };
        follower.failures += 1;
        follower.suspicions += u32::from(may_be_damaged(&failure));
        if follower.suspicions == FAILURES_TO_REBUILD {
            past.withdraw();
            follower.file = None;
        }
        let error = format!("{failure:#}");
        tracing::warn!(error, "cannot read the past from the change log");
        past.fail(is_unreadable(&failure).then_some(error));
        let doublings = (follower.failures - 1).min(MAX_DOUBLINGS);
        std::thread::sleep(PAUSE_AFTER_FAILURE * 2_u32.pow(doublings));
        pause = PAUSE;
    }
}

/// Whether an error can come from a damaged database: one that SQLite says is damaged, rows that contradict each other, a
/// panic.
fn may_be_damaged(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<Error>() {
        Some(Error::Query(DatabaseError(UniqueViolation, _))) | None => true,
        Some(Error::Query(DatabaseError(_, information))) => {
            let message = information.message();
            message.contains("malformed") || message.contains("not a database")
        }
        Some(_) => false,
    }
}

/// Whether an entry of the log, or what is stored, cannot be read: to try again does not help.
fn is_unreadable(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<Error>();
    matches!(error, Some(Error::Query(DeserializationError(_))))
}

#[derive(Default)]
struct Follower {
    file: Option<PastFile>,
    /// The end of the log, when the thread last looked.
    seen: i64,
    pauses: u32,
    /// For how many pauses there have been entries that are not followed.
    behind: u32,
    /// The failures since anything was replayed.
    failures: u32,
    /// Those of them that damage explains.
    suspicions: u32,
    /// When it was last tried to empty the write-ahead log.
    emptied: Option<Instant>,
}

impl Follower {
    /// Empties the write-ahead log if it may keep what was erased, which readers can prevent for some time.
    fn empty_wal(&mut self) -> anyhow::Result<()> {
        let is_recent = |tried: Instant| tried.elapsed() < TRIES_TO_EMPTY;
        if let Some(file) = &mut self.file
            && file.must_empty_wal()
            && !self.emptied.is_some_and(is_recent)
        {
            self.emptied = Some(Instant::now());
            file.empty_wal()?;
        }
        Ok(())
    }

    /// Replays some entries, if it is time, and returns how long to pause.
    fn round(
        &mut self,
        instance: &Instance,
        past: &Past,
        catalogue: &Catalogue,
        is_asked: bool,
    ) -> anyhow::Result<Duration> {
        let end = instance.log.tail().followed().unwrap_or_default();
        let is_quiet = end == std::mem::replace(&mut self.seen, end);
        self.pauses = self.pauses.saturating_add(1);
        let position = self.file.as_ref().map_or(0, PastFile::position);
        let is_new = end > position && self.pauses > FIRST_PAUSES;
        self.behind = if is_new { self.behind + 1 } else { 0 };
        let has_waited = self.behind > MAX_PAUSES;
        let is_time = is_new && (is_quiet || has_waited || end - position > MAX_LAG);
        if !is_asked && !is_time {
            self.empty_wal()?;
            return Ok(PAUSE);
        }
        let anew = self.suspicions == FAILURES_TO_REBUILD;
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(PastFile::open(instance, anew)?),
        };
        let started = Instant::now();
        let Some(followed) = file.follow(instance, catalogue)? else {
            past.withdraw();
            self.file = None;
            return Ok(SHORT_PAUSE);
        };
        (self.failures, self.suspicions) = (0, 0);
        let has_more = followed.position < followed.end;
        self.behind = 0;
        past.publish(followed);
        if !has_more {
            std::thread::sleep(SHORT_PAUSE); // those who asked can go on meanwhile
            self.empty_wal()?;
        }
        Ok(match has_more {
            // leaves the processor to others half of the time, unless somebody waits or was refused
            true => started.elapsed(),
            false => PAUSE,
        })
    }
}
