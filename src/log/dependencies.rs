//! The dependencies of a response: which changes invalidate it.

use chrono::NaiveDateTime;

use super::resource::Resource;
use super::tail_entry::TailEntry;
use crate::platform::identity::RecordId;

/// The resources and records that a response shows or depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependencies {
    /// The kinds of which every record counts.
    resources: u32,
    /// The kinds of the single records that are `named`.
    named_resources: u32,
    records: Vec<RecordId>,
    named: Vec<RecordId>,
    articles: Option<ArticleRange>,
}

/// The articles that a page of a list may come to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleRange {
    /// Each of these sets has a record to which they are linked.
    pub linked_to: Vec<Vec<RecordId>>,
    /// Published at this time or later.
    pub from: Option<NaiveDateTime>,
    /// Published at this time or earlier.
    pub until: Option<NaiveDateTime>,
}

impl ArticleRange {
    /// Whether the article that was changed is now one of them. If it was one before, the page has shown it.
    fn has(&self, entry: &TailEntry) -> bool {
        let Some(at) = entry.published_at else {
            return true;
        };
        let is_linked = |ids: &Vec<RecordId>| ids.iter().any(|id| entry.is_linked_to(id));
        self.from.is_none_or(|from| from <= at)
            && self.until.is_none_or(|until| at <= until)
            && self.linked_to.iter().all(is_linked)
    }
}

impl Dependencies {
    /// Everything: correct for every response, and merely wasteful for one that depends on less.
    pub const EVERYTHING: Self = Self::kinds(u32::MAX);

    /// No stored data: the response never changes.
    pub const NOTHING: Self = Self::kinds(0);

    const fn kinds(resources: u32) -> Self {
        Self {
            resources,
            named_resources: 0,
            records: Vec::new(),
            named: Vec::new(),
            articles: None,
        }
    }

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

    /// Adds the records that the response names, with their kinds. There may be many, so `Cache-Tag` has the kinds only.
    pub fn with_named(mut self, named: impl IntoIterator<Item = (Resource, RecordId)>) -> Self {
        for (resource, id) in named {
            self.named_resources |= bit(resource);
            if resource == Resource::Recommendation {
                // whether it is shown depends on its report, too
                self.resources |= bit(Resource::Report);
            }
            self.named.push(id);
        }
        self
    }

    /// Adds the articles that the page may come to show.
    pub fn with_articles(mut self, range: ArticleRange) -> Self {
        self.articles = Some(range);
        self
    }

    /// Whether a change may invalidate the response.
    pub fn is_concerned_by(&self, entry: &TailEntry) -> bool {
        let is_shown = |id: &RecordId| self.records.contains(id) || self.named.contains(id);
        match entry.resource() {
            Some(resource) if self.resources & bit(resource) == 0 => {
                let range = self
                    .articles
                    .as_ref()
                    .filter(|_| resource == Resource::Article);
                is_shown(&entry.id)
                    || entry.translation_of.as_ref().is_some_and(is_shown)
                    || range.is_some_and(|range| range.has(entry))
            }
            _ => true,
        }
    }

    /// The value of `Cache-Tag`: a change to an article affects responses tagged `articles` or with its id.
    pub fn tags(&self) -> String {
        let of_articles = self.articles.as_ref().map_or(0, |_| bit(Resource::Article));
        let resources = self.resources | self.named_resources | of_articles;
        let whole = Resource::ALL.into_iter();
        let whole = whole.filter(|resource| resources & bit(*resource) != 0);
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
