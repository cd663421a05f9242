//! What all collections of records do alike: a list, and one record. Each says what is its own ([`Collection`]).

use actix_web::HttpResponse;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::QueryableByName;
use diesel::RunQueryDsl;
use diesel::result::QueryResult;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::access::ownership::Ownership;
use crate::access::{Public, Rights, Sight, lookup};
use crate::http::answer::{self, Freshness, Shown};
use crate::http::as_of::AsOf;
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::http::shape::{ItemShape, Shape, Shaped, moment};
use crate::log::Resource;
use crate::log::entries::Extent;
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{Backend, DbConnection, Sql, count};

/// A view whose records come in lists and one by one.
pub trait Collection:
    Shaped<Row: Clone + Send + QueryableByName<Backend>> + Serialize + Send
{
    /// The filters, as a request gives them.
    type Filters: DeserializeOwned + IntoParams + Send + 'static;
    /// The filters, with what they name resolved to ids.
    type Filter;
    /// Whose the records are.
    const OWNERSHIP: Ownership;
    /// What the list shows depends on these entries of the log.
    const EXTENT: Extent = Extent::WithoutArticles;
    /// The columns of a row.
    const SELECT: &'static str;
    /// The tables, and `WHERE`.
    const FROM: &'static str;

    /// Resolves the filters of a request.
    ///
    /// # Errors
    /// 400 where one names a record that there is not, or is malformed.
    fn filter(
        c: &mut DbConnection,
        filters: Self::Filters,
        context: &Context<Self>,
    ) -> Result<Self::Filter, ApiError>;

    /// The conditions that the rows of a list fulfil.
    fn conditions(filter: &Self::Filter) -> Sql;

    /// The row of one record.
    ///
    /// # Errors
    /// When the database refuses it, or there is none.
    fn row(c: &mut DbConnection, id: &str) -> QueryResult<Self::Row>;

    /// The views of rows, with what they name. A row that must not be seen has none.
    ///
    /// # Errors
    /// When the database refuses it.
    fn present(
        c: &mut DbConnection,
        rows: Vec<Self::Row>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError>;

    /// The revision of the record.
    fn revision(&self) -> i64;

    /// Whose records that are not public the caller may see in a list.
    ///
    /// # Errors
    /// 401 or 403, where the filters ask for such records and the caller may see none.
    fn sight(_filters: &Self::Filters, _public: &Public) -> Result<Sight, ApiError> {
        Ok(Sight::default())
    }

    /// The statement for one page.
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

    /// The statement that counts what the filters match.
    fn count_statement(filter: &Self::Filter) -> Sql {
        let mut sql = Sql::new("SELECT count(*) AS count");
        sql.push(Self::FROM).append(Self::conditions(filter));
        sql
    }

    /// The id of the record that a path names, if the caller may see it.
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

    /// What a list depends on, where it shows these expansions.
    fn depends_on(freshness: Freshness, _is_expanded: bool) -> Freshness {
        freshness.without(Resource::Article)
    }
}

/// What a request says besides its filters.
pub struct Context<V: Shaped> {
    /// The moment of the request, or the one that it asks about.
    pub now: NaiveDateTime,
    /// The day that it asks about.
    pub day: Option<NaiveDate>,
    /// Whose records that are not public it may show.
    pub sight: Sight,
    /// What the caller may do.
    pub rights: Rights,
    /// The members to keep; all where it is empty.
    pub fields: Vec<&'static str>,
    /// The references to show as whole records.
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
    /// The context of a record that is shown whole, by itself, at a moment.
    pub fn at(now: NaiveDateTime) -> Self {
        Self {
            now,
            day: None,
            sight: Sight::default(),
            rights: Rights::default(),
            fields: Vec::new(),
            expand: Vec::new(),
        }
    }

    /// Whether a reference is to be shown as a whole record.
    pub fn expands(&self, expansion: V::Expansion) -> bool {
        self.expand.contains(&expansion)
    }

    /// Whether one of these members is asked for by name.
    pub fn names(&self, members: &[&str]) -> bool {
        self.fields.iter().any(|field| members.contains(field))
    }
}

/// One page of rows.
///
/// # Errors
/// When the database refuses it.
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

/// Answers with a list.
///
/// # Errors
/// What is wrong with the request.
pub async fn list<V: Collection>(
    public: Public,
    query: Query<V::Filters, Shape<V>>,
) -> Result<HttpResponse, ApiError> {
    list_below(public, query, |_, _, _| Ok(())).await
}

/// Answers with a list of what lies below another record: `narrow` adds to the filter what the path says.
///
/// # Errors
/// What is wrong with the request.
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
    let sort = shape
        .sort
        .or_else(|| crate::http::shape::Sort::all().next());
    let sort = sort.ok_or_else(|| ApiError::internal(&"a list has no order"))?;
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
    let ((slice, views), freshness) = public
        .read(move |c| {
            let mut filter = V::filter(c, params, &context)?;
            narrow(c, &mut filter, &context)?;
            let mut slice = page(c, &filter, sort.order(), &keyset, &context)?;
            if is_counted {
                slice.count = Some(count(c, &V::count_statement(&filter))?);
            }
            let views = V::present(c, slice.rows.clone(), &context)?;
            Ok((slice, views))
        })
        .await?;
    let place = |row: &V::Row| sort.place(row);
    let page = page::links(&address, public.cursors(), &public.base, &slice, place)?;
    answer::list(views, page, &fields, V::depends_on(freshness, is_expanded))
}

/// Reads one record. Gives what asked for it too, which knows the moment and the base of links.
///
/// # Errors
/// What is wrong with the request, or with the record: 404, 410, 451; 308 for a former slug.
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
        sight: Sight::default(),
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

/// Answers with one record.
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

/// A record as it is answered after a write.
///
/// # Errors
/// When the database refuses it.
pub fn show<V: Collection>(
    c: &mut DbConnection,
    id: &str,
    now: NaiveDateTime,
) -> Result<Shown, ApiError> {
    let row = V::row(c, id)?;
    let view = V::present(c, vec![row], &Context::at(now))?.pop();
    let view = view.ok_or_else(ApiError::not_found)?;
    Shown::new(&view, view.revision())
}
