//! The kind of record: how the documents of organisations are checked, linked, erased and stored.

use diesel::result::QueryResult;

use super::model::OrganisationDocument;
use super::queries::{self, OWNERSHIP};
use super::views::Organisation;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::platform::values::ERASED;
use crate::resources::handlers;
use crate::writing::document::{Document, Head, Link, Resolved};
use crate::writing::kind::{Guide, Kind};

impl Document for OrganisationDocument {
    fn head(&self) -> Head<'_> {
        Head {
            id: self.id,
            slug: Some(&self.slug),
            state: self.state,
            merged_into: self.merged_into.as_ref(),
        }
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let organisation = Resource::Organisation.only();
        let parent = Link::optional("/parent", organisation, &mut self.parent);
        let successors = self.successors.iter_mut().enumerate();
        let successors = successors.map(|(index, successor)| {
            let pointer = format!("/successors/{index}/organisation");
            Link::new(pointer, organisation, &mut successor.organisation)
        });
        let survivor = Link::survivor(Resource::Organisation, &mut self.merged_into);
        parent
            .into_iter()
            .chain(successors)
            .chain(survivor)
            .collect()
    }

    fn owners(&self, _: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
        Ok(vec![id])
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
    tag: "Organisations",
    example: "iopc",
    requires: "Requires `organisations:write` for the organisation; for a new one, for `*`.",
    on_change: "",
    has_slug: true,
};

/// Organisations, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    names_others: &["successors"],
    stays_on_record: true,
    ..Kind::new::<OrganisationDocument, Organisation>(OWNERSHIP, handlers::show::<Organisation>)
};
