//! The kind of record: how the documents of articles are checked, linked, erased and stored.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::result::QueryResult;
use std::iter;

use super::model::ArticleDocument;
use super::queries::{self, OWNERSHIP};
use super::storing;
use super::views::Article;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;
use crate::platform::values::ERASED;
use crate::platform::web_address::duplicate_key;
use crate::resources::handlers;
use crate::writing::document::{Document, Head, Link, NewDocument, Resolved, UniqueValue};
use crate::writing::kind::{Guide, Kind};

impl Document for ArticleDocument {
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
        let recommendation = Resource::Recommendation.only();
        let publisher = Link::new("/organisation", organisation, &mut self.organisation);
        let co_publishers = Link::each("/co_publishers", organisation, &mut self.co_publishers);
        let topics = Link::each("/topics", Resource::Topic.only(), &mut self.topics);
        let reports = Link::each("/reports", Resource::Report.only(), &mut self.reports);
        let slots = &mut self.recommendations;
        let recommendations = Link::each("/recommendations", recommendation, slots);
        let original = &mut self.translation_of;
        let original = Link::optional("/translation_of", Resource::Article.only(), original);
        let statements = self.statements.iter_mut().enumerate();
        let speakers = statements.filter_map(|(index, statement)| {
            let pointer = format!("/statements/{index}/organisation");
            let slot = &mut statement.organisation;
            Link::optional(&pointer, organisation, slot).map(Link::repeatable)
        });
        let survivor = Link::survivor(Resource::Article, &mut self.merged_into);
        let lists = [co_publishers, topics, reports, recommendations];
        let links = iter::once(publisher).chain(lists.into_iter().flatten());
        let links = links.chain(original).chain(speakers).chain(survivor);
        links.collect()
    }

    fn unique_value(&self) -> Option<UniqueValue> {
        let key = self.original_url.as_deref().and_then(duplicate_key)?;
        Some(UniqueValue {
            pointer: "/original_url",
            key,
            taken: "Another article has this original link already (compared without scheme, www., tracking parameters and the like).",
        })
    }

    fn publication_time(&self) -> Option<(&'static str, Option<NaiveDateTime>)> {
        Some(("/published_at", self.visible_from()))
    }

    fn owners(&self, _: &mut DbConnection, _: RecordId) -> QueryResult<Vec<RecordId>> {
        Ok(vec![self.organisation.resolved()?])
    }

    fn withdrawn_at(&self) -> Option<DateTime<Utc>> {
        self.withdrawal.as_ref().map(|withdrawal| withdrawal.at)
    }

    fn erase(&mut self) {
        self.headline = ERASED.to_owned();
        (self.summary, self.body_html, self.original_url) = (None, None, None);
        (self.attribution, self.licence, self.withdrawal) = (None, None, None);
        (self.translation_of, self.merged_into) = (None, None);
        self.co_publishers.clear();
        self.topics.clear();
        self.reports.clear();
        self.recommendations.clear();
        self.statements.clear();
        self.corrections.clear();
        self.images.clear();
        self.attachments.clear();
        self.document_type = None;
        self.change_notes.clear();
        self.identifiers.clear();
    }

    fn save(
        &mut self,
        _resolved: &Resolved,
        writer: &mut Writer<'_>,
        id: RecordId,
        previous: Option<&Previous>,
    ) -> QueryResult<WriteOutcome> {
        storing::save(writer, id, self, previous)
    }
}

fn save_new(writer: &mut Writer<'_>, documents: Vec<NewDocument>) -> QueryResult<()> {
    storing::save_new(writer, NewDocument::typed(documents)?)
}

static GUIDE: Guide = Guide {
    tag: "Articles",
    example: "iopc-welcomes-stalking-super-complaint-responses",
    requires: "Requires `articles:write` for the publishing organisation, and `articles:publish` unless the article is and stays a draft.",
    on_change: "",
    has_slug: true,
};

/// Articles, as a kind of record.
pub static KIND: Kind = Kind {
    guide: Some(&GUIDE),
    names_others: &["co_publishers"],
    states: &[
        PublicationState::Draft,
        PublicationState::Published,
        PublicationState::Withdrawn,
        PublicationState::Gone,
        PublicationState::Erased,
    ],
    is_published: true,
    html: &["body_html"],
    published_at: Some("published_at"),
    hidden_when_withdrawn: &[
        "summary",
        "body_html",
        "statements",
        "images",
        "attachments",
    ],
    by_unique_value: Some(queries::by_original_url),
    save_new: Some(save_new),
    ..Kind::new::<ArticleDocument, Article>(OWNERSHIP, handlers::show::<Article>)
};
