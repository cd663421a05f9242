//! Reads records from the database and writes them as lines, a page at a time, in the order of their ids.
//!
//! An id never changes and always refers to the same record. A client that resumes after the last id it received
//! therefore misses nothing and gets nothing twice, even while records are being written.

use chrono::NaiveDateTime;
use std::io;
use std::sync::Arc;

use super::exported::Exported;
use super::params::CsvParams;
use super::{ExportFormat, table};
use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::http::selection::select;
use crate::http::shape::{self, ExportShape};
use crate::platform::csv;
use crate::platform::db::keyset::{Keyset, Order};
use crate::platform::db::{DbConnection, Value};
use crate::platform::identity::RecordId;
use crate::platform::page_urls::PageUrls;
use crate::resources::collection::{self, Context};

/// The parameters of a request for an export as NDJSON.
pub type NdjsonQuery<V> = Query<<V as Exported>::Params, ExportShape<V>>;
/// The parameters of a request for an export as CSV.
pub type CsvQuery<V> = Query<<V as Exported>::Params, ExportShape<V>, CsvParams>;

/// A request for an export.
pub struct ExportRequest<V: Exported> {
    /// The filters.
    pub params: V::Params,
    /// The parameters that all exports share.
    pub shape: ExportShape<V>,
    /// The format.
    pub format: ExportFormat,
    /// Whether to begin with a byte order mark.
    pub with_mark: bool,
}

impl<V: Exported> From<NdjsonQuery<V>> for ExportRequest<V> {
    fn from(query: NdjsonQuery<V>) -> Self {
        Self {
            params: query.params,
            shape: query.shape,
            format: ExportFormat::Ndjson,
            with_mark: false,
        }
    }
}

impl<V: Exported> From<CsvQuery<V>> for ExportRequest<V> {
    fn from(query: CsvQuery<V>) -> Self {
        Self {
            params: query.params,
            shape: query.shape,
            format: ExportFormat::Csv,
            with_mark: query.own.bom,
        }
    }
}

/// An export: which records, and in which format.
pub struct Export<V: Exported> {
    filter: V::Filter,
    context: Context<V>,
    format: ExportFormat,
    with_mark: bool,
}

/// A page of an export.
#[derive(Debug)]
pub struct ExportPage {
    /// The lines.
    pub lines: Vec<u8>,
    /// The number of records.
    pub records: usize,
    /// The id after which the next page starts; `None` on the last page.
    pub after: Option<RecordId>,
}

impl<V: Exported> Export<V> {
    /// Prepares an export as of `now`: no page shows records that become public later.
    ///
    /// # Errors
    /// 400 where a filter names a record that does not exist.
    pub fn new(
        c: &mut DbConnection,
        request: ExportRequest<V>,
        (now, pages): (NaiveDateTime, PageUrls),
    ) -> Result<Arc<Self>, ApiError> {
        let mut context = Context {
            fields: request.shape.fields,
            day: shape::day(request.shape.on, request.shape.as_of),
            ..Context::at(now, pages)
        };
        context.expand = V::expansions(&context);
        Ok(Arc::new(Self {
            filter: V::filter(c, request.params.into(), &context)?,
            context,
            format: request.format,
            with_mark: request.with_mark,
        }))
    }

    /// The first page, or the one after a record. Only the first has the column names, so that the parts of a resumed
    /// export can be concatenated.
    ///
    /// # Errors
    /// When the database fails.
    pub fn page(
        &self,
        c: &mut DbConnection,
        after: Option<RecordId>,
    ) -> Result<ExportPage, ApiError> {
        let keyset = Keyset {
            from: after.map(|id| (Value::from(id), id.to_string())),
            backwards: false,
            limit: V::page_size(&self.context),
            is_past: false,
            ids: None,
        };
        let order = Order::by_id(V::ID);
        let slice = collection::page(c, &self.filter, order, &keyset, &self.context)?;
        let last = slice.rows.last().filter(|_| slice.has_after);
        let next = last.map(V::id);
        let records = V::present(c, slice.rows, &self.context)?;
        let lines = match self.format {
            ExportFormat::Ndjson => self.json_lines(&records),
            ExportFormat::Csv => self.csv_lines(&records, after.is_none()),
        };
        Ok(ExportPage {
            lines: lines.map_err(|error| ApiError::internal(&error))?,
            records: records.len(),
            after: next,
        })
    }

    fn json_lines(&self, records: &[V]) -> io::Result<Vec<u8>> {
        let mut lines = Vec::with_capacity(records.len() * 1_500);
        for record in records {
            match self.context.fields.as_slice() {
                [] => serde_json::to_writer(&mut lines, record)?,
                fields => lines.extend_from_slice(select(record, fields)?.get().as_bytes()),
            }
            lines.push(b'\n');
        }
        Ok(lines)
    }

    fn csv_lines(&self, records: &[V], with_names: bool) -> io::Result<Vec<u8>> {
        let columns = table::columns(V::COLUMNS, &self.context.fields);
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            let record = serde_json::to_value(record)?;
            let cells = columns.iter().map(|column| column.cell(&record));
            rows.push(cells.collect::<Vec<_>>());
        }
        let lines = csv::write(with_names.then_some(&names[..]), rows)?;
        Ok(csv::marked(lines, with_names && self.with_mark))
    }
}
