//! Verifies an index: compares the document of every record with that of an index which is built again for this.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use anyhow::Context;
use strum::VariantArray;
use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Index, Searcher, SegmentReader, TERMINATED};
use twox_hash::XxHash3_64;

use super::index::{IndexState, OpenIndex};
use super::indexer::catch_up;
use super::queries;
use super::schema::Field;
use crate::platform::db::{Database, Error};

/// What the verification of an index found.
#[derive(Debug, Default)]
pub struct IndexVerification {
    /// How far the index has followed the log.
    pub position: i64,
    /// How many documents it has.
    pub documents: usize,
    /// The records whose documents are not what the log says, by id, and what is wrong.
    pub wrong: Vec<(String, &'static str)>,
}

/// Compares the index in a folder with the database. Records written after the position of the index are left out.
///
/// # Errors
/// If the index cannot be read or belongs to another database, or the other one cannot be built.
pub fn verify(folder: &Path, database: &Database) -> anyhow::Result<IndexVerification> {
    let index = Index::open_in_dir(folder).with_context(|| folder.display().to_string())?;
    let payload = index.load_metas()?.payload.unwrap_or_default();
    let state: IndexState = serde_json::from_str(&payload).context("the index is incomplete")?;
    let found = digests(&index.reader()?.searcher())?;
    let (left_after, later) = database.read_now(|c| {
        let left_after = state.lineage.left_after(c)?;
        Ok::<_, Error>((left_after, queries::written_after(c, state.position)?))
    })?;
    anyhow::ensure!(left_after.is_none(), "the index belongs to another log");
    let temporary = tempfile::tempdir()?;
    let mut rebuilt = OpenIndex::open(temporary.path())?;
    while catch_up(&mut rebuilt, database)?.is_some() {}
    let expected = digests(&rebuilt.snapshot()?.searcher)?;
    rebuilt.close()?;
    let later: HashSet<String> = later.into_iter().map(|id| id.to_string()).collect();
    let mut wrong = Vec::new();
    for id in found.keys().chain(expected.keys()).collect::<HashSet<_>>() {
        let detail = match (found.get(id), expected.get(id)) {
            _ if later.contains(id) => continue,
            (found, expected) if found == expected => continue,
            (None, _) => "the document is missing",
            (_, None) => "the public cannot see the record",
            _ => "the document is not what the log says",
        };
        wrong.push((id.clone(), detail));
    }
    wrong.sort();
    Ok(IndexVerification {
        position: state.position,
        documents: found.len(),
        wrong,
    })
}

/// A digest of each document, by the id of its record: the sum of the hashes of its terms and their positions.
fn digests(searcher: &Searcher) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut all = BTreeMap::new();
    for segment in searcher.segment_readers() {
        let mut sums = vec![0_u64; segment.max_doc() as usize];
        let mut ids = vec![String::new(); sums.len()];
        for field in Field::VARIANTS {
            add_terms(segment, *field, &mut sums, &mut ids)?;
        }
        for doc in segment.doc_ids_alive() {
            let (id, sum) = (&mut ids[doc as usize], sums[doc as usize]);
            // two documents of one record differ from one
            let entry = all.entry(std::mem::take(id)).or_insert(0_u64);
            *entry = entry.wrapping_add(sum);
        }
    }
    Ok(all)
}

/// Adds the hashes of the terms in one field of a segment, and notes the ids.
fn add_terms(
    segment: &SegmentReader,
    field: Field,
    sums: &mut [u64],
    ids: &mut [String],
) -> anyhow::Result<()> {
    let inverted = segment.inverted_index(field.into())?;
    let (mut terms, mut positions, mut bytes) =
        (inverted.terms().stream()?, Vec::new(), Vec::new());
    while let Some((term, info)) = terms.next() {
        let option = IndexRecordOption::WithFreqsAndPositions;
        let mut postings = inverted.read_postings_from_terminfo(info, option)?;
        while postings.doc() != TERMINATED {
            let doc = postings.doc() as usize;
            if field == Field::Id {
                ids[doc] = String::from_utf8_lossy(term).into_owned();
            }
            postings.positions(&mut positions);
            bytes.clear();
            bytes.push(field as u8);
            bytes.extend_from_slice(term);
            positions
                .iter()
                .for_each(|position| bytes.extend(position.to_le_bytes()));
            sums[doc] = sums[doc].wrapping_add(XxHash3_64::oneshot(&bytes));
            postings.advance();
        }
    }
    Ok(())
}
