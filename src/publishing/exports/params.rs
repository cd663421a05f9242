//! What requests for exports may say: the filters of the lists, and where to go on.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::Kind;
use crate::http::error::ApiError;
use crate::http::query;
use crate::platform::states::{EditorialState, VisibleState};
use crate::resources::articles::params::{ArticleField, ListArticles};
use crate::resources::organisations::views::OrganisationField;
use crate::resources::recommendations::model::ResponseRequirement;
use crate::resources::recommendations::params::{
    ListRecommendations, RecommendationExpansion, RecommendationField,
};
use crate::tracking::obligations::model::{AssessmentStatus, ImplementationStatus, Position};
use crate::tracking::obligations::params::{ListObligations, ObligationField};
use crate::tracking::obligations::state::ResponseState;

/// What a request for an export says.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Asked {
    Articles(ExportArticles),
    Organisations(ExportOrganisations),
    Recommendations(ExportRecommendations),
    Obligations(ExportObligations),
}

impl Asked {
    /// Reads the query string of a request for a kind.
    pub fn read(kind: Kind, text: &str) -> Result<Self, ApiError> {
        Ok(match kind {
            Kind::Articles => Self::Articles(query::read("", text)?.params),
            Kind::Organisations => Self::Organisations(query::read("", text)?.params),
            Kind::Recommendations => Self::Recommendations(query::read("", text)?.params),
            Kind::Obligations => Self::Obligations(query::read("", text)?.params),
        })
    }

    /// What is exported.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Articles(_) => Kind::Articles,
            Self::Organisations(_) => Kind::Organisations,
            Self::Recommendations(_) => Kind::Recommendations,
            Self::Obligations(_) => Kind::Obligations,
        }
    }

    /// The record after which to go on.
    pub fn after(&self) -> Option<String> {
        let after = match self {
            Self::Articles(asked) => asked.after,
            Self::Organisations(asked) => asked.after,
            Self::Recommendations(asked) => asked.after,
            Self::Obligations(asked) => asked.after,
        };
        after.map(|id| id.to_string())
    }

    /// The members to keep; none keeps all.
    pub fn fields(&self) -> Vec<&'static str> {
        match self {
            Self::Articles(asked) => asked.fields.iter().map(Into::into).collect(),
            Self::Organisations(asked) => asked.fields.iter().map(Into::into).collect(),
            Self::Recommendations(asked) => asked.fields.iter().map(Into::into).collect(),
            Self::Obligations(asked) => asked.fields.iter().map(Into::into).collect(),
        }
    }
}

/// The parameters of the export of articles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ExportArticles {
    /// Only what these organisations published, alone or with others, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["iopc"]))]
    pub organisation: Vec<String>,
    /// Only articles filed under one of these topics, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking"]))]
    pub topic: Vec<String>,
    /// Only articles about one of these reports, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<String>,
    /// Only articles about one of these recommendations, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024-15"]))]
    pub recommendation: Vec<String>,
    /// Only articles in one of these languages, as BCP 47 tags. Repeat for several.
    #[param(max_items = 50, example = json!(["en"]))]
    pub language: Vec<String>,
    /// Only the article with this original link.
    #[param(
        max_length = 2000,
        example = "https://oversight.example/news/2025/custody"
    )]
    pub original_url: Option<String>,
    /// Published then or later.
    #[param(example = "2025-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Published before then.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub published_before: Option<DateTime<Utc>>,
    /// Changed then or later.
    #[param(example = "2025-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Changed before then.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub updated_before: Option<DateTime<Utc>>,
    /// Articles in force, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
    /// Only these members of each record. Repeat, or separate with commas. Bodies come only when named here.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ArticleField>,
    /// Go on after the record with this id: the last that came in whole before an export broke off.
    #[param(value_type = Option<String>, format = "uuid", min_length = 36, max_length = 36, example = "01890a5d-ac96-774b-bcce-b302099a8057")]
    pub after: Option<Uuid>,
}

impl ExportArticles {
    /// The same as a request for the list.
    pub fn list(&self) -> ListArticles {
        ListArticles {
            organisation: self.organisation.clone(),
            topic: self.topic.clone(),
            report: self.report.clone(),
            recommendation: self.recommendation.clone(),
            language: self.language.clone(),
            original_url: self.original_url.clone(),
            published_from: self.published_from,
            published_before: self.published_before,
            updated_from: self.updated_from,
            updated_before: self.updated_before,
            state: match self.state {
                VisibleState::Published => EditorialState::Published,
                VisibleState::Withdrawn => EditorialState::Withdrawn,
            },
            ..ListArticles::default()
        }
    }

    /// Whether bodies were asked for.
    pub fn with_body(&self) -> bool {
        let bodies = [ArticleField::BodyHtml, ArticleField::BodyText];
        bodies.iter().any(|field| self.fields.contains(field))
    }
}

/// The parameters of the export of organisations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ExportOrganisations {
    /// Only these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["police_force"]))]
    pub kind: Vec<String>,
    /// Only parts of these organisations, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["iopc"]))]
    pub parent: Vec<String>,
    /// Only the body with this number in another register, as `scheme:value`.
    #[param(max_length = 300, example = "police-force-register:essex")]
    pub identifier: Option<String>,
    /// Only bodies that have or had exactly this name or acronym.
    #[param(max_length = 300, example = "Independent Police Complaints Commission")]
    pub name: Option<String>,
    /// Only these members of each record. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<OrganisationField>,
    /// Go on after the record with this id: the last that came in whole before an export broke off.
    #[param(value_type = Option<String>, format = "uuid", min_length = 36, max_length = 36, example = "01890a5d-ac96-774b-bcce-b302099a8057")]
    pub after: Option<Uuid>,
}

/// The parameters of the export of recommendations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ExportRecommendations {
    /// Only those of these reports, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<String>,
    /// Only those that come to these organisations, directly or through a group, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<String>,
    /// Only those addressed to these groups, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<String>,
    /// Only these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["recommendation"]))]
    pub kind: Vec<String>,
    /// Only those with one of these themes. Repeat for several.
    #[param(max_items = 50, example = json!(["accountability"]))]
    pub theme: Vec<String>,
    /// Only those of which this kind of response is owed. Repeat for several.
    #[param(inline, max_items = 50)]
    pub response_requirement: Vec<ResponseRequirement>,
    /// Published on this day or later.
    #[param(example = "2024-01-01")]
    pub published_from: Option<NaiveDate>,
    /// Published before this day.
    #[param(example = "2025-01-01")]
    pub published_before: Option<NaiveDate>,
    /// Due, as the report states it, on this day or later.
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// Due, as the report states it, before this day.
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
    /// Recommendations in force, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
    /// Only these members of each record. Repeat, or separate with commas. `addressed_organisations` comes only when
    /// named here.
    #[param(inline, max_items = 50)]
    pub fields: Vec<RecommendationField>,
    /// Go on after the record with this id: the last that came in whole before an export broke off.
    #[param(value_type = Option<String>, format = "uuid", min_length = 36, max_length = 36, example = "01890a5d-ac96-774b-bcce-b302099a8057")]
    pub after: Option<Uuid>,
}

impl ExportRecommendations {
    /// The same as a request for the list.
    pub fn list(&self) -> ListRecommendations {
        ListRecommendations {
            report: self.report.clone(),
            organisation: self.organisation.clone(),
            group: self.group.clone(),
            kind: self.kind.clone(),
            theme: self.theme.clone(),
            response_requirement: self.response_requirement.clone(),
            published_from: self.published_from,
            published_before: self.published_before,
            due_from: self.due_from,
            due_before: self.due_before,
            state: self.state,
            ..ListRecommendations::default()
        }
    }

    /// What is shown only on request: the organisations that each comes to, which may be hundreds.
    pub fn expansions(&self) -> Vec<RecommendationExpansion> {
        let mut fields = self.fields.iter();
        match fields.any(|field| matches!(field, RecommendationField::AddressedOrganisations)) {
            true => vec![RecommendationExpansion::AddressedOrganisations],
            false => Vec::new(),
        }
    }
}

/// The parameters of the export of obligations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ExportObligations {
    /// Only those of these organisations, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<String>,
    /// Only those under these reports, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<String>,
    /// Only those under these recommendations, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024-7"]))]
    pub recommendation: Vec<String>,
    /// Only those of organisations that were addressed through these groups, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<String>,
    /// Only those that stand so today. Repeat for several.
    #[param(inline, max_items = 50)]
    pub state: Vec<ResponseState>,
    /// Only those of which a response is owed so. Repeat for several.
    #[param(inline, max_items = 50)]
    pub response_requirement: Vec<ResponseRequirement>,
    /// Only those in whose newest response this position was taken. Repeat for several.
    #[param(inline, max_items = 50)]
    pub position: Vec<Position>,
    /// Only those of which the addressee says so. Repeat for several.
    #[param(inline, max_items = 50)]
    pub implementation_status: Vec<ImplementationStatus>,
    /// Only those of which the recommender concluded so. Repeat for several.
    #[param(inline, max_items = 50)]
    pub assessment_status: Vec<AssessmentStatus>,
    /// The response is due on this day or later.
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// The response is due before this day.
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
    /// Only these members of each record. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ObligationField>,
    /// Go on after the record with this id: the last that came in whole before an export broke off.
    #[param(value_type = Option<String>, format = "uuid", min_length = 36, max_length = 36, example = "01890a5d-ac96-774b-bcce-b302099a8057")]
    pub after: Option<Uuid>,
}

impl ExportObligations {
    /// The same as a request for the list.
    pub fn list(&self) -> ListObligations {
        ListObligations {
            organisation: self.organisation.clone(),
            report: self.report.clone(),
            recommendation: self.recommendation.clone(),
            group: self.group.clone(),
            state: self.state.clone(),
            response_requirement: self.response_requirement.clone(),
            position: self.position.clone(),
            implementation_status: self.implementation_status.clone(),
            assessment_status: self.assessment_status.clone(),
            due_from: self.due_from,
            due_before: self.due_before,
            ..ListObligations::default()
        }
    }
}
