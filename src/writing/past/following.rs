//! The thread that follows the log.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::Past;
use super::file::PastFile;
use crate::access::instance::Instance;
use crate::writing::kind::Catalogue;

/// How often the thread looks whether the log has grown.
const PAUSE: Duration = Duration::from_secs(1);
/// It does not begin before, unless it is asked: there is more to do at start.
const FIRST_PAUSES: u32 = 5;
/// It follows once nothing was written for a pause, or this many entries are new.
const MAX_LAG: i64 = 20_000;
/// How long to wait after the end of the log was reached, whoever asks.
const SHORT_PAUSE: Duration = Duration::from_millis(5);
/// How long to wait after a failure.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(2);

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
        let result = follower.round(&instance, past, catalogue, is_asked);
        drop(instance);
        pause = result.unwrap_or_else(|error| {
            let error = format!("{error:#}");
            tracing::warn!(%error, "cannot read the past from the change log");
            past.fail(error);
            follower.file = None;
            std::thread::sleep(PAUSE_AFTER_FAILURE);
            PAUSE
        });
    }
}

#[derive(Default)]
struct Follower {
    file: Option<PastFile>,
    /// The last entry that was replayed.
    position: i64,
    /// The end of the log, when the thread last looked.
    seen: i64,
    pauses: u32,
}

impl Follower {
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
        let is_new = end > self.position && self.pauses > FIRST_PAUSES;
        if !is_asked && !(is_new && (is_quiet || end - self.position > MAX_LAG)) {
            return Ok(PAUSE);
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(PastFile::open(instance)?),
        };
        let started = Instant::now();
        let Some(followed) = file.follow(instance, catalogue)? else {
            past.withdraw();
            self.file = None;
            return Ok(SHORT_PAUSE);
        };
        self.position = followed.position;
        let has_more = followed.position < followed.end;
        past.publish(followed);
        if !has_more {
            std::thread::sleep(SHORT_PAUSE); // those who asked can go on meanwhile
        }
        Ok(match has_more {
            // leaves the processor to others half of the time, unless somebody waits
            true => started.elapsed(),
            false => PAUSE,
        })
    }
}
