//! The endpoints of the search.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDateTime;
use std::collections::HashMap;
use strum::VariantArray;
use utoipa_actix_web::service_config::ServiceConfig;

use super::engine::SearchResults;
use super::filters::SearchFilters;
use super::highlights::Highlighter;
use super::index::IndexSnapshot;
use super::model::SEARCHABLE;
use super::params::{FacetName, RelatedParams, SearchParams, SearchableKind, SuggestParams};
use super::queries::{self, HitRow};
use super::query_parser::{self, SearchTerm};
use super::views::{Facet, FacetValue, Hit, Hits, Suggestion, Suggestions};
use crate::access::{Public, lookup};
use crate::http::answer::{self, Freshness};
use crate::http::error::ApiError;
use crate::http::page::{self, Count, Page, Paging};
use crate::http::problem::ProblemCode;
use crate::http::query::Query;
use crate::log::Resource;
use crate::platform::db::keyset::Slice;
use crate::platform::db::{DbConnection, Value};
use crate::platform::html;
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::EditorialState;
use crate::publishing::search::Search;
use crate::resources::reports::views::Report;
use crate::resources::{articles, collection, references};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(search)
        .service(suggest)
        .service(list_related_articles);
}

/// How deep a client can page into the results.
const MAX_RESULTS: usize = 1_000;

/// Search
///
/// Searches articles, recommendations, reports and organisations, the latter by all their current and former names. The
/// best matches come first: names and headlines count for more than the text, and recent records for a little more than
/// old ones. No query is a syntax error. You can page through at most 1,000 results; narrow the search to reach others.
/// New records can be found within a second.
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
    } = query;
    let terms = search_terms(params.q.as_deref())?;
    let keyset = page::keyset(&address, &paging, public.cursors())?;
    let (limit, is_counted) = (keyset.limit as usize, params.count == Count::Exact);
    // a position in the results is the number of those before it
    let offset = match keyset.from {
        Some((Value::Integer(offset), _)) => offset as usize,
        Some(_) => {
            let detail = "This cursor was issued for another list.";
            return Err(ApiError::new(ProblemCode::InvalidCursor, detail));
        }
        None => 0,
    };
    let (base, now) = (public.base.clone(), public.now);
    let ((results, data, facets), freshness) = read(&public, move |c, index| {
        let mut filters = SearchFilters::new(c, index.state.position, now)?;
        filters.add(c, &params)?;
        let facets = FacetName::VARIANTS.iter().copied();
        let facets: Vec<FacetName> = facets.filter(|name| params.facet.contains(name)).collect();
        let end = (offset + limit).min(MAX_RESULTS).max(offset + 1);
        let results = index.search(&terms, &filters, offset..end, &facets)?;
        let highlighter = Some(Highlighter::new(&terms));
        let data = hits(c, &results, highlighter, &base, now)?;
        let facets = facets_of(c, &results, now)?;
        Ok((results, data, facets))
    })
    .await?;
    let offsets = Slice {
        rows: vec![offset.saturating_sub(limit), offset + limit],
        beyond: None,
        has_before: offset > 0,
        has_after: offset + limit < results.count.min(MAX_RESULTS),
        count: is_counted.then_some(results.count as i64),
    };
    let position = |offset: &usize| (Value::Integer(*offset as i64), String::new());
    let page = page::links(&address, public.cursors(), &public.base, &offsets, position)?;
    let body = Hits {
        data,
        facets,
        has_all_words: !results.is_lenient,
        page,
    };
    answer::list_with(&body, &body.page, freshness)
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
    let terms = search_terms(params.q.as_deref())?;
    let limit = limit(params.limit)?;
    let now = public.now;
    let (data, freshness) = read(&public, move |c, index| {
        let mut filters = SearchFilters::new(c, index.state.position, now)?;
        filters.keep_kinds(&params.resource);
        let results = index.suggest(&terms, &filters, limit)?;
        let rows = rows(c, &results, false, now)?.into_iter();
        let suggestions = rows.map(|(resource, row)| suggestion(resource, row));
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
        hits(c, &results, None, &base, now)
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

fn search_terms(q: Option<&str>) -> Result<Vec<SearchTerm>, ApiError> {
    let missing = || ApiError::parameter("required", "q", "Enter the words to search for.");
    q.map(query_parser::parse).ok_or_else(missing)
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

/// Loads the found records in order, with their text only where hits show it. Leaves out records that are no longer
/// public.
fn rows(
    c: &mut DbConnection,
    results: &SearchResults,
    with_text: bool,
    now: NaiveDateTime,
) -> Result<Vec<(Resource, HitRow)>, ApiError> {
    let ids = &results.ids;
    let mut rows = HashMap::new();
    for resource in SEARCHABLE {
        if rows.len() < ids.len() {
            let found = queries::hits(c, resource, ids, with_text, now)?;
            rows.extend(found.into_iter().map(|(id, row)| (id, (resource, row))));
        }
    }
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

fn hits(
    c: &mut DbConnection,
    results: &SearchResults,
    mut highlighter: Option<Highlighter>,
    base: &str,
    now: NaiveDateTime,
) -> Result<Vec<Hit>, ApiError> {
    let rows = rows(c, results, true, now)?.into_iter();
    Ok(rows
        .map(|(resource, row)| Hit::new(resource, row, highlighter.as_mut(), base))
        .collect())
}

fn suggestion(resource: Resource, row: HitRow) -> Suggestion {
    let title = match (row.related_name, resource) {
        (Some(report), Resource::Recommendation) => format!("{} ({report})", row.title),
        _ => row.title,
    };
    Suggestion {
        resource,
        id: row.id,
        slug: row.slug,
        title,
    }
}

/// The facets, with slugs and names instead of ids.
fn facets_of(
    c: &mut DbConnection,
    results: &SearchResults,
    now: NaiveDateTime,
) -> Result<Vec<Facet>, ApiError> {
    let mut facets = Vec::new();
    for (name, counts) in &results.facets {
        let keys: Vec<&String> = counts.iter().map(|(key, _)| key).collect();
        let labels = labels(c, *name, &keys, now)?;
        let values = counts.iter().filter_map(|(key, count)| {
            let (value, label) = labels.get(key)?.clone();
            Some(FacetValue {
                value,
                label,
                count: *count,
            })
        });
        facets.push(Facet {
            name: *name,
            values: values.collect(),
        });
    }
    Ok(facets)
}

/// What a facet shows for each of its keys: the slug and the name of the record with that id, or else the key itself.
fn labels(
    c: &mut DbConnection,
    facet: FacetName,
    keys: &[&String],
    now: NaiveDateTime,
) -> Result<HashMap<String, (String, String)>, ApiError> {
    let ids = || keys.iter().filter_map(|key| RecordId::parse(key));
    let resource = match facet {
        FacetName::Organisation | FacetName::Publisher => Resource::Organisation,
        FacetName::Topic => Resource::Topic,
        FacetName::Group => Resource::Group,
        FacetName::Report => {
            let rows = collection::public_rows::<Report>(c, &ids().collect::<Vec<_>>(), now)?;
            let labels = rows
                .into_iter()
                .map(|row| (row.id.to_string(), (row.slug.0, row.title)));
            return Ok(labels.collect());
        }
        _ => {
            let keys = keys.iter().copied().cloned();
            return Ok(keys.map(|key| (key.clone(), (key.clone(), key))).collect());
        }
    };
    let rows = references::named(c, resource, ids())?.into_values();
    let labels = rows.map(|row| (row.id.to_string(), (row.slug.0, row.name)));
    Ok(labels.collect())
}
