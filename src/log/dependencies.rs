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
    /// The kinds of which some records count, for `Cache-Tag`.
    named_resources: u32,
    /// The single records whose ids are in `Cache-Tag`.
    tagged: Vec<RecordId>,
    /// The others, in order.
    untagged: Vec<RecordId>,
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
    /// Whether the article that was changed may be one of them now. If it was on the page before, or the one beyond it, it is
    /// one of the single records; if it was elsewhere, the page does not change when it leaves.
    fn may_have(&self, entry: &TailEntry) -> bool {
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
            tagged: Vec::new(),
            untagged: Vec::new(),
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

    /// Adds single records, whose ids are public: they are in `Cache-Tag`.
    pub fn with_records(mut self, ids: impl IntoIterator<Item = RecordId>) -> Self {
        self.tagged.extend(ids);
        self
    }

    /// Adds single records whose ids are not in `Cache-Tag`: there are many, or they may not be public.
    pub fn with_untagged(mut self, ids: impl IntoIterator<Item = RecordId>) -> Self {
        self.untagged.extend(ids);
        self.untagged.sort_unstable();
        self.untagged.dedup();
        self
    }

    /// Adds single records, with their kinds, which are in `Cache-Tag` instead of the ids.
    pub fn with_named(mut self, named: &[(Resource, RecordId)]) -> Self {
        for (resource, _) in named {
            self.named_resources |= bit(*resource);
            if *resource == Resource::Recommendation {
                // whether it is shown depends on its report, too
                self.resources |= bit(Resource::Report);
            }
        }
        self.with_untagged(named.iter().map(|(_, id)| *id))
    }

    /// Adds the articles that the page may come to show.
    pub fn with_articles(mut self, range: ArticleRange) -> Self {
        self.articles = Some(range);
        self
    }

    /// Whether a change may invalidate the response.
    pub fn is_concerned_by(&self, entry: &TailEntry) -> bool {
        let is_shown =
            |id: &RecordId| self.tagged.contains(id) || self.untagged.binary_search(id).is_ok();
        match entry.resource() {
            Some(resource) if self.resources & bit(resource) == 0 => {
                let range = self
                    .articles
                    .as_ref()
                    .filter(|_| resource == Resource::Article);
                is_shown(&entry.id)
                    || entry.translation_of.as_ref().is_some_and(is_shown)
                    || range.is_some_and(|range| range.may_have(entry))
            }
            _ => true,
        }
    }

    /// The memory that they take, in bytes.
    pub fn bytes(&self) -> u64 {
        let linked_to = self.articles.iter().flat_map(|range| &range.linked_to);
        let ids = self.tagged.len() + self.untagged.len() + linked_to.map(Vec::len).sum::<usize>();
        (ids * size_of::<RecordId>()) as u64
    }

    /// The value of `Cache-Tag`: a change to an article affects responses tagged `articles` or with its id.
    pub fn tags(&self) -> String {
        let of_articles = self.articles.as_ref().map_or(0, |_| bit(Resource::Article));
        let resources = self.resources | self.named_resources | of_articles;
        let whole = Resource::ALL.into_iter();
        let whole = whole.filter(|resource| resources & bit(*resource) != 0);
        let mut tags: Vec<&str> = whole.map(Resource::collection).collect();
        tags.extend(self.tagged.iter().map(RecordId::as_str));
        tags.join(",")
    }
}

/// One bit per resource: more resources than bits do not compile.
const _: () = assert!(Resource::ALL.len() <= u32::BITS as usize);

fn bit(resource: Resource) -> u32 {
    1 << resource as u16
}
