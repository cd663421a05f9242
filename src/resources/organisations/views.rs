//! The parameters and views of organisations.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

use super::model::{DatedName, OrganisationRow, SuccessionKind};
use super::parts::{OrganisationParts, SuccessionRow};
use crate::http::references::{Expandable, NameReference, expandable};
use crate::log::Resource;
use crate::platform::identity::{RecordId, Slug};
use crate::platform::page_urls::PageUrls;
use crate::platform::values::Identifier;
use crate::resources::other_languages::OrganisationTexts;

/// A public body, charity or publisher. One legal entity is one record, regardless of changes of name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Organisation {
    /// The id.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub id: RecordId,
    /// The slug, which can be used in place of the id.
    #[schema(value_type = String, min_length = 1, max_length = 150, example = "iopc")]
    pub slug: Slug,
    /// Its page on the public site: where people read it. Present if the setting `page_urls` says where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://site.example/organisations/iopc"
    )]
    pub page_url: Option<String>,
    /// The current name or, with `on` or `as_of`, the name on that day.
    #[schema(max_length = 300, example = "Independent Office for Police Conduct")]
    pub name: String,
    /// The acronym.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60, example = "IOPC")]
    pub acronym: Option<String>,
    /// The kind of organisation, such as `oversight_body` or `police_force`. More kinds may be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 60,
        pattern = "^[a-z0-9][a-z0-9_.-]*$",
        example = "oversight_body"
    )]
    pub kind: Option<String>,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// The language of the name and other texts, as a BCP 47 tag: the record's own or, with `lang`, that one if it has it.
    #[schema(max_length = 35, example = "en")]
    pub language: String,
    /// What it is called in other languages.
    #[schema(max_items = 50)]
    pub other_languages: Vec<OrganisationTexts>,
    /// The dated names, current and former.
    #[schema(max_items = 100)]
    pub names: Vec<OrganisationName>,
    /// The organisation that it is part of or reports to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion)]
    pub parent: Option<Expandable<NameReference, Organisation>>,
    /// Its website.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://www.policeconduct.gov.uk/"
    )]
    pub homepage: Option<String>,
    /// Its news feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub feed: Option<String>,
    /// The area of its remit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, example = "England and Wales")]
    pub jurisdiction: Option<String>,
    /// Its identifiers in other registers.
    #[schema(max_items = 100)]
    pub identifiers: Vec<Identifier>,
    /// When it was founded: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 10,
        pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
        example = "2004-04"
    )]
    pub founded: Option<String>,
    /// When it was dissolved: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
    pub dissolved: Option<String>,
    /// The organisations that it succeeded.
    #[schema(max_items = 1000)]
    pub predecessors: Vec<Succession>,
    /// The organisations that succeeded it.
    #[schema(max_items = 1000)]
    pub successors: Vec<Succession>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A name, and when it was in use.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganisationName {
    /// The name.
    #[schema(max_length = 300, example = "Independent Police Complaints Commission")]
    pub name: String,
    /// The first day of use: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Absent if not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
    pub from: Option<String>,
    /// The day after the last day of use: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Absent if not known or still in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 10,
        pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
        example = "2018-01-08"
    )]
    pub until: Option<String>,
}

/// A succession of one organisation by another.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Succession {
    /// The other organisation.
    pub organisation: NameReference,
    /// The kind of succession.
    pub kind: SuccessionKind,
    /// The date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
    pub on: Option<String>,
}

impl From<DatedName> for OrganisationName {
    fn from(name: DatedName) -> Self {
        Self {
            name: name.name,
            from: name.from,
            until: name.until,
        }
    }
}

impl Organisation {
    /// The view of a row. `expanded` has the parents to include in full; `on` selects the name.
    pub fn new(
        row: OrganisationRow,
        parts: &mut OrganisationParts,
        expanded: &HashMap<RecordId, Organisation>,
        (on, pages): (Option<NaiveDate>, &PageUrls),
    ) -> Self {
        let names = parts.names.remove(&row.id).unwrap_or_default();
        let parent = row.parent_id.and_then(|id| parts.parents.get(&id));
        let predecessors = parts.predecessors.remove(&row.id).into_iter().flatten();
        let successors = parts.successors.remove(&row.id).into_iter().flatten();
        Self {
            name: on
                .and_then(|day| DatedName::in_use(&names, day))
                .unwrap_or(row.name),
            names: names.into_iter().map(OrganisationName::from).collect(),
            parent: parent.map(|parent| expandable(parent.clone(), parent.id, expanded)),
            identifiers: parts.identifiers.remove(&row.id).unwrap_or_default(),
            predecessors: predecessors.map(Succession::from).collect(),
            successors: successors.map(Succession::from).collect(),
            page_url: pages.of(
                Resource::Organisation.collection(),
                None,
                &[("slug", &row.slug), ("id", &row.id)],
            ),
            id: row.id,
            slug: row.slug,
            acronym: row.acronym,
            kind: row.kind,
            description: row.description,
            homepage: row.homepage,
            feed: row.feed,
            jurisdiction: row.jurisdiction,
            founded: row.founded,
            dissolved: row.dissolved,
            language: row.language,
            other_languages: row.other_languages.into_inner(),
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        }
    }
}

impl From<SuccessionRow> for Succession {
    fn from(row: SuccessionRow) -> Self {
        Self {
            organisation: row.organisation,
            kind: row.kind.0,
            on: row.on_date,
        }
    }
}

impl Expandable<NameReference, Organisation> {
    /// The organisation's id, slug and name.
    pub fn identity(&self) -> (RecordId, &Slug, &str) {
        match self {
            Self::Reference(record) => (record.id, &record.slug, &record.name),
            Self::Whole(record) => (record.id, &record.slug, &record.name),
        }
    }
}
