//! The parameters of exports: the filters of the lists, and where to resume.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::ExportKind;
use crate::http::error::ApiError;
use crate::http::query::{self, Query};
use crate::http::shape::ExportShape;
use crate::platform::states::{EditorialState, VisibleState};
use crate::resources::articles::params::ArticleFilters;
use crate::resources::articles::views::Article;
use crate::resources::organisations::views::{Organisation, OrganisationFilters};
use crate::resources::recommendations::params::RecommendationFilters;
use crate::resources::recommendations::views::Recommendation;
use crate::tracking::obligations::params::ObligationFilters;
use crate::tracking::obligations::views::Obligation;

/// Which records an export holds, and from where on.
#[allow(missing_docs)]
pub enum ExportRequest {
    Articles(ArticleFilters, ExportShape<Article>),
    Organisations(OrganisationFilters, ExportShape<Organisation>),
    Recommendations(RecommendationFilters, ExportShape<Recommendation>),
    Obligations(ObligationFilters, ExportShape<Obligation>),
}

impl ExportRequest {
    /// Parses the query string of a request for an export of `kind`.
    ///
    /// # Errors
    /// 400 with every parameter that is unknown or malformed.
    pub fn read(kind: ExportKind, text: &str) -> Result<Self, ApiError> {
        Ok(match kind {
            ExportKind::Articles => query::read::<ExportArticles, _>("", text)?.into(),
            ExportKind::Organisations => query::read::<OrganisationFilters, _>("", text)?.into(),
            ExportKind::Recommendations => {
                query::read::<RecommendationFilters, _>("", text)?.into()
            }
            ExportKind::Obligations => query::read::<ObligationFilters, _>("", text)?.into(),
        })
    }

    /// The kind of records to export.
    pub fn kind(&self) -> ExportKind {
        match self {
            Self::Articles(..) => ExportKind::Articles,
            Self::Organisations(..) => ExportKind::Organisations,
            Self::Recommendations(..) => ExportKind::Recommendations,
            Self::Obligations(..) => ExportKind::Obligations,
        }
    }

    /// The id of the record after which to resume.
    pub fn after(&self) -> Option<String> {
        let after = match self {
            Self::Articles(_, shape) => shape.after,
            Self::Organisations(_, shape) => shape.after,
            Self::Recommendations(_, shape) => shape.after,
            Self::Obligations(_, shape) => shape.after,
        };
        after.map(|id| id.to_string())
    }
}

impl From<Query<ExportArticles, ExportShape<Article>>> for ExportRequest {
    fn from(query: Query<ExportArticles, ExportShape<Article>>) -> Self {
        Self::Articles(query.params.list(), query.shape)
    }
}

impl From<Query<OrganisationFilters, ExportShape<Organisation>>> for ExportRequest {
    fn from(query: Query<OrganisationFilters, ExportShape<Organisation>>) -> Self {
        Self::Organisations(query.params, query.shape)
    }
}

impl From<Query<RecommendationFilters, ExportShape<Recommendation>>> for ExportRequest {
    fn from(query: Query<RecommendationFilters, ExportShape<Recommendation>>) -> Self {
        Self::Recommendations(query.params, query.shape)
    }
}

impl From<Query<ObligationFilters, ExportShape<Obligation>>> for ExportRequest {
    fn from(query: Query<ObligationFilters, ExportShape<Obligation>>) -> Self {
        Self::Obligations(query.params, query.shape)
    }
}

/// The parameters of the export of articles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ExportArticles {
    /// Only articles that these organisations published, alone or with others, by id or slug. Repeat for several.
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
    /// Published at or after this time.
    #[param(example = "2025-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Published before this time.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub published_before: Option<DateTime<Utc>>,
    /// Updated at or after this time.
    #[param(example = "2025-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Updated before this time.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub updated_before: Option<DateTime<Utc>>,
    /// Published articles, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
}

impl ExportArticles {
    /// The same filters for the list.
    pub fn list(self) -> ArticleFilters {
        ArticleFilters {
            organisation: self.organisation,
            topic: self.topic,
            report: self.report,
            recommendation: self.recommendation,
            language: self.language,
            original_url: self.original_url,
            published_from: self.published_from,
            published_before: self.published_before,
            updated_from: self.updated_from,
            updated_before: self.updated_before,
            state: match self.state {
                VisibleState::Published => EditorialState::Published,
                VisibleState::Withdrawn => EditorialState::Withdrawn,
            },
        }
    }
}
