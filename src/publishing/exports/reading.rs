//! From the database to lines, a page at a time, in the order of the ids.
//!
//! An id never changes and stands for one record. So whoever goes on after the last id that came in misses nothing and
//! gets nothing twice, whatever is written meanwhile.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::params::{Asked, ExportOrganisations};
use super::{Format, Kind, table};
use crate::access::lookup;
use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::query::scheme_and_value;
use crate::log::Resource;
use crate::platform::csv;
use crate::platform::db::keyset::{Keyset, Order, Slice};
use crate::platform::db::{DbConnection, Value};
use crate::resources::articles::queries::Key;
use crate::resources::recommendations::params::RecommendationExpansion;
use crate::resources::{articles, organisations, recommendations};
use crate::tracking::obligations;

/// How many records are read at once.
const PAGE: i64 = 500;
/// The same where bodies are wanted, each of which may have a megabyte.
const PAGE_WITH_BODIES: i64 = 20;

/// The records that are wanted, with links resolved to ids.
#[derive(Clone, Debug)]
enum Selection {
    Articles(Box<articles::queries::Filter>, bool),
    Organisations(organisations::queries::Filter),
    Recommendations(
        recommendations::queries::Filter,
        Vec<RecommendationExpansion>,
    ),
    Obligations(obligations::queries::Filter),
}

/// An export: what is wanted, and how it is written.
#[derive(Clone, Debug)]
pub struct Export {
    selection: Selection,
    kind: Kind,
    fields: Vec<&'static str>,
    format: Format,
    now: NaiveDateTime,
}

/// The lines of some records.
#[derive(Debug)]
pub struct Page {
    /// The lines.
    pub lines: Vec<u8>,
    /// How many records.
    pub records: usize,
    /// The id after which there is more.
    pub after: Option<String>,
}

impl Export {
    /// What a request asks for, as of a moment: no page shows what becomes public after it.
    pub fn new(
        c: &mut DbConnection,
        asked: &Asked,
        format: Format,
        now: NaiveDateTime,
    ) -> Result<Self, ApiError> {
        let selection = match asked {
            Asked::Articles(asked) => {
                let filter = articles::routes::filter(c, &asked.list(), now)?;
                Selection::Articles(Box::new(filter), asked.with_body())
            }
            Asked::Organisations(asked) => Selection::Organisations(bodies(c, asked, now)?),
            Asked::Recommendations(asked) => {
                let filter = recommendations::routes::filter(c, &asked.list(), now)?;
                Selection::Recommendations(filter, asked.expansions())
            }
            Asked::Obligations(asked) => {
                let filter = obligations::routes::filter(c, &asked.list(), now)?;
                Selection::Obligations(filter)
            }
        };
        Ok(Self {
            selection,
            kind: asked.kind(),
            fields: asked.fields(),
            format,
            now,
        })
    }

    /// The first page, or the one after a record. Only the first has the names of the columns, so that what is got in
    /// parts can be put together.
    pub fn page(&self, c: &mut DbConnection, after: Option<&str>) -> Result<Page, ApiError> {
        let now = self.now;
        let of = |id| (Order::by_id(id), keyset(after, PAGE));
        match &self.selection {
            Selection::Articles(filter, with_body) => {
                let limit = if *with_body { PAGE_WITH_BODIES } else { PAGE };
                let (order, keyset) = ((Key::Id, false), keyset(after, limit));
                let list = articles::queries::list(c, filter, order, &keyset, *with_body, false);
                let slice = list?;
                let next = next(&slice, |row| &row.id);
                let articles = articles::present::views(c, slice.rows, &[], now)?;
                let names_text = self.fields.contains(&"body_text");
                let articles = articles.into_iter().map(|article| match names_text {
                    true => article.with_text(),
                    false => article,
                });
                self.lines(&articles.collect::<Vec<_>>(), after, next)
            }
            Selection::Organisations(filter) => {
                let (order, keyset) = of("o.id");
                let slice = organisations::queries::list(c, filter, order, &keyset, false)?;
                let next = next(&slice, |row| &row.id);
                let organisations = organisations::present::views(c, slice.rows, &[], None)?;
                self.lines(&organisations, after, next)
            }
            Selection::Recommendations(filter, expand) => {
                let (order, keyset) = of("r.id");
                let slice = recommendations::queries::list(c, filter, order, &keyset, false)?;
                let next = next(&slice, |row| &row.id);
                let recommendations = recommendations::present::views(c, slice.rows, expand, now)?;
                self.lines(&recommendations, after, next)
            }
            Selection::Obligations(filter) => {
                let (order, keyset) = of("o.id");
                let slice = obligations::queries::list(c, filter, order, &keyset, false)?;
                let next = next(&slice, |row| &row.id);
                let obligations = obligations::present::views(c, slice.rows, &[], now)?;
                self.lines(&obligations, after, next)
            }
        }
    }

    /// What is exported, and as what.
    pub fn name(&self) -> (Kind, Format) {
        (self.kind, self.format)
    }

    fn lines<T: Serialize>(
        &self,
        records: &[T],
        after: Option<&str>,
        next: Option<String>,
    ) -> Result<Page, ApiError> {
        let lines = match self.format {
            Format::Ndjson => self.json_lines(records),
            Format::Csv => self.csv_lines(records, after.is_none()),
        };
        Ok(Page {
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

fn bodies(
    c: &mut DbConnection,
    asked: &ExportOrganisations,
    now: NaiveDateTime,
) -> Result<organisations::queries::Filter, ApiError> {
    Ok(organisations::queries::Filter {
        kinds: asked.kind.clone(),
        parents: lookup::filter(c, Resource::Organisation, "parent", &asked.parent, now)?,
        identifier: scheme_and_value("identifier", asked.identifier.as_deref())?,
        name: asked.name.clone(),
    })
}

fn keyset(after: Option<&str>, limit: i64) -> Keyset {
    Keyset {
        from: after.map(|id| (Value::from(id), id.to_owned())),
        backwards: false,
        limit,
    }
}

/// The id after which there is more.
fn next<R>(slice: &Slice<R>, id: impl Fn(&R) -> &String) -> Option<String> {
    let last = slice.rows.last().filter(|_| slice.has_after);
    last.map(|row| id(row).clone())
}
