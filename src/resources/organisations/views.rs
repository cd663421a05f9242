//! The parameters and views of organisations.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

use super::model::{OrganisationRow, SuccessionKind};
use super::parts::{NameRow, Parts};
use crate::http::references::{Expandable, NameReference, expandable};
use crate::platform::values::{Identifier, covers};

/// A public body, charity or publisher. One legal entity is one record, regardless of changes of name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Organisation {
    /// The id.
    #[schema(
        min_length = 36,
        max_length = 36,
        example = "01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub id: String,
    /// The slug, which can be used in place of the id.
    #[schema(min_length = 1, max_length = 150, example = "iopc")]
    pub slug: String,
    /// The current name or, with `as_of`, the name on that day.
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

impl OrganisationName {
    /// The view of a row.
    pub fn new(row: &NameRow) -> Self {
        Self {
            name: row.name.clone(),
            from: row.from_on.clone(),
            until: row.until_on.clone(),
        }
    }
}

impl Organisation {
    /// The view of a row. `whole` has the parents to include in full; `as_of` selects the name.
    pub fn new(
        row: OrganisationRow,
        parts: &Parts,
        whole: &HashMap<String, Organisation>,
        as_of: Option<NaiveDate>,
    ) -> Self {
        let names = parts
            .names
            .get(&row.id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let identifiers = parts
            .identifiers
            .get(&row.id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let parent = row.parent_id.as_ref().and_then(|id| parts.parents.get(id));
        let parent =
            parent.map(|parent| expandable(super::queries::reference(parent), &parent.id, whole));
        let successions = || parts.successions.iter();
        Self {
            name: name_on(names, as_of).unwrap_or(row.name),
            names: names.iter().map(OrganisationName::new).collect(),
            identifiers: identifiers
                .iter()
                .map(|row| Identifier {
                    scheme: row.scheme.clone(),
                    value: row.value.clone(),
                })
                .collect(),
            predecessors: successions()
                .filter(|s| s.successor_id == row.id)
                .map(|s| Succession::new(s.predecessor(), s.kind.0, &s.on_date))
                .collect(),
            successors: successions()
                .filter(|s| s.predecessor_id == row.id)
                .map(|s| Succession::new(s.successor(), s.kind.0, &s.on_date))
                .collect(),
            id: row.id,
            slug: row.slug,
            acronym: row.acronym,
            kind: row.kind,
            description: row.description,
            parent,
            homepage: row.homepage,
            feed: row.feed,
            jurisdiction: row.jurisdiction,
            founded: row.founded,
            dissolved: row.dissolved,
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        }
    }
}

impl Succession {
    fn new(organisation: NameReference, kind: SuccessionKind, on: &Option<String>) -> Self {
        Self {
            organisation,
            kind,
            on: on.clone(),
        }
    }
}

/// The name in use on that day, if a dated name covers it.
fn name_on(names: &[NameRow], as_of: Option<NaiveDate>) -> Option<String> {
    let day = as_of?.to_string();
    let in_use = |row: &&NameRow| {
        (row.from_on.is_some() || row.until_on.is_some())
            && covers(row.from_on.as_deref(), row.until_on.as_deref(), &day)
    };
    names.iter().find(in_use).map(|row| row.name.clone())
}

/// The references of an organisation that `expand` can replace with whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum OrganisationExpansion {
    Parent,
}

/// The filters of the list of organisations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct OrganisationFilters {
    /// Only organisations of these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["oversight_body"]))]
    pub kind: Vec<String>,
    /// Only organisations with one of these parents, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["home-office"]))]
    pub parent: Vec<String>,
    /// Only the organisation with this identifier in another register, as `scheme:value`.
    #[param(max_length = 300, example = "police-force-register:essex")]
    pub identifier: Option<String>,
    /// Only organisations with exactly this acronym, or exactly this current or former name.
    #[param(max_length = 300, example = "Independent Police Complaints Commission")]
    pub name: Option<String>,
}

impl Expandable<NameReference, Organisation> {
    /// The organisation's id and name.
    pub fn id_and_name(&self) -> (&str, &str) {
        match self {
            Self::Reference(body) => (&body.id, &body.name),
            Self::Whole(body) => (&body.id, &body.name),
        }
    }
}
