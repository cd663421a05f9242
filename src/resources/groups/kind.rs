//! The kind of record: how the documents of groups are checked, linked, erased and stored.

use diesel::result::QueryResult;

use super::model::GroupDocument;
use super::queries::{self, OWNERSHIP};
use super::views::Group;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::platform::values::ERASED;
use crate::resources::handlers;
use crate::writing::document::{Document, Head, Link, Resolved};
use crate::writing::kind::{Guide, Kind};

impl Document for GroupDocument {
    fn head(&self) -> Head<'_> {
        Head {
            id: self.id,
            slug: Some(&self.slug),
            state: self.state,
            merged_into: self.merged_into.as_ref(),
        }
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let members = self.members.iter_mut().enumerate();
        let members = members.map(|(index, member)| {
            let pointer = format!("/members/{index}/organisation");
            let organisation = Resource::Organisation.only();
            // a member may leave and come back
            Link::new(pointer, organisation, &mut member.organisation).repeatable()
        });
        let survivor = Link::survivor(Resource::Group, &mut self.merged_into);
        members.chain(survivor).collect()
    }

    fn owners(&self, _: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
        Ok(Vec::new())
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
    tag: "Groups",
    example: "all-chief-constables-england-wales",
    requires: "Requires `organisations:write` for `*`: groups belong to nobody.",
    on_change: "",
    has_slug: true,
};

/// Groups, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    stays_on_record: true,
    ..Kind::new::<GroupDocument, Group>(OWNERSHIP, handlers::show::<Group>)
};
