//! Queries the index for the best records, their number, and their facets.

use chrono::NaiveDateTime;
use serde_json::json;
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, MoreLikeThisQuery, Occur, Query};
use tantivy::schema::{OwnedValue, Value};
use tantivy::{DocAddress, DocId, Score, SegmentReader, TantivyDocument};

use super::filters::SearchFilters;
use super::index::Snapshot;
use super::params::FacetName;
use super::query_parser::{self, Asking};

/// How much more a record of today scores than one of long ago.
const RECENT: f64 = 0.5;
/// The age in milliseconds at which half of that is left, and a third at twice that age: two years.
const HALF_LIFE: f64 = 730.0 * 86_400_000.0;
/// The most values a facet shows; those with the most records come first.
pub const FACET_VALUES: usize = 20;

/// The result of a query.
#[derive(Debug, Default)]
pub struct Found {
    /// The ids of one page, best first.
    pub ids: Vec<String>,
    /// How many records match in all.
    pub count: usize,
    /// The facets, each with its values and their counts.
    pub facets: Vec<(FacetName, Vec<(String, i64)>)>,
    /// Whether no record has all the words, so that these have only some of them.
    pub is_lenient: bool,
}

/// The page and the facets to return.
#[derive(Clone, Copy, Debug)]
pub struct Extract<'a> {
    /// How many records to skip.
    pub offset: usize,
    /// How many records to return.
    pub limit: usize,
    /// The facets to count.
    pub facets: &'a [FacetName],
}

impl Snapshot {
    /// Finds the records that match the query best.
    pub fn search(
        &self,
        typed: &str,
        narrowing: &SearchFilters,
        extract: Extract<'_>,
    ) -> tantivy::Result<Found> {
        let parts = query_parser::parts(typed);
        let asking = Asking {
            searcher: &self.searcher,
            fields: &self.fields,
        };
        let mut found = Found::default();
        for is_lenient in [false, true] {
            if is_lenient && parts.len() < 2 {
                break;
            }
            let Some(question) = asking.question(&parts, is_lenient)? else {
                break;
            };
            found = self.ask(question, narrowing, extract)?;
            found.is_lenient = is_lenient && found.count > 0;
            if found.count > 0 {
                break;
            }
        }
        Ok(found)
    }

    /// Finds records whose names or headlines match the words, the last of which may be incomplete.
    pub fn suggest(
        &self,
        typed: &str,
        narrowing: &SearchFilters,
        limit: usize,
    ) -> tantivy::Result<Found> {
        let asking = Asking {
            searcher: &self.searcher,
            fields: &self.fields,
        };
        let extract = Extract {
            offset: 0,
            limit,
            facets: &[],
        };
        match asking.beginning(&query_parser::parts(typed)) {
            Some(question) => self.ask(question, narrowing, extract),
            None => Ok(Found::default()),
        }
    }

    /// Finds the records most similar to a text.
    pub fn like(
        &self,
        headline: &str,
        body: &str,
        narrowing: &SearchFilters,
        limit: usize,
    ) -> tantivy::Result<Found> {
        let text = |text: &str| vec![OwnedValue::Str(text.to_owned())];
        let like = MoreLikeThisQuery::builder()
            .with_min_doc_frequency(1)
            .with_min_term_frequency(1)
            .with_max_query_terms(25)
            .with_min_word_length(3)
            .with_document_fields(vec![
                (self.fields.headline, text(headline)),
                (self.fields.headline_plain, text(headline)),
                (self.fields.body, text(body)),
                (self.fields.body_plain, text(body)),
            ]);
        let extract = Extract {
            offset: 0,
            limit,
            facets: &[],
        };
        self.ask(Box::new(like), narrowing, extract)
    }

    fn ask(
        &self,
        question: Box<dyn Query>,
        narrowing: &SearchFilters,
        extract: Extract<'_>,
    ) -> tantivy::Result<Found> {
        let mut clauses = narrowing.clauses(&self.fields);
        clauses.push((Occur::Must, question));
        let query = BooleanQuery::new(clauses);
        let best = TopDocs::with_limit(extract.limit)
            .and_offset(extract.offset)
            .tweak_score(recent_first(narrowing.now));
        let facets = match extract.facets {
            [] => None,
            names => Some(AggregationCollector::from_aggs(
                terms_of(names)?,
                Default::default(),
            )),
        };
        let (best, count, facets) = self.searcher.search(&query, &(best, Count, facets))?;
        let facets = match facets {
            Some(results) => spread(extract.facets, &serde_json::to_value(results)?),
            None => Vec::new(),
        };
        Ok(Found {
            ids: self.ids(best)?,
            count,
            facets,
            is_lenient: false,
        })
    }

    fn ids(&self, best: Vec<(f64, DocAddress)>) -> tantivy::Result<Vec<String>> {
        let mut ids = Vec::with_capacity(best.len());
        for (_, address) in best {
            let document: TantivyDocument = self.searcher.doc(address)?;
            let id = document
                .get_first(self.fields.id)
                .and_then(|id| id.as_str());
            ids.extend(id.map(str::to_owned));
        }
        Ok(ids)
    }
}

/// Scores a record, boosting recent ones a little.
fn recent_first(
    now: NaiveDateTime,
) -> impl Fn(&SegmentReader) -> Box<dyn Fn(DocId, Score) -> f64> + Send + Sync + 'static {
    let now = now.and_utc().timestamp_millis();
    move |segment: &SegmentReader| {
        let published = segment.fast_fields().i64("published_at");
        let published = published.map(|column| column.first_or_default_col(0));
        Box::new(move |document: DocId, score: Score| {
            let at = published
                .as_ref()
                .map_or(0, |column| column.get_val(document));
            let half_lives = now.saturating_sub(at).max(0) as f64 * (1.0 / HALF_LIFE);
            f64::from(score) * (1.0 + RECENT / (1.0 + half_lives))
        })
    }
}

fn terms_of(names: &[FacetName]) -> tantivy::Result<Aggregations> {
    let terms = names.iter().map(|name| {
        let terms = json!({"terms": {"field": name.name(), "size": FACET_VALUES}});
        (name.name().to_owned(), terms)
    });
    Ok(serde_json::from_value(terms.collect())?)
}

/// Reads the facet values from the index's result.
fn spread(
    names: &[FacetName],
    results: &serde_json::Value,
) -> Vec<(FacetName, Vec<(String, i64)>)> {
    let values = |name: &FacetName| {
        let buckets = results[name.name()]["buckets"].as_array();
        let buckets = buckets.map(Vec::as_slice).unwrap_or_default();
        let value = |bucket: &serde_json::Value| {
            Some((
                bucket["key"].as_str()?.to_owned(),
                bucket["doc_count"].as_i64()?,
            ))
        };
        buckets.iter().filter_map(value).collect()
    };
    names.iter().map(|name| (*name, values(name))).collect()
}
