//! The kinds of records.

use Appears::{AtItsMoment, AtOnce, WithItsReport};

/// A kind of record. The name is the one used in the API's paths and documents.
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
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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
    /// The recorded part of an obligation.
    Obligation,
    /// A mandate to answer for others.
    Mandate,
    /// A response.
    Response,
    /// An addressee's action plan.
    ActionPlan,
    /// An addressee's update on its progress.
    ProgressUpdate,
    /// A recommender's conclusion.
    Assessment,
    /// An article.
    Article,
}

/// From when a published record is visible to the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appears {
    /// As soon as it is stored.
    AtOnce,
    /// At its own time: the later of publication and embargo.
    AtItsMoment,
    /// With the report that it belongs to, and only while that report is public.
    WithItsReport,
}

impl Resource {
    /// Every resource, each after those it may refer to.
    pub const ALL: [Resource; 12] = [
        Self::Topic,
        Self::Organisation,
        Self::Group,
        Self::Report,
        Self::Recommendation,
        Self::Obligation,
        Self::Mandate,
        Self::Response,
        Self::ActionPlan,
        Self::ProgressUpdate,
        Self::Assessment,
        Self::Article,
    ];

    /// Those whose records have slugs, and are shown with them where others name them.
    pub const WITH_SLUGS: [Resource; 6] = [
        Self::Topic,
        Self::Organisation,
        Self::Group,
        Self::Report,
        Self::Recommendation,
        Self::Article,
    ];

    /// Its table, its collection below `/v1`, and from when its records are visible.
    const fn facts(self) -> (&'static str, &'static str, Appears) {
        match self {
            Self::Topic => ("topics", "topics", AtOnce),
            Self::Organisation => ("organisations", "organisations", AtOnce),
            Self::Group => ("groups", "groups", AtOnce),
            Self::Report => ("reports", "reports", AtItsMoment),
            Self::Recommendation => ("recommendations", "recommendations", WithItsReport),
            Self::Obligation => ("obligations", "obligations", WithItsReport),
            Self::Mandate => ("mandates", "mandates", AtOnce),
            Self::Response => ("responses", "responses", WithItsReport),
            Self::ActionPlan => ("action_plans", "action-plans", WithItsReport),
            Self::ProgressUpdate => ("progress_updates", "progress-updates", WithItsReport),
            Self::Assessment => ("assessments", "assessments", WithItsReport),
            Self::Article => ("articles", "articles", AtItsMoment),
        }
    }

    /// The name in documents and in the log.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The table.
    pub fn table(self) -> &'static str {
        self.facts().0
    }

    /// The collection below `/v1`.
    pub fn collection(self) -> &'static str {
        self.facts().1
    }

    /// From when a published record is visible.
    pub fn appears(self) -> Appears {
        self.facts().2
    }

    /// Whether its records belong to a report and become visible with it.
    pub fn is_below_report(self) -> bool {
        self.appears() == WithItsReport
    }

    /// Whether its records are removed only when no other record names them.
    pub fn is_kept_in_use(self) -> bool {
        matches!(
            self,
            Self::Organisation | Self::Group | Self::Topic | Self::Report
        )
    }

    /// The resources whose records belong to a report and become visible with it.
    pub fn below_reports() -> impl Iterator<Item = Self> {
        let all = Self::ALL.into_iter();
        all.filter(|resource| resource.is_below_report())
    }

    /// A slice with only this resource.
    pub fn only(self) -> &'static [Self] {
        // `ALL` is in the order of the variants: a test checks that
        std::slice::from_ref(&Self::ALL[self as usize])
    }

    /// The resource with this name.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// The resource of this collection.
    pub fn of_collection(collection: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|resource| resource.collection() == collection)
    }
}
