//! Documents: records as they are written, in the import format, with links to other records by slug or id.
//!
//! With its links resolved to ids, the document is what the change log stores as the state of a record.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::result::Error::SerializationError;
use diesel::result::QueryResult;
use serde::Serialize;
use serde_json::Value;
use std::any::Any;

use super::recorder::{RecordedBy, Submission};
use super::violation::Violation;
use crate::log::{Previous, Resource, WriteOutcome, Writer, canonical_json};
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::states::PublicationState;

/// A document of any kind. Parsing, validation, link resolution and storage need nothing but this trait, which each
/// kind of record implements in its `kind.rs`.
pub trait Document: Any + Send + LoggedState {
    /// The members that all documents share.
    fn head(&self) -> Head<'_>;

    /// The links to other records.
    fn links(&mut self) -> Vec<Link<'_>>;

    /// The links to records by their number in a report.
    fn numbers(&mut self) -> Vec<NumberLink<'_>> {
        Vec::new()
    }

    /// For a kind that is identified by a number in a report: that number.
    fn number_in_report(&self) -> Option<ReportNumber> {
        None
    }

    /// Sets the generated slug.
    fn set_slug(&mut self, _slug: &Slug) {}

    /// For a kind without slugs: the natural key, once links are resolved to ids.
    fn natural_key(&self) -> Option<String> {
        None
    }

    /// A value that must be unique among the records of its kind.
    fn unique_value(&self) -> Option<UniqueValue> {
        None
    }

    /// For a kind with its own publication time: the JSON pointer of that time and, if the record is to be public, the
    /// time itself.
    fn publication_time(&self) -> Option<(&'static str, Option<NaiveDateTime>)> {
        None
    }

    /// For a document with a withdrawal: its time.
    fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// The organisations that will own the record.
    ///
    /// # Errors
    /// When a query fails.
    fn owners(&self, connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>>;

    /// Removes the content of an erased record, so that it reaches neither the tables nor the log.
    fn erase(&mut self);

    /// Stores the document.
    ///
    /// # Errors
    /// When a query fails; the whole write is then rolled back.
    fn save(
        &mut self,
        resolved: &Resolved,
        writer: &mut Writer<'_>,
        id: RecordId,
        previous: Option<&Previous>,
    ) -> QueryResult<WriteOutcome>;

    /// For a record that belongs to a report: that report.
    ///
    /// # Errors
    /// When a query fails.
    fn report(&self, _connection: &mut DbConnection) -> QueryResult<Option<RecordId>> {
        Ok(None)
    }

    /// For a document that says who recorded it: that member. The write path sets it.
    fn recorded_by(&mut self) -> Option<&mut Option<RecordedBy>> {
        None
    }

    /// Replaces what the caller may only claim, such as the day on which its own response was received.
    ///
    /// # Errors
    /// When a query fails.
    fn settle(
        &mut self,
        _connection: &mut DbConnection,
        _id: RecordId,
        _submission: &Submission<'_>,
    ) -> QueryResult<()> {
        Ok(())
    }

    /// Why a document that is to be public conflicts with stored records. For example, a response must not cover a
    /// recommendation that was not addressed to the responder.
    ///
    /// # Errors
    /// When a query fails.
    fn forbidden(
        &self,
        _connection: &mut DbConnection,
        _id: RecordId,
        _submission: &Submission<'_>,
    ) -> QueryResult<Vec<Violation>> {
        Ok(Vec::new())
    }
}

/// A document as the log keeps it.
pub trait LoggedState {
    /// Its canonical JSON.
    ///
    /// # Errors
    /// When it cannot be serialised.
    fn canonical(&self) -> QueryResult<String>;
}

impl<T: Serialize> LoggedState for T {
    fn canonical(&self) -> QueryResult<String> {
        canonical_json(self).map_err(|e| diesel::result::Error::SerializationError(Box::new(e)))
    }
}

/// Recommendations may be addressed to these types, and responses made on their behalf.
pub const ORGANISATION_OR_GROUP: &[Resource] = &[Resource::Organisation, Resource::Group];

/// Proof that the links of a document are resolved to ids. Only the link resolver creates it, and saving requires it.
#[derive(Debug)]
pub struct Resolved(pub(super) ());

/// The document of a record that is not stored yet.
pub struct NewDocument {
    /// The id of the record.
    pub id: RecordId,
    /// The document.
    pub document: Box<dyn Document>,
    /// Its links are resolved.
    pub resolved: Resolved,
    /// The request that creates it, if others are stored with it.
    pub request_id: Option<String>,
}

impl NewDocument {
    /// The documents of one type, each with its id and the request that creates it.
    ///
    /// # Errors
    /// If one is of another type.
    pub fn typed<D: Document>(new: Vec<Self>) -> QueryResult<Vec<(RecordId, Option<String>, D)>> {
        let typed = |new: Self| {
            let document: Box<dyn Any> = new.document;
            let document = document
                .downcast::<D>()
                .map_err(|_| SerializationError("expected another type".into()))?;
            Ok((new.id, new.request_id, *document))
        };
        new.into_iter().map(typed).collect()
    }
}

/// The members that all documents share.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The id in the document, if any.
    pub id: Option<uuid::Uuid>,
    /// The slug in the document, if any.
    pub slug: Option<&'a Slug>,
    /// The publication state.
    pub state: PublicationState,
    /// The record that this one was merged into.
    pub merged_into: Option<&'a Key>,
}

/// A link in a document to another record.
#[derive(Debug)]
pub struct Link<'a> {
    /// The location, as a JSON pointer.
    pub pointer: String,
    /// The types that it may refer to, in lookup order.
    pub targets: &'static [Resource],
    /// The slug or id; resolving replaces it with the id.
    pub slot: &'a mut Key,
    /// Whether the same record may be in the list several times.
    pub may_repeat: bool,
}

impl<'a> Link<'a> {
    /// A required link.
    pub fn new(
        pointer: impl Into<String>,
        targets: &'static [Resource],
        slot: &'a mut Key,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            targets,
            slot,
            may_repeat: false,
        }
    }

    /// The link in a list that may have the same record several times.
    pub fn repeatable(self) -> Self {
        Self {
            may_repeat: true,
            ..self
        }
    }

    /// An optional link.
    pub fn optional(
        pointer: &str,
        targets: &'static [Resource],
        slot: &'a mut Option<Key>,
    ) -> Option<Self> {
        let slot = slot.as_mut()?;
        Some(Self::new(pointer, targets, slot))
    }

    /// The `merged_into` link of a removed record.
    pub fn survivor(resource: Resource, slot: &'a mut Option<Key>) -> Option<Self> {
        Self::optional("/merged_into", resource.only(), slot)
    }

    /// The links in a list.
    pub fn each(pointer: &str, targets: &'static [Resource], slots: &'a mut [Key]) -> Vec<Self> {
        let slots = slots.iter_mut().enumerate();
        slots
            .map(|(index, slot)| Self::new(format!("{pointer}/{index}"), targets, slot))
            .collect()
    }
}

/// A record's number in a report.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReportNumber {
    /// The report, by slug or id.
    pub report: Key,
    /// The number.
    pub number: String,
}

/// A link in a document to a record by its number in a report.
#[derive(Debug)]
pub struct NumberLink<'a> {
    /// The location, as a JSON pointer.
    pub pointer: String,
    /// The type of the record.
    pub target: Resource,
    /// The number, and the report by id.
    pub number: ReportNumber,
    /// Where resolving puts the id.
    pub slot: &'a mut Option<Key>,
    /// Whether the same record may be in the list several times.
    pub may_repeat: bool,
}

impl<'a> NumberLink<'a> {
    /// The link to the recommendation that a document is about, if it is given by report and number. Takes both out of
    /// the document; the resolved id replaces them.
    pub fn taken(
        pointer: &str,
        report: &mut Option<Key>,
        number: &mut Option<String>,
        slot: &'a mut Option<Key>,
    ) -> Vec<Self> {
        let given = report.take().zip(number.take());
        let link = given.map(|(report, number)| Self {
            pointer: pointer.to_owned(),
            target: Resource::Recommendation,
            number: ReportNumber { report, number },
            slot,
            may_repeat: false,
        });
        link.into_iter().collect()
    }

    /// The links to the recommendations that the entries of a list give by number. Takes the numbers out of the
    /// entries; the resolved ids replace them.
    pub fn each(
        list: &str,
        report: &Key,
        entries: impl Iterator<Item = (&'a mut Option<String>, &'a mut Option<Key>)>,
    ) -> Vec<Self> {
        let links = entries.enumerate().filter_map(|(index, (number, slot))| {
            Some(Self {
                pointer: format!("{list}/{index}/number"),
                target: Resource::Recommendation,
                number: ReportNumber {
                    report: report.clone(),
                    number: number.take()?,
                },
                slot,
                may_repeat: false,
            })
        });
        links.collect()
    }

    /// The link in a list that may have the same record several times.
    pub fn repeatable(self) -> Self {
        Self {
            may_repeat: true,
            ..self
        }
    }
}

/// A document without the members that are `null`.
pub fn without_nulls(mut document: Value) -> Value {
    if let Value::Object(members) = &mut document {
        members.retain(|_, member| !member.is_null());
    }
    document
}

/// A value that must be unique among the records of a kind.
#[derive(Clone, Debug)]
pub struct UniqueValue {
    /// The location, as a JSON pointer.
    pub pointer: &'static str,
    /// The value, normalised for comparison.
    pub key: String,
    /// The error if another record has the value.
    pub taken: &'static str,
}
