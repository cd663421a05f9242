//! The tables of the records, each with the column that says which record, or report, a row belongs to. All have a history.

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
