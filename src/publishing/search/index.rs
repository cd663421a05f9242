//! One index: opens and fills it, and provides the snapshots that searches read.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher};

use super::documents;
use super::files::{SyncState, UnsyncedDirectory};
use super::queries::IndexBatch;
use super::schema::{self, Field};
use crate::log::Lineage;

/// The memory for documents not yet written to disk, in bytes.
const HEAP: usize = 32_000_000;

/// How far an index has followed the log. It is part of each commit, so that the two never disagree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexState {
    /// The newest entry up to which everything is indexed.
    pub position: i64,
    /// The lineage of the end of the log when it was read, which differs in another log.
    pub lineage: Lineage,
    /// Whether the index has been complete before.
    pub is_complete: bool,
}

/// The index as of a commit.
#[derive(Clone)]
pub struct IndexSnapshot {
    /// Searches this snapshot.
    pub searcher: Searcher,
    /// How far the snapshot has followed the log.
    pub state: IndexState,
}

/// How often files that may still be open are looked for, once in a round of the indexer.
const SWEEPS: u32 = 50;

/// An index open for writing, which only one process may do at a time.
pub struct OpenIndex {
    writer: IndexWriter,
    reader: IndexReader,
    folder: PathBuf,
    state: IndexState,
    /// Whether the next commit removes erased content.
    erases: bool,
    /// How often the files of segments that were written again will still be looked for: searches may hold them open.
    sweeps: u32,
    /// Dropped last, when nothing is written any more.
    files: SyncState,
}

impl OpenIndex {
    /// Opens the index in a folder, or creates an empty one.
    ///
    /// # Errors
    /// If that is not possible, or a power failure damaged the index.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let files = SyncState::of(folder);
        let directory = UnsyncedDirectory::open(folder)?;
        let mut index = Index::open_or_create(directory, schema::schema())?;
        if files.is_marked() && !index.validate_checksum()?.is_empty() {
            anyhow::bail!("a power failure damaged it");
        }
        index.set_tokenizers(schema::analysers());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let payload = index.load_metas()?.payload;
        let state = payload.and_then(|text| serde_json::from_str(&text).ok());
        Ok(Self {
            reader: reader.try_into()?,
            writer: index.writer_with_num_threads(1, HEAP)?,
            folder: folder.to_path_buf(),
            state: state.unwrap_or_default(),
            erases: false,
            sweeps: 0,
            files,
        })
    }

    /// How far the index has followed the log.
    pub fn state(&self) -> &IndexState {
        &self.state
    }

    /// The folder of the index.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Indexes a batch. Searches do not see it before [`OpenIndex::commit`].
    pub fn add(&mut self, batch: &IndexBatch) -> anyhow::Result<()> {
        self.files.mark()?;
        for entry in &batch.entries {
            self.writer.delete_term(Field::Id.text(&entry.resource_id));
            self.erases |= entry.erases();
            if let Some(document) = documents::document(entry, batch) {
                self.writer.add_document(document)?;
            }
        }
        self.state = IndexState {
            position: batch.position,
            lineage: batch.lineage.clone(),
            is_complete: self.state.is_complete || batch.position >= batch.end,
        };
        Ok(())
    }

    /// Commits, and returns the new snapshot.
    pub fn commit(&mut self) -> anyhow::Result<IndexSnapshot> {
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&serde_json::to_string(&self.state)?);
        commit.commit()?;
        if std::mem::take(&mut self.erases) {
            self.purge()?;
        }
        self.snapshot()
    }

    /// Writes the segments again that have deleted documents, whose text they keep until then.
    fn purge(&mut self) -> anyhow::Result<()> {
        let segments = self.writer.index().searchable_segment_metas()?;
        let segments = segments
            .iter()
            .filter(|segment| segment.num_deleted_docs() > 0);
        let ids: Vec<_> = segments.map(|segment| segment.id()).collect();
        if !ids.is_empty() {
            self.writer.merge(&ids).wait()?;
            self.sweeps = SWEEPS;
        }
        Ok(())
    }

    /// Syncs files once in a while, and deletes those of segments that were written again, once no search holds them open.
    pub fn sweep(&mut self) -> anyhow::Result<()> {
        self.files.sync_if_due()?;
        if self.sweeps > 0 {
            self.sweeps -= 1;
            self.writer.garbage_collect_files().wait()?;
        }
        Ok(())
    }

    /// A snapshot of the last commit.
    pub fn snapshot(&self) -> anyhow::Result<IndexSnapshot> {
        self.reader.reload()?;
        Ok(IndexSnapshot {
            searcher: self.reader.searcher(),
            state: self.state.clone(),
        })
    }

    /// Waits for the merges in the background to finish.
    pub fn close(self) -> anyhow::Result<()> {
        Ok(self.writer.wait_merging_threads()?)
    }
}
