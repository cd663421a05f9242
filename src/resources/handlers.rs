//! The responses of all collections: lists, and single records. The handlers of each kind call these.

use actix_web::HttpResponse;
use chrono::NaiveDateTime;
use serde_json::Value;
use std::collections::HashMap;

use super::chosen;
use super::collection::{self, Collection, Context, Expand};
use super::in_language::{self, translated};
use crate::access::remembered::NameReader;
use crate::access::{Public, ReadScope, lookup};
use crate::http::answer::{self, Freshness, WrittenRecord};
use crate::http::cursor::PreviewPass;
use crate::http::error::ApiError;
use crate::http::page::{self, Count};
use crate::http::query::Query;
use crate::http::shape::{self, ItemShape, Shape, Sort};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Reading};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::page_urls::PageUrls;

/// Responds with a list.
///
/// # Errors
/// 400 if the request is invalid; 401 or 403 if the caller may not read the records.
pub async fn list<V: Collection>(
    public: Public,
    query: Query<V::Filters, Shape<V>>,
) -> Result<HttpResponse, ApiError> {
    read_list(public, query, false, |_, _, _| Ok(None)).await
}

/// Responds with the list of records that belong to another record, to which `narrow` restricts the filter. It returns the JSON
/// of that other record if `expand` names it.
///
/// # Errors
/// 400 if the request is invalid; 401 or 403 if the caller may not read the records.
pub async fn list_below<V: Collection, O>(
    public: Public,
    query: Query<V::Filters, Shape<V>, O>,
    narrow: impl Fn(&mut DbConnection, &mut V::Filter, &Context<V>) -> Result<Option<Value>, ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    // the path has a parameter of this name, and generated clients could not tell them apart
    if !query.shape.id.is_empty() {
        let detail = "Name records one by one on the list of all.";
        return Err(ApiError::parameter(
            MistakeCode::UnknownParameter,
            "id",
            detail,
        ));
    }
    read_list(public, query, true, narrow).await
}

async fn read_list<V: Collection, O>(
    public: Public,
    query: Query<V::Filters, Shape<V>, O>,
    is_narrowed: bool,
    narrow: impl Fn(&mut DbConnection, &mut V::Filter, &Context<V>) -> Result<Option<Value>, ApiError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError> {
    let (params, shape, address) = (query.params, query.shape, query.address);
    let public = public.as_of(shape.as_of).await?;
    let mut keyset = page::keyset(&address, &shape.paging(), public.cursors())?;
    keyset.is_past = public.is_past();
    let sort = shape.sort.unwrap_or(Sort::DEFAULT);
    let read_scope = V::read_scope(&params, &public)?;
    let (fields, is_expanded) = (shape.fields.clone(), !shape.expand.is_empty());
    let mut context = Context {
        day: shape::day(shape.on, shape.as_of),
        read_scope,
        rights: public.rights(),
        fields: shape.fields,
        expand: shape.expand,
        ..Context::at(public.now, public.pages())
    };
    let (lang, named, is_counted) = (shape.lang, shape.id, shape.count == Count::Exact);
    let is_in_order = chosen::is_in_order(&named, shape.sort.is_some(), keyset.limit)?;
    let reading = match is_counted || is_expanded || lang.is_some() || !named.is_empty() {
        true => Reading::Snapshot,
        false => V::reading(Some((&params, sort.order())), &fields, is_narrowed),
    };
    let ((positions, list, dependencies), freshness) = public
        .read_page(reading, move |c, names| {
            context.names = names;
            let mut filter = V::filter(c, params.clone(), &context)?;
            let of = narrow(c, &mut filter, &context)?;
            keyset.ids = chosen::ids(c, V::OWNERSHIP.resource, &named, context.now)?;
            let mut slice = collection::page(c, &filter, sort.order(), &keyset, &context)?;
            if is_counted {
                slice.count = Some(collection::count_all::<V>(c, &filter, &keyset)?);
            }
            let dependencies =
                V::dependencies(&filter, (&keyset, sort.order(), &slice), is_expanded);
            let (rows, positions) = slice.split(|row| sort.position(row));
            let ids = keyset.ids.as_deref().filter(|_| is_in_order);
            let views = chosen::in_order(V::present(c, rows, &context)?, ids);
            let language = (lang.as_ref(), &context.pages);
            let translated = translated(c, &views, language)?;
            let of = in_language::of_list(c, of, language)?;
            Ok((positions, (views, translated, of), dependencies))
        })
        .await?;
    let page = public.links(&address, &positions, Clone::clone)?;
    let freshness = freshness.with_dependencies(dependencies);
    match list {
        (_, Some(translated), of) => answer::list_of(translated, page, of, &fields, freshness),
        (views, None, of) => answer::list_of(views, page, of, &fields, freshness),
    }
}

/// The JSON of the record that a list belongs to, if the request replaces references to it with the whole record, and the public
/// may see it.
///
/// # Errors
/// When a query fails.
pub fn of_list<V: Collection, W: Expand>(
    c: &mut DbConnection,
    context: &Context<V>,
    expansion: V::Expansion,
    id: RecordId,
) -> Result<Option<Value>, ApiError> {
    let record: Option<W> = context.expanded(c, expansion, [id])?.remove(&id);
    let record = record.map(serde_json::to_value).transpose();
    record.map_err(|error| ApiError::internal(&error))
}

/// A record that was read.
pub struct One<V: Collection> {
    /// What is shown of it.
    pub view: V,
    /// What is stored.
    pub row: V::Row,
    /// The view in the language that was asked for, if one was.
    translated: Option<Value>,
    /// Who asked, with the time of the read and the base URL of links.
    pub public: Public,
}

impl<V: Collection> One<V> {
    /// The response with these members of the record; with all of them if none is named.
    ///
    /// # Errors
    /// 500 if the record cannot be serialised.
    pub fn answer(&self, fields: &[&str], freshness: Freshness) -> Result<HttpResponse, ApiError> {
        let revision = self.view.id_and_revision().1;
        match &self.translated {
            Some(translated) => answer::item(translated, revision, fields, freshness),
            None => answer::item(&self.view, revision, fields, freshness),
        }
    }
}

/// Reads one record.
///
/// # Errors
/// 400 if the request is invalid; 404, 410 or 451 if the record cannot be shown; 308 for a former slug.
pub async fn read_one<V: Collection>(
    public: Public,
    key: Key,
    shape: ItemShape<V>,
) -> Result<(One<V>, Freshness), ApiError> {
    let public = public
        .with_preview(shape.preview.as_deref(), shape.as_of)?
        .as_of(shape.as_of)
        .await?;
    let pass = public.pass();
    let mut context = Context {
        now: public.now,
        day: shape::day(shape.on, shape.as_of),
        read_scope: ReadScope::default(),
        rights: public.rights(),
        fields: shape.fields,
        expand: shape.expand,
        names: NameReader::default(),
        pages: public.pages(),
    };
    let lang = shape.lang;
    let reading = match pass.is_some() || lang.is_some() || !context.expand.is_empty() {
        true => Reading::Snapshot,
        false => V::reading(None, &context.fields, false),
    };
    let ((view, row, translated), freshness) = public
        .read_page(reading, move |c, names| {
            context.names = names;
            let row = row::<V>(c, &key, pass.as_ref(), reading, &context)?;
            let view = V::present(c, vec![row.clone()], &context)?.pop();
            let view = view.ok_or_else(ApiError::not_found)?;
            let views = std::slice::from_ref(&view);
            let translated = translated(c, views, (lang.as_ref(), &context.pages))?;
            Ok((view, row, translated.and_then(|mut all| all.pop())))
        })
        .await?;
    let one = One {
        view,
        row,
        translated,
        public,
    };
    Ok((one, freshness))
}

/// The row of a record, if the caller may see it, or has a pass of a preview link.
fn row<V: Collection>(
    c: &mut DbConnection,
    key: &Key,
    pass: Option<&PreviewPass>,
    reading: Reading,
    context: &Context<V>,
) -> Result<V::Row, ApiError> {
    let public_row = match reading {
        Reading::Snapshot => None,
        _ => V::public_row(c, key, context)?,
    };
    if let Some(row) = public_row {
        return Ok(row);
    }
    let id = match pass {
        Some(pass) => lookup::for_preview(c, &V::OWNERSHIP, key, pass, context.now)?,
        None => V::locate(c, key, context)?,
    };
    V::shown_row(c, id, context)
}

/// Responds with one record.
///
/// # Errors
/// Those of [`read_one`].
pub async fn find<V: Collection>(
    public: Public,
    key: Key,
    query: Query<ItemShape<V>>,
) -> Result<HttpResponse, ApiError> {
    let fields = query.params.fields.clone();
    let (one, freshness) = read_one(public, key, query.params).await?;
    one.answer(&fields, freshness.without(Resource::Article))
}

/// The representations of records to return after a write, in the order of these ids.
///
/// # Errors
/// When a query fails; 404 if one of them must not be seen.
pub fn show<V: Collection>(
    c: &mut DbConnection,
    ids: &[RecordId],
    now: NaiveDateTime,
    pages: PageUrls,
) -> Result<Vec<WrittenRecord>, ApiError> {
    let rows = V::rows(c, ids)?;
    let views = V::present(c, rows, &Context::at(now, pages))?.into_iter();
    let mut views: HashMap<RecordId, V> =
        views.map(|view| (view.id_and_revision().0, view)).collect();
    let shown = ids.iter().map(|id| {
        let view = views.remove(id).ok_or_else(ApiError::not_found)?;
        WrittenRecord::new(&view, view.id_and_revision().1)
    });
    shown.collect()
}
