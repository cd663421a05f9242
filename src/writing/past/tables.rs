//! The tables of the records, each with the column that says which record, or report, a row belongs to. All have a history.

use crate::platform::db::Sql;
use crate::platform::db::history_bounds::SortedList;

/// Those that records of all reports refer to.
pub const SHARED: [(&str, &str); 9] = [
    ("topics", "id"),
    ("organisations", "id"),
    ("organisation_names", "organisation_id"),
    ("organisation_identifiers", "organisation_id"),
    ("organisation_successions", "predecessor_id"),
    ("groups", "id"),
    ("group_members", "group_id"),
    ("mandates", "id"),
    ("mandate_represented", "mandate_id"),
];

/// Those of one report or article.
pub const OF_ONE: [(&str, &str); 22] = [
    ("reports", "id"),
    ("report_publishers", "report_id"),
    ("report_references", "report_id"),
    ("recommendations", "id"),
    ("recommendation_themes", "recommendation_id"),
    ("recommendation_addressees", "recommendation_id"),
    (
        "recommendation_addressed_organisations",
        "recommendation_id",
    ),
    ("recommendation_former_addressees", "recommendation_id"),
    ("recommendation_relations", "recommendation_id"),
    ("report_response_checks", "record_id"),
    ("obligation_spans", "report_id"),
    ("responses", "id"),
    ("response_covers", "response_id"),
    ("response_respondents", "response_id"),
    ("action_plans", "id"),
    ("progress_updates", "id"),
    ("assessments", "id"),
    ("articles", "id"),
    ("article_organisations", "article_id"),
    ("article_topics", "article_id"),
    ("article_reports", "article_id"),
    ("article_recommendations", "article_id"),
];

/// All of them.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHARED.into_iter().chain(OF_ONE)
}

/// The lists that may be so long that passing over what came later would take long.
pub const LONG_LISTS: [SortedList; 8] = [
    long_list("articles", "published_at", None),
    long_list("articles", "updated_at", None),
    long_list(
        "article_organisations",
        "published_at",
        Some("organisation_id"),
    ),
    long_list("article_topics", "published_at", Some("topic_id")),
    long_list("article_reports", "published_at", Some("report_id")),
    long_list(
        "article_recommendations",
        "published_at",
        Some("recommendation_id"),
    ),
    long_list("recommendations", "updated_at", None),
    long_list("responses", "updated_at", None),
];

const fn long_list(
    table: &'static str,
    column: &'static str,
    of: Option<&'static str>,
) -> SortedList {
    SortedList { table, column, of }
}

/// The condition that a row of a table, with its sort key in `column`, is within the bounds of a long list, if it is one. A
/// connection for the past reads it. `of` is the record that the list belongs to.
pub fn within_bounds(table: &str, column: &'static str, of: Option<&str>) -> Option<Sql> {
    let (_, name) = column.split_once('.')?;
    let mut lists = LONG_LISTS.iter();
    let list = lists.find(|list| list.table == table && list.column == name)?;
    Some(list.within_bounds(column, of))
}
