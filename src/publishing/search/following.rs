//! The thread that keeps the index in line with the log.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::folder::Folder;
use super::index::{OpenIndex, Snapshot};
use super::queries::{self, News};
use crate::access::instance::Instance;
use crate::platform::db::{Database, settings};
use crate::publishing::search::Search;

/// How often the thread looks whether something was written here; what others wrote is known here as soon as
/// [`crate::log::tail::INTERVAL`] says.
const PAUSE: Duration = Duration::from_millis(50);
/// The time between two commits, each of which makes files.
const BETWEEN_COMMITS: Duration = Duration::from_millis(200);
/// How long it waits after something failed.
const AFTER_A_FAILURE: Duration = Duration::from_secs(2);
/// How many records are read at once.
const BATCH: i64 = 1_000;
/// How many readings go into one commit while there is more.
const BATCHES: usize = 20;
/// How often it is looked whether somebody asked for a new index.
const LOOK_FOR_REQUESTS: u32 = 20;

/// Starts the thread. It ends when the application does.
pub fn start(instance: &Arc<Instance>, search: Arc<Search>) {
    let instance = Arc::downgrade(instance);
    let thread = std::thread::Builder::new().name("search".to_owned());
    if let Err(error) = thread.spawn(move || run(&instance, &search)) {
        tracing::error!(%error, "search is not available: its thread cannot be started");
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
                "the search index cannot be kept up"
            );
            keeper = None;
            AFTER_A_FAILURE
        }));
    }
}

/// The index that is searched, and the one that is to take its place.
struct Keeper {
    folder: Folder,
    index: OpenIndex,
    next: Option<OpenIndex>,
    /// The newest request for a new index that was seen.
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

    /// Brings what there is in line, and says how long there is nothing to do.
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
                tracing::info!("the new search index is complete");
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
            tracing::info!("a new search index is built");
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

/// The index of this folder, if it is one of this database; else an empty one.
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
    tracing::info!("a search index is built");
    OpenIndex::open(&path)
}

/// Takes what is new, at most so much as goes into one commit, and gives the state after it and the number of the log's
/// newest entry. Nothing when there is nothing new.
pub fn catch_up(
    index: &mut OpenIndex,
    database: &Database,
) -> anyhow::Result<Option<(Snapshot, i64)>> {
    let mut end = None;
    for _ in 0..BATCHES {
        let position = index.standing().position;
        let news: News = database.follow_now(move |c| queries::news(c, position, BATCH))?;
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
