//! Converts rows of articles to views.

use diesel::result::QueryResult;
use std::collections::HashMap;

use super::contents::ArticleLinks;
use super::dependencies;
use super::model::ArticleRow;
use super::params::{ArticleExpansion, ArticleFilters};
use super::parts;
use super::queries::{self, ArticleCriteria, ID, OWNERSHIP, PUBLISHED_AT, UPDATED_AT};
use super::views::{Article, ExpandedArticleReferences};
use crate::access::ownership::Ownership;
use crate::access::{Public, ReadScope, Scope, lookup};
use crate::http::error::ApiError;
use crate::http::shape::{Shaped, SortKey};
use crate::log::{Dependencies, Resource};
use crate::platform::clock::stored;
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{DbConnection, Reading, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::web_address::duplicate_key;
use crate::resources::collection::{Collection, Context};
use crate::resources::organisations::views::Organisation;

impl Shaped for Article {
    type Row = ArticleRow;
    type Expansion = ArticleExpansion;
    const SORTS: &'static [SortKey<ArticleRow>] = &[
        SortKey::descending("published_at", PUBLISHED_AT, |row| row.published_at.into()),
        SortKey::descending("updated_at", UPDATED_AT, |row| row.updated_at.into()),
    ];
    const ID: &'static str = ID;
    const FIELDS_NOTE: &'static str = "Bodies are included only when named here.";
    const HAS_PREVIEW: bool = true;

    fn id(row: &ArticleRow) -> RecordId {
        row.id
    }
}

impl Collection for Article {
    type Filters = ArticleFilters;
    type Filter = ArticleCriteria;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = queries::SELECT;
    // the tables depend on the filters: see `queries::conditions`
    const FROM: &'static str = "";

    fn filter(
        c: &mut DbConnection,
        filters: ArticleFilters,
        context: &Context<Self>,
    ) -> Result<Self::Filter, ApiError> {
        let original_url_key = filters.original_url.as_deref().map(|address| {
            let detail = "Expected an absolute http or https URL.";
            duplicate_key(address)
                .ok_or_else(|| ApiError::parameter(MistakeCode::NotAUrl, "original_url", detail))
        });
        let mut named = |resource: Resource, parameter: &str, keys: &[Key]| {
            let known = keys
                .iter()
                .map(|key| context.names.find(resource, key, context.now));
            match known.collect::<Option<Vec<RecordId>>>() {
                Some(ids) => Ok(ids),
                None => lookup::filter(c, resource, parameter, keys, context.now),
            }
        };
        let every_topic = named(Resource::Topic, "every_topic", &filters.every_topic)?;
        // each other parameter has the name of the records that it refers to
        let mut ids = |resource: Resource, keys: &[Key]| named(resource, resource.name(), keys);
        Ok(ArticleCriteria {
            now: context.now,
            state: filters.state,
            read_scope: context.read_scope.clone(),
            publisher: None,
            organisations: ids(Resource::Organisation, &filters.organisation)?,
            topics: ids(Resource::Topic, &filters.topic)?,
            every_topic,
            reports: ids(Resource::Report, &filters.report)?,
            recommendations: ids(Resource::Recommendation, &filters.recommendation)?,
            languages: filters.language,
            original_url_key: original_url_key.transpose()?,
            published_from: filters.published_from.map(stored),
            published_before: filters.published_before.map(stored),
            updated_from: filters.updated_from.map(stored),
            updated_before: filters.updated_before.map(stored),
        })
    }

    fn read_scope(filters: &ArticleFilters, public: &Public) -> Result<ReadScope, ApiError> {
        match filters.state.is_public() {
            true => Ok(ReadScope::default()),
            false => public.read_scope(Scope::ArticlesWrite),
        }
    }

    fn reading(
        list: Option<(&ArticleFilters, Order)>,
        fields: &[&str],
        is_narrowed: bool,
    ) -> Reading {
        let is_found_by_index = list.is_none_or(|(filters, order)| {
            // the tables of links have the articles in the order of their publication
            let links = usize::from(order.column == PUBLISHED_AT);
            let in_path = usize::from(is_narrowed);
            links >= in_path && filters.has_only_links(links - in_path)
        });
        let has_long_texts =
            fields.contains(&"body_text") || (list.is_some() && fields.contains(&"body_html"));
        match (is_found_by_index, has_long_texts) {
            (true, false) => Reading::Brief,
            (true, true) => Reading::Light,
            (false, _) => Reading::Snapshot,
        }
    }

    fn statement(
        filter: &Self::Filter,
        order: Order,
        keyset: &Keyset,
        context: &Context<Self>,
    ) -> Sql {
        let with_body = context.names(&["body_html", "body_text"]);
        queries::page_statement(filter, order, keyset, with_body)
    }

    fn conditions(filter: &Self::Filter) -> Sql {
        queries::conditions(filter)
    }

    fn load(c: &mut DbConnection, statement: Sql) -> QueryResult<(Vec<ArticleRow>, Option<i64>)> {
        queries::load(c, statement)
    }

    fn public_row(
        c: &mut DbConnection,
        key: &Key,
        context: &Context<Self>,
    ) -> QueryResult<Option<ArticleRow>> {
        if key.contains('\0') {
            return Ok(None); // no key contains NUL, and PostgreSQL rejects it
        }
        let (rows, log_end) = queries::load(c, queries::item_statement(key))?;
        context.names.settle(c, log_end)?;
        let is_public = |row: &ArticleRow| row.state.is_shown() && row.visible_from <= context.now;
        Ok(rows.into_iter().next().filter(is_public))
    }

    fn row(c: &mut DbConnection, id: RecordId) -> QueryResult<ArticleRow> {
        queries::find(c, id)
    }

    fn rows(c: &mut DbConnection, ids: &[RecordId]) -> QueryResult<Vec<ArticleRow>> {
        queries::find_all(c, ids)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<ArticleRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let names = context.names.load(c, parts::named(&rows))?;
        let ids = |of: fn(&ArticleLinks) -> &[RecordId]| -> Vec<RecordId> {
            let linked = rows.iter().flat_map(|row| of(&row.links));
            linked.copied().collect()
        };
        let organisations = ids(|links| &links.organisations);
        let co_publishers: HashMap<RecordId, Organisation> =
            context.expanded(c, ArticleExpansion::CoPublishers, organisations)?;
        let expands_both = context.expands(ArticleExpansion::Organisation)
            && context.expands(ArticleExpansion::CoPublishers);
        let expanded = ExpandedArticleReferences {
            // if both places are expanded, their organisations are loaded once
            organisations: match expands_both {
                true => co_publishers.clone(),
                false => {
                    let publishers = ids(|links| links.organisations.get(..1).unwrap_or_default());
                    context.expanded(c, ArticleExpansion::Organisation, publishers)?
                }
            },
            co_publishers,
            topics: context.expanded(c, ArticleExpansion::Topics, ids(|links| &links.topics))?,
            reports: context.expanded(c, ArticleExpansion::Reports, ids(|links| &links.reports))?,
            recommendations: context.expanded(
                c,
                ArticleExpansion::Recommendations,
                ids(|links| &links.recommendations),
            )?,
        };
        let views = rows
            .into_iter()
            .filter_map(|row| Article::new(row, &names, &expanded, (context.now, &context.pages)));
        Ok(match context.names(&["body_text"]) {
            true => views.map(Article::with_text).collect(),
            false => views.collect(),
        })
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }

    fn dependencies(
        filter: &Self::Filter,
        page: (&Keyset, Order, &Slice<ArticleRow>),
        is_expanded: bool,
    ) -> Dependencies {
        match is_expanded {
            true => Dependencies::EVERYTHING,
            false => dependencies::of_page(filter, page),
        }
    }
}
