//! Which changes affect the articles that a response shows.

use super::model::ArticleRow;
use super::parts;
use super::queries::{ArticleCriteria, PUBLISHED_AT};
use super::views::Article;
use crate::log::{ArticleRange, Dependencies, Resource};
use crate::platform::db::Value;
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::identity::RecordId;

/// Those that affect a single article without expansions: its own, and those of its versions in other languages and of the
/// records that it names.
pub fn of_item(article: &Article, row: &ArticleRow) -> Dependencies {
    let is_article = |(resource, _): &(Resource, RecordId)| *resource == Resource::Article;
    let named = parts::named(std::slice::from_ref(row));
    let (versions, others): (Vec<_>, Vec<_>) = named.into_iter().partition(is_article);
    let shown = article.translations.iter().map(|version| version.id);
    let original = article.translation_of.iter().map(|version| version.id);
    Dependencies::NOTHING
        .with_named(&others)
        .with_untagged(versions.into_iter().map(|(_, id)| id)) // not all are public
        .with_records(shown.chain(original).chain([article.id]))
}

/// Those that affect a page without expansions: those of the articles on it and the one beyond it, those of the records
/// that they or the filters name, and those of articles that may come on it.
pub fn of_page(
    filter: &ArticleCriteria,
    (keyset, order, slice): (&Keyset, Order, &Slice<ArticleRow>),
) -> Dependencies {
    let rows = slice.rows.iter().chain(&slice.beyond);
    let mut named = parts::named(&slice.rows);
    named.extend(rows.map(|row| (Resource::Article, row.id)));
    named.extend(filter.linked_records());
    let dependencies = Dependencies::NOTHING.with_named(&named);
    match slice.count {
        Some(_) => dependencies.with_resource(Resource::Article),
        None => dependencies.with_articles(range(filter, keyset, order, slice)),
    }
}

fn range(
    filter: &ArticleCriteria,
    keyset: &Keyset,
    order: Order,
    slice: &Slice<ArticleRow>,
) -> ArticleRange {
    let linked_to = filter.links().into_iter().map(|(_, ids)| ids.to_vec());
    let mut range = ArticleRange {
        linked_to: linked_to.filter(|ids| !ids.is_empty()).collect(),
        ..ArticleRange::default()
    };
    if order.column == PUBLISHED_AT {
        let start = match &keyset.from {
            Some((Value::Timestamp(at), _)) => Some(*at),
            _ => None,
        };
        let end = slice.beyond.as_ref().map(|row| row.published_at);
        (range.from, range.until) = match order.descending != keyset.backwards {
            true => (end, start),
            false => (start, end),
        };
    }
    range
}
