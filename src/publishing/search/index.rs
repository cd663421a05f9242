//! One index: opens and fills it, and provides the snapshots that searches read.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, Term};

use super::documents::{self, Beside};
use super::queries::Batch;
use super::schema::{self, Fields};

/// The memory for documents not yet written to disk, in bytes.
const HEAP: usize = 32_000_000;

/// An index's position in the log. It is part of each commit, so that the two never disagree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPosition {
    /// The newest entry up to which everything is indexed.
    pub position: i64,
    /// That entry's digest, which differs in another database.
    pub digest: String,
    /// Whether the index has been complete before.
    pub is_complete: bool,
}

/// The index as of a commit.
#[derive(Clone)]
pub struct Snapshot {
    /// Searches this snapshot.
    pub searcher: Searcher,
    /// The fields of the schema.
    pub fields: Fields,
    /// The snapshot's position in the log.
    pub standing: IndexPosition,
}

/// An index open for writing, which only one process may do at a time.
pub struct OpenIndex {
    fields: Fields,
    writer: IndexWriter,
    reader: IndexReader,
    folder: PathBuf,
    standing: IndexPosition,
}

impl OpenIndex {
    /// Opens the index in a folder, or creates an empty one.
    pub fn open(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let (schema, fields) = schema::schema();
        let directory = MmapDirectory::open(folder)?;
        let mut index = Index::open_or_create(directory, schema)?;
        index.set_tokenizers(schema::analysers());
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let payload = index.load_metas()?.payload;
        let standing = payload.and_then(|text| serde_json::from_str(&text).ok());
        Ok(Self {
            reader: reader.try_into()?,
            writer: index.writer_with_num_threads(1, HEAP)?,
            fields,
            folder: folder.to_path_buf(),
            standing: standing.unwrap_or_default(),
        })
    }

    /// The index's position in the log.
    pub fn standing(&self) -> &IndexPosition {
        &self.standing
    }

    /// The folder of the index.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Indexes a batch. Searches do not see it before [`OpenIndex::commit`].
    pub fn take(&mut self, news: &Batch) -> anyhow::Result<()> {
        for entry in &news.entries {
            let id = Term::from_field_text(self.fields.id, &entry.resource_id);
            self.writer.delete_term(id);
            let id = &entry.resource_id;
            let (Some(public_from), Some(times)) = (news.public_from.get(id), news.times.get(id))
            else {
                continue;
            };
            let beside = Beside {
                public_from: *public_from,
                times,
                addressed: list(&news.addressed, id),
                groups: list(&news.groups, id),
            };
            let document = documents::document(&self.fields, entry, beside);
            if let Some(document) = document {
                self.writer.add_document(document)?;
            }
        }
        self.standing = IndexPosition {
            position: news.position,
            digest: news.digest.clone(),
            is_complete: self.standing.is_complete || news.position >= news.end,
        };
        Ok(())
    }

    /// Commits, and returns the new snapshot.
    pub fn commit(&mut self) -> anyhow::Result<Snapshot> {
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&serde_json::to_string(&self.standing)?);
        commit.commit()?;
        self.snapshot()
    }

    /// A snapshot of the last commit.
    pub fn snapshot(&self) -> anyhow::Result<Snapshot> {
        self.reader.reload()?;
        Ok(Snapshot {
            searcher: self.reader.searcher(),
            fields: self.fields.clone(),
            standing: self.standing.clone(),
        })
    }

    /// Waits for the merges in the background to finish.
    pub fn close(self) -> anyhow::Result<()> {
        Ok(self.writer.wait_merging_threads()?)
    }
}

fn list<'a>(lists: &'a HashMap<String, Vec<String>>, id: &str) -> &'a [String] {
    lists.get(id).map_or(&[], Vec::as_slice)
}
