//! The views of articles.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

use super::contents::{ArticleLinks, ChangeNote, Correction, StatementDocument};
use super::model::ArticleRow;
use crate::access::names::{Name, Names};
use crate::http::references::{
    Expandable, NameReference, NumberReference, TitleReference, TranslationReference, expandable,
};
use crate::platform::html;
use crate::platform::identity::{RecordId, Slug};
use crate::platform::language::TextDirection;
use crate::platform::page_urls::PageUrls;
use crate::platform::states::EditorialState;
use crate::platform::values::{Identifier, Withdrawal};
use crate::resources::media::{Attachment, Image};
use crate::resources::organisations::views::Organisation;
use crate::resources::recommendations::views::Recommendation;
use crate::resources::reports::views::Report;
use crate::resources::topics::views::Topic;

/// A news item that an oversight body published.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Article {
    /// The id.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub id: RecordId,
    /// The slug, which can be used in place of the id.
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        example = "iopc-welcomes-stalking-super-complaint-responses"
    )]
    pub slug: Slug,
    /// Its page on the public site: where people read it. Present if the setting `page_urls` says where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://site.example/news/iopc-welcomes-stalking-super-complaint-responses"
    )]
    pub page_url: Option<String>,
    /// Published, or withdrawn with a notice; with a token, also scheduled or a draft.
    pub state: EditorialState,
    /// The headline.
    #[schema(
        max_length = 300,
        example = "Watchdogs welcome the replies on stalking"
    )]
    pub headline: String,
    /// The summary. Left out when withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub summary: Option<String>,
    /// The body, as sanitised HTML. Lists include it only if `fields` names it. Left out when withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000000,
        example = "<p>The replies have been published.</p>"
    )]
    pub body_html: Option<String>,
    /// The body, as plain text, with blank lines between its paragraphs. Included only if `fields` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000000, example = "The replies have been published.")]
    pub body_text: Option<String>,
    /// The beginning of the body, as plain text, for use when there is no summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 280, example = "The replies have been published.")]
    pub excerpt: Option<String>,
    /// The publisher.
    pub organisation: Expandable<NameReference, Organisation>,
    /// The co-publishers.
    #[schema(max_items = 50)]
    pub co_publishers: Vec<Expandable<NameReference, Organisation>>,
    /// The topics it is filed under.
    #[schema(max_items = 50)]
    pub topics: Vec<Expandable<NameReference, Topic>>,
    /// The language, as a BCP 47 tag.
    #[schema(max_length = 35, example = "en")]
    pub language: String,
    /// The direction in which its language is written.
    pub text_direction: TextDirection,
    /// The article that this one translates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub translation_of: Option<TranslationReference>,
    /// Its versions in other languages, but for the one that it translates: its translations, and other translations of that
    /// one.
    #[schema(max_items = 100)]
    pub translations: Vec<TranslationReference>,
    /// The article on its publisher's website.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub original_url: Option<String>,
    /// The attribution that the licence requires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub attribution: Option<String>,
    /// The licence of its text: an SPDX name or a URL. If absent, all rights are reserved: link to it only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, example = "OGL-UK-3.0")]
    pub licence: Option<String>,
    /// The statements quoted in it. Left out when withdrawn.
    #[schema(max_items = 50)]
    pub statements: Vec<Statement>,
    /// The corrections since publication.
    #[schema(max_items = 100)]
    pub corrections: Vec<Correction>,
    /// The images. Left out when withdrawn.
    #[schema(max_items = 50)]
    pub images: Vec<Image>,
    /// The files that are published with it. Left out when withdrawn.
    #[schema(max_items = 200)]
    pub attachments: Vec<Attachment>,
    /// The kind of document, in its publisher's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60, example = "news_story")]
    pub document_type: Option<String>,
    /// What its publisher says of its changes.
    #[schema(max_items = 500)]
    pub change_notes: Vec<ChangeNote>,
    /// Its identifiers in other systems.
    #[schema(max_items = 50)]
    pub identifiers: Vec<Identifier>,
    /// The reports it is about.
    #[schema(max_items = 50)]
    pub reports: Vec<Expandable<TitleReference, Report>>,
    /// The recommendations it is about.
    #[schema(max_items = 200)]
    pub recommendations: Vec<Expandable<NumberReference, Recommendation>>,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// When it was first published, if earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_published_at: Option<DateTime<Utc>>,
    /// When it was last changed, other than by a minor edit.
    pub updated_at: DateTime<Utc>,
    /// When and why it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
}

/// A statement quoted in an article.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Statement {
    /// The quoted text.
    #[schema(max_length = 20000)]
    pub text: String,
    /// The speaker.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub speaker: Option<String>,
    /// The speaker's office.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300, example = "Director General")]
    pub office: Option<String>,
    /// The organisation that the speaker represents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<NameReference>,
}

/// The records to include in full, by id.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct ExpandedArticleReferences {
    pub organisations: HashMap<RecordId, Organisation>,
    pub co_publishers: HashMap<RecordId, Organisation>,
    pub topics: HashMap<RecordId, Topic>,
    pub reports: HashMap<RecordId, Report>,
    pub recommendations: HashMap<RecordId, Recommendation>,
}

impl Article {
    /// Adds the body as plain text, which is computed only on request.
    pub fn with_text(mut self) -> Self {
        self.body_text = self.body_html.as_deref().map(html::printed);
        self
    }

    /// The view of a row; `None` if it has no publisher, which the database rules out.
    pub fn new(
        row: ArticleRow,
        names: &Names,
        expanded: &ExpandedArticleReferences,
        (now, pages): (NaiveDateTime, &PageUrls),
    ) -> Option<Self> {
        let state = EditorialState::of(row.state, row.visible_from, now);
        let is_shown = state != EditorialState::Withdrawn;
        let links = row.links.into_inner();
        let published = |ids| named(names, ids).filter(move |name| name.is_published(now));
        let linked = LinkedRecords::new(&links, names, expanded, now)?;
        let mut translations: Vec<&Name> = published(&row.translations).collect();
        translations.sort_unstable_by(|a, b| a.slug.cmp(&b.slug));
        let statements = row.statements.into_inner().into_iter();
        let statements = statements.filter(|_| is_shown);
        let statements = statements.map(|statement| Statement::new(statement, names, now));
        let withdrawal = Withdrawal::of(row.withdrawn_at, row.withdrawal_reason);
        let media = row.media.into_inner().if_shown(is_shown);
        Some(Self {
            organisation: linked.organisation,
            co_publishers: linked.co_publishers,
            topics: linked.topics,
            reports: linked.reports,
            recommendations: linked.recommendations,
            translation_of: published(row.translation_of_id.as_slice())
                .next()
                .map(|name| name.translation(pages)),
            translations: translations
                .into_iter()
                .map(|name| name.translation(pages))
                .collect(),
            page_url: pages.of_article(&row.slug, &row.id, &row.language),
            statements: statements.collect(),
            corrections: row.corrections.into_inner(),
            images: media.images,
            attachments: media.attachments,
            document_type: row.document_type,
            change_notes: row.change_notes.into_inner(),
            identifiers: row.identifiers.into_inner(),
            summary: row.summary.filter(|_| is_shown),
            body_html: row.body_html.filter(|_| is_shown),
            body_text: None,
            excerpt: row.excerpt.filter(|_| is_shown),
            withdrawal: withdrawal.filter(|_| !is_shown),
            state,
            id: row.id,
            slug: row.slug,
            headline: row.headline,
            text_direction: TextDirection::of(&row.language),
            language: row.language,
            original_url: row.original_url,
            attribution: row.attribution,
            licence: row.licence,
            published_at: row.published_at.and_utc(),
            first_published_at: row.first_published_at.map(|at| at.and_utc()),
            updated_at: row.updated_at.and_utc(),
            revision: row.revision,
        })
    }
}

/// The records that an article names, as it shows them.
struct LinkedRecords {
    organisation: Expandable<NameReference, Organisation>,
    co_publishers: Vec<Expandable<NameReference, Organisation>>,
    topics: Vec<Expandable<NameReference, Topic>>,
    reports: Vec<Expandable<TitleReference, Report>>,
    recommendations: Vec<Expandable<NumberReference, Recommendation>>,
}

impl LinkedRecords {
    fn new(
        links: &ArticleLinks,
        names: &Names,
        expanded: &ExpandedArticleReferences,
        now: NaiveDateTime,
    ) -> Option<Self> {
        let published = |ids| named(names, ids).filter(move |name| name.is_published(now));
        let public = |ids| named(names, ids).filter(move |name| name.is_shown(now));
        let (publisher, co_publishers) = links.organisations.split_first()?;
        let publisher = names.get(publisher)?;
        Some(Self {
            organisation: expandable(publisher.named(), publisher.id, &expanded.organisations),
            co_publishers: published(co_publishers)
                .map(|name| expandable(name.named(), name.id, &expanded.co_publishers))
                .collect(),
            topics: published(&links.topics)
                .map(|name| expandable(name.named(), name.id, &expanded.topics))
                .collect(),
            reports: public(&links.reports)
                .map(|name| expandable(name.titled(), name.id, &expanded.reports))
                .collect(),
            recommendations: public(&links.recommendations)
                .map(|name| expandable(name.numbered(), name.id, &expanded.recommendations))
                .collect(),
        })
    }
}

/// The names of these records.
fn named<'a>(names: &'a Names, ids: &'a [RecordId]) -> impl Iterator<Item = &'a Name> {
    ids.iter()
        .filter_map(|id| names.get(id).map(|name| &**name))
}

impl Statement {
    fn new(statement: StatementDocument, names: &Names, now: NaiveDateTime) -> Self {
        let organisation = statement.organisation.and_then(|key| names.get(&key.id()?));
        let organisation = organisation.filter(|name| name.is_published(now));
        Self {
            text: statement.text,
            speaker: statement.speaker,
            office: statement.office,
            organisation: organisation.map(|name| name.named()),
        }
    }
}
