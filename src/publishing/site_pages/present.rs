//! Converts rows to views.

use super::params::PageFilters;
use super::queries::{self, PageCriteria, SitePageRow};
use super::views::SitePage;
use crate::access::names::{Name, Names};
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{NoExpansion, Shaped, SortKey};
use crate::log::Resource;
use crate::platform::clock::stored;
use crate::platform::db::keyset::{Keyset, Order};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::resources::articles;
use crate::resources::collection::{Collection, Context};

impl Shaped for SitePage {
    type Row = SitePageRow;
    type Expansion = NoExpansion;
    const SORTS: &'static [SortKey<SitePageRow>] = &[];
    const ID: &'static str = "r.id";

    fn id(row: &SitePageRow) -> RecordId {
        row.id
    }
}

impl Collection for SitePage {
    type Filters = PageFilters;
    type Filter = PageCriteria;
    // pages have no owners; those of articles, which most are
    const OWNERSHIP: Ownership = articles::queries::OWNERSHIP;
    const SELECT: &'static str = "SELECT x.*";
    const FROM: &'static str = "";

    fn filter(
        _: &mut DbConnection,
        filters: PageFilters,
        context: &Context<Self>,
    ) -> Result<PageCriteria, ApiError> {
        Ok(PageCriteria {
            now: context.now,
            collections: filters.collection,
            updated_from: filters.updated_from.map(stored),
        })
    }

    fn conditions(_: &PageCriteria) -> Sql {
        Sql::new("") // each collection has its own
    }

    fn statement(filter: &PageCriteria, _: Order, keyset: &Keyset, _: &Context<Self>) -> Sql {
        queries::page_statement(filter, keyset)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<SitePageRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let versions = rows.iter().flat_map(versions);
        let named = versions.map(|id| (Resource::Article, id)).collect();
        let names = context.names.load(c, named)?;
        let rows = rows.into_iter();
        Ok(rows.map(|row| Self::new(row, &names, context)).collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}

/// The versions of an article in other languages.
fn versions(row: &SitePageRow) -> impl Iterator<Item = RecordId> {
    let translations = row.translations.iter().flat_map(|ids| ids.iter().copied());
    translations.chain(row.translation_of_id)
}

impl SitePage {
    fn new(row: SitePageRow, names: &Names, context: &Context<Self>) -> Self {
        let language = row.language.as_deref();
        let own = (&*row.slug, &*row.id);
        let page_url = match (row.report.as_deref(), row.number.as_deref()) {
            (Some(report), Some(number)) => context.pages.of_recommendation(own, (report, number)),
            _ => {
                let collection = row.collection.0.resource().collection();
                let mut values = vec![("slug", own.0), ("id", own.1)];
                values.extend(language.map(|language| ("language", language)));
                context.pages.of(collection, language, &values)
            }
        };
        let shown = versions(&row).filter_map(|id| names.get(&id));
        let mut shown: Vec<&Name> = shown
            .map(|name| &**name)
            .filter(|name| name.is_published(context.now))
            .collect();
        shown.sort_unstable_by(|a, b| a.slug.cmp(&b.slug));
        Self {
            page_url,
            translations: shown
                .into_iter()
                .map(|name| name.translation(&context.pages))
                .collect(),
            id: row.id,
            collection: row.collection.0,
            updated_at: row.updated_at.and_utc(),
            revision: row.revision,
            language: row.language,
            slug: row.slug,
        }
    }
}
