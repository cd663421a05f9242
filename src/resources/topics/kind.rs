//! The kind of record: how the documents of topics are checked, linked, erased and stored.

use diesel::result::QueryResult;

use super::model::TopicDocument;
use super::queries::{self, OWNERSHIP};
use super::views::Topic;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::platform::values::ERASED;
use crate::resources::handlers;
use crate::writing::document::{Document, Head, Link, Resolved};
use crate::writing::kind::{Guide, Kind};
use crate::writing::recorder::Submission;
use crate::writing::violation::Violation;

impl Document for TopicDocument {
    fn head(&self) -> Head<'_> {
        Head {
            id: self.id,
            slug: Some(&self.slug),
            state: self.state,
            merged_into: self.merged_into.as_ref(),
        }
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let parent = Link::optional("/parent", Resource::Topic.only(), &mut self.parent);
        let survivor = Link::survivor(Resource::Topic, &mut self.merged_into);
        parent.into_iter().chain(survivor).collect()
    }

    fn owners(&self, _: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
        Ok(Vec::new())
    }

    fn forbidden(
        &self,
        connection: &mut DbConnection,
        id: RecordId,
        _: &Submission<'_>,
    ) -> QueryResult<Vec<Violation>> {
        queries::forbidden(connection, id, self)
    }

    fn erase(&mut self) {
        *self = Self {
            id: self.id,
            slug: std::mem::take(&mut self.slug),
            state: PublicationState::Erased,
            name: ERASED.to_owned(),
            ..Self::default()
        };
    }

    fn save(
        &mut self,
        _resolved: &Resolved,
        writer: &mut Writer<'_>,
        id: RecordId,
        previous: Option<&Previous>,
    ) -> QueryResult<WriteOutcome> {
        queries::save(writer, id, self, previous)
    }
}

static GUIDE: Guide = Guide {
    tag: "Topics",
    example: "stalking",
    requires: "Requires `organisations:write` for `*`: topics belong to nobody.",
    on_change: "",
    has_slug: true,
};

/// Topics, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    ..Kind::new::<TopicDocument, Topic>(OWNERSHIP, handlers::show::<Topic>)
};
