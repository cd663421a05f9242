//! The order of the results: by how well they match, and recent records before old ones.

use chrono::NaiveDateTime;
use std::sync::Arc;
use tantivy::collector::sort_key::{Comparator, NaturalComparator};
use tantivy::collector::{SegmentSortKeyComputer, SortKeyComputer, TopNComputer};
use tantivy::columnar::ColumnValues;
use tantivy::{DocId, Score, SegmentReader};

use super::model::milliseconds;
use super::schema::Field;

/// How much more a record of today scores than one of long ago.
const RECENCY_BOOST: f64 = 0.5;
/// The age in milliseconds at which half of that is left, and a third at twice that age: two years.
const HALF_LIFE: f64 = 730.0 * 86_400_000.0;

/// Boosts recent records a little.
#[derive(Debug)]
pub struct RecentFirst {
    now: i64,
}

/// The same in a segment of the index.
pub struct RecentFirstInSegment {
    now: i64,
    /// When each record was published; those without a time are as old as 1970.
    published: Option<Arc<dyn ColumnValues<i64>>>,
}

impl RecentFirst {
    /// As of `now`.
    pub fn new(now: NaiveDateTime) -> Self {
        let now = milliseconds(now);
        Self { now }
    }
}

impl SortKeyComputer for RecentFirst {
    type SortKey = f64;
    type Child = RecentFirstInSegment;
    type Comparator = NaturalComparator;

    fn requires_scoring(&self) -> bool {
        true
    }

    fn segment_sort_key_computer(&self, segment: &SegmentReader) -> tantivy::Result<Self::Child> {
        let published = segment.fast_fields().i64(Field::PublishedAt.name());
        Ok(RecentFirstInSegment {
            now: self.now,
            published: published.ok().map(|column| column.first_or_default_col(0)),
        })
    }
}

impl SegmentSortKeyComputer for RecentFirstInSegment {
    type SortKey = f64;
    type SegmentSortKey = f64;
    type SegmentComparator = NaturalComparator;

    fn segment_sort_key(&mut self, document: DocId, score: Score) -> f64 {
        let published = self.published.as_ref();
        let at = published.map_or(0, |column| column.get_val(document));
        let half_lives = self.now.saturating_sub(at).max(0) as f64 * (1.0 / HALF_LIFE);
        f64::from(score) * (1.0 + RECENCY_BOOST / (1.0 + half_lives))
    }

    /// Looks up the age only of records that would be among the best if they were of today.
    fn compute_sort_key_and_collect<C: Comparator<f64>>(
        &mut self,
        document: DocId,
        score: Score,
        best: &mut TopNComputer<f64, DocId, C>,
    ) {
        let highest = f64::from(score) * (1.0 + RECENCY_BOOST);
        if best.threshold.is_none_or(|threshold| highest > threshold) {
            best.push(self.segment_sort_key(document, score), document);
        }
    }

    fn convert_segment_sort_key(&self, score: f64) -> f64 {
        score
    }
}
