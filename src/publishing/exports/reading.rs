//! Reads records from the database and writes them as lines, a page at a time, in the order of their ids.
//!
//! An id never changes and always refers to the same record. A client that resumes after the last id it received
//! therefore misses nothing and gets nothing twice, even while records are being written.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::params::ExportRequest;
use super::{ExportFormat, ExportKind, table};
use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::shape::ExportShape;
use crate::platform::csv;
use crate::platform::db::keyset::{Keyset, Order};
use crate::platform::db::{DbConnection, Sql, Value};
use crate::resources::articles::views::Article;
use crate::resources::collection::{self, Collection, Context};
use crate::resources::organisations::views::Organisation;
use crate::resources::recommendations::params::RecommendationExpansion;
use crate::resources::recommendations::views::Recommendation;
use crate::resources::{articles, recommendations};
use crate::tracking::obligations;
use crate::tracking::obligations::views::Obligation;

/// How many records to read at once.
const PAGE: i64 = 500;
/// The same when bodies are included, each of which may be a megabyte.
const PAGE_WITH_BODIES: i64 = 20;

/// The filters of an export, with slugs resolved to ids.
#[derive(Clone)]
enum Selection {
    Articles(articles::queries::ArticleCriteria, Context<Article>),
    Organisations(Sql, Context<Organisation>),
    Recommendations(
        recommendations::queries::RecommendationCriteria,
        Context<Recommendation>,
    ),
    Obligations(
        obligations::queries::ObligationConditions,
        Context<Obligation>,
    ),
}

/// An export: which records, and in which format.
#[derive(Clone)]
pub struct Export {
    selection: Selection,
    kind: ExportKind,
    fields: Vec<&'static str>,
    format: ExportFormat,
}

/// A page of an export.
#[derive(Debug)]
pub struct ExportPage {
    /// The lines.
    pub lines: Vec<u8>,
    /// The number of records.
    pub records: usize,
    /// The id after which the next page starts; `None` on the last page.
    pub after: Option<String>,
}

impl Export {
    /// Prepares an export as of `now`: no page shows records that become public later.
    ///
    /// # Errors
    /// 400 where a filter names a record that does not exist.
    pub fn new(
        c: &mut DbConnection,
        asked: ExportRequest,
        format: ExportFormat,
        now: NaiveDateTime,
    ) -> Result<Self, ApiError> {
        let kind = asked.kind();
        let (selection, fields) = match asked {
            ExportRequest::Articles(filters, shape) => {
                let (filter, context) = resolve(c, filters, &shape, now)?;
                (Selection::Articles(filter, context), shape.fields)
            }
            ExportRequest::Organisations(filters, shape) => {
                let (filter, context) = resolve(c, filters, &shape, now)?;
                (Selection::Organisations(filter, context), shape.fields)
            }
            ExportRequest::Recommendations(filters, shape) => {
                let (filter, mut context) = resolve::<Recommendation>(c, filters, &shape, now)?;
                // a recommendation may be addressed to hundreds of organisations: they are included on request only
                if context.names(&["addressed_organisations"]) {
                    context.expand = vec![RecommendationExpansion::AddressedOrganisations];
                }
                let selection = Selection::Recommendations(filter, context);
                (selection, shape.fields)
            }
            ExportRequest::Obligations(filters, shape) => {
                let (filter, context) = resolve(c, filters, &shape, now)?;
                (Selection::Obligations(filter, context), shape.fields)
            }
        };
        Ok(Self {
            selection,
            kind,
            fields,
            format,
        })
    }

    /// The first page, or the one after a record. Only the first has the column names, so that the parts of a resumed
    /// export can be concatenated.
    ///
    /// # Errors
    /// When the database fails.
    pub fn page(&self, c: &mut DbConnection, after: Option<&str>) -> Result<ExportPage, ApiError> {
        match &self.selection {
            Selection::Articles(filter, context) => {
                let limit = match context.names(&["body_html", "body_text"]) {
                    true => PAGE_WITH_BODIES,
                    false => PAGE,
                };
                self.page_of(c, filter, context, limit, after)
            }
            Selection::Organisations(filter, context) => {
                self.page_of(c, filter, context, PAGE, after)
            }
            Selection::Recommendations(filter, context) => {
                self.page_of(c, filter, context, PAGE, after)
            }
            Selection::Obligations(filter, context) => {
                self.page_of(c, filter, context, PAGE, after)
            }
        }
    }

    fn page_of<V: Collection>(
        &self,
        c: &mut DbConnection,
        filter: &V::Filter,
        context: &Context<V>,
        limit: i64,
        after: Option<&str>,
    ) -> Result<ExportPage, ApiError> {
        let keyset = Keyset {
            from: after.map(|id| (Value::from(id), id.to_owned())),
            backwards: false,
            limit,
        };
        let slice = collection::page(c, filter, Order::by_id(V::ID), &keyset, context)?;
        let last = slice.rows.last().filter(|_| slice.has_after);
        let next = last.map(|row| V::id(row).to_owned());
        let views = V::present(c, slice.rows, context)?;
        self.lines(&views, after, next)
    }

    /// The kind of records and the format.
    pub fn name(&self) -> (ExportKind, ExportFormat) {
        (self.kind, self.format)
    }

    fn lines<T: Serialize>(
        &self,
        records: &[T],
        after: Option<&str>,
        next: Option<String>,
    ) -> Result<ExportPage, ApiError> {
        let lines = match self.format {
            ExportFormat::Ndjson => self.json_lines(records),
            ExportFormat::Csv => self.csv_lines(records, after.is_none()),
        };
        Ok(ExportPage {
            lines: lines?,
            records: records.len(),
            after: next,
        })
    }

    fn json_lines<T: Serialize>(&self, records: &[T]) -> Result<Vec<u8>, ApiError> {
        let mut lines = Vec::with_capacity(records.len() * 1_500);
        for record in records {
            let written = match self.fields.is_empty() {
                true => serde_json::to_writer(&mut lines, record),
                false => answer::select(record, &self.fields)
                    .map(|selection| lines.extend_from_slice(selection.get().as_bytes())),
            };
            written.map_err(|error| ApiError::internal(&error))?;
            lines.push(b'\n');
        }
        Ok(lines)
    }

    fn csv_lines<T: Serialize>(
        &self,
        records: &[T],
        with_names: bool,
    ) -> Result<Vec<u8>, ApiError> {
        let columns = table::columns(self.kind, &self.fields);
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            let record =
                serde_json::to_value(record).map_err(|error| ApiError::internal(&error))?;
            let cells = columns.iter().map(|column| column.cell(&record));
            rows.push(cells.collect::<Vec<_>>());
        }
        let lines = csv::write(with_names.then_some(&names[..]), rows);
        lines.map_err(|error| ApiError::internal(&error))
    }
}

fn resolve<V: Collection>(
    c: &mut DbConnection,
    filters: V::Filters,
    shape: &ExportShape<V>,
    now: NaiveDateTime,
) -> Result<(V::Filter, Context<V>), ApiError> {
    let context = Context {
        fields: shape.fields.clone(),
        ..Context::at(now)
    };
    Ok((V::filter(c, filters, &context)?, context))
}
