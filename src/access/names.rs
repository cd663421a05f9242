//! What a record shows of the others that it names: their slugs and names, and whether the public may see them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::http::references::{
    NameReference, NumberReference, TitleReference, TranslationReference,
};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{RecordId, Slug};
use crate::platform::page_urls::PageUrls;
use crate::platform::states::PublicationState;

/// What others show of a record.
#[derive(Clone, Debug, QueryableByName)]
pub struct Name {
    /// The id.
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    /// The slug.
    #[diesel(sql_type = Text)]
    pub slug: Slug,
    /// The name, the title, the number, or the language of a translation.
    #[diesel(sql_type = Text)]
    pub label: String,
    /// The publication state; for a record below a report, the report's if that is not public.
    #[diesel(sql_type = Text)]
    pub state: PublicationState,
    /// From when the public may see it, if not at once.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub visible_from: Option<NaiveDateTime>,
}

impl Name {
    /// Whether the public may see it, be it as a notice.
    pub fn is_shown(&self, now: NaiveDateTime) -> bool {
        self.state.is_shown() && self.visible_from.is_none_or(|from| from <= now)
    }

    /// Whether it is published and not withdrawn.
    pub fn is_published(&self, now: NaiveDateTime) -> bool {
        self.state == PublicationState::Published && self.is_shown(now)
    }

    /// The reference to a record with a name.
    pub fn named(&self) -> NameReference {
        self.reference(|id, slug, name| NameReference { id, slug, name })
    }

    /// The reference to a record with a title.
    pub fn titled(&self) -> TitleReference {
        self.reference(|id, slug, title| TitleReference { id, slug, title })
    }

    /// The reference to a record with a number.
    pub fn numbered(&self) -> NumberReference {
        self.reference(|id, slug, number| NumberReference { id, slug, number })
    }

    /// The reference to a version in another language.
    pub fn translation(&self, pages: &PageUrls) -> TranslationReference {
        let language = self.label.as_str();
        TranslationReference {
            page_url: pages.of_article(&self.slug, &self.id, language),
            id: self.id,
            slug: self.slug.clone(),
            language: language.to_owned(),
        }
    }

    fn reference<R>(&self, new: fn(RecordId, Slug, String) -> R) -> R {
        new(self.id, self.slug.clone(), self.label.clone())
    }
}

/// Names by id.
pub type Names = HashMap<RecordId, Arc<Name>>;

/// Reads the names of records, given with their kinds: one statement, whatever their number.
///
/// # Errors
/// If the database cannot be read.
pub fn load(
    connection: &mut DbConnection,
    records: impl IntoIterator<Item = (Resource, RecordId)>,
) -> QueryResult<Names> {
    let mut by_kind: BTreeMap<Resource, BTreeSet<RecordId>> = BTreeMap::new();
    for (resource, id) in records {
        by_kind.entry(resource).or_default().insert(id);
    }
    let mut sql = Sql::new("");
    for (index, (resource, ids)) in by_kind.iter().enumerate() {
        sql.push(if index > 0 { " UNION ALL " } else { "" });
        sql.push(select(*resource)).list(ids);
    }
    if by_kind.is_empty() {
        return Ok(Names::new());
    }
    let names: Vec<Name> = sql.load(connection)?;
    let names = names.into_iter().map(|name| (name.id, Arc::new(name)));
    Ok(names.collect())
}

/// The statement for the names of one kind of record, up to the list of ids.
fn select(resource: Resource) -> &'static str {
    match resource {
        Resource::Organisation => {
            "SELECT x.id, x.slug, x.name AS label, x.state, CAST(NULL AS TIMESTAMP) AS visible_from FROM organisations x WHERE x.id IN "
        }
        Resource::Topic => {
            "SELECT x.id, x.slug, x.name AS label, x.state, CAST(NULL AS TIMESTAMP) AS visible_from FROM topics x WHERE x.id IN "
        }
        Resource::Group => {
            "SELECT x.id, x.slug, x.name AS label, x.state, CAST(NULL AS TIMESTAMP) AS visible_from FROM groups x WHERE x.id IN "
        }
        Resource::Report => {
            "SELECT x.id, x.slug, x.title AS label, x.state, x.visible_from FROM reports x WHERE x.id IN "
        }
        Resource::Recommendation => {
            "SELECT r.id, r.slug, r.number AS label, CASE WHEN p.state IN ('published', 'withdrawn') THEN r.state ELSE p.state END AS state, p.visible_from \
             FROM recommendations r JOIN reports p ON p.id = r.report_id WHERE r.id IN "
        }
        _ => {
            "SELECT x.id, x.slug, x.language AS label, x.state, x.visible_from FROM articles x WHERE x.id IN "
        }
    }
}
