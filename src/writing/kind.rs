//! [`Kind`]: what is known of a kind of record without a document at hand.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use garde::Validate;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::document::{Document, NewDocument, ReportNumber};
use super::reading::{self, Readable};
use super::violation::Violation;
use crate::access::ownership::Ownership;
use crate::http::answer::WrittenRecord;
use crate::http::error::ApiError;
use crate::http::shape::members;
use crate::log::{ReportChange, Resource, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::{RecordId, Slug};
use crate::platform::page_urls::PageUrls;
use crate::platform::states::PublicationState;

/// How a kind shows its records, by their ids and in that order, at a moment.
pub type Show = fn(
    &mut DbConnection,
    &[RecordId],
    NaiveDateTime,
    PageUrls,
) -> Result<Vec<WrittenRecord>, ApiError>;

/// Stores many new records with few statements.
pub type SaveNew = fn(&mut Writer<'_>, Vec<NewDocument>) -> QueryResult<()>;

/// Moves a record, by its id, to a newer entry of the log.
pub type MoveTo = fn(&mut DbConnection, RecordId, &Advance) -> QueryResult<()>;

/// Which records have these unique values: ids by values.
pub type FindUnique = fn(&mut DbConnection, &[String]) -> QueryResult<HashMap<String, RecordId>>;

/// The id and slug of the record with a number in a report.
pub type FindNumber = fn(&mut DbConnection, &ReportNumber) -> QueryResult<Option<(RecordId, Slug)>>;

/// A kind of record, described once. Each has a `static` of this type in its `kind.rs`, and the catalogue names them all.
pub struct Kind {
    /// Whose its records are, and which scope writing them takes.
    pub ownership: Ownership,
    /// The publication states that its records can have.
    pub states: &'static [PublicationState],
    /// Whether it takes `articles:publish` too unless the record is and stays a draft.
    pub is_published: bool,
    /// The member with the time of publication, which publishing sets.
    pub published_at: Option<&'static str>,
    /// The members that name other organisations, which takes the right to write for them.
    pub names_others: &'static [&'static str],
    /// Whether a record that was public is withdrawn or ended, and removed only by an administrator.
    pub stays_on_record: bool,
    /// The members that do not change once the record has been public, except by an administrator: on them depends what
    /// follows for others.
    pub fixed: &'static [&'static str],
    /// Whether a publisher of the report may record what the owner said.
    pub publishers_record: bool,
    /// The members that are HTML.
    pub html: &'static [&'static str],
    /// Members that the notice of a withdrawn record does not show.
    pub hidden_when_withdrawn: &'static [&'static str],
    /// The documentation of the operations that write one record, for kinds that have all of them.
    pub guide: Option<&'static Guide>,
    /// The name of the schema of its documents.
    pub document_schema: fn() -> Cow<'static, str>,
    /// That schema and those that it refers to, by their names.
    pub schemas: fn(&mut Vec<(String, RefOr<Schema>)>),
    /// The members of its documents.
    pub members: fn() -> &'static [&'static str],
    /// The members that its records show.
    pub shown_members: fn() -> &'static [&'static str],
    /// Reads and checks a document.
    pub read: fn(&str) -> Result<Readable, Vec<Violation>>,
    /// Shows records.
    pub show: Show,
    /// Stores many new records, of a kind whose records follow no rules that depend on others of it.
    pub save_new: Option<SaveNew>,
    /// For a kind that belongs to reports: moves a record to a newer entry of the log, which repeats its state.
    pub advance: Option<MoveTo>,
    /// The document of a record that has no entry in the log yet.
    pub first_document: Option<fn(&mut DbConnection, RecordId) -> QueryResult<String>>,
    /// For a kind that is identified by a number in a report.
    pub numbering: Option<Numbering>,
    /// Which records have these unique values.
    pub by_unique_value: Option<FindUnique>,
}

impl Kind {
    /// A kind with the defaults, of which the others override members.
    pub const fn new<D, V>(ownership: Ownership, show: Show) -> Self
    where
        D: Document + DeserializeOwned + ToSchema + Validate<Context = ()> + 'static,
        V: ToSchema + 'static,
    {
        use PublicationState::{Erased, Gone, Published};
        Self {
            ownership,
            states: &[Published, Gone, Erased],
            is_published: false,
            published_at: None,
            names_others: &[],
            stays_on_record: false,
            fixed: &[],
            publishers_record: false,
            html: &[],
            hidden_when_withdrawn: &[],
            guide: None,
            document_schema: D::name,
            schemas: schemas::<D>,
            members: members::<D>,
            shown_members: members::<V>,
            read: reading::read::<D>,
            show,
            save_new: None,
            advance: None,
            first_document: None,
            numbering: None,
            by_unique_value: None,
        }
    }

    /// A kind whose records belong to reports.
    pub const fn below_report<D, V>(ownership: Ownership, show: Show, advance: MoveTo) -> Self
    where
        D: Document + DeserializeOwned + ToSchema + Validate<Context = ()> + 'static,
        V: ToSchema + 'static,
    {
        use PublicationState::{Erased, Gone, Published, Withdrawn};
        Self {
            states: &[Published, Withdrawn, Gone, Erased],
            advance: Some(advance),
            ..Self::new::<D, V>(ownership, show)
        }
    }

    /// The name of the schema of a record: that of its document is followed by `Document`.
    pub fn view_schema(&self) -> String {
        (self.document_schema)()
            .trim_end_matches("Document")
            .to_owned()
    }

    /// Shows one record.
    ///
    /// # Errors
    /// When a query fails; 404 if there is no such record.
    pub fn show_one(
        &self,
        c: &mut DbConnection,
        id: RecordId,
        now: NaiveDateTime,
        pages: PageUrls,
    ) -> Result<WrittenRecord, ApiError> {
        let shown = (self.show)(c, &[id], now, pages)?.pop();
        shown.ok_or_else(ApiError::not_found)
    }

    /// Which resource it is.
    pub fn resource(&self) -> Resource {
        self.ownership.resource
    }
}

fn schemas<D: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((D::name().into_owned(), D::schema()));
    D::schemas(schemas);
}

/// What the documentation says about a kind to those who write its records.
pub struct Guide {
    /// The tag of its operations.
    pub tag: &'static str,
    /// The id or slug of an example.
    pub example: &'static str,
    /// The grants that writing requires, in a sentence.
    pub requires: &'static str,
    /// When to create a record instead of changing one; empty where that is obvious.
    pub on_change: &'static str,
    /// Whether records are known by a slug, under which they can be put.
    pub has_slug: bool,
}

/// The newer entry of the log that a record is moved to.
#[derive(Clone, Copy, Debug)]
pub struct Advance {
    /// The record's revision with it.
    pub revision: i64,
    /// The number of the entry.
    pub seq: i64,
    /// When the record counts as changed, if it does.
    pub updated_at: Option<NaiveDateTime>,
}

/// How records are found that are identified by a number in a report.
pub struct Numbering {
    /// The id and slug of the stored record with this number; the report by slug or id.
    pub find: FindNumber,
    /// The slug of a record whose document has none, from the report's slug and the number.
    pub slug: fn(&str, &str) -> String,
}

/// A record that names another one.
#[derive(Clone, Debug)]
pub struct Dependent {
    /// The type.
    pub resource: Resource,
    /// The id.
    pub id: RecordId,
    /// The slug.
    pub slug: Slug,
}

/// Which records name one of this type; if the last argument says so and there are none, those of which only the documents
/// say so, which reads all of them.
pub type FindDependents =
    fn(&mut DbConnection, Resource, RecordId, bool) -> QueryResult<Vec<Dependent>>;

/// All kinds of records, and how to update what is derived from them. A higher layer, which knows every kind by name,
/// passes it to the write path.
pub struct Catalogue {
    /// The kind of a resource.
    pub kind: fn(Resource) -> &'static Kind,
    /// Updates what is derived, after the documents of one kind were stored.
    pub derive: fn(&mut Writer<'_>, &[ReportChange]) -> QueryResult<()>,
    /// What names a record that is to be removed, of the types that are not removed as long as others name them.
    pub dependents: FindDependents,
    /// Copies what was fixed when a recommendation was published to a database in which it is replayed next.
    pub copy_expansions: fn(&mut DbConnection, &mut DbConnection, RecordId) -> QueryResult<()>,
    /// Copies what is known of linked pages, which the log does not have, to a database that is replayed from the log.
    pub copy_pages: fn(&mut DbConnection, &mut DbConnection) -> QueryResult<()>,
    /// Deletes what is stored beside an erased record.
    pub forget: fn(&mut Writer<'_>, RecordId) -> QueryResult<()>,
}
