//! Documents: records as they are written, in the import format, with links to other records by slug or id.
//!
//! The same document, with its links resolved to ids, is what the change log keeps as the state of a record.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use super::violation::Violation;
use crate::log::{Outcome, Previous, Resource, Writer};
use crate::platform::db::DbConnection;
use crate::platform::states::PublicationState;

/// What the way in has to know of a document: of whatever kind it is, it is read, checked, resolved and stored by the same
/// code. Each kind of record implements it in its `kind.rs`.
pub trait Document: Send {
    /// The members that all documents have.
    fn head(&self) -> Head<'_>;

    /// The places where it names other records.
    fn links(&mut self) -> Vec<Link<'_>>;

    /// The places where it names records by their number in a report.
    fn numbers(&mut self) -> Vec<NumberLink<'_>> {
        Vec::new()
    }

    /// Of a record that is known by its number in a report: which one that is.
    fn number_in_report(&self) -> Option<ReportNumber> {
        None
    }

    /// Takes the slug that was made for it.
    fn take_slug(&mut self, _slug: &str) {}

    /// Of a record without a slug: what it is known by, when its links are ids.
    fn natural_key(&self) -> Option<String> {
        None
    }

    /// A value that no other record of its kind may have.
    fn unique_value(&self) -> Option<UniqueValue> {
        None
    }

    /// Of a record that appears at a moment of its own: the place of that moment in the document, and the moment itself if
    /// the record is to be seen.
    fn moment(&self) -> Option<(&'static str, Option<NaiveDateTime>)> {
        None
    }

    /// The organisations that the record will belong to.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn owners(&self, connection: &mut DbConnection, id: &str) -> QueryResult<Vec<String>>;

    /// Why a document that is to be seen cannot be, by what is stored already: nobody was asked, say.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn forbidden(&self, _connection: &mut DbConnection) -> QueryResult<Vec<Violation>> {
        Ok(Vec::new())
    }

    /// Removes everything but what says that there was a record, so that it reaches neither tables nor log.
    fn erase(&mut self);

    /// Stores it.
    ///
    /// # Errors
    /// When the database refuses it: the whole write is undone then.
    fn save(
        &mut self,
        resolved: &Resolved,
        writer: &mut Writer<'_>,
        id: &str,
        previous: Option<&Previous>,
    ) -> QueryResult<Outcome>;
}

/// What may be addressed, and may answer.
pub const ORGANISATION_OR_GROUP: &[Resource] = &[Resource::Organisation, Resource::Group];

/// Proof that the links of a document are ids. Only the resolver of links makes one, and saving takes one.
#[derive(Debug)]
pub struct Resolved(pub(super) ());

/// The members that all documents have.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The id that it brings.
    pub id: Option<uuid::Uuid>,
    /// The slug, where records of this kind have one and it brings one.
    pub slug: Option<&'a str>,
    /// The publication state.
    pub state: PublicationState,
    /// The record that stays where this one goes.
    pub merged_into: Option<&'a str>,
}

/// A place in a document that names another record.
#[derive(Debug)]
pub struct Link<'a> {
    /// The place, as a JSON pointer.
    pub pointer: String,
    /// What it may lead to; looked for in this order.
    pub targets: &'static [Resource],
    /// The slug or id; resolving puts the id here.
    pub slot: &'a mut String,
}

impl<'a> Link<'a> {
    /// A link at one place.
    pub fn new(
        pointer: impl Into<String>,
        targets: &'static [Resource],
        slot: &'a mut String,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            targets,
            slot,
        }
    }

    /// A link that may be absent.
    pub fn optional(
        pointer: &str,
        targets: &'static [Resource],
        slot: &'a mut Option<String>,
    ) -> Option<Self> {
        let slot = slot.as_mut()?;
        Some(Self::new(pointer, targets, slot))
    }

    /// The link from a removed record to the one that stays.
    pub fn survivor(resource: Resource, slot: &'a mut Option<String>) -> Option<Self> {
        Self::optional("/merged_into", resource.only(), slot)
    }

    /// The links in a list.
    pub fn each(pointer: &str, targets: &'static [Resource], slots: &'a mut [String]) -> Vec<Self> {
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
    pub report: String,
    /// The number.
    pub number: String,
}

/// A place in a document that names a record by its number in a report.
#[derive(Debug)]
pub struct NumberLink<'a> {
    /// The place, as a JSON pointer.
    pub pointer: String,
    /// What is numbered so.
    pub target: Resource,
    /// The number, and the report by its id.
    pub named: ReportNumber,
    /// Where the id goes.
    pub slot: &'a mut Option<String>,
}

impl<'a> NumberLink<'a> {
    /// The recommendation that a document is about, which it names by report and number, or itself. What is found takes
    /// their place.
    pub fn taken(
        pointer: &str,
        report: &mut Option<String>,
        number: &mut Option<String>,
        slot: &'a mut Option<String>,
    ) -> Vec<Self> {
        let named = report.take().zip(number.take());
        let link = named.map(|(report, number)| Self {
            pointer: pointer.to_owned(),
            target: Resource::Recommendation,
            named: ReportNumber { report, number },
            slot,
        });
        link.into_iter().collect()
    }

    /// The recommendations of a report that the entries of a list name by their numbers. What is found takes their place.
    pub fn each(
        list: &str,
        report: &str,
        entries: impl Iterator<Item = (&'a mut Option<String>, &'a mut Option<String>)>,
    ) -> Vec<Self> {
        let links = entries.enumerate().filter_map(|(index, (number, slot))| {
            Some(Self {
                pointer: format!("{list}/{index}/number"),
                target: Resource::Recommendation,
                named: ReportNumber {
                    report: report.to_owned(),
                    number: number.take()?,
                },
                slot,
            })
        });
        links.collect()
    }
}

/// A value that no other record of a kind may have.
#[derive(Clone, Debug)]
pub struct UniqueValue {
    /// Its place, as a JSON pointer.
    pub pointer: &'static str,
    /// The value, in the form in which it is compared.
    pub key: String,
    /// What is said where another record has it.
    pub taken: &'static str,
}
