//! The titles of feeds, embeds and calendars: what was asked for, by name.

use std::collections::{BTreeSet, HashMap};

use super::words::{self, FeedWords};
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;
use crate::platform::html;
use crate::platform::identity::RecordId;
use crate::platform::language::Language;
use crate::resources::articles::queries::ArticleCriteria;
use crate::resources::in_language;
use crate::resources::recommendations::queries::{self, RecommendationCriteria};

/// The most characters of a title.
const MAX_TITLE: usize = 2_000;

/// What a request asks for, by the records and words that its filters name.
#[derive(Debug, Default)]
pub struct AskedFor<'a> {
    /// Of everything, and before the names of organisations.
    pub words: (&'static str, &'static str),
    /// The language of the title, as a BCP 47 tag.
    pub language: &'a str,
    /// Whose.
    pub organisations: &'a [RecordId],
    /// On any of these topics.
    pub topics: &'a [RecordId],
    /// On all of these topics.
    pub every_topic: &'a [RecordId],
    /// About or of these reports.
    pub reports: &'a [RecordId],
    /// About these recommendations.
    pub recommendations: &'a [RecordId],
    /// To these groups.
    pub groups: &'a [RecordId],
    /// Kinds, themes and other words that name themselves, by filter.
    pub named: Vec<String>,
}

/// The only language of a filter; an empty text if there are several or none.
pub fn only(languages: &[Language]) -> &str {
    match languages {
        [language] => language,
        _ => "",
    }
}

/// The title of a list of articles.
///
/// # Errors
/// When the database fails.
pub fn of_articles(c: &mut DbConnection, filter: &ArticleCriteria) -> Result<String, ApiError> {
    let language = only(&filter.languages);
    let words = FeedWords::of(language);
    let languages = filter.languages.iter().map(|tag| words::own_name(tag));
    let languages: Vec<_> = languages.collect();
    let asked = AskedFor {
        words: (words.articles, words.articles_by),
        language,
        organisations: &filter.organisations,
        topics: &filter.topics,
        every_topic: &filter.every_topic,
        reports: &filter.reports,
        recommendations: &filter.recommendations,
        named: vec![languages.join(", ")],
        ..AskedFor::default()
    };
    asked.title(c)
}

/// The title of a list of recommendations.
///
/// # Errors
/// When the database fails.
pub fn of_recommendations(
    c: &mut DbConnection,
    filter: &RecommendationCriteria,
) -> Result<String, ApiError> {
    let spoken = |words: &[String]| words.join(", ").replace(['_', '-'], " ");
    let asked = AskedFor {
        words: ("Recommendations", "Recommendations to"),
        organisations: &filter.organisations,
        reports: &filter.reports,
        groups: &filter.groups,
        named: vec![
            spoken(&filter.kinds),
            spoken(&filter.themes),
            spoken(&filter.response_requirements),
        ],
        ..AskedFor::default()
    };
    asked.title(c)
}

impl AskedFor<'_> {
    /// The title, with two statements at most: "Articles by …", then what else was asked for.
    ///
    /// # Errors
    /// When the database fails.
    pub fn title(&self, c: &mut DbConnection) -> Result<String, ApiError> {
        let numbered = match self.recommendations {
            [] => HashMap::new(),
            ids => queries::numbers(c, ids)?,
        };
        let named = [
            self.organisations,
            self.topics,
            self.every_topic,
            self.reports,
            self.groups,
        ];
        let mut ids: BTreeSet<RecordId> = named.into_iter().flatten().copied().collect();
        ids.extend(numbered.values().map(|(_, report)| *report));
        let names = match ids.is_empty() {
            true => HashMap::new(),
            false => in_language::names(c, &ids, self.language)?,
        };
        let all = |ids: &[RecordId], separator: &str| {
            let names = ids
                .iter()
                .filter_map(|id| names.get(id).map(String::as_str));
            names.collect::<Vec<_>>().join(separator)
        };
        let word = FeedWords::of(self.language).recommendation;
        let recommendations = self.recommendations.iter().filter_map(|id| {
            let (number, report) = numbered.get(id)?;
            Some(format!("{word} {number}: {}", names.get(report)?))
        });
        let start = match all(self.organisations, ", ") {
            bodies if bodies.is_empty() => self.words.0.to_owned(),
            bodies => format!("{} {bodies}", self.words.1),
        };
        let rest = [
            all(self.groups, ", "),
            all(self.topics, ", "),
            all(self.every_topic, " + "),
            all(self.reports, ", "),
            recommendations.collect::<Vec<_>>().join(", "),
        ];
        let parts = [start].into_iter().chain(rest);
        let parts = parts.chain(self.named.iter().cloned());
        let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        Ok(html::excerpt(&parts.join(" – "), MAX_TITLE))
    }
}
