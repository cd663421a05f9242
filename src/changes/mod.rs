//! The change log: every write appends to it in its own transaction, in commit order, without gaps.
//!
//! History, `as_of` reads, audit, cache invalidation, search, feeds and webhooks all read this one log.
//! An entry holds the state of the record after the change as canonical JSON, that state's SHA-256,
//! and a digest that chains it to the entry before: `sha256(previous digest, entry without state)`.
//! The state itself is not part of the chain, only its digest, so that a legal erasure can remove
//! content while the chain still verifies.

mod basis;
mod digest;
pub mod feed;
mod follower;
pub mod followers;
mod following;
mod manner;
mod place;
mod ring;
pub mod routes;
pub mod showing;
pub mod stream;
pub mod tail;
pub mod verify;
pub mod views;
mod writer;

use utoipa_actix_web::service_config::ServiceConfig;

pub use basis::Basis;
pub use digest::canonical_json;
pub use manner::Manner;
pub use writer::{Origin, Outcome, Previous, Recorded, Writer};

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(routes::list_changes)
        .service(stream::stream_changes)
        .service(routes::list_history);
}

/// The resources that the log speaks of. The name is the one used in the API's paths and documents.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// A topic.
    Topic,
    /// An organisation.
    Organisation,
    /// A named group of organisations.
    Group,
    /// A report.
    Report,
    /// A recommendation.
    Recommendation,
    /// What is recorded of an obligation itself.
    Obligation,
    /// A response.
    Response,
    /// What an addressee will do.
    ActionPlan,
    /// How far an addressee says it is.
    ProgressUpdate,
    /// What a recommender concluded.
    Assessment,
    /// An article.
    Article,
}

impl Resource {
    /// Every resource, each after those it may refer to.
    pub const ALL: [Resource; 11] = [
        Self::Topic,
        Self::Organisation,
        Self::Group,
        Self::Report,
        Self::Recommendation,
        Self::Obligation,
        Self::Response,
        Self::ActionPlan,
        Self::ProgressUpdate,
        Self::Assessment,
        Self::Article,
    ];

    /// The name in documents and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Organisation => "organisation",
            Self::Group => "group",
            Self::Report => "report",
            Self::Recommendation => "recommendation",
            Self::Obligation => "obligation",
            Self::Response => "response",
            Self::ActionPlan => "action_plan",
            Self::ProgressUpdate => "progress_update",
            Self::Assessment => "assessment",
            Self::Article => "article",
        }
    }

    /// The collection below `/v1`.
    pub fn collection(self) -> &'static str {
        match self {
            Self::ActionPlan => "action-plans",
            Self::ProgressUpdate => "progress-updates",
            other => other.table(),
        }
    }

    /// The table.
    pub fn table(self) -> &'static str {
        match self {
            Self::Topic => "topics",
            Self::Organisation => "organisations",
            Self::Group => "groups",
            Self::Report => "reports",
            Self::Recommendation => "recommendations",
            Self::Obligation => "obligations",
            Self::Response => "responses",
            Self::ActionPlan => "action_plans",
            Self::ProgressUpdate => "progress_updates",
            Self::Assessment => "assessments",
            Self::Article => "articles",
        }
    }
}

impl std::fmt::Display for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
