//! The row and the document of a report.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::result::QueryResult;
use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::http::references::TitleReference;
use crate::log::{Recorded, Resource};
use crate::platform::clock::{start_of_uk_day, stored};
use crate::platform::db::schema::reports;
use crate::platform::db::{EnumText, Json};
use crate::platform::folding::sort_key;
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::language::Language;
use crate::platform::states::PublicationState;
use crate::platform::time;
use crate::platform::values::{self, Identifier, Withdrawal};
use crate::resources::media::{self, Attachment, Image, Media};
use crate::resources::other_languages::{ReportTexts, distinct};
use crate::writing::proposals::model::SubmissionPolicy;

/// A row of `reports`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reports, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ReportRow {
    /// The id.
    pub id: RecordId,
    /// The slug.
    pub slug: Slug,
    /// The publication state.
    pub state: PublicationState,
    /// The revision, from 1.
    pub revision: i64,
    /// The number of its latest entry in the change log.
    pub change_seq: i64,
    /// When it was first stored.
    pub created_at: NaiveDateTime,
    /// When it was last changed.
    pub updated_at: NaiveDateTime,
    /// The title.
    pub title: String,
    /// The kind of report.
    pub kind: Option<String>,
    /// The summary.
    pub summary: Option<String>,
    /// The day of publication.
    pub published_on: NaiveDate,
    /// The end of the embargo.
    pub embargoed_until: Option<NaiveDateTime>,
    /// From when it is public: the later of publication and embargo.
    pub visible_from: NaiveDateTime,
    /// When it was withdrawn.
    pub withdrawn_at: Option<NaiveDateTime>,
    /// Why it was withdrawn.
    pub withdrawal_reason: Option<String>,
    /// The legal power under which it was made.
    pub legal_basis: Option<String>,
    /// The organisation that made the complaint that led to the report.
    pub complainant_body_id: Option<RecordId>,
    /// The report on its publisher's website.
    pub source_url: Option<String>,
    /// An archived copy of the report.
    pub archived_url: Option<String>,
    /// The licence of its text.
    pub licence: Option<String>,
    /// The attribution that the licence requires.
    pub attribution: Option<String>,
    /// The language, as a BCP 47 tag.
    pub language: String,
    /// The nations it applies to, separated by spaces.
    pub nations: String,
    /// The day on which all addressees were last checked for responses.
    pub responses_checked_on: Option<NaiveDate>,
    /// Whether what others send about it waits for a publisher.
    pub submissions: EnumText<SubmissionPolicy>,
    /// Its images and attachments, as JSON.
    pub media: Json<Media>,
    /// What it is sorted by: the title without case and accents, and then as it is.
    pub sort_title: String,
    /// What it is called in other languages, as JSON.
    pub other_languages: Json<Vec<ReportTexts>>,
}

impl ReportRow {
    /// The reference to it.
    pub fn reference(&self) -> TitleReference {
        TitleReference {
            id: self.id,
            slug: self.slug.clone(),
            title: self.title.clone(),
        }
    }
}

/// A nation of the United Kingdom that a report applies to.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum Nation {
    England,
    Wales,
    Scotland,
    NorthernIreland,
}

/// A report, as imported and as stored in the change log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDocument {
    /// Always `report`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id. Assigned if absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The slug.
    #[garde(custom(values::slug))]
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        pattern = "^[a-z0-9_]+(-[a-z0-9_]+)*$"
    )]
    pub slug: Slug,
    /// The title.
    #[garde(custom(values::text(500)))]
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    /// The day of publication.
    #[serde(deserialize_with = "time::day")]
    #[garde(skip)]
    pub published_on: NaiveDate,
    /// The publishers, by id or slug. Joint reports have several.
    #[garde(length(min = 1, max = 50))]
    #[schema(min_items = 1, max_items = 50)]
    pub publishers: Vec<Key>,
    /// The kind of report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::token)))]
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9][a-z0-9_.-]*$")]
    pub kind: Option<String>,
    /// The summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 10_000))]
    #[schema(max_length = 10000)]
    pub summary: Option<String>,
    /// The legal power under which it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(500))))]
    #[schema(min_length = 1, max_length = 500)]
    pub legal_basis: Option<String>,
    /// The organisation that made the complaint that led to the report, by id or slug.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub complainant_body: Option<Key>,
    /// Its reference numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), dive)]
    #[schema(max_items = 50)]
    pub reference_numbers: Vec<Identifier>,
    /// The report on its publisher's website.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// An archived copy of the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub archived_url: Option<String>,
    /// The licence of its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(2000))))]
    #[schema(min_length = 1, max_length = 2000)]
    pub licence: Option<String>,
    /// The attribution that the licence requires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::text(1000))))]
    #[schema(min_length = 1, max_length = 1000)]
    pub attribution: Option<String>,
    /// The language, as a BCP 47 tag. Default: `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::language)))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 35)]
    pub language: Option<Language>,
    /// What it is called in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), custom(distinct(self.language.as_ref())), dive)]
    #[schema(max_items = 50)]
    pub other_languages: Vec<ReportTexts>,
    /// The nations it applies to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 4))]
    #[schema(max_items = 4)]
    pub nations: Vec<Nation>,
    /// The day on which all addressees were last checked for responses. Addressees are shown as overdue only if they
    /// have been checked.
    #[serde(
        default,
        deserialize_with = "time::optional_day",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub responses_checked_on: Option<NaiveDate>,
    /// Whether what others send about it is public at once or held until one of the publishers accepts it.
    #[serde(default, skip_serializing_if = "SubmissionPolicy::is_open")]
    #[garde(skip)]
    pub submissions: SubmissionPolicy,
    /// The images, whose files stay where they are published.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), custom(media::one_lead), dive)]
    #[schema(max_items = 50)]
    pub images: Vec<Image>,
    /// The files that are published with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 200), dive)]
    #[schema(max_items = 200)]
    pub attachments: Vec<Attachment>,
    /// The end of the embargo.
    #[serde(
        default,
        deserialize_with = "time::optional_time",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    pub embargoed_until: Option<DateTime<Utc>>,
    /// When and why it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive, custom(values::reason_if_withdrawn(self.state)))]
    pub withdrawal: Option<Withdrawal>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
    /// For a removed duplicate: the record that remains, by id or slug. Requires the state `gone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub merged_into: Option<Key>,
    /// Whether this change is a minor edit, such as a corrected typing error, which leaves `updated_at` unchanged.
    /// Recorded with the change, not in the record.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    pub is_minor_edit: bool,
}

impl ReportDocument {
    /// From when it is public, if ever.
    pub fn visible_from(&self) -> Option<NaiveDateTime> {
        self.state.is_shown().then(|| self.appears_at())
    }

    /// The later of publication and embargo.
    fn appears_at(&self) -> NaiveDateTime {
        let starts = start_of_uk_day(self.published_on);
        let embargo = self.embargoed_until.map(stored);
        embargo.map_or(starts, |until| until.max(starts))
    }

    /// The row for this document, with its links resolved to ids.
    pub fn row(&self, id: RecordId, recorded: Recorded) -> QueryResult<ReportRow> {
        let nations: Vec<&str> = self.nations.iter().map(<&str>::from).collect();
        let withdrawal = self.withdrawal.as_ref();
        Ok(ReportRow {
            id,
            slug: self.slug.clone(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            title: self.title.clone(),
            kind: self.kind.clone(),
            summary: self.summary.clone(),
            published_on: self.published_on,
            embargoed_until: self.embargoed_until.map(stored),
            visible_from: self.appears_at(),
            withdrawn_at: withdrawal.map(|withdrawal| stored(withdrawal.at)),
            withdrawal_reason: withdrawal.map(|withdrawal| withdrawal.reason.clone()),
            legal_basis: self.legal_basis.clone(),
            complainant_body_id: Key::optional(self.complainant_body.as_ref())?,
            source_url: self.source_url.clone(),
            archived_url: self.archived_url.clone(),
            licence: self.licence.clone(),
            attribution: self.attribution.clone(),
            language: self.language.clone().unwrap_or_default().to_string(),
            nations: nations.join(" "),
            responses_checked_on: self.responses_checked_on,
            submissions: EnumText(self.submissions),
            sort_title: sort_key(&self.title),
            other_languages: Json::new(self.other_languages.clone())?,
            media: Json::new(Media::of(&self.images, &self.attachments))?,
        })
    }
}
