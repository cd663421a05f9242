//! The tables of the records.

/// Those with a history, each with the column that says which record (or report) a row belongs to.
pub const TABLES: [(&str, &str); 30] = [
    ("topics", "id"),
    ("organisations", "id"),
    ("organisation_names", "organisation_id"),
    ("organisation_identifiers", "organisation_id"),
    ("organisation_successions", "predecessor_id"),
    ("groups", "id"),
    ("group_members", "group_id"),
    ("mandates", "id"),
    ("mandate_represented", "mandate_id"),
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
    ("obligations", "report_id"),
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

/// The number of those at the beginning of [`TABLES`] that are not of one report or article: others refer to them.
const SHARED: usize = 9;

/// The names of the tables that records of all reports refer to.
pub fn shared() -> Vec<&'static str> {
    let shared = TABLES.iter().take(SHARED);
    shared.map(|(table, _)| *table).collect()
}

/// The names of all of them.
pub fn all() -> Vec<&'static str> {
    TABLES.iter().map(|(table, _)| *table).collect()
}
