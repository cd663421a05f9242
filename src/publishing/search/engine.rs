//! Queries the index for the best records, their number, and their facets.

use serde_json::json;
use std::ops::Range;
use tantivy::TantivyDocument;
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{MoreLikeThisQuery, Query};
use tantivy::schema::{OwnedValue, Value};

use super::filters::SearchFilters;
use super::index::IndexSnapshot;
use super::params::FacetName;
use super::query_parser::{self, QueryBuilder, SearchTerm};
use super::ranking::RecentFirst;
use super::schema::Field;
use crate::platform::identity::RecordId;

/// The most values a facet shows; those with the most records come first.
pub const FACET_VALUES: usize = 20;

/// The result of a query.
#[derive(Debug, Default)]
pub struct SearchResults {
    /// The ids of one page, best first.
    pub ids: Vec<RecordId>,
    /// How many records match in all.
    pub count: usize,
    /// The facets, each with its values and their counts.
    pub facets: Vec<(FacetName, Vec<(String, i64)>)>,
    /// Whether no record has all the words, so that these have only some of them.
    pub is_lenient: bool,
}

impl IndexSnapshot {
    /// Finds the records that match the terms best: those at these places among the results, and the facets.
    pub fn search(
        &self,
        terms: &[SearchTerm],
        filters: &SearchFilters,
        range: Range<usize>,
        facets: &[FacetName],
    ) -> tantivy::Result<SearchResults> {
        let searcher = &self.searcher;
        let mut results = SearchResults::default();
        for is_lenient in [false, true] {
            if let Some(query) = (QueryBuilder { searcher }).query(terms, is_lenient)? {
                results = self.best_matches(query, filters, range.clone(), facets)?;
                results.is_lenient = is_lenient && results.count > 0;
            }
            if results.count > 0 || terms.len() < 2 {
                break;
            }
        }
        Ok(results)
    }

    /// Finds records whose names or headlines match the terms, the last of which may be incomplete.
    pub fn suggest(
        &self,
        terms: &[SearchTerm],
        filters: &SearchFilters,
        limit: usize,
    ) -> tantivy::Result<SearchResults> {
        match query_parser::suggestion_query(terms) {
            Some(query) => self.best_matches(query, filters, 0..limit, &[]),
            None => Ok(SearchResults::default()),
        }
    }

    /// Finds the records most similar to a text.
    pub fn similar(
        &self,
        headline: &str,
        body: &str,
        filters: &SearchFilters,
        limit: usize,
    ) -> tantivy::Result<SearchResults> {
        let fields = [
            (Field::Headline, headline),
            (Field::HeadlinePlain, headline),
            (Field::Body, body),
            (Field::BodyPlain, body),
        ];
        let fields = fields.map(|(field, text)| (field.into(), vec![OwnedValue::from(text)]));
        let query = MoreLikeThisQuery::builder()
            .with_min_doc_frequency(1)
            .with_min_term_frequency(1)
            .with_max_query_terms(25)
            .with_min_word_length(3)
            .with_document_fields(fields.into());
        self.best_matches(Box::new(query), filters, 0..limit, &[])
    }

    fn best_matches(
        &self,
        query: Box<dyn Query>,
        filters: &SearchFilters,
        range: Range<usize>,
        facets: &[FacetName],
    ) -> tantivy::Result<SearchResults> {
        let best = TopDocs::with_limit(range.len())
            .and_offset(range.start)
            .order_by(RecentFirst::new(filters.now));
        let counts = AggregationCollector::from_aggs(facet_request(facets)?, Default::default());
        let query = filters.filtered(query);
        let (best, count, counts) = self.searcher.search(&query, &(best, Count, counts))?;
        let mut ids = Vec::with_capacity(best.len());
        for (_, address) in best {
            let document: TantivyDocument = self.searcher.doc(address)?;
            let id = document.get_first(Field::Id.into());
            ids.extend(id.and_then(|id| id.as_str()).and_then(RecordId::parse));
        }
        Ok(SearchResults {
            ids,
            count,
            facets: facet_counts(facets, &serde_json::to_value(counts)?),
            is_lenient: false,
        })
    }
}

fn facet_request(names: &[FacetName]) -> tantivy::Result<Aggregations> {
    let terms = names.iter().map(|name| {
        let terms = json!({"terms": {"field": <&str>::from(name), "size": FACET_VALUES}});
        (<&str>::from(name).to_owned(), terms)
    });
    Ok(serde_json::from_value(terms.collect())?)
}

/// Reads the facet values from the index's result.
fn facet_counts(
    names: &[FacetName],
    results: &serde_json::Value,
) -> Vec<(FacetName, Vec<(String, i64)>)> {
    let values = |name: &FacetName| {
        let buckets = results[<&str>::from(name)]["buckets"].as_array();
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
