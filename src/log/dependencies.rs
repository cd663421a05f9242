//! The dependencies of a response: which changes invalidate it.

use super::resource::Resource;
use super::tail_entry::TailEntry;
use crate::platform::identity::RecordId;

/// The resources and records that a response shows or depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependencies {
    resources: u32,
    records: Vec<RecordId>,
}

impl Dependencies {
    /// Everything: correct for every response, and merely wasteful for one that depends on less.
    pub const EVERYTHING: Self = Self {
        resources: u32::MAX,
        records: Vec::new(),
    };

    /// No stored data: the response never changes.
    pub const NOTHING: Self = Self {
        resources: 0,
        records: Vec::new(),
    };

    /// All records of these resources.
    pub fn of(resources: &[Resource]) -> Self {
        let resources = resources.iter().copied();
        resources.fold(Self::NOTHING, Self::with_resource)
    }

    /// The same without this resource.
    pub fn without(mut self, resource: Resource) -> Self {
        self.resources &= !bit(resource);
        self
    }

    /// Adds all records of this resource.
    pub fn with_resource(mut self, resource: Resource) -> Self {
        self.resources |= bit(resource);
        self
    }

    /// Adds single records.
    pub fn with_records(mut self, ids: impl IntoIterator<Item = RecordId>) -> Self {
        self.records.extend(ids);
        self
    }

    /// Whether a change may invalidate the response.
    pub fn is_concerned_by(&self, entry: &TailEntry) -> bool {
        let is_shown = |id: &RecordId| self.records.contains(id);
        match entry.resource() {
            Some(resource) if self.resources & bit(resource) == 0 => {
                is_shown(&entry.id) || entry.translation_of.as_ref().is_some_and(is_shown)
            }
            _ => true,
        }
    }

    /// The value of `Cache-Tag`: a change to an article affects responses tagged `articles` or with its id.
    pub fn tags(&self) -> String {
        let whole = Resource::ALL.into_iter();
        let whole = whole.filter(|resource| self.resources & bit(*resource) != 0);
        let mut tags: Vec<&str> = whole.map(Resource::collection).collect();
        tags.extend(self.records.iter().map(RecordId::as_str));
        tags.join(",")
    }
}

/// One bit per resource: more resources than bits do not compile.
const _: () = assert!(Resource::ALL.len() <= u32::BITS as usize);

fn bit(resource: Resource) -> u32 {
    1 << resource as u16
}
