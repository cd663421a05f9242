//! One index: opening, filling, and the state of it that searches see.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexReader, IndexWriter, ReloadPolicy, Searcher, Term};

use super::documents::{self, Beside};
use super::queries::News;
use super::schema::{self, Fields};

/// The memory for documents that are not written to the disk yet, in bytes.
const HEAP: usize = 32_000_000;

/// Where in the log an index stands. It is part of each commit, so that the two never disagree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The number of the newest entry up to which it has everything.
    pub position: i64,
    /// The digest of that entry: an index of another database has another.
    pub digest: String,
    /// Whether it was complete once.
    pub is_complete: bool,
}

/// An index as it was after a commit.
#[derive(Clone)]
pub struct Snapshot {
    /// What is searched.
    pub searcher: Searcher,
    /// Its fields.
    pub fields: Fields,
    /// Where in the log it stands.
    pub standing: Standing,
}

/// An index that is open for writing: by one process only.
pub struct OpenIndex {
    fields: Fields,
    writer: IndexWriter,
    reader: IndexReader,
    folder: PathBuf,
    standing: Standing,
}

impl OpenIndex {
    /// Opens the index in a folder, or makes an empty one.
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

    /// Where in the log it stands.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes what is new. It is not seen before [`OpenIndex::commit`].
    pub fn take(&mut self, news: &News) -> anyhow::Result<()> {
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
        self.standing = Standing {
            position: news.position,
            digest: news.digest.clone(),
            is_complete: self.standing.is_complete || news.position >= news.end,
        };
        Ok(())
    }

    /// Commits what was taken, and gives the state after it.
    pub fn commit(&mut self) -> anyhow::Result<Snapshot> {
        let mut commit = self.writer.prepare_commit()?;
        commit.set_payload(&serde_json::to_string(&self.standing)?);
        commit.commit()?;
        self.snapshot()
    }

    /// The state after the last commit.
    pub fn snapshot(&self) -> anyhow::Result<Snapshot> {
        self.reader.reload()?;
        Ok(Snapshot {
            searcher: self.reader.searcher(),
            fields: self.fields.clone(),
            standing: self.standing.clone(),
        })
    }

    /// Waits until what is merged in the background is merged.
    pub fn close(self) -> anyhow::Result<()> {
        Ok(self.writer.wait_merging_threads()?)
    }
}

fn list<'a>(lists: &'a HashMap<String, Vec<String>>, id: &str) -> &'a [String] {
    lists.get(id).map_or(&[], Vec::as_slice)
}
