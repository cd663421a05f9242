//! The endpoints of the search.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDateTime;
use std::collections::HashMap;
use strum::VariantArray;
use tantivy::Order;
use utoipa_actix_web::service_config::ServiceConfig;

use super::engine::{FACET_VALUES, MAX_FACET_VALUES, SearchRequest, SearchResults};
use super::facets;
use super::filters::SearchFilters;
use super::highlights::Highlighter;
use super::index::IndexSnapshot;
use super::model::SEARCHABLE;
use super::offsets::{MAX_RESULTS, offset, position, slice};
use super::params::{
    FacetName, RelatedParams, SearchParams, SearchSort, SearchableKind, SuggestParams,
};
use super::queries::{self, FoundRecord};
use super::query_parser;
use super::views::{FacetValues, Hit, Hits, Suggestion, Suggestions};
use crate::access::{Public, lookup};
use crate::http::answer::{self, Freshness};
use crate::http::error::ApiError;
use crate::http::page::{self, Count, Page, Paging};
use crate::http::query::Query;
use crate::log::Resource;
use crate::platform::db::DbConnection;
use crate::platform::html;
use crate::platform::identity::Key;
use crate::platform::language::Language;
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::EditorialState;
use crate::publishing::search::Search;
use crate::resources::{articles, in_language};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(search)
        .service(list_facet_values)
        .service(suggest)
        .service(list_related_articles);
}

/// Search
///
/// Searches articles, recommendations, responses, reports and organisations, the latter by all their current and former names, in all
/// languages. The best matches come first: an exact name or acronym before all others, and names and headlines count for more
/// than the text, and recent records for a little more than old ones. Without `q`, all records that the filters select are found,
/// newest first. No query is a syntax error. You can page through at most 1,000 results; narrow the search to reach others. New
/// records can be found within a second.
#[utoipa::path(tag = "Search", params(SearchParams, Paging), responses((status = 200, description = "One page of results", body = Hits)))]
#[get("/search")]
pub async fn search(
    public: Public,
    query: Query<SearchParams, Paging>,
) -> Result<HttpResponse, ApiError> {
    let Query {
        params,
        shape: paging,
        address,
        ..
    } = query;
    let text = params.q.as_deref().map(query_parser::parse);
    let keyset = page::keyset(&address, &paging, public.cursors())?;
    let (limit, is_counted) = (keyset.limit as usize, params.count == Count::Exact);
    let offset = offset(&keyset)?;
    let (base, now) = (public.base.clone(), public.now);
    let filters_in_url = address.query_string(|name| !NOT_OF_FACETS.contains(&name));
    let ((results, data, facets), freshness) = read(&public, move |c, index| {
        let mut filters = SearchFilters::new(c, index.state.position, now)?;
        filters.add(c, &params)?;
        let facets = FacetName::VARIANTS.iter().copied();
        let facets: Vec<FacetName> = facets.filter(|name| params.facet.contains(name)).collect();
        let end = (offset + limit).min(MAX_RESULTS).max(offset + 1);
        let mut results = index.search(&SearchRequest {
            text: text.as_ref(),
            filters: &filters,
            order: order(params.sort, text.is_some()),
            range: offset..end,
            facets: &facets,
            facet_values: FACET_VALUES + 1,
        })?;
        let highlighter = text.as_ref().map(|text| Highlighter::new(&text.terms));
        let lang = params.lang.as_ref();
        let data = hits(c, &results, highlighter, (&base, lang), now)?;
        let counts = std::mem::take(&mut results.facets);
        let facets = facets::shown(c, counts, (&base, &filters_in_url), (lang, now))?;
        Ok((results, data, facets))
    })
    .await?;
    let count = is_counted.then_some(results.count);
    let slice = slice(offset, limit, results.count.min(MAX_RESULTS), count);
    let page = page::links(&address, public.cursors(), &public.base, &slice, position)?;
    let body = Hits {
        data,
        facets,
        has_all_words: results.has_all_words,
        page,
    };
    answer::list_with(&body, &body.page, freshness)
}

/// List the values of a facet
///
/// How many results a search has for each value of a filter, as if that filter were not set: what to show when people choose
/// among them. Takes the parameters of the search.
#[utoipa::path(
    tag = "Search",
    params(("facet_name" = inline(FacetName), Path, description = "The name of the facet", example = "topic"), SearchParams, Paging),
    responses((status = 200, description = "One page of values", body = FacetValues))
)]
#[get("/search/facets/{facet_name}")]
pub async fn list_facet_values(
    public: Public,
    facet: web::Path<String>,
    query: Query<SearchParams, Paging>,
) -> Result<HttpResponse, ApiError> {
    let name: FacetName = facet.parse().map_err(|_| ApiError::not_found())?;
    let Query {
        params,
        shape: paging,
        address,
        ..
    } = query;
    let text = params.q.as_deref().map(query_parser::parse);
    let keyset = page::keyset(&address, &paging, public.cursors())?;
    let (limit, is_counted) = (keyset.limit as usize, params.count == Count::Exact);
    let offset = offset(&keyset)?;
    let now = public.now;
    let ((data, count), freshness) = read(&public, move |c, index| {
        let mut filters = SearchFilters::new(c, index.state.position, now)?;
        filters.add(c, &params)?;
        let results = index.search(&SearchRequest {
            text: text.as_ref(),
            filters: &filters,
            order: None,
            range: 0..1,
            facets: &[name],
            facet_values: MAX_FACET_VALUES,
        })?;
        let mut counts = results
            .facets
            .into_iter()
            .flat_map(|(_, counts)| counts)
            .collect::<Vec<_>>();
        if !matches!(name, FacetName::Year | FacetName::Month) {
            // by count; those with the same by their key, so that pages show each once
            counts.sort_by(|(a, of_a), (b, of_b)| of_b.cmp(of_a).then(a.cmp(b)));
        }
        let count = counts.len();
        let end = (offset + limit).min(count);
        let counts = counts.get(offset..end).unwrap_or_default();
        let lang = params.lang.as_ref();
        Ok((facets::values(c, name, counts, (lang, now))?, count))
    })
    .await?;
    let slice = slice(offset, limit, count, is_counted.then_some(count));
    let page = page::links(&address, public.cursors(), &public.base, &slice, position)?;
    let body = FacetValues { data, page };
    answer::list_with(&body, &body.page, freshness)
}

/// The parameters that a facet's own URL leaves out.
const NOT_OF_FACETS: [&str; 5] = ["cursor", "limit", "facet", "sort", "count"];

/// The order by time, if results are not in that of how well they match.
fn order(sort: SearchSort, has_text: bool) -> Option<Order> {
    match sort {
        SearchSort::Relevance if has_text => None,
        SearchSort::Relevance | SearchSort::Newest => Some(Order::Desc),
        SearchSort::Oldest => Some(Order::Asc),
    }
}

/// Suggest records
///
/// Records whose names or headlines match what the user has typed so far, for the list below a search box.
#[utoipa::path(tag = "Search", params(SuggestParams), responses((status = 200, description = "The suggestions", body = Suggestions)))]
#[get("/search/suggestions")]
pub async fn suggest(
    public: Public,
    query: Query<SuggestParams>,
) -> Result<HttpResponse, ApiError> {
    let params = query.params;
    let missing =
        || ApiError::parameter(MistakeCode::Required, "q", "Enter the beginning of a name.");
    let text = params.q.as_deref().map(query_parser::parse);
    let text = text.ok_or_else(missing)?;
    let limit = limit(params.limit)?;
    let now = public.now;
    let (data, freshness) = read(&public, move |c, index| {
        let mut filters = SearchFilters::new(c, index.state.position, now)?;
        filters.keep_kinds(&params.resource);
        let results = index.suggest(&text, &filters, limit)?;
        let rows = rows(c, &results, (false, params.lang.as_ref()), now)?.into_iter();
        let suggestions = rows.map(suggestion);
        Ok(suggestions.collect())
    })
    .await?;
    answer::json(&Suggestions { data }, freshness)
}

/// List related articles
///
/// Articles with the most similar words, most similar first.
#[utoipa::path(
    tag = "Articles",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc-welcomes-stalking-super-complaint-responses"), RelatedParams),
    responses((status = 200, description = "The related articles", body = Hits))
)]
#[get("/articles/{id}/related")]
pub async fn list_related_articles(
    public: Public,
    key: web::Path<Key>,
    query: Query<RelatedParams>,
) -> Result<HttpResponse, ApiError> {
    let limit = limit(query.params.limit)?;
    let (base, now) = (public.base.clone(), public.now);
    let (data, freshness) = read(&public, move |c, index| {
        let id = lookup::find(c, Resource::Article, &key, now)?;
        let row = articles::queries::find(c, id)?;
        let mut filters = SearchFilters::new(c, index.state.position, now)?;
        filters.keep_kinds(&[SearchableKind::Article]);
        filters.exclude(&[id]);
        // what a withdrawn article is similar to would reveal what it said
        let state = EditorialState::of(row.state, row.visible_from, now);
        let body = row.body_html.filter(|_| state != EditorialState::Withdrawn);
        let body = body.as_deref().map(html::text).unwrap_or_default();
        let results = index.similar(&row.headline, &body, &filters, limit)?;
        hits(c, &results, None, (&base, None), now)
    })
    .await?;
    let body = Hits {
        data,
        facets: Vec::new(),
        has_all_words: true,
        page: Page::default(),
    };
    answer::list_with(&body, &body.page, freshness)
}

fn limit(limit: Option<i64>) -> Result<usize, ApiError> {
    let limit = page::limit(&Paging {
        limit,
        cursor: None,
    })?;
    Ok(limit as usize)
}

/// Reads the index and the database: `work` gets a snapshot of each. The response is as fresh as the index: anything
/// written since may affect it.
async fn read<T: Send + 'static>(
    public: &Public,
    work: impl FnOnce(&mut DbConnection, &IndexSnapshot) -> Result<T, ApiError> + Send + 'static,
) -> Result<(T, Freshness), ApiError> {
    let (index, permit) = public.app_data::<Search>()?.acquire().await?;
    let position = index.state.position;
    let (result, mut freshness) = public
        .read(move |c| {
            let _permit = permit;
            work(c, &index)
        })
        .await?;
    if let Some(validity) = &mut freshness.validity {
        validity.position = validity.position.min(position);
    }
    Ok((result, freshness))
}

/// Loads the found records in order, with their text only where hits show it, and named in a language. Leaves out records that
/// are no longer public.
fn rows(
    c: &mut DbConnection,
    results: &SearchResults,
    (with_text, lang): (bool, Option<&Language>),
    now: NaiveDateTime,
) -> Result<Vec<FoundRecord>, ApiError> {
    let ids = &results.ids;
    let mut rows = HashMap::new();
    for resource in SEARCHABLE {
        if rows.len() < ids.len() {
            let found = queries::hits(c, resource, ids, with_text, now)?;
            rows.extend(found.into_iter().map(|(id, row)| (id, (resource, row))));
        }
    }
    let named = rows
        .values()
        .flat_map(|(_, row)| [Some(row.id), row.related_id]);
    let called = in_language::called(c, &named.flatten().collect(), lang)?;
    let found = ids.iter().filter_map(|id| rows.remove(id));
    let found = found.map(|(resource, mut row)| FoundRecord {
        title_language: row.set_title(resource, &called),
        resource,
        row,
    });
    Ok(found.collect())
}

fn hits(
    c: &mut DbConnection,
    results: &SearchResults,
    mut highlighter: Option<Highlighter>,
    (base, lang): (&str, Option<&Language>),
    now: NaiveDateTime,
) -> Result<Vec<Hit>, ApiError> {
    let rows = rows(c, results, (true, lang), now)?.into_iter();
    Ok(rows
        .map(|found| Hit::new(found, highlighter.as_mut(), base))
        .collect())
}

fn suggestion(found: FoundRecord) -> Suggestion {
    Suggestion {
        resource: found.resource,
        id: found.row.id,
        slug: found.row.slug,
        title: found.row.title,
        title_language: found.title_language,
    }
}
