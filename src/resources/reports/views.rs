//! The parameters and views of reports.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

use super::model::{Nation, ReportRow};
use super::parts::ReportParts;
use crate::http::references::{Expandable, NameReference, expandable};
use crate::log::Resource;
use crate::platform::identity::{RecordId, Slug};
use crate::platform::page_urls::PageUrls;
use crate::platform::states::EditorialState;
use crate::platform::values::{Identifier, Withdrawal};
use crate::resources::media::{Attachment, Image};
use crate::resources::organisations::views::Organisation;
use crate::resources::other_languages::ReportTexts;
use crate::writing::proposals::model::SubmissionPolicy;

/// A report that makes recommendations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Report {
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
        example = "stalking-super-complaint-2024"
    )]
    pub slug: Slug,
    /// Its page on the public site: where people read it. Present if the setting `page_urls` says where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://site.example/reports/stalking-super-complaint-2024"
    )]
    pub page_url: Option<String>,
    /// The title.
    #[schema(max_length = 500, example = "The police response to stalking")]
    pub title: String,
    /// Published, or withdrawn with a notice; with a token, also scheduled or a draft.
    pub state: EditorialState,
    /// The kind of report, such as `super_complaint_report` or `inspection_report`. More kinds may be added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 60,
        pattern = "^[a-z0-9][a-z0-9_.-]*$",
        example = "super_complaint_report"
    )]
    pub kind: Option<String>,
    /// The summary. Left out when withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10000)]
    pub summary: Option<String>,
    /// The day of publication in the United Kingdom.
    #[schema(example = "2024-09-27")]
    pub published_on: NaiveDate,
    /// The publishers. Joint reports have several.
    #[schema(max_items = 50)]
    pub publishers: Vec<Expandable<NameReference, Organisation>>,
    /// The legal power under which it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500, example = "SI 2018/748")]
    pub legal_basis: Option<String>,
    /// The organisation that made the complaint that led to the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complainant_body: Option<Expandable<NameReference, Organisation>>,
    /// Its reference numbers.
    #[schema(max_items = 50)]
    pub reference_numbers: Vec<Identifier>,
    /// The number of its recommendations that are recorded here. The report itself may make more.
    #[schema(minimum = 0, maximum = 9007199254740991_i64, example = 29)]
    pub recommendation_count: i64,
    /// The report on its publisher's website.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// An archived copy of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub archived_url: Option<String>,
    /// The licence of its text: an SPDX name or a URL. If absent, all rights are reserved: link to it only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, example = "OGL-UK-3.0")]
    pub licence: Option<String>,
    /// The attribution that the licence requires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub attribution: Option<String>,
    /// The language of the title and the summary, as a BCP 47 tag: the report's own or, with `lang`, that one if it has it.
    #[schema(max_length = 35, example = "en")]
    pub language: String,
    /// The title and the summary in other languages.
    #[schema(max_items = 50)]
    pub other_languages: Vec<ReportTexts>,
    /// The nations it applies to; empty if not known.
    #[schema(inline, max_items = 50)]
    pub nations: Vec<Nation>,
    /// When and why it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// The day on which all addressees were last checked for responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responses_checked_on: Option<NaiveDate>,
    /// Whether what others send about it is public at once or held until one of the publishers accepts it.
    pub submissions: SubmissionPolicy,
    /// The images. Left out when withdrawn.
    #[schema(max_items = 50)]
    pub images: Vec<Image>,
    /// The files that are published with it. Left out when withdrawn.
    #[schema(max_items = 200)]
    pub attachments: Vec<Attachment>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Report {
    /// The view of a row. `expanded` has the organisations to include in full.
    pub fn new(
        row: ReportRow,
        parts: &mut ReportParts,
        expanded: &HashMap<RecordId, Organisation>,
        (now, pages): (NaiveDateTime, &PageUrls),
    ) -> Self {
        let state = EditorialState::of(row.state, row.visible_from, now);
        let publishers = parts.publishers.get(&row.id).into_iter().flatten();
        let complainant = row.complainant_body_id;
        let complainant = complainant.and_then(|id| parts.complainants.get(&id));
        let organisation =
            |reference: &NameReference| expandable(reference.clone(), reference.id, expanded);
        let is_withdrawn = state == EditorialState::Withdrawn;
        let withdrawal = Withdrawal::of(row.withdrawn_at, row.withdrawal_reason);
        let mut other_languages = row.other_languages.into_inner();
        if is_withdrawn {
            other_languages
                .iter_mut()
                .for_each(|texts| texts.summary = None);
        }
        let media = row.media.into_inner().if_shown(!is_withdrawn);
        Self {
            publishers: publishers.map(organisation).collect(),
            complainant_body: complainant.map(organisation),
            reference_numbers: parts.reference_numbers.remove(&row.id).unwrap_or_default(),
            recommendation_count: parts.recommendations.remove(&row.id).unwrap_or_default(),
            summary: row.summary.filter(|_| !is_withdrawn),
            withdrawal: withdrawal.filter(|_| is_withdrawn),
            nations: row
                .nations
                .split_whitespace()
                .filter_map(|nation| nation.parse().ok())
                .collect(),
            state,
            page_url: pages.of(
                Resource::Report.collection(),
                Some(&row.language),
                &[("slug", &row.slug), ("id", &row.id)],
            ),
            id: row.id,
            slug: row.slug,
            title: row.title,
            kind: row.kind,
            published_on: row.published_on,
            legal_basis: row.legal_basis,
            source_url: row.source_url,
            archived_url: row.archived_url,
            licence: row.licence,
            attribution: row.attribution,
            language: row.language,
            responses_checked_on: row.responses_checked_on,
            submissions: row.submissions.0,
            images: media.images,
            attachments: media.attachments,
            other_languages,
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        }
    }
}
