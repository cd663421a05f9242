//! What the register knows of articles: how a document is written, and whose it is.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use super::model::ArticleDocument;
use super::queries::{self, OWNERSHIP};
use super::views::Article;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::states::PublicationState;
use crate::platform::values::ERASED;
use crate::platform::web_address::duplicate_key;
use crate::resources::collection;
use crate::writing::document::{Document, Head, Link, Resolved, UniqueValue};
use crate::writing::kind::{Guide, Kind};

impl Document for ArticleDocument {
    fn head(&self) -> Head<'_> {
        Head {
            id: self.id,
            slug: Some(&self.slug),
            state: self.state,
            merged_into: self.merged_into.as_deref(),
        }
    }

    fn links(&mut self) -> Vec<Link<'_>> {
        let mut links = vec![Link::new(
            "/organisation",
            Resource::Organisation.only(),
            &mut self.organisation,
        )];
        links.extend(Link::each(
            "/co_publishers",
            Resource::Organisation.only(),
            &mut self.co_publishers,
        ));
        links.extend(Link::each(
            "/topics",
            Resource::Topic.only(),
            &mut self.topics,
        ));
        links.extend(Link::each(
            "/reports",
            Resource::Report.only(),
            &mut self.reports,
        ));
        links.extend(Link::each(
            "/recommendations",
            Resource::Recommendation.only(),
            &mut self.recommendations,
        ));
        let original = self.translation_of.iter_mut();
        links.extend(
            original.map(|slot| Link::new("/translation_of", Resource::Article.only(), slot)),
        );
        for (index, statement) in self.statements.iter_mut().enumerate() {
            let pointer = format!("/statements/{index}/organisation");
            let author = statement.organisation.as_mut();
            links.extend(
                author.map(|slot| {
                    Link::new(&pointer, Resource::Organisation.only(), slot).repeatable()
                }),
            );
        }
        links.extend(Link::survivor(Resource::Article, &mut self.merged_into));
        links
    }

    fn unique_value(&self) -> Option<UniqueValue> {
        let key = self.original_url.as_deref().and_then(duplicate_key)?;
        Some(UniqueValue {
            pointer: "/original_url",
            key,
            taken: "another article has this original link already (compared without scheme, www., tracking parameters and the like)",
        })
    }

    fn publication_time(&self) -> Option<(&'static str, Option<NaiveDateTime>)> {
        Some(("/published_at", self.visible_from()))
    }

    fn owners(&self, _: &mut DbConnection, _: &str) -> QueryResult<Vec<String>> {
        Ok(vec![self.organisation.clone()])
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
        self.identifiers.clear();
    }

    fn save(
        &mut self,
        _resolved: &Resolved,
        writer: &mut Writer<'_>,
        id: &str,
        previous: Option<&Previous>,
    ) -> QueryResult<WriteOutcome> {
        self.clean();
        queries::save(writer, id, self, previous)
    }
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
    states: &[
        PublicationState::Draft,
        PublicationState::Published,
        PublicationState::Withdrawn,
        PublicationState::Gone,
        PublicationState::Erased,
    ],
    is_published: true,
    hidden_when_withdrawn: &["summary", "body_html", "statements"],
    by_unique_value: Some(queries::by_original_url),
    ..Kind::new::<ArticleDocument>(OWNERSHIP, collection::show::<Article>)
};
