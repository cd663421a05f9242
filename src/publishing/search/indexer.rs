//! The thread that keeps the index up to date with the log.

use diesel::result::Error::QueryBuilderError;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::folder;
use super::index::{IndexSnapshot, OpenIndex};
use super::queries;
use crate::access::instance::Instance;
use crate::platform::db::{Database, DbConnection, settings};
use crate::platform::derived_folder::DerivedFolder;
use crate::publishing::search::Search;

/// How often the thread checks for writes on this node. Writes on other nodes are known here within
/// [`crate::log::tail::INTERVAL`].
const PAUSE: Duration = Duration::from_millis(50);
/// The least time between two commits, each of which creates files.
const COMMIT_INTERVAL: Duration = Duration::from_millis(200);
/// The most, if a commit takes long because much is written: new records can be found within a second.
const MAX_COMMIT_INTERVAL: Duration = Duration::from_millis(600);
/// How long to wait after a failure.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(2);
/// How many records to read at once.
const BATCH_SIZE: i64 = 1_000;
/// The most batches per commit.
const MAX_BATCHES: usize = 20;
/// How many rounds pass between checks for a requested rebuild.
const REQUEST_CHECK_ROUNDS: u32 = 20;

/// Starts the thread. It ends with the application.
pub fn start(instance: &Arc<Instance>, search: Arc<Search>) {
    let instance = Arc::downgrade(instance);
    let thread = std::thread::Builder::new().name("search".to_owned());
    if let Err(error) = thread.spawn(move || run(&instance, &search)) {
        tracing::error!(%error, "search is not available: cannot start its thread");
    }
}

fn run(instance: &Weak<Instance>, search: &Search) {
    let mut indexer: Option<Indexer> = None;
    let mut rounds = 0_u32;
    while let Some(instance) = instance.upgrade() {
        let result = match &mut indexer {
            Some(indexer) => indexer.round(
                &instance,
                search,
                rounds.is_multiple_of(REQUEST_CHECK_ROUNDS),
            ),
            None => Indexer::open(&instance, search).map(|opened| {
                indexer = Some(opened);
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
            indexer = None;
            PAUSE_AFTER_FAILURE
        }));
    }
}

/// The index in use, and the one being built to replace it.
struct Indexer {
    index: OpenIndex,
    next: Option<OpenIndex>,
    /// The newest rebuild request seen.
    request: Option<String>,
    /// Dropped last: whoever locks the folder next finds the indexes in it closed.
    folder: DerivedFolder,
    /// The epoch of the log in which they were opened.
    epoch: i64,
}

impl Indexer {
    fn open(instance: &Instance, search: &Search) -> anyhow::Result<Self> {
        let folder = folder::of(&instance.config)?;
        let epoch = instance.log.tail().epoch();
        let index = open(&folder, instance, search)?;
        if index.state().is_complete {
            search.publish(index.snapshot()?);
        }
        Ok(Self {
            request: instance.database.follow_now(settings::search_request)?,
            folder,
            index,
            next: None,
            epoch,
        })
    }

    /// Brings both indexes up to date, and returns how long to pause.
    fn round(
        &mut self,
        instance: &Instance,
        search: &Search,
        checks_requests: bool,
    ) -> anyhow::Result<Duration> {
        if self.epoch != instance.log.tail().epoch() {
            search.withdraw();
            anyhow::bail!("the log was put back");
        }
        if checks_requests {
            self.check_requests(instance)?;
        }
        self.index.sweep()?;
        let mut pause = PAUSE;
        if let Some(mut next) = self.next.take() {
            pause = Duration::ZERO;
            match catch_up(&mut next, &instance.database)? {
                Some((snapshot, _)) if snapshot.state.is_complete => {
                    search.publish(snapshot);
                    self.index = next; // closes the old one before its folder is deleted
                    self.folder.keep_only(self.index.folder());
                    tracing::info!("the search index has been rebuilt");
                }
                _ => self.next = Some(next),
            }
        }
        if instance.log.tail().followed() == Some(self.index.state().position) {
            return Ok(pause);
        }
        let started = Instant::now();
        match catch_up(&mut self.index, &instance.database)? {
            Some((snapshot, _)) if snapshot.state.is_complete => {
                search.publish(snapshot);
                Ok((4 * started.elapsed()).clamp(COMMIT_INTERVAL, MAX_COMMIT_INTERVAL))
            }
            Some(_) => Ok(Duration::ZERO),
            None => Ok(pause),
        }
    }

    fn check_requests(&mut self, instance: &Instance) -> anyhow::Result<()> {
        let request = instance.database.follow_now(settings::search_request)?;
        if request != self.request {
            tracing::info!("rebuilding the search index");
            self.request = request;
            self.next = Some(OpenIndex::open(&self.folder.new_path(&instance.clock))?);
        }
        Ok(())
    }
}

/// The folder's index if it belongs to this log, else an empty one. If the log has left the index, it was put back while
/// no node was there to see it.
fn open(folder: &DerivedFolder, instance: &Instance, search: &Search) -> anyhow::Result<OpenIndex> {
    if let Some(path) = folder.existing()? {
        match OpenIndex::open(&path) {
            Ok(index) => {
                let lineage = index.state().lineage.clone();
                let left_after = |c: &mut DbConnection| lineage.left_after(c);
                match instance.database.follow_now(left_after)? {
                    None => return Ok(index),
                    // an index that has nothing in common with the log is that of another
                    Some(0) => {}
                    Some(_) => instance.log.report_now(&lineage, instance.clock.now())?,
                }
            }
            Err(error) => {
                let error = format!("{error:#}");
                tracing::warn!(error, "cannot open the search index");
            }
        }
    }
    search.withdraw();
    let path = folder.new_path(&instance.clock);
    folder.keep_only(&path);
    tracing::info!("building a search index");
    OpenIndex::open(&path)
}

/// Indexes new entries, up to one commit's worth. Returns the snapshot and the number of the log's newest entry, or
/// `None` if there was nothing new.
pub fn catch_up(
    index: &mut OpenIndex,
    database: &Database,
) -> anyhow::Result<Option<(IndexSnapshot, i64)>> {
    let mut end = None;
    let (started, first) = (Instant::now(), index.state().position);
    for _ in 0..MAX_BATCHES {
        let (position, lineage) = (index.state().position, index.state().lineage.clone());
        let batch = database.follow_now(move |c| match lineage.left_after(c)? {
            None => queries::next_batch(c, position, BATCH_SIZE),
            Some(_) => Err(QueryBuilderError("the log was put back".into())),
        })?;
        if batch.position <= position && index.state().is_complete {
            break;
        }
        end = Some(batch.end);
        index.add(&batch)?;
        if batch.position >= batch.end {
            break;
        }
    }
    let Some(end) = end else {
        return Ok(None);
    };
    let snapshot = index.commit()?;
    let (position, seconds) = (snapshot.state.position, started.elapsed().as_secs_f64());
    if position - first >= BATCH_SIZE {
        tracing::info!(
            entries = position - first,
            seconds,
            position,
            end,
            "indexed"
        );
    }
    Ok(Some((snapshot, end)))
}
