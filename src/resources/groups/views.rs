//! The parameters and views of groups.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

use super::model::GroupRow;
use super::queries::MemberRow;
use crate::http::references::{Expandable, NameReference, expandable};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::resources::organisations::views::Organisation;
use crate::resources::other_languages::GroupTexts;

/// A named set of organisations, with dated membership.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Group {
    /// The id.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub id: RecordId,
    /// The slug, which can be used in place of the id.
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        example = "all-chief-constables-england-wales"
    )]
    pub slug: Slug,
    /// The name.
    #[schema(
        max_length = 300,
        example = "All chief constables of England and Wales"
    )]
    pub name: String,
    /// A description of who belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub definition: Option<String>,
    /// The language of the name and other texts, as a BCP 47 tag: the record's own or, with `lang`, that one if it has it.
    #[schema(max_length = 35, example = "en")]
    pub language: String,
    /// What it is called in other languages.
    #[schema(max_items = 50)]
    pub other_languages: Vec<GroupTexts>,
    /// The current and former members; with `on` or `as_of`, the members on that day.
    #[schema(max_items = 2000)]
    pub members: Vec<GroupMember>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record was last changed.
    pub updated_at: DateTime<Utc>,
}

/// An organisation's membership of a group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupMember {
    /// The member.
    pub organisation: Expandable<NameReference, Organisation>,
    /// The first day of membership: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Absent if not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
    pub from: Option<String>,
    /// The day after the last day of membership: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. Absent for current members.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
    pub until: Option<String>,
}

impl Group {
    /// The view of a row. `expanded` has the organisations to include in full.
    pub fn new(
        row: GroupRow,
        members: &HashMap<RecordId, Vec<MemberRow>>,
        expanded: &HashMap<RecordId, Organisation>,
    ) -> Self {
        let members = members.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let member = |member: &MemberRow| GroupMember {
            organisation: expandable(
                member.organisation.clone(),
                member.organisation.id,
                expanded,
            ),
            from: member.from_on.clone(),
            until: member.until_on.clone(),
        };
        Self {
            members: members.iter().map(member).collect(),
            id: row.id,
            slug: row.slug,
            name: row.name,
            definition: row.definition,
            language: row.language,
            other_languages: row.other_languages.into_inner(),
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        }
    }
}

/// The references of a group that `expand` can replace with whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum GroupExpansion {
    Members,
}

/// The filters of the list of groups.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct GroupFilters {
    /// Only groups that have or had one of these members, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["essex-police"]))]
    pub member: Vec<Key>,
}
