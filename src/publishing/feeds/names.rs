//! Publishers and topics are named in the language of the record that names them.

use diesel::result::QueryResult;

use crate::http::references::{Expandable, NameReference};
use crate::platform::db::DbConnection;
use crate::resources::articles::views::Article;
use crate::resources::in_language::{self, Named};
use crate::resources::recommendations::views::Recommendation;

/// Names the publishers and the topics of articles.
///
/// # Errors
/// If the database cannot be read.
pub fn of_articles(c: &mut DbConnection, articles: &mut [Article]) -> QueryResult<()> {
    let mut named = Vec::new();
    for article in articles {
        let language = article.language.as_str();
        let publishers =
            std::iter::once(&mut article.organisation).chain(&mut article.co_publishers);
        named.extend(publishers.filter_map(|body| name(body, language)));
        named.extend(
            article
                .topics
                .iter_mut()
                .filter_map(|topic| name(topic, language)),
        );
    }
    in_language::name(c, named)
}

/// Names the publishers of the reports of recommendations.
///
/// # Errors
/// If the database cannot be read.
pub fn of_recommendations(
    c: &mut DbConnection,
    recommendations: &mut [Recommendation],
) -> QueryResult<()> {
    let mut named = Vec::new();
    for recommendation in recommendations {
        if let Expandable::Whole(report) = &mut recommendation.report {
            let language = report.language.as_str();
            let publishers = report.publishers.iter_mut();
            named.extend(publishers.filter_map(|body| name(body, language)));
        }
    }
    in_language::name(c, named)
}

fn name<'a, T>(
    record: &'a mut Expandable<NameReference, T>,
    language: &'a str,
) -> Option<Named<'a>> {
    match record {
        Expandable::Reference(reference) => Some((reference, language)),
        Expandable::Whole(_) => None,
    }
}
