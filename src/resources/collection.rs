//! What all collections share: listing records and showing one record. Each kind of record implements [`Collection`].

use chrono::{NaiveDate, NaiveDateTime};
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::result::QueryResult;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use utoipa::IntoParams;

use crate::access::ownership::Ownership;
use crate::access::remembered::NameReader;
use crate::access::{Public, ReadScope, Rights, lookup};
use crate::http::error::ApiError;
use crate::http::shape::Shaped;
use crate::log::{Dependencies, Resource};
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{Backend, DbConnection, Reading, Sql, count};
use crate::platform::identity::{Key, RecordId};
use crate::platform::page_urls::PageUrls;
use crate::writing::past::tables;

/// A view whose records can be listed and shown one by one. The handlers of a kind are a line each:
///
/// ```
/// use actix_web::{HttpResponse, get};
/// use answerable::access::Public;
/// use answerable::http::{error::ApiError, query::Query, shape::Shape};
/// use answerable::resources::handlers;
/// use answerable::resources::topics::views::{Topic, TopicFilters};
///
/// #[get("/topics")]
/// async fn list_topics(
///     public: Public,
///     query: Query<TopicFilters, Shape<Topic>>,
/// ) -> Result<HttpResponse, ApiError> {
///     handlers::list(public, query).await
/// }
/// ```
pub trait Collection:
    Shaped<Row: Clone + Send + QueryableByName<Backend>> + Serialize + Send
{
    /// The filters, as in the request.
    type Filters: DeserializeOwned + IntoParams + Clone + Send + 'static;
    /// The filters, with references resolved to ids.
    type Filter;
    /// Who owns the records.
    const OWNERSHIP: Ownership;
    /// The `SELECT` clause.
    const SELECT: &'static str;
    /// The `FROM` clause, up to and including `WHERE`.
    const FROM: &'static str;

    /// Resolves the filters of a request.
    ///
    /// # Errors
    /// 400 if a filter is malformed or refers to an unknown record.
    fn filter(
        c: &mut DbConnection,
        filters: Self::Filters,
        context: &Context<Self>,
    ) -> Result<Self::Filter, ApiError>;

    /// How these members of a list are read, with these filters and this order, or of a single record. If the statement does
    /// not tell the end of the log, in a transaction. `is_narrowed` is a list of records that belong to another record.
    fn reading(
        _list: Option<(&Self::Filters, Order)>,
        _fields: &[&str],
        _is_narrowed: bool,
    ) -> Reading {
        Reading::Snapshot
    }

    /// The `FROM` clause of a list.
    fn from(_filter: &Self::Filter) -> Sql {
        Sql::new(Self::FROM)
    }

    /// The SQL conditions for the rows of a list.
    fn conditions(filter: &Self::Filter) -> Sql;

    /// The row of one record.
    ///
    /// # Errors
    /// When the query fails or there is no such record.
    fn row(c: &mut DbConnection, id: RecordId) -> QueryResult<Self::Row> {
        let mut sql = Sql::new(Self::SELECT);
        sql.push(Self::FROM).push(Self::ID).push(" = ").bind(id);
        sql.get_result(c)
    }

    /// The row of one record, as it is to be shown.
    ///
    /// # Errors
    /// When the query fails; 404 if there is nothing to show.
    fn shown_row(
        c: &mut DbConnection,
        id: RecordId,
        _context: &Context<Self>,
    ) -> Result<Self::Row, ApiError> {
        Ok(Self::row(c, id)?)
    }

    /// The rows of these records, in any order.
    ///
    /// # Errors
    /// When the query fails or one of them does not exist.
    fn rows(c: &mut DbConnection, ids: &[RecordId]) -> QueryResult<Vec<Self::Row>> {
        ids.iter().map(|id| Self::row(c, *id)).collect()
    }

    /// Runs the statement for one page. Also returns the last entry of the log, if the statement tells it.
    ///
    /// # Errors
    /// When the query fails.
    fn load(c: &mut DbConnection, statement: Sql) -> QueryResult<(Vec<Self::Row>, Option<i64>)> {
        Ok((statement.load(c)?, None))
    }

    /// The row of the record with this id or slug if one statement finds it, and finds that the public may see it.
    ///
    /// # Errors
    /// When the query fails.
    fn public_row(
        _c: &mut DbConnection,
        _key: &Key,
        _context: &Context<Self>,
    ) -> QueryResult<Option<Self::Row>> {
        Ok(None)
    }

    /// The views of rows, with the records that they refer to. Rows that must not be seen are left out. No row may
    /// be given twice: its parts go to the first view.
    ///
    /// # Errors
    /// When a query fails.
    fn present(
        c: &mut DbConnection,
        rows: Vec<Self::Row>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError>;

    /// The id and the revision of the record.
    fn id_and_revision(&self) -> (RecordId, i64);

    /// Whose non-public records the caller may see in a list.
    ///
    /// # Errors
    /// 401 or 403 if the filters request such records and the caller may see none.
    fn read_scope(_filters: &Self::Filters, _public: &Public) -> Result<ReadScope, ApiError> {
        Ok(ReadScope::default())
    }

    /// The SQL for one page.
    fn statement(
        filter: &Self::Filter,
        order: Order,
        keyset: &Keyset,
        _context: &Context<Self>,
    ) -> Sql {
        let mut sql = Sql::new(Self::SELECT);
        sql.append(Self::from(filter));
        sql.append(Self::conditions(filter));
        let table = Self::OWNERSHIP.resource.table();
        let bounds = tables::within_bounds(table, order.column, None);
        if let Some(bounds) = bounds.filter(|_| keyset.is_past) {
            sql.append(bounds);
        }
        keyset.finish(&mut sql, order);
        sql
    }

    /// The SQL that counts the matching records.
    fn count_statement(filter: &Self::Filter) -> Sql {
        let mut sql = Sql::new("SELECT count(*) AS count");
        sql.append(Self::from(filter));
        sql.append(Self::conditions(filter));
        sql
    }

    /// The id of the record with this id or slug, if the caller may see it.
    ///
    /// # Errors
    /// 404, 410 or 451; 308 for a former slug.
    fn locate(
        c: &mut DbConnection,
        key: &Key,
        context: &Context<Self>,
    ) -> Result<RecordId, ApiError> {
        lookup::for_reading(c, &Self::OWNERSHIP, key, &context.rights, context.now)
    }

    /// What a page of the list depends on, given whether references are expanded.
    fn dependencies(
        _filter: &Self::Filter,
        _page: (&Keyset, Order, &Slice<Self::Row>),
        _is_expanded: bool,
    ) -> Dependencies {
        Dependencies::EVERYTHING.without(Resource::Article)
    }
}

/// A view that `expand` can include in another, in place of a reference.
pub trait Expand: Collection {
    /// The SQL condition for the records that the public may see at `now`.
    fn public(now: NaiveDateTime) -> Sql;
}

/// The parameters of a request other than its filters.
pub struct Context<V: Shaped> {
    /// The time of the request, or the time in `as_of`.
    pub now: NaiveDateTime,
    /// The day whose names, members and obligations to show.
    pub day: Option<NaiveDate>,
    /// Whose non-public records may be shown.
    pub read_scope: ReadScope,
    /// The caller's rights.
    pub rights: Rights,
    /// The members to return; all if empty.
    pub fields: Vec<&'static str>,
    /// The references to replace with full records.
    pub expand: Vec<V::Expansion>,
    /// Reads the names of other records.
    pub names: NameReader,
    /// The pages of the public site.
    pub pages: PageUrls,
}

impl<V: Shaped> Context<V> {
    /// The context for showing a full record as of `now`.
    pub fn at(now: NaiveDateTime, pages: PageUrls) -> Self {
        Self {
            now,
            day: None,
            read_scope: ReadScope::default(),
            rights: Rights::default(),
            fields: Vec::new(),
            expand: Vec::new(),
            names: NameReader::default(),
            pages,
        }
    }

    /// Whether to replace these references with full records.
    pub fn expands(&self, expansion: V::Expansion) -> bool {
        self.expand.contains(&expansion)
    }

    /// The public ones of these records, by id, if the request replaces these references with full records. Records
    /// that they refer to stay references.
    ///
    /// # Errors
    /// When a query fails.
    pub fn expanded<W: Expand>(
        &self,
        c: &mut DbConnection,
        expansion: V::Expansion,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<HashMap<RecordId, W>, ApiError> {
        let mut expanded = HashMap::new();
        if !self.expands(expansion) {
            return Ok(expanded);
        }
        let mut ids: Vec<RecordId> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        let context = Context {
            // with `as_of` alone, records without dated parts show the names that were known then
            day: self.day.filter(|_| V::IS_DATED),
            ..Context::at(self.now, self.pages.clone())
        };
        // a statement can bind about 32,000 values, and a large group may have many members
        for ids in ids.chunks(5_000) {
            let rows = public_rows::<W>(c, ids, self.now)?;
            for view in W::present(c, rows, &context)? {
                expanded.insert(view.id_and_revision().0, view);
            }
        }
        Ok(expanded)
    }

    /// Whether one of these members, or a part of one, is requested by name.
    pub fn names(&self, members: &[&str]) -> bool {
        let mut named = self.fields.iter().flat_map(|path| path.split('.').next());
        named.any(|name| members.contains(&name))
    }
}

/// One page of rows.
///
/// # Errors
/// When a query fails.
pub fn page<V: Collection>(
    c: &mut DbConnection,
    filter: &V::Filter,
    order: Order,
    keyset: &Keyset,
    context: &Context<V>,
) -> QueryResult<Slice<V::Row>> {
    let (rows, log_end) = V::load(c, V::statement(filter, order, keyset, context))?;
    context.names.settle(c, log_end)?;
    Ok(keyset.slice(rows))
}

/// The number of records on all pages.
///
/// # Errors
/// When the query fails.
pub fn count_all<V: Collection>(
    c: &mut DbConnection,
    filter: &V::Filter,
    keyset: &Keyset,
) -> QueryResult<i64> {
    let mut sql = V::count_statement(filter);
    if let Some(ids) = &keyset.ids {
        sql.push(" AND ").push(V::ID).push(" IN ").list(ids);
    }
    count(c, &sql)
}

/// The rows of the public ones of these records.
///
/// # Errors
/// When a query fails.
pub fn public_rows<V: Expand>(
    c: &mut DbConnection,
    ids: &[RecordId],
    now: NaiveDateTime,
) -> QueryResult<Vec<V::Row>> {
    let mut sql = Sql::new(V::SELECT);
    sql.push(V::FROM).append(V::public(now));
    sql.push(" AND ").push(V::ID).push(" IN ").list(ids);
    sql.load(c)
}

/// The view of one record, by its id.
///
/// # Errors
/// When a query fails; 404 if the record must not be seen.
pub fn view<V: Collection>(
    c: &mut DbConnection,
    id: RecordId,
    context: &Context<V>,
) -> Result<V, ApiError> {
    let row = V::row(c, id)?;
    let view = V::present(c, vec![row], context)?.pop();
    view.ok_or_else(ApiError::not_found)
}
