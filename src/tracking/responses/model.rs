//! The response as rows and as a document.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::log::{Recorded, Resource};
use crate::platform::db::Word;
use crate::platform::db::schema::responses;
use crate::platform::states::PublicationState;
use crate::platform::values;
use crate::tracking::obligations::model::Position;

/// A row of `responses`.
#[derive(Clone, Debug, Queryable, QueryableByName, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = responses, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ResponseRow {
    /// The id.
    pub id: String,
    /// The same: responses have no other name.
    pub slug: String,
    /// The publication state.
    pub state: PublicationState,
    /// The revision, from 1.
    pub revision: i64,
    /// The newest entry of the change log.
    pub change_seq: i64,
    /// When it was first stored.
    pub created_at: NaiveDateTime,
    /// When it last changed.
    pub updated_at: NaiveDateTime,
    /// The report that it answers.
    pub report_id: String,
    /// Who responds.
    pub responder_id: String,
    /// What kind of response it is.
    pub kind: Word<ResponseKind>,
    /// The response that it puts right.
    pub corrects_id: Option<String>,
    /// The day it was received.
    pub received_on: Option<NaiveDate>,
    /// The day it was published.
    pub published_on: NaiveDate,
    /// How much of it is published.
    pub publication: Word<Publication>,
    /// Why not all of it is.
    pub withheld_reason: Option<String>,
    /// Where its publisher has it.
    pub source_url: Option<String>,
    /// An archived copy.
    pub archived_url: Option<String>,
    /// The SHA-256 of the document that it was read in.
    pub sha256: Option<String>,
}

/// What kind of response it is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ResponseKind {
    /// The answer.
    #[default]
    Full,
    /// A word that the answer will come. It does not stop the clock.
    Holding,
    /// One answer for several addressees, named under `on_behalf_of`.
    Collective,
    /// Puts an earlier response right, which is named under `corrects`.
    Correction,
}

/// How much of a response is published.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::IntoStaticStr,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Publication {
    /// All of it.
    #[default]
    Full,
    /// Parts of it.
    Partial,
    /// Only that there is one.
    Withheld,
}

/// A response as it is imported and as the change log keeps it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponseDocument {
    /// Always `response`.
    #[serde(rename = "type", default, skip_serializing)]
    #[garde(skip)]
    pub resource: Option<Resource>,
    /// The id; made of report, responder, day and kind when absent.
    #[serde(default, skip_serializing)]
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "uuid", max_length = 36)]
    pub id: Option<uuid::Uuid>,
    /// The report that it answers.
    #[garde(skip)]
    pub report: String,
    /// Who responds: an organisation.
    #[garde(skip)]
    pub responder: String,
    /// For whom besides: organisations, and groups as they were addressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 500))]
    #[schema(max_items = 500)]
    pub on_behalf_of: Vec<String>,
    /// What kind of response it is.
    #[serde(default)]
    #[garde(custom(names_what_it_needs(self)))]
    pub kind: ResponseKind,
    /// The id of the response that it puts right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub corrects: Option<String>,
    /// The day it was received. Whether it was in time goes by this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(custom(not_after(&self.published_on)))]
    pub received_on: Option<NaiveDate>,
    /// The day it was published.
    #[garde(skip)]
    pub published_on: NaiveDate,
    /// How much of it is published.
    #[serde(default)]
    #[garde(skip)]
    pub publication: Publication,
    /// Why not all of it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(custom(reason_where_needed(self.publication)), inner(length(chars, min = 1, max = 2000)))]
    #[schema(min_length = 1, max_length = 2000)]
    pub withheld_reason: Option<String>,
    /// Which recommendations it answers, and how.
    #[garde(length(min = 1, max = 1000), custom(without_words_if(self.publication)), dive)]
    #[schema(min_items = 1, max_items = 1000)]
    pub covers: Vec<Cover>,
    /// Where its publisher has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub source_url: Option<String>,
    /// An archived copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::web_url)))]
    #[schema(max_length = 2000, format = "uri")]
    pub archived_url: Option<String>,
    /// The SHA-256 of the document that it was read in, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(values::sha256_hex)))]
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-f]{64}$")]
    pub sha256: Option<String>,
    /// The publication state.
    #[serde(default)]
    #[garde(skip)]
    pub state: PublicationState,
}

/// A recommendation that a response answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cover {
    /// The number of the recommendation, or of an element, in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60)), custom(values::number_xor_id(&self.recommendation)))]
    #[schema(min_length = 1, max_length = 60, example = "7.1")]
    pub number: Option<String>,
    /// The recommendation itself, by id or slug, in place of the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub recommendation: Option<String>,
    /// The position that it takes, in the words of this API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub position: Option<Position>,
    /// The position in the words of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 1000)))]
    #[schema(min_length = 1, max_length = 1000)]
    pub position_verbatim: Option<String>,
    /// Who mapped the words to the position: a person, a rule, a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 200)))]
    #[schema(min_length = 1, max_length = 200)]
    pub mapped_by: Option<String>,
    /// What it says, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 50_000)))]
    #[schema(min_length = 1, max_length = 50000)]
    pub text: Option<String>,
    /// Where in the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 60)))]
    #[schema(min_length = 1, max_length = 60, example = "p. 12")]
    pub page: Option<String>,
}

/// What is withheld is not kept here at all.
fn without_words_if(publication: Publication) -> impl FnOnce(&Vec<Cover>, &()) -> garde::Result {
    move |covers, _| {
        let speaks = |cover: &Cover| {
            cover.text.is_some() || cover.position_verbatim.is_some() || cover.page.is_some()
        };
        match publication == Publication::Withheld && covers.iter().any(speaks) {
            true => Err(garde::Error::new(
                "a response that is withheld has no words here: leave out text, position_verbatim and page",
            )),
            false => Ok(()),
        }
    }
}

fn names_what_it_needs(
    document: &ResponseDocument,
) -> impl FnOnce(&ResponseKind, &()) -> garde::Result + '_ {
    move |kind, _| match kind {
        ResponseKind::Collective if document.on_behalf_of.is_empty() => Err(garde::Error::new(
            "a collective response names under on_behalf_of for whom it is",
        )),
        ResponseKind::Correction if document.corrects.is_none() => Err(garde::Error::new(
            "a correction names under corrects what it puts right",
        )),
        _ => Ok(()),
    }
}

fn not_after(
    published_on: &NaiveDate,
) -> impl FnOnce(&Option<NaiveDate>, &()) -> garde::Result + '_ {
    move |received_on, _| match received_on.is_some_and(|day| day > *published_on) {
        true => Err(garde::Error::new(
            "it cannot be received after it was published",
        )),
        false => Ok(()),
    }
}

fn reason_where_needed(
    publication: Publication,
) -> impl FnOnce(&Option<String>, &()) -> garde::Result {
    move |reason, _| match publication != Publication::Full && reason.is_none() {
        true => Err(garde::Error::new("say why not all of it is published")),
        false => Ok(()),
    }
}

impl ResponseDocument {
    /// What makes its id, once links are ids.
    pub fn natural_key(&self) -> [String; 4] {
        let kind: &str = self.kind.into();
        [
            self.report.clone(),
            self.responder.clone(),
            self.published_on.to_string(),
            kind.to_owned(),
        ]
    }

    /// The row for this document, whose links are ids by now.
    pub fn row(&self, id: &str, recorded: Recorded) -> ResponseRow {
        ResponseRow {
            id: id.to_owned(),
            slug: id.to_owned(),
            state: self.state,
            revision: recorded.revision,
            change_seq: recorded.seq,
            created_at: recorded.created_at,
            updated_at: recorded.updated_at,
            report_id: self.report.clone(),
            responder_id: self.responder.clone(),
            kind: Word(self.kind),
            corrects_id: self.corrects.clone(),
            received_on: self.received_on,
            published_on: self.published_on,
            publication: Word(self.publication),
            withheld_reason: self.withheld_reason.clone(),
            source_url: self.source_url.clone(),
            archived_url: self.archived_url.clone(),
            sha256: self.sha256.clone(),
        }
    }
}
