//! The endpoints of the search.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use std::collections::HashMap;
use utoipa_actix_web::service_config::ServiceConfig;

use super::engine::{Extract, Found};
use super::filters::SearchFilters;
use super::highlights::Highlighter;
use super::index::Snapshot;
use super::model::SEARCHED;
use super::params::Searched;
use super::queries::{self, HitRow};
use super::query_parser;
use super::views::{
    Facet, FacetName, FacetValue, Hit, Hits, ListRelated, SearchFor, SuggestFor, Suggestion,
    Suggestions,
};
use crate::access::{Public, lookup};
use crate::http::answer::{self, Freshness};
use crate::http::cursor::Cursor;
use crate::http::error::ApiError;
use crate::http::page::{self, Count, Page, Paging};
use crate::http::problem::ProblemCode;
use crate::http::query::Query;
use crate::log::Resource;
use crate::platform::db::{DbConnection, Value};
use crate::platform::html;
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
const DEEPEST: usize = 1_000;

/// Search
///
/// Searches articles, recommendations, reports and organisations, the latter by all their current and former names. The
/// best matches come first: names and headlines count for more than the text, and recent records for a little more than
/// old ones. No query is a syntax error. You can page through at most 1,000 results; narrow the search to reach others.
/// New records can be found within a second.
#[utoipa::path(tag = "Search", params(SearchFor), responses((status = 200, description = "One page of results", body = Hits)))]
#[get("/search")]
pub async fn search(public: Public, query: Query<SearchFor>) -> Result<HttpResponse, ApiError> {
    let typed = typed(query.params.q.as_deref())?;
    let keyset = page::keyset(&query.address, &query.params.paging(), public.cursors())?;
    let offset = match &keyset.from {
        Some((Value::Integer(offset), _)) => usize::try_from(*offset).unwrap_or(0),
        Some(_) => {
            return Err(ApiError::new(
                ProblemCode::InvalidCursor,
                "This cursor was issued for another list.",
            ));
        }
        None => 0,
    };
    let limit = usize::try_from(keyset.limit).unwrap_or(1);
    let limit = limit.min(DEEPEST.saturating_sub(offset)).max(1);
    let (snapshot, permit) = public.app_data::<Search>()?.enter().await?;
    let (params, now, base) = (query.params.clone(), public.now, public.base.clone());
    let facets_wanted = FacetName::ALL.into_iter();
    let facets_wanted: Vec<FacetName> = facets_wanted
        .filter(|name| params.facet.contains(name))
        .collect();
    let asked = snapshot.clone();
    let ((found, data, facets), freshness) = public
        .read(move |c| {
            let _permit = permit;
            let narrowing = SearchFilters::of(c, &asked, &params, now)?;
            let extract = Extract {
                offset,
                limit,
                facets: &facets_wanted,
            };
            let found = asked
                .search(&typed, &narrowing, extract)
                .map_err(|e| ApiError::internal(&e))?;
            let marks = Highlighter::new(&query_parser::parts(&typed));
            let data = hits(c, &found, Some(marks), &base, now)?;
            let facets = facets(c, &found, now)?;
            Ok((found, data, facets))
        })
        .await?;
    let page = page_of(&public, &query, &found, offset, keyset.limit)?;
    let body = Hits {
        data,
        facets,
        has_all_words: !found.is_lenient,
        page,
    };
    answer::list_with(&body, &body.page, as_of_index(freshness, &snapshot))
}

/// Suggest records
///
/// Records whose names or headlines match what the user has typed so far, for the list below a search box.
#[utoipa::path(tag = "Search", params(SuggestFor), responses((status = 200, description = "The suggestions", body = Suggestions)))]
#[get("/search/suggestions")]
pub async fn suggest(public: Public, query: Query<SuggestFor>) -> Result<HttpResponse, ApiError> {
    let typed = typed(query.params.q.as_deref())?;
    let limit = limit(&query, query.params.limit, &public)?;
    let (snapshot, permit) = public.app_data::<Search>()?.enter().await?;
    let (params, now) = (query.params.clone(), public.now);
    let asked = snapshot.clone();
    let (data, freshness) = public
        .read(move |c| {
            let _permit = permit;
            let mut narrowing = SearchFilters::since_the_index(c, &asked, now)?;
            narrowing.keep_kinds(&asked.fields, &params.resource);
            let found = asked
                .suggest(&typed, &narrowing, limit)
                .map_err(|e| ApiError::internal(&e))?;
            let rows = rows(c, &found, false, now)?;
            Ok(rows
                .into_iter()
                .map(|(resource, row)| suggestion(resource, row))
                .collect())
        })
        .await?;
    answer::json(&Suggestions { data }, as_of_index(freshness, &snapshot))
}

/// List related articles
///
/// Articles with the most similar words, most similar first.
#[utoipa::path(
    tag = "Articles",
    params(("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc-welcomes-stalking-super-complaint-responses"), ListRelated),
    responses((status = 200, description = "The related articles", body = Hits))
)]
#[get("/articles/{id}/related")]
pub async fn list_related_articles(
    public: Public,
    key: web::Path<String>,
    query: Query<ListRelated>,
) -> Result<HttpResponse, ApiError> {
    let limit = limit(&query, query.params.limit, &public)?;
    let (snapshot, permit) = public.app_data::<Search>()?.enter().await?;
    let (now, base) = (public.now, public.base.clone());
    let asked = snapshot.clone();
    let (data, freshness) = public
        .read(move |c| {
            let _permit = permit;
            let id = lookup::find(c, Resource::Article, &key, now)?;
            let row = articles::queries::find(c, &id)?;
            let mut narrowing = SearchFilters::since_the_index(c, &asked, now)?;
            narrowing.keep_kinds(&asked.fields, &[Searched::Article]);
            narrowing.left_out.push(id);
            // what a withdrawn article is similar to would reveal what it said
            let state = EditorialState::of(row.state, row.visible_from, now);
            let body = row.body_html.filter(|_| state != EditorialState::Withdrawn);
            let body = body.as_deref().map(html::text).unwrap_or_default();
            let found = asked
                .like(&row.headline, &body, &narrowing, limit)
                .map_err(|e| ApiError::internal(&e))?;
            hits(c, &found, None, &base, now)
        })
        .await?;
    let page = Page {
        next: None,
        prev: None,
        has_more: false,
        count: None,
    };
    let body = Hits {
        data,
        facets: Vec::new(),
        has_all_words: true,
        page,
    };
    answer::list_with(&body, &body.page, as_of_index(freshness, &snapshot))
}

fn typed(q: Option<&str>) -> Result<String, ApiError> {
    let missing = || ApiError::parameter("required", "q", "Enter the words to search for.");
    q.map(str::to_owned).ok_or_else(missing)
}

fn limit<T>(query: &Query<T>, limit: Option<i64>, public: &Public) -> Result<usize, ApiError> {
    let paging = Paging {
        limit,
        cursor: None,
    };
    let keyset = page::keyset(&query.address, &paging, public.cursors())?;
    Ok(usize::try_from(keyset.limit).unwrap_or(1))
}

/// The response is as fresh as the index: anything written since may affect it.
fn as_of_index(mut freshness: Freshness, snapshot: &Snapshot) -> Freshness {
    if let Some(validity) = &mut freshness.validity {
        validity.position = validity.position.min(snapshot.standing.position);
    }
    freshness
}

/// Loads the found records in order, with their text only where hits show it. Leaves out records that are no longer
/// public.
fn rows(
    c: &mut DbConnection,
    found: &Found,
    with_text: bool,
    now: NaiveDateTime,
) -> Result<Vec<(Resource, HitRow)>, ApiError> {
    let ids: Vec<&String> = found.ids.iter().collect();
    let mut rows = HashMap::new();
    for resource in SEARCHED {
        if rows.len() < ids.len() {
            let of_resource = queries::hits(c, resource, &ids, with_text, now)?;
            rows.extend(
                of_resource
                    .into_iter()
                    .map(|(id, row)| (id, (resource, row))),
            );
        }
    }
    Ok(ids.into_iter().filter_map(|id| rows.remove(id)).collect())
}

fn hits(
    c: &mut DbConnection,
    found: &Found,
    mut marks: Option<Highlighter>,
    base: &str,
    now: NaiveDateTime,
) -> Result<Vec<Hit>, ApiError> {
    let rows = rows(c, found, true, now)?.into_iter();
    Ok(rows
        .map(|(resource, row)| Hit::new(resource, row, marks.as_mut(), base))
        .collect())
}

fn suggestion(resource: Resource, row: HitRow) -> Suggestion {
    let title = match (&row.report_title, resource) {
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

/// The slugs and names of organisations, topics or groups, by id.
fn named(
    c: &mut DbConnection,
    resource: Resource,
    ids: &[&String],
) -> QueryResult<HashMap<String, (String, String)>> {
    let references = references::named(c, resource, ids.iter().copied())?.into_iter();
    Ok(references
        .map(|(id, one)| (id, (one.slug, one.name)))
        .collect())
}

/// The facets, with slugs and names instead of ids.
fn facets(c: &mut DbConnection, found: &Found, now: NaiveDateTime) -> Result<Vec<Facet>, ApiError> {
    let mut facets = Vec::new();
    for (name, values) in &found.facets {
        let ids: Vec<&String> = values.iter().map(|(id, _)| id).collect();
        let labels: HashMap<String, (String, String)> = match name {
            FacetName::Organisation | FacetName::Publisher => {
                named(c, Resource::Organisation, &ids)?
            }
            FacetName::Topic => named(c, Resource::Topic, &ids)?,
            FacetName::Group => named(c, Resource::Group, &ids)?,
            FacetName::Report => {
                let rows = collection::public_rows::<Report>(c, &ids, now)?.into_iter();
                rows.map(|row| (row.id, (row.slug, row.title))).collect()
            }
            FacetName::Type
            | FacetName::Language
            | FacetName::Kind
            | FacetName::Theme
            | FacetName::ResponseRequirement => {
                let same = ids
                    .iter()
                    .map(|id| (id.to_string(), (id.to_string(), id.to_string())));
                same.collect()
            }
        };
        let values = values.iter().filter_map(|(id, count)| {
            let (value, label) = labels.get(id)?.clone();
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

/// The links to the next and previous pages.
fn page_of(
    public: &Public,
    query: &Query<SearchFor>,
    found: &Found,
    offset: usize,
    limit: i64,
) -> Result<Page, ApiError> {
    let size = usize::try_from(limit).unwrap_or(1);
    let link = |offset: usize| {
        let cursor = Cursor {
            backwards: false,
            position: (Value::Integer(offset as i64), String::new()),
        };
        let cursor = public
            .cursors()
            .write(&cursor, query.address.fingerprint())?;
        Ok::<_, ApiError>(format!(
            "{}{}",
            public.base,
            query.address.with_cursor(&cursor)
        ))
    };
    let end = found.count.min(DEEPEST);
    let has_more = offset + size < end;
    Ok(Page {
        next: has_more.then(|| link(offset + size)).transpose()?,
        prev: (offset > 0)
            .then(|| link(offset.saturating_sub(size)))
            .transpose()?,
        has_more,
        count: (query.params.count == Count::Exact).then_some(found.count as i64),
    })
}
