//! The thread that keeps the index up to date with the log.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::folder::Folder;
use super::index::{OpenIndex, Snapshot};
use super::queries::{self, Batch};
use crate::access::instance::Instance;
use crate::platform::db::{Database, settings};
use crate::publishing::search::Search;

/// How often the thread checks for writes on this node. Writes on other nodes are known here within
/// [`crate::log::tail::INTERVAL`].
const PAUSE: Duration = Duration::from_millis(50);
/// The least time between two commits, each of which creates files.
const BETWEEN_COMMITS: Duration = Duration::from_millis(200);
/// How long to wait after a failure.
const AFTER_A_FAILURE: Duration = Duration::from_secs(2);
/// How many records to read at once.
const BATCH: i64 = 1_000;
/// The most batches per commit.
const BATCHES: usize = 20;
/// How many rounds pass between checks for a requested rebuild.
const LOOK_FOR_REQUESTS: u32 = 20;

/// Starts the thread. It ends with the application.
pub fn start(instance: &Arc<Instance>, search: Arc<Search>) {
    let instance = Arc::downgrade(instance);
    let thread = std::thread::Builder::new().name("search".to_owned());
    if let Err(error) = thread.spawn(move || run(&instance, &search)) {
        tracing::error!(%error, "search is not available: cannot start its thread");
    }
}

fn run(instance: &Weak<Instance>, search: &Search) {
    let mut keeper: Option<Keeper> = None;
    let mut rounds = 0_u32;
    loop {
        let Some(instance) = instance.upgrade() else {
            return;
        };
        let result = match &mut keeper {
            Some(keeper) => {
                keeper.round(&instance, search, rounds.is_multiple_of(LOOK_FOR_REQUESTS))
            }
            None => Keeper::open(&instance, search).map(|opened| {
                keeper = Some(opened);
                PAUSE
            }),
        };
        drop(instance);
        rounds = rounds.wrapping_add(1);
        std::thread::sleep(result.unwrap_or_else(|error| {
            tracing::warn!(
                error = format!("{error:#}"),
                "cannot update the search index"
            );
            keeper = None;
            AFTER_A_FAILURE
        }));
    }
}

/// The index in use, and the one being built to replace it.
struct Keeper {
    folder: Folder,
    index: OpenIndex,
    next: Option<OpenIndex>,
    /// The newest rebuild request seen.
    request: Option<String>,
}

impl Keeper {
    fn open(instance: &Instance, search: &Search) -> anyhow::Result<Self> {
        let folder = Folder::of(&instance.config)?;
        let index = open(&folder, instance)?;
        if index.standing().is_complete {
            search.publish(index.snapshot()?);
        }
        Ok(Self {
            request: instance.database.follow_now(settings::search_request)?,
            folder,
            index,
            next: None,
        })
    }

    /// Brings both indexes up to date, and returns how long to pause.
    fn round(
        &mut self,
        instance: &Instance,
        search: &Search,
        look_for_requests: bool,
    ) -> anyhow::Result<Duration> {
        if look_for_requests {
            self.look_for_requests(instance)?;
        }
        let mut pause = PAUSE;
        if let Some(next) = &mut self.next {
            let snapshot = catch_up(next, &instance.database)?;
            pause = Duration::ZERO;
            if let Some((snapshot, _)) = snapshot.filter(|_| next.standing().is_complete) {
                search.publish(snapshot);
                self.exchange();
                tracing::info!("the search index has been rebuilt");
            }
        }
        if instance.log.tail().followed() == Some(self.index.standing().position) {
            return Ok(pause);
        }
        match catch_up(&mut self.index, &instance.database)? {
            Some((snapshot, _)) if snapshot.standing.is_complete => {
                search.publish(snapshot);
                Ok(pause.max(BETWEEN_COMMITS))
            }
            Some(_) => Ok(Duration::ZERO),
            None => Ok(pause),
        }
    }

    fn look_for_requests(&mut self, instance: &Instance) -> anyhow::Result<()> {
        let request = instance.database.follow_now(settings::search_request)?;
        if request != self.request {
            tracing::info!("rebuilding the search index");
            self.request = request;
            self.next = Some(OpenIndex::open(&self.folder.another(&instance.clock))?);
        }
        Ok(())
    }

    fn exchange(&mut self) {
        if let Some(next) = self.next.take() {
            self.index = next;
            self.folder.keep_only(self.index.folder());
        }
    }
}

/// The folder's index if it belongs to this database, else an empty one.
fn open(folder: &Folder, instance: &Instance) -> anyhow::Result<OpenIndex> {
    if let Some(path) = folder.present()? {
        let opened = OpenIndex::open(&path);
        if let Ok(index) = opened {
            let standing = index.standing().clone();
            let digest = instance
                .database
                .follow_now(move |c| queries::digest(c, standing.position))?;
            if digest.unwrap_or_default() == index.standing().digest {
                return Ok(index);
            }
        }
    }
    let path = folder.another(&instance.clock);
    folder.keep_only(&path);
    tracing::info!("building a search index");
    OpenIndex::open(&path)
}

/// Indexes new entries, up to one commit's worth. Returns the snapshot and the number of the log's newest entry, or
/// `None` if there was nothing new.
pub fn catch_up(
    index: &mut OpenIndex,
    database: &Database,
) -> anyhow::Result<Option<(Snapshot, i64)>> {
    let mut end = None;
    for _ in 0..BATCHES {
        let position = index.standing().position;
        let news: Batch = database.follow_now(move |c| queries::news(c, position, BATCH))?;
        if news.position <= position && index.standing().is_complete {
            break;
        }
        end = Some(news.end);
        index.take(&news)?;
        if news.position >= news.end {
            break;
        }
        tracing::info!(position = news.position, end = news.end, "indexing");
    }
    match end {
        Some(end) => Ok(Some((index.commit()?, end))),
        None => Ok(None),
    }
}
