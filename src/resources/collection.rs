//! What all collections share: listing records and showing one record. Each kind of record implements [`Collection`].

use actix_web::HttpResponse;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::result::QueryResult;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::access::ownership::Ownership;
use crate::access::{Public, ReadScope, Rights, lookup};
use crate::http::answer::{self, Freshness, WrittenRecord};
use crate::http::as_of::AsOf;
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape, Shaped, Sort, moment};
use crate::log::Resource;
use crate::log::entries::Extent;
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{Backend, DbConnection, Sql, count};

/// A view whose records can be listed and shown one by one.
pub trait Collection:
    Shaped<Row: Clone + Send + QueryableByName<Backend>> + Serialize + Send
{
    /// The filters, as in the request.
    type Filters: DeserializeOwned + IntoParams + Send + 'static;
    /// The filters, with references resolved to ids.
    type Filter;
    /// Who owns the records.
    const OWNERSHIP: Ownership;
    /// The entries of the change log that the list depends on.
    const EXTENT: Extent = Extent::WithoutArticles;
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

    /// The SQL conditions for the rows of a list.
    fn conditions(filter: &Self::Filter) -> Sql;

    /// The row of one record.
    ///
    /// # Errors
    /// When the query fails or there is no such record.
    fn row(c: &mut DbConnection, id: &str) -> QueryResult<Self::Row>;

    /// The views of rows, with the records that they refer to. Rows that must not be seen are left out.
    ///
    /// # Errors
    /// When a query fails.
    fn present(
        c: &mut DbConnection,
        rows: Vec<Self::Row>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError>;

    /// The revision of the record.
    fn revision(&self) -> i64;

    /// Whose non-public records the caller may see in a list.
    ///
    /// # Errors
    /// 401 or 403 if the filters request such records and the caller may see none.
    fn sight(_filters: &Self::Filters, _public: &Public) -> Result<ReadScope, ApiError> {
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
        sql.push(Self::FROM).append(Self::conditions(filter));
        keyset.finish(&mut sql, order);
        sql
    }

    /// The SQL that counts the matching records.
    fn count_statement(filter: &Self::Filter) -> Sql {
        let mut sql = Sql::new("SELECT count(*) AS count");
        sql.push(Self::FROM).append(Self::conditions(filter));
        sql
    }

    /// The id of the record with this id or slug, if the caller may see it.
    ///
    /// # Errors
    /// 404, 410 or 451; 308 for a former slug.
    fn locate(
        c: &mut DbConnection,
        key: &str,
        context: &Context<Self>,
    ) -> Result<String, ApiError> {
        lookup::for_reading(c, &Self::OWNERSHIP, key, &context.rights, context.now)
    }

    /// What the list depends on, given whether references are expanded.
    fn depends_on(freshness: Freshness, _is_expanded: bool) -> Freshness {
        freshness.without(Resource::Article)
    }
}

/// The parameters of a request other than its filters.
pub struct Context<V: Shaped> {
    /// The time of the request, or the time in `as_of`.
    pub now: NaiveDateTime,
    /// The day in `as_of`.
    pub day: Option<NaiveDate>,
    /// Whose non-public records may be shown.
    pub sight: ReadScope,
    /// The caller's rights.
    pub rights: Rights,
    /// The members to return; all if empty.
    pub fields: Vec<&'static str>,
    /// The references to replace with full records.
    pub expand: Vec<V::Expansion>,
}

impl<V: Shaped> Clone for Context<V> {
    fn clone(&self) -> Self {
        Self {
            now: self.now,
            day: self.day,
            sight: self.sight.clone(),
            rights: self.rights.clone(),
            fields: self.fields.clone(),
            expand: self.expand.clone(),
        }
    }
}

impl<V: Shaped> Context<V> {
    /// The context for showing a full record as of `now`.
    pub fn at(now: NaiveDateTime) -> Self {
        Self {
            now,
            day: None,
            sight: ReadScope::default(),
            rights: Rights::default(),
            fields: Vec::new(),
            expand: Vec::new(),
        }
    }

    /// Whether to replace this reference with the full record.
    pub fn expands(&self, expansion: V::Expansion) -> bool {
        self.expand.contains(&expansion)
    }

    /// Whether one of these members is requested by name.
    pub fn names(&self, members: &[&str]) -> bool {
        self.fields.iter().any(|field| members.contains(field))
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
    let rows: Vec<V::Row> = V::statement(filter, order, keyset, context).load(c)?;
    Ok(keyset.slice(rows))
}

/// Responds with a list.
///
/// # Errors
/// 400 if the request is invalid; 401 or 403 if the caller may not read the records.
pub async fn list<V: Collection>(
    public: Public,
    query: Query<V::Filters, Shape<V>>,
) -> Result<HttpResponse, ApiError> {
    list_below(public, query, |_, _, _| Ok(())).await
}

/// Responds with the list of records that belong to another record, to which `narrow` restricts the filter.
///
/// # Errors
/// 400 if the request is invalid; 401 or 403 if the caller may not read the records.
pub async fn list_below<V: Collection>(
    public: Public,
    query: Query<V::Filters, Shape<V>>,
    narrow: impl FnOnce(&mut DbConnection, &mut V::Filter, &Context<V>) -> Result<(), ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    let Query {
        params,
        shape,
        address,
    } = query;
    let public = public.as_of(moment::<V>(shape.as_of), V::EXTENT).await?;
    let keyset = page::keyset(&address, shape.paging(), public.cursors())?;
    let sort = shape.sort.unwrap_or(Sort::DEFAULT);
    let sight = V::sight(&params, &public)?;
    let (fields, is_expanded) = (shape.fields.clone(), !shape.expand.is_empty());
    let context = Context {
        now: public.now,
        day: shape.as_of.map(AsOf::day),
        sight,
        rights: public.rights(),
        fields: shape.fields,
        expand: shape.expand,
    };
    let is_counted = shape.count == Count::Exact;
    let ((positions, views), freshness) = public
        .read(move |c| {
            let mut filter = V::filter(c, params, &context)?;
            narrow(c, &mut filter, &context)?;
            let mut slice = page(c, &filter, sort.order(), &keyset, &context)?;
            if is_counted {
                slice.count = Some(count(c, &V::count_statement(&filter))?);
            }
            let (rows, positions) = slice.split(|row| sort.place(row));
            Ok((positions, V::present(c, rows, &context)?))
        })
        .await?;
    let (cursors, base) = (public.cursors(), &public.base);
    let page = page::links(&address, cursors, base, &positions, Clone::clone)?;
    answer::list(views, page, &fields, V::depends_on(freshness, is_expanded))
}

/// Reads one record. Also returns `public`, which has the time of the read and the base URL of links.
///
/// # Errors
/// 400 if the request is invalid; 404, 410 or 451 if the record cannot be shown; 308 for a former slug.
pub async fn one<V: Collection>(
    public: Public,
    key: String,
    shape: ItemShape<V>,
) -> Result<(V, V::Row, Freshness, Public), ApiError> {
    let pass = public.pass(shape.preview.as_deref())?;
    let with_pass = pass.is_some();
    let public = public.as_of(moment::<V>(shape.as_of), V::EXTENT).await?;
    let context = Context {
        now: public.now,
        day: shape.as_of.map(AsOf::day),
        sight: ReadScope::default(),
        rights: public.rights(),
        fields: shape.fields,
        expand: shape.expand,
    };
    let ((view, row), mut freshness) = public
        .read(move |c| {
            let id = match pass {
                Some(pass) => lookup::with_pass(c, V::OWNERSHIP.resource, &key, &pass)?,
                None => V::locate(c, &key, &context)?,
            };
            let row = V::row(c, &id)?;
            let view = V::present(c, vec![row.clone()], &context)?.pop();
            Ok((view.ok_or_else(ApiError::not_found)?, row))
        })
        .await?;
    freshness.is_private |= with_pass;
    Ok((view, row, freshness, public))
}

/// Responds with one record.
///
/// # Errors
/// Those of [`one`].
pub async fn find<V: Collection>(
    public: Public,
    key: String,
    query: Query<ItemShape<V>>,
) -> Result<HttpResponse, ApiError> {
    let fields = query.params.fields.clone();
    let (view, _, freshness, _) = one(public, key, query.params).await?;
    let freshness = freshness.without(Resource::Article);
    answer::item(&view, view.revision(), &fields, freshness)
}

/// The view of one record.
///
/// # Errors
/// When a query fails, or 404 if there is nothing to show.
pub fn view<V: Collection>(
    c: &mut DbConnection,
    id: &str,
    context: &Context<V>,
) -> Result<V, ApiError> {
    let row = V::row(c, id)?;
    let view = V::present(c, vec![row], context)?.pop();
    view.ok_or_else(ApiError::not_found)
}

/// The representation of a record to return after a write.
///
/// # Errors
/// When a query fails.
pub fn show<V: Collection>(
    c: &mut DbConnection,
    id: &str,
    now: NaiveDateTime,
) -> Result<WrittenRecord, ApiError> {
    let view: V = view(c, id, &Context::at(now))?;
    WrittenRecord::new(&view, view.revision())
}
