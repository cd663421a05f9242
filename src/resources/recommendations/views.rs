//! The views of recommendations.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

use super::model::{RecommendationRow, Reply, ResponseRequirement};
use super::parts::{RecommendationAddresseeRow, RecommendationParts};
use crate::access::visibility;
use crate::http::references::{
    Expandable, NameReference, NumberReference, TitleReference, expandable,
};
use crate::platform::identity::{RecordId, Slug};
use crate::platform::page_urls::PageUrls;
use crate::platform::states::VisibleState;
use crate::platform::values::Withdrawal;
use crate::resources::deadlines::terms::{self, Deadline};
use crate::resources::groups::views::Group;
use crate::resources::organisations::views::Organisation;
use crate::resources::reports::views::Report;

/// A recommendation of a report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Recommendation {
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
        example = "stalking-super-complaint-2024-7"
    )]
    pub slug: Slug,
    /// Its page on the public site: where people read it. Present if the setting `page_urls` says where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://site.example/recommendations/stalking-super-complaint-2024-7"
    )]
    pub page_url: Option<String>,
    /// Published, or withdrawn.
    pub state: VisibleState,
    /// The report that makes it.
    pub report: Expandable<TitleReference, Report>,
    /// The number in the report: "7", "7.1", "AFI 3".
    #[schema(max_length = 60, example = "7")]
    pub number: String,
    /// The recommendation that this one is an element of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<NumberReference>,
    /// Its elements, ordered by number.
    #[schema(max_items = 1000)]
    pub elements: Vec<NumberReference>,
    /// The kind, such as `recommendation` or `area_for_improvement`. More kinds may be added.
    #[schema(
        max_length = 60,
        pattern = "^[a-z0-9][a-z0-9_.-]*$",
        example = "recommendation"
    )]
    pub kind: String,
    /// The text.
    #[schema(max_length = 50000)]
    pub text: String,
    /// Whether `text` is verbatim from the report.
    pub text_is_verbatim: bool,
    /// The summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub summary: Option<String>,
    /// Its themes.
    #[schema(max_items = 50)]
    pub themes: Vec<String>,
    /// Whether the report marks it as urgent or as a priority.
    pub is_priority: bool,
    /// The legal power under which it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500, example = "SI 2018/748 reg 8")]
    pub legal_basis: Option<String>,
    /// Whether a response is required by law, requested, or neither. Absent if not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_requirement: Option<ResponseRequirement>,
    /// The due date for implementation or a response, as the report states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2024-11-22")]
    pub stated_due_on: Option<NaiveDate>,
    /// The deadlines that it sets, as the source states them and as computed by a rule. Obligations have their
    /// revisions for each addressee.
    #[schema(max_items = 6)]
    pub deadlines: Vec<Deadline>,
    /// Whether several addressees respond jointly or each on its own. Absent if not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<Reply>,
    /// The office it is addressed to, such as `chief constable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, example = "chief constable")]
    pub role_addressed: Option<String>,
    /// The addressees, as the report names them.
    #[schema(max_items = 500)]
    pub addressees: Vec<Addressee>,
    /// The number of organisations it is addressed to, with groups expanded to their members at publication.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 43)]
    pub addressed_organisation_count: i64,
    /// The organisations it is addressed to. Included only with `expand=addressed_organisations`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 10000)]
    pub addressed_organisations: Option<Vec<NameReference>>,
    /// Earlier recommendations that it supersedes.
    #[schema(max_items = 1000)]
    pub supersedes: Vec<NumberReference>,
    /// Later recommendations that supersede it.
    #[schema(max_items = 1000)]
    pub superseded_by: Vec<NumberReference>,
    /// Earlier recommendations that it repeats.
    #[schema(max_items = 1000)]
    pub repeats: Vec<NumberReference>,
    /// Later recommendations that repeat it.
    #[schema(max_items = 1000)]
    pub repeated_by: Vec<NumberReference>,
    /// The recommendation on its publisher's website.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// The day of the report's publication in the United Kingdom.
    #[schema(example = "2024-09-27")]
    pub published_on: NaiveDate,
    /// When and why it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record was last changed.
    pub updated_at: DateTime<Utc>,
}

/// An addressee: an organisation, or a group that stands for its members on the day of publication.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Addressee {
    /// Whether it is an organisation or a group.
    pub kind: AddresseeKind,
    /// The id of the organisation or group.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// Its slug.
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        example = "all-chief-constables-england-wales"
    )]
    pub slug: Slug,
    /// Its name.
    #[schema(max_length = 300)]
    pub name: String,
    /// The day on which the group's membership counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expanded_as_of: Option<NaiveDate>,
    /// The organisation in full. Included only with `expand=addressees`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Box<Organisation>>,
    /// The group in full. Included only with `expand=addressees`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Box<Group>>,
}

/// The kind of addressee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum AddresseeKind {
    Organisation,
    Group,
}

/// The records to include in full, by id.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct ExpandedRecommendationReferences {
    pub reports: HashMap<RecordId, Report>,
    pub organisations: HashMap<RecordId, Organisation>,
    pub groups: HashMap<RecordId, Group>,
    /// Whether to include the organisations that recommendations are addressed to.
    pub addressed: bool,
}

impl Recommendation {
    /// The view of a row; `None` if `parts` does not have its report.
    pub fn new(
        row: RecommendationRow,
        parts: &mut RecommendationParts,
        expanded: &ExpandedRecommendationReferences,
        pages: &PageUrls,
    ) -> Option<Self> {
        let report = parts.reports.get(&row.report_id)?;
        let own = (&*row.slug, &*row.id);
        let page_url = pages.of_recommendation(own, (&report.slug, &row.number));
        let title = report.reference();
        let state = visibility::state_below(report.state, row.state);
        let addressees = parts.addressees.remove(&row.id).unwrap_or_default();
        let addressees = addressees.into_iter();
        let addressed = parts.addressed.remove(&row.id).unwrap_or_default();
        let count = parts.addressed_counts.get(&row.id).copied();
        let themes = parts.themes.remove(&row.id).unwrap_or_default();
        let related = |relation| parts.related(row.id, relation);
        Some(Self {
            report: expandable(title, row.report_id, &expanded.reports),
            parent: related("parent").into_iter().next(),
            elements: related("element"),
            supersedes: related("supersedes"),
            superseded_by: related("superseded_by"),
            repeats: related("repeats"),
            repeated_by: related("repeated_by"),
            addressees: addressees
                .map(|one| Addressee::new(one, expanded))
                .collect(),
            addressed_organisation_count: count.unwrap_or_default(),
            addressed_organisations: expanded.addressed.then_some(addressed),
            deadlines: terms::of_recommendation(
                &row.deadlines,
                row.stated_due_on,
                row.published_on,
            ),
            themes: themes.into_iter().map(|row| row.theme).collect(),
            state,
            response_requirement: row.response_requirement.map(|word| word.0),
            reply: row.reply.map(|word| word.0),
            page_url,
            id: row.id,
            slug: row.slug,
            number: row.number,
            kind: row.kind,
            text: row.text,
            text_is_verbatim: row.text_is_verbatim,
            summary: row.summary,
            is_priority: row.is_priority,
            legal_basis: row.legal_basis,
            stated_due_on: row.stated_due_on,
            role_addressed: row.role_addressed,
            source_url: row.source_url,
            published_on: row.published_on,
            withdrawal: Withdrawal::of(row.withdrawn_at, row.withdrawal_reason)
                .filter(|_| row.state.is_withdrawn()),
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        })
    }
}

impl Addressee {
    fn new(row: RecommendationAddresseeRow, expanded: &ExpandedRecommendationReferences) -> Self {
        let is_group = row.organisation_id.is_none();
        let NameReference { id, slug, name } = row.addressee;
        Self {
            kind: match is_group {
                true => AddresseeKind::Group,
                false => AddresseeKind::Organisation,
            },
            expanded_as_of: is_group.then_some(row.expanded_as_of),
            organisation: expanded.organisations.get(&id).cloned().map(Box::new),
            group: expanded.groups.get(&id).cloned().map(Box::new),
            id,
            slug,
            name,
        }
    }
}
