//! Documents: records as they are written, in the import format, with links to other records by slug or id.
//!
//! The same document, with its links resolved to ids, is what the change log keeps as the state of a record.

use crate::changes::Resource;

/// What a link may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Target {
    Topic,
    Organisation,
    Group,
    OrganisationOrGroup,
    Report,
    Recommendation,
    Obligation,
    Response,
    ActionPlan,
    ProgressUpdate,
    Assessment,
    Article,
}

impl From<Resource> for Target {
    fn from(resource: Resource) -> Self {
        match resource {
            Resource::Topic => Self::Topic,
            Resource::Organisation => Self::Organisation,
            Resource::Group => Self::Group,
            Resource::Report => Self::Report,
            Resource::Recommendation => Self::Recommendation,
            Resource::Obligation => Self::Obligation,
            Resource::Response => Self::Response,
            Resource::ActionPlan => Self::ActionPlan,
            Resource::ProgressUpdate => Self::ProgressUpdate,
            Resource::Assessment => Self::Assessment,
            Resource::Article => Self::Article,
        }
    }
}

impl Target {
    /// The resources to look in, in this order.
    pub fn resources(self) -> &'static [Resource] {
        match self {
            Self::Topic => &[Resource::Topic],
            Self::Organisation => &[Resource::Organisation],
            Self::Group => &[Resource::Group],
            Self::OrganisationOrGroup => &[Resource::Organisation, Resource::Group],
            Self::Report => &[Resource::Report],
            Self::Recommendation => &[Resource::Recommendation],
            Self::Obligation => &[Resource::Obligation],
            Self::Response => &[Resource::Response],
            Self::ActionPlan => &[Resource::ActionPlan],
            Self::ProgressUpdate => &[Resource::ProgressUpdate],
            Self::Assessment => &[Resource::Assessment],
            Self::Article => &[Resource::Article],
        }
    }
}

/// How a document names the recommendation that it is about: by report and number until its links are followed, by id
/// from then on.
pub struct About<'a> {
    /// The report.
    pub report: &'a mut Option<String>,
    /// The number in the report.
    pub number: &'a mut Option<String>,
    /// The recommendation.
    pub recommendation: &'a mut Option<String>,
}

/// A place in a document that names another record.
#[derive(Debug)]
pub struct Link<'a> {
    /// The place, as a JSON pointer.
    pub pointer: String,
    /// What it may lead to.
    pub target: Target,
    /// The slug or id; resolving puts the id here.
    pub slot: &'a mut String,
}

impl<'a> Link<'a> {
    /// A link at one place.
    pub fn new(pointer: impl Into<String>, target: Target, slot: &'a mut String) -> Self {
        Self {
            pointer: pointer.into(),
            target,
            slot,
        }
    }

    /// The link from a removed record to the one that stays.
    pub fn survivor(target: Target, slot: &'a mut Option<String>) -> Option<Self> {
        let slot = slot.as_mut()?;
        Some(Self::new("/merged_into", target, slot))
    }

    /// The links in a list.
    pub fn each(pointer: &str, target: Target, slots: &'a mut [String]) -> Vec<Self> {
        let slots = slots.iter_mut().enumerate();
        slots
            .map(|(index, slot)| Self::new(format!("{pointer}/{index}"), target, slot))
            .collect()
    }
}
