//! Articles as they are shown: from rows to views.

use chrono::NaiveDateTime;

use super::model::ArticleRow;
use super::views::{Article, ArticleExpansion, Whole};
use super::{parts, queries};
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;
use crate::resources::{organisations, recommendations, reports, topics};

/// The rows as they are shown, with everything that they name.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<ArticleRow>,
    expand: &[ArticleExpansion],
    now: NaiveDateTime,
) -> Result<Vec<Article>, ApiError> {
    let parts = parts::load(c, &rows, now)?;
    let mut whole = Whole::default();
    let asked = |expansion| expand.contains(&expansion);
    if asked(ArticleExpansion::Organisation) || asked(ArticleExpansion::CoPublishers) {
        let bodies = organisations::present::whole(c, &parts.ids("organisation"))?;
        if asked(ArticleExpansion::CoPublishers) {
            whole.co_publishers = bodies.clone();
        }
        if asked(ArticleExpansion::Organisation) {
            whole.organisations = bodies;
        }
    }
    if asked(ArticleExpansion::Topics) {
        whole.topics = topics::present::whole(c, &parts.ids("topic"))?;
    }
    if asked(ArticleExpansion::Reports) {
        whole.reports = reports::present::whole(c, &parts.ids("report"), now)?;
    }
    if asked(ArticleExpansion::Recommendations) {
        whole.recommendations =
            recommendations::present::whole(c, &parts.ids("recommendation"), now)?;
    }
    Ok(rows
        .into_iter()
        .filter_map(|row| Article::new(row, &parts, &whole, now))
        .collect())
}

/// The record as it is answered after a write.
pub fn show(c: &mut DbConnection, id: &str, now: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let article = views(c, vec![row], &[], now)?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    Shown::new(&article, article.revision)
}
