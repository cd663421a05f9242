//! Queries the index for the best records, their number, and their facets.

use serde_json::json;
use std::ops::Range;
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::agg_result::AggregationResults;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{AllQuery, BooleanQuery, MoreLikeThisQuery, Query};
use tantivy::schema::{OwnedValue, Value};
use tantivy::{DocAddress, Order, TantivyDocument};

use super::filters::SearchFilters;
use super::index::IndexSnapshot;
use super::params::FacetName;
use super::query_parser::{self, QueryBuilder, SearchText};
use super::ranking::RecentFirst;
use super::schema::Field;
use crate::platform::identity::RecordId;

/// The most values that a facet of a search shows; those with the most records come first.
pub const FACET_VALUES: usize = 20;
/// The most values of a facet that can be reached.
pub const MAX_FACET_VALUES: usize = 50_000;

/// The result of a query.
#[derive(Debug, Default)]
pub struct SearchResults {
    /// The ids of one page, best first.
    pub ids: Vec<RecordId>,
    /// How many records match in all.
    pub count: usize,
    /// The facets, each with its values and their counts.
    pub facets: Vec<(FacetName, Vec<(String, i64)>)>,
    /// Whether these records have all the words that were searched for.
    pub has_all_words: bool,
}

/// What is asked of the index.
#[derive(Debug)]
pub struct SearchRequest<'a> {
    /// The words; without, all records that the filters select.
    pub text: Option<&'a SearchText>,
    /// The filters.
    pub filters: &'a SearchFilters,
    /// The order by the time of publication; best first without.
    pub order: Option<Order>,
    /// Which of the results.
    pub range: Range<usize>,
    /// The facets, and how many of their values to count.
    pub facets: &'a [FacetName],
    /// How many values of each.
    pub facet_values: usize,
}

impl IndexSnapshot {
    /// Finds the records that match the words best: those at these places among the results, and the facets.
    pub fn search(&self, request: &SearchRequest<'_>) -> tantivy::Result<SearchResults> {
        let Some(text) = request.text else {
            let mut results = self.best_matches(Box::new(AllQuery), request)?;
            results.has_all_words = true;
            return Ok(results);
        };
        let mut results = SearchResults::default();
        for is_lenient in [false, true] {
            let mut builder = QueryBuilder {
                searcher: &self.searcher,
                is_approximate: false,
            };
            if let Some(query) = builder.query(&text.terms, is_lenient)? {
                results = self.best_matches(query_parser::exact_first(query, text), request)?;
                let is_exact = !(is_lenient || builder.is_approximate || text.is_cut);
                results.has_all_words = is_exact && results.count > 0;
            }
            if results.count > 0 || text.terms.len() < 2 {
                break;
            }
        }
        Ok(results)
    }

    /// Finds records whose names or headlines match the terms, the last of which may be incomplete.
    pub fn suggest(
        &self,
        text: &SearchText,
        filters: &SearchFilters,
        limit: usize,
    ) -> tantivy::Result<SearchResults> {
        match query_parser::suggestion_query(text) {
            Some(query) => self.best_matches(query, &SearchRequest::best(filters, limit)),
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
        self.best_matches(Box::new(query), &SearchRequest::best(filters, limit))
    }

    fn best_matches(
        &self,
        query: Box<dyn Query>,
        request: &SearchRequest<'_>,
    ) -> tantivy::Result<SearchResults> {
        let (filters, facets) = (request.filters, request.facets);
        let has_own_filter = |name: &&FacetName| filters.select_by(**name);
        let (others, plain): (Vec<FacetName>, Vec<FacetName>) =
            facets.iter().partition(has_own_filter);
        let counts = aggregations(&plain, request.facet_values)?;
        let selected = filters.filtered(query.box_clone(), None);
        let (addresses, count, counts) = self.first(&selected, request, counts)?;
        let mut ids = Vec::with_capacity(addresses.len());
        for address in addresses {
            let document: TantivyDocument = self.searcher.doc(address)?;
            let id = document.get_first(Field::Id.into());
            ids.extend(id.and_then(|id| id.as_str()).and_then(RecordId::parse));
        }
        let mut counted = facet_counts(&plain, &serde_json::to_value(counts)?);
        for name in others {
            let filtered = filters.filtered(query.box_clone(), Some(name));
            let counts = self
                .searcher
                .search(&filtered, &aggregations(&[name], request.facet_values)?)?;
            counted.extend(facet_counts(&[name], &serde_json::to_value(counts)?));
        }
        counted.sort_by_key(|(name, _)| facets.iter().position(|one| one == name));
        Ok(SearchResults {
            ids,
            count,
            facets: counted,
            has_all_words: false,
        })
    }

    /// The first records in the order of the request, how many there are in all, and the counts.
    fn first(
        &self,
        query: &BooleanQuery,
        request: &SearchRequest<'_>,
        counts: AggregationCollector,
    ) -> tantivy::Result<(Vec<DocAddress>, usize, AggregationResults)> {
        let first = TopDocs::with_limit(request.range.len()).and_offset(request.range.start);
        match request.order {
            Some(order) => {
                let first = first.order_by_fast_field::<i64>(Field::PublishedAt.name(), order);
                let (first, count, counts) =
                    self.searcher.search(query, &(first, Count, counts))?;
                let addresses = first.into_iter().map(|(_, address)| address);
                Ok((addresses.collect(), count, counts))
            }
            None => {
                let first = first.order_by(RecentFirst::new(request.filters.now));
                let (first, count, counts) =
                    self.searcher.search(query, &(first, Count, counts))?;
                let addresses = first.into_iter().map(|(_, address)| address);
                Ok((addresses.collect(), count, counts))
            }
        }
    }
}

impl<'a> SearchRequest<'a> {
    /// For the best records, without facets.
    fn best(filters: &'a SearchFilters, limit: usize) -> Self {
        Self {
            text: None,
            filters,
            order: None,
            range: 0..limit,
            facets: &[],
            facet_values: 0,
        }
    }
}

fn aggregations(names: &[FacetName], size: usize) -> tantivy::Result<AggregationCollector> {
    let terms = names.iter().map(|name| {
        // those of a time are in the order of time
        let order = match name {
            FacetName::Year | FacetName::Month => json!({"_key": "desc"}),
            _ => json!({"_count": "desc"}),
        };
        // each segment counts all values, or the sums would be wrong
        let terms = json!({"terms": {
            "field": <&str>::from(name), "size": size, "segment_size": MAX_FACET_VALUES, "order": order,
        }});
        (<&str>::from(name).to_owned(), terms)
    });
    let request: Aggregations = serde_json::from_value(terms.collect())?;
    Ok(AggregationCollector::from_aggs(request, Default::default()))
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
