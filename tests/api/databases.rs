//! What every request costs the database, and how the database finds the rows.

use answerable::platform::db::keyset::{Keyset, Order};
use answerable::platform::db::{Database, Sql, Value};
use answerable::publishing::{feeds, search};
use answerable::resources::{articles, groups, organisations, recommendations, reports, topics};
use chrono::NaiveDate;
use diesel::RunQueryDsl;
use std::collections::BTreeSet;

use crate::support::{Content, Kind, both, contract, database, kinds, open_at};

#[test]
fn a_request_takes_as_many_statements_whatever_the_page_holds() {
    both(|api| {
        let everything = [
            (
                "/v1/articles",
                "&expand=organisation,co_publishers,topics,reports,recommendations&count=exact",
            ),
            ("/v1/articles", ""),
            ("/v1/organisations", "&expand=parent&count=exact"),
            ("/v1/groups", "&expand=members&count=exact"),
            ("/v1/topics", "&expand=parent&count=exact"),
            ("/v1/reports", "&expand=publishers&count=exact"),
            (
                "/v1/recommendations",
                "&expand=report,addressees&count=exact",
            ),
            ("/v1/reports/exampleshire-custody-2025/recommendations", ""),
            ("/v1/organisations/iopc/articles", ""),
        ];
        let cost = |path: &str| {
            let before = api.database.statements();
            assert_eq!(api.get(path).status, 200, "{path}");
            api.database.statements() - before
        };
        for (list, more) in everything {
            cost(&format!("{list}?limit=1{more}")); // opens the connection
            let costs = [2, 20, 50, 100].map(|limit| cost(&format!("{list}?limit={limit}{more}")));
            // a page so small that it names nothing of some kind saves the statement for that kind
            assert!(
                costs[0] <= costs[1] && costs[1] == costs[2] && costs[2] == costs[3],
                "{list}{more}: {costs:?}"
            );
            assert!(costs[3] <= 26, "{list}{more}: {costs:?}");
        }
    });
}

/// The filters and sorts of a list, each alone, by the name of its parameter.
fn statements() -> Vec<(&'static str, Vec<(&'static str, Sql)>)> {
    let keyset = |key: Value| Keyset {
        from: Some((key, "01890a5d-ac96-774b-bcce-b302099a8057".to_owned())),
        backwards: false,
        limit: 20,
    };
    let (one, day) = (
        || vec!["01890a5d-ac96-774b-bcce-b302099a8057".to_owned()],
        NaiveDate::from_ymd_opt(2025, 1, 1),
    );
    let at = day.and_then(|day| day.and_hms_opt(0, 0, 0));
    let pair = || Some(("scheme".to_owned(), "value".to_owned()));
    let text = || keyset(Value::from("m"));

    let article = |filter: articles::queries::Filter, key| {
        articles::queries::page_statement(
            &filter,
            key,
            true,
            &keyset(Value::from(at.unwrap())),
            false,
        )
    };
    let published = articles::queries::Key::PublishedAt;
    use articles::queries::Filter as Articles;
    let article_statements = vec![
        ("sort=published_at", article(Articles::default(), published)),
        (
            "sort=updated_at",
            article(Articles::default(), articles::queries::Key::UpdatedAt),
        ),
        (
            "organisation",
            article(
                Articles {
                    organisations: one(),
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "topic",
            article(
                Articles {
                    topics: one(),
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "report",
            article(
                Articles {
                    reports: one(),
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "recommendation",
            article(
                Articles {
                    recommendations: one(),
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "language",
            article(
                Articles {
                    languages: vec!["cy".to_owned()],
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "original_url",
            article(
                Articles {
                    original_url_key: Some("x".to_owned()),
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "published_from",
            article(
                Articles {
                    published_from: at,
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "published_before",
            article(
                Articles {
                    published_before: at,
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "updated_from",
            article(
                Articles {
                    updated_from: at,
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "updated_before",
            article(
                Articles {
                    updated_before: at,
                    ..Articles::default()
                },
                published,
            ),
        ),
        (
            "state",
            article(
                Articles {
                    state: answerable::platform::states::EditorialState::Withdrawn,
                    ..Articles::default()
                },
                published,
            ),
        ),
    ];

    use organisations::queries::Filter as Organisations;
    let by = |column, id| Order {
        column,
        id,
        descending: false,
    };
    let organisation = |filter: Organisations| {
        organisations::queries::page_statement(&filter, by("o.name", "o.id"), &text())
    };
    let organisation_statements = vec![
        ("sort=name", organisation(Organisations::default())),
        (
            "sort=updated_at",
            organisations::queries::page_statement(
                &Organisations::default(),
                by("o.updated_at", "o.id"),
                &keyset(Value::from(at.unwrap())),
            ),
        ),
        (
            "kind",
            organisation(Organisations {
                kinds: one(),
                ..Organisations::default()
            }),
        ),
        (
            "parent",
            organisation(Organisations {
                parents: one(),
                ..Organisations::default()
            }),
        ),
        (
            "identifier",
            organisation(Organisations {
                identifier: pair(),
                ..Organisations::default()
            }),
        ),
        (
            "name",
            organisation(Organisations {
                name: Some("IOPC".to_owned()),
                ..Organisations::default()
            }),
        ),
    ];

    use groups::queries::Filter as Groups;
    let group =
        |filter: Groups| groups::queries::page_statement(&filter, by("g.name", "g.id"), &text());
    let group_statements = vec![
        ("sort=name", group(Groups::default())),
        ("member", group(Groups { members: one() })),
    ];

    use topics::queries::Filter as Topics;
    let topic =
        |filter: Topics| topics::queries::page_statement(&filter, by("t.name", "t.id"), &text());
    let topic_statements = vec![
        ("sort=name", topic(Topics::default())),
        ("parent", topic(Topics { parents: one() })),
    ];

    use reports::queries::Filter as Reports;
    let on = || keyset(Value::from(day.unwrap()));
    let report = |filter: Reports| {
        reports::queries::page_statement(&filter, by("r.published_on", "r.id"), &on())
    };
    let report_statements = vec![
        ("sort=published_on", report(Reports::default())),
        (
            "sort=title",
            reports::queries::page_statement(&Reports::default(), by("r.title", "r.id"), &text()),
        ),
        (
            "sort=updated_at",
            reports::queries::page_statement(
                &Reports::default(),
                by("r.updated_at", "r.id"),
                &keyset(Value::from(at.unwrap())),
            ),
        ),
        (
            "publisher",
            report(Reports {
                publishers: one(),
                ..Reports::default()
            }),
        ),
        (
            "complainant_body",
            report(Reports {
                complainant_bodies: one(),
                ..Reports::default()
            }),
        ),
        (
            "kind",
            report(Reports {
                kinds: one(),
                ..Reports::default()
            }),
        ),
        (
            "reference",
            report(Reports {
                reference: pair(),
                ..Reports::default()
            }),
        ),
        (
            "published_from",
            report(Reports {
                published_from: day,
                ..Reports::default()
            }),
        ),
        (
            "published_before",
            report(Reports {
                published_before: day,
                ..Reports::default()
            }),
        ),
        (
            "state",
            report(Reports {
                state: answerable::platform::states::EditorialState::Withdrawn,
                ..Reports::default()
            }),
        ),
    ];

    use recommendations::queries::Filter as Recommendations;
    let recommendation = |filter: Recommendations| {
        recommendations::queries::page_statement(&filter, by("r.published_on", "r.id"), &on())
    };
    let recommendation_statements = vec![
        (
            "sort=published_on",
            recommendation(Recommendations::default()),
        ),
        (
            "sort=number",
            recommendations::queries::page_statement(
                &Recommendations::default(),
                by("r.number_key", "r.id"),
                &text(),
            ),
        ),
        (
            "sort=updated_at",
            recommendations::queries::page_statement(
                &Recommendations::default(),
                by("r.updated_at", "r.id"),
                &keyset(Value::from(at.unwrap())),
            ),
        ),
        (
            "report",
            recommendation(Recommendations {
                reports: one(),
                ..Recommendations::default()
            }),
        ),
        (
            "organisation",
            recommendation(Recommendations {
                organisations: one(),
                ..Recommendations::default()
            }),
        ),
        (
            "group",
            recommendation(Recommendations {
                groups: one(),
                ..Recommendations::default()
            }),
        ),
        (
            "kind",
            recommendation(Recommendations {
                kinds: one(),
                ..Recommendations::default()
            }),
        ),
        (
            "theme",
            recommendation(Recommendations {
                themes: one(),
                ..Recommendations::default()
            }),
        ),
        (
            "response_requirement",
            recommendation(Recommendations {
                response_requirements: one(),
                ..Recommendations::default()
            }),
        ),
        (
            "published_from",
            recommendation(Recommendations {
                published_from: day,
                ..Recommendations::default()
            }),
        ),
        (
            "published_before",
            recommendation(Recommendations {
                published_before: day,
                ..Recommendations::default()
            }),
        ),
        (
            "due_from",
            recommendation(Recommendations {
                due_from: day,
                ..Recommendations::default()
            }),
        ),
        (
            "due_before",
            recommendation(Recommendations {
                due_before: day,
                ..Recommendations::default()
            }),
        ),
        (
            "state",
            recommendation(Recommendations {
                state: answerable::platform::states::VisibleState::Withdrawn,
                ..Recommendations::default()
            }),
        ),
    ];
    vec![
        ("/v1/articles", article_statements),
        ("/v1/organisations", organisation_statements),
        ("/v1/groups", group_statements),
        ("/v1/topics", topic_statements),
        ("/v1/reports", report_statements),
        ("/v1/recommendations", recommendation_statements),
        ("/v1/obligations", obligation_statements()),
        ("/v1/responses", response_statements()),
        ("/v1/action-plans", action_plan_statements()),
        ("/v1/progress-updates", progress_updates_statements()),
        ("/v1/assessments", assessments_statements()),
        ("/v1/changes", change_statements()),
        ("/v1/exports/articles.ndjson", exported_articles()),
        ("/v1/exports/organisations.ndjson", exported_organisations()),
        (
            "/v1/exports/recommendations.ndjson",
            exported_recommendations(),
        ),
        ("/v1/exports/obligations.ndjson", exported_obligations()),
    ]
}

const AN_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn after_an_id() -> Keyset {
    Keyset {
        from: Some((Value::from(AN_ID), AN_ID.to_owned())),
        backwards: false,
        limit: 500,
    }
}

fn exported_articles() -> Vec<(&'static str, Sql)> {
    use answerable::resources::articles::queries::{Filter, Key, page_statement};
    let of = |filter: Filter| page_statement(&filter, Key::Id, false, &after_an_id(), false);
    let one = || vec![AN_ID.to_owned()];
    let day: NaiveDate = "2025-01-01".parse().unwrap();
    let at = Some(day.and_time(chrono::NaiveTime::MIN));
    let none = Filter::default;
    vec![
        ("after", of(none())),
        (
            "organisation",
            of(Filter {
                organisations: one(),
                ..none()
            }),
        ),
        (
            "topic",
            of(Filter {
                topics: one(),
                ..none()
            }),
        ),
        (
            "report",
            of(Filter {
                reports: one(),
                ..none()
            }),
        ),
        (
            "recommendation",
            of(Filter {
                recommendations: one(),
                ..none()
            }),
        ),
        (
            "language",
            of(Filter {
                languages: one(),
                ..none()
            }),
        ),
        (
            "original_url",
            of(Filter {
                original_url_key: Some("x".to_owned()),
                ..none()
            }),
        ),
        (
            "published_from",
            of(Filter {
                published_from: at,
                ..none()
            }),
        ),
        (
            "published_before",
            of(Filter {
                published_before: at,
                ..none()
            }),
        ),
        (
            "updated_from",
            of(Filter {
                updated_from: at,
                ..none()
            }),
        ),
        (
            "updated_before",
            of(Filter {
                updated_before: at,
                ..none()
            }),
        ),
        (
            "state",
            of(Filter {
                state: answerable::platform::states::EditorialState::Withdrawn,
                ..none()
            }),
        ),
    ]
}

fn exported_organisations() -> Vec<(&'static str, Sql)> {
    use answerable::resources::organisations::queries::{Filter, page_statement};
    let of = |filter: Filter| page_statement(&filter, Order::by_id("o.id"), &after_an_id());
    let one = || vec![AN_ID.to_owned()];
    let none = Filter::default;
    vec![
        ("after", of(none())),
        (
            "kind",
            of(Filter {
                kinds: one(),
                ..none()
            }),
        ),
        (
            "parent",
            of(Filter {
                parents: one(),
                ..none()
            }),
        ),
        (
            "identifier",
            of(Filter {
                identifier: Some(("scheme".to_owned(), "value".to_owned())),
                ..none()
            }),
        ),
        (
            "name",
            of(Filter {
                name: Some("IOPC".to_owned()),
                ..none()
            }),
        ),
    ]
}

fn exported_recommendations() -> Vec<(&'static str, Sql)> {
    use answerable::resources::recommendations::queries::{Filter, page_statement};
    let of = |filter: Filter| page_statement(&filter, Order::by_id("r.id"), &after_an_id());
    let one = || vec![AN_ID.to_owned()];
    let day = NaiveDate::from_ymd_opt(2025, 1, 1);
    let none = Filter::default;
    vec![
        ("after", of(none())),
        (
            "report",
            of(Filter {
                reports: one(),
                ..none()
            }),
        ),
        (
            "organisation",
            of(Filter {
                organisations: one(),
                ..none()
            }),
        ),
        (
            "group",
            of(Filter {
                groups: one(),
                ..none()
            }),
        ),
        (
            "kind",
            of(Filter {
                kinds: one(),
                ..none()
            }),
        ),
        (
            "theme",
            of(Filter {
                themes: one(),
                ..none()
            }),
        ),
        (
            "response_requirement",
            of(Filter {
                response_requirements: one(),
                ..none()
            }),
        ),
        (
            "published_from",
            of(Filter {
                published_from: day,
                ..none()
            }),
        ),
        (
            "published_before",
            of(Filter {
                published_before: day,
                ..none()
            }),
        ),
        (
            "due_from",
            of(Filter {
                due_from: day,
                ..none()
            }),
        ),
        (
            "due_before",
            of(Filter {
                due_before: day,
                ..none()
            }),
        ),
        (
            "state",
            of(Filter {
                state: answerable::platform::states::VisibleState::Withdrawn,
                ..none()
            }),
        ),
    ]
}

fn exported_obligations() -> Vec<(&'static str, Sql)> {
    use answerable::tracking::obligations::queries::{Filter, page_statement};
    let of = |filter: Filter| page_statement(&filter, Order::by_id("o.id"), &after_an_id());
    let one = || vec![AN_ID.to_owned()];
    let day = NaiveDate::from_ymd_opt(2025, 1, 1);
    let none = Filter::default;
    let overdue = vec![answerable::tracking::obligations::state::ResponseState::Overdue];
    vec![
        ("after", of(none())),
        (
            "organisation",
            of(Filter {
                organisations: one(),
                ..none()
            }),
        ),
        (
            "report",
            of(Filter {
                reports: one(),
                ..none()
            }),
        ),
        (
            "recommendation",
            of(Filter {
                recommendations: one(),
                ..none()
            }),
        ),
        (
            "group",
            of(Filter {
                groups: one(),
                ..none()
            }),
        ),
        (
            "state",
            of(Filter {
                states: overdue,
                ..none()
            }),
        ),
        (
            "response_requirement",
            of(Filter {
                response_requirements: one(),
                ..none()
            }),
        ),
        (
            "position",
            of(Filter {
                positions: one(),
                ..none()
            }),
        ),
        (
            "implementation_status",
            of(Filter {
                implementation_statuses: one(),
                ..none()
            }),
        ),
        (
            "assessment_status",
            of(Filter {
                assessment_statuses: one(),
                ..none()
            }),
        ),
        (
            "due_from",
            of(Filter {
                due_from: day,
                ..none()
            }),
        ),
        (
            "due_before",
            of(Filter {
                due_before: day,
                ..none()
            }),
        ),
    ]
}

fn change_statements() -> Vec<(&'static str, Sql)> {
    use answerable::log::{Resource, entries};
    let place = |seq| entries::Place {
        seq,
        ..entries::Place::start()
    };
    let types = [Resource::Article, Resource::Topic];
    let statement = entries::logged_statement(&place(5), &place(500), &types, 21);
    vec![("type", statement)]
}

fn progress_updates_statements() -> Vec<(&'static str, Sql)> {
    use answerable::tracking::progress_updates::queries::{Filter, page_statement};
    let keyset = |key: Value| Keyset {
        from: Some((key, "01890a5d-ac96-774b-bcce-b302099a8057".to_owned())),
        backwards: false,
        limit: 20,
    };
    let by = |column| Order {
        column,
        id: "r.id",
        descending: true,
    };
    let filtered =
        |filter: Filter| page_statement(&filter, by("r.as_at"), &keyset(Value::from("2025-01")));
    let one = || vec!["01890a5d-ac96-774b-bcce-b302099a8057".to_owned()];
    let none = Filter::default;
    let day: chrono::NaiveDate = "2025-01-01".parse().unwrap();
    let updated = day.and_time(chrono::NaiveTime::MIN);
    vec![
        ("sort=as_at", filtered(none())),
        (
            "sort=updated_at",
            page_statement(&none(), by("r.updated_at"), &keyset(Value::from(updated))),
        ),
        (
            "report",
            filtered(Filter {
                reports: one(),
                ..none()
            }),
        ),
        (
            "recommendation",
            filtered(Filter {
                recommendations: one(),
                ..none()
            }),
        ),
        (
            "organisation",
            filtered(Filter {
                organisations: one(),
                ..none()
            }),
        ),
        (
            "author",
            filtered(Filter {
                authors: one(),
                ..none()
            }),
        ),
        (
            "status",
            filtered(Filter {
                statuses: one(),
                ..none()
            }),
        ),
        (
            "state",
            filtered(Filter {
                state: answerable::platform::states::VisibleState::Withdrawn,
                ..none()
            }),
        ),
    ]
}

fn assessments_statements() -> Vec<(&'static str, Sql)> {
    use answerable::tracking::assessments::queries::{Filter, page_statement};
    let keyset = |key: Value| Keyset {
        from: Some((key, "01890a5d-ac96-774b-bcce-b302099a8057".to_owned())),
        backwards: false,
        limit: 20,
    };
    let by = |column| Order {
        column,
        id: "r.id",
        descending: true,
    };
    let filtered =
        |filter: Filter| page_statement(&filter, by("r.as_at"), &keyset(Value::from("2025-01")));
    let one = || vec!["01890a5d-ac96-774b-bcce-b302099a8057".to_owned()];
    let none = Filter::default;
    let day: chrono::NaiveDate = "2025-01-01".parse().unwrap();
    let updated = day.and_time(chrono::NaiveTime::MIN);
    vec![
        ("sort=as_at", filtered(none())),
        (
            "sort=updated_at",
            page_statement(&none(), by("r.updated_at"), &keyset(Value::from(updated))),
        ),
        (
            "report",
            filtered(Filter {
                reports: one(),
                ..none()
            }),
        ),
        (
            "recommendation",
            filtered(Filter {
                recommendations: one(),
                ..none()
            }),
        ),
        (
            "organisation",
            filtered(Filter {
                organisations: one(),
                ..none()
            }),
        ),
        (
            "assessor",
            filtered(Filter {
                assessors: one(),
                ..none()
            }),
        ),
        (
            "status",
            filtered(Filter {
                statuses: one(),
                ..none()
            }),
        ),
        (
            "state",
            filtered(Filter {
                state: answerable::platform::states::VisibleState::Withdrawn,
                ..none()
            }),
        ),
    ]
}

fn action_plan_statements() -> Vec<(&'static str, Sql)> {
    use answerable::tracking::action_plans::queries::{Filter, page_statement};
    let day: chrono::NaiveDate = "2025-01-01".parse().unwrap();
    let keyset = |key: Value| Keyset {
        from: Some((key, "01890a5d-ac96-774b-bcce-b302099a8057".to_owned())),
        backwards: false,
        limit: 20,
    };
    let by = |column| Order {
        column,
        id: "r.id",
        descending: true,
    };
    let filtered =
        |filter: Filter| page_statement(&filter, by("r.first_seen_key"), &keyset(Value::from(day)));
    let one = || vec!["01890a5d-ac96-774b-bcce-b302099a8057".to_owned()];
    let none = Filter::default;
    let updated = day.and_time(chrono::NaiveTime::MIN);
    vec![
        ("sort=first_seen_on", filtered(none())),
        (
            "sort=updated_at",
            page_statement(&none(), by("r.updated_at"), &keyset(Value::from(updated))),
        ),
        (
            "report",
            filtered(Filter {
                reports: one(),
                ..none()
            }),
        ),
        (
            "organisation",
            filtered(Filter {
                organisations: one(),
                ..none()
            }),
        ),
        (
            "state",
            filtered(Filter {
                state: answerable::platform::states::VisibleState::Withdrawn,
                ..none()
            }),
        ),
    ]
}

fn response_statements() -> Vec<(&'static str, Sql)> {
    use answerable::tracking::responses::queries::{Filter, page_statement};
    let day: chrono::NaiveDate = "2025-01-01".parse().unwrap();
    let keyset = |key: Value| Keyset {
        from: Some((key, "01890a5d-ac96-774b-bcce-b302099a8057".to_owned())),
        backwards: false,
        limit: 20,
    };
    let by = |column| Order {
        column,
        id: "r.id",
        descending: true,
    };
    let filtered =
        |filter: Filter| page_statement(&filter, by("r.published_on"), &keyset(Value::from(day)));
    let one = || vec!["01890a5d-ac96-774b-bcce-b302099a8057".to_owned()];
    let none = Filter::default;
    let updated = day.and_time(chrono::NaiveTime::MIN);
    vec![
        ("sort=published_on", filtered(none())),
        (
            "sort=updated_at",
            page_statement(&none(), by("r.updated_at"), &keyset(Value::from(updated))),
        ),
        (
            "report",
            filtered(Filter {
                reports: one(),
                ..none()
            }),
        ),
        (
            "recommendation",
            filtered(Filter {
                recommendations: one(),
                ..none()
            }),
        ),
        (
            "responder",
            filtered(Filter {
                responders: one(),
                ..none()
            }),
        ),
        (
            "kind",
            filtered(Filter {
                kinds: one(),
                ..none()
            }),
        ),
        (
            "published_from",
            filtered(Filter {
                published_from: Some(day),
                ..none()
            }),
        ),
        (
            "published_before",
            filtered(Filter {
                published_before: Some(day),
                ..none()
            }),
        ),
        (
            "state",
            filtered(Filter {
                state: answerable::platform::states::VisibleState::Withdrawn,
                ..none()
            }),
        ),
    ]
}

fn obligation_statements() -> Vec<(&'static str, Sql)> {
    use answerable::tracking::obligations::queries::{Filter, page_statement};
    use answerable::tracking::obligations::state::ResponseState;
    let day: chrono::NaiveDate = "2025-01-01".parse().unwrap();
    let keyset = |key: Value| Keyset {
        from: Some((key, "01890a5d-ac96-774b-bcce-b302099a8057".to_owned())),
        backwards: false,
        limit: 20,
    };
    let by = |column| Order {
        column,
        id: "o.id",
        descending: false,
    };
    let filtered =
        |filter: Filter| page_statement(&filter, by("o.due_key"), &keyset(Value::from(day)));
    let one = || vec!["01890a5d-ac96-774b-bcce-b302099a8057".to_owned()];
    let none = Filter::default;
    let updated = day.and_time(chrono::NaiveTime::MIN);
    vec![
        ("sort=due_on", filtered(none())),
        (
            "sort=updated_at",
            page_statement(&none(), by("o.updated_at"), &keyset(Value::from(updated))),
        ),
        (
            "organisation",
            filtered(Filter {
                organisations: one(),
                ..none()
            }),
        ),
        (
            "report",
            filtered(Filter {
                reports: one(),
                ..none()
            }),
        ),
        (
            "recommendation",
            filtered(Filter {
                recommendations: one(),
                ..none()
            }),
        ),
        (
            "group",
            filtered(Filter {
                groups: one(),
                ..none()
            }),
        ),
        (
            "state",
            filtered(Filter {
                states: vec![ResponseState::Overdue],
                ..none()
            }),
        ),
        (
            "response_requirement",
            filtered(Filter {
                response_requirements: one(),
                ..none()
            }),
        ),
        (
            "position",
            filtered(Filter {
                positions: one(),
                ..none()
            }),
        ),
        (
            "implementation_status",
            filtered(Filter {
                implementation_statuses: one(),
                ..none()
            }),
        ),
        (
            "assessment_status",
            filtered(Filter {
                assessment_statuses: one(),
                ..none()
            }),
        ),
        (
            "due_from",
            filtered(Filter {
                due_from: Some(day),
                ..none()
            }),
        ),
        (
            "due_before",
            filtered(Filter {
                due_before: Some(day),
                ..none()
            }),
        ),
    ]
}

#[test]
fn every_documented_sort_and_filter_has_a_statement_to_explain() {
    for (list, statements) in statements() {
        let mut documented = BTreeSet::new();
        for parameter in contract::DOCUMENT["paths"][list]["get"]["parameters"]
            .as_array()
            .unwrap()
        {
            match parameter["name"].as_str().unwrap() {
                "fields" | "expand" | "count" | "limit" | "cursor" | "as_of" => {}
                "sort" => {
                    documented.extend(parameter["schema"]["enum"].as_array().unwrap().iter().map(
                        |sort| format!("sort={}", sort.as_str().unwrap().trim_start_matches('-')),
                    ))
                }
                name => {
                    documented.insert(name.to_owned());
                }
            }
        }
        let explained: BTreeSet<String> = statements
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        assert_eq!(explained, documented, "{list}");
    }
}

#[test]
fn every_sort_and_filter_walks_along_an_index() {
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Demo);
        let database = open_at(&url);
        for (list, statements) in statements() {
            for (name, statement) in statements {
                // a planner that knows nothing of the tables may sort what an index would give in order
                let may_sort = !list.starts_with("/v1/exports/");
                let plan = explain(kind, &database, statement, may_sort);
                let reads_all = plan.iter().any(|step| reads_a_whole_table(kind, step));
                assert!(!reads_all, "{list} {name} on {kind:?}: {plan:#?}");
                let walks = list == "/v1/exports/articles.ndjson" && name == "organisation";
                if name.starts_with("sort=") || name == "after" || walks {
                    let sorts = plan.iter().any(|step| sorts(step));
                    assert!(!sorts, "{list} {name} on {kind:?}: {plan:#?}");
                }
            }
        }
    }
}

#[test]
fn the_search_index_walks_along_the_log() {
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Demo);
        let statement = search::queries::news_statement(0, 1_000);
        let plan = explain(kind, &open_at(&url), statement, false);
        let is_walk = |step: &String| !sorts(step) && !reads_a_whole_table(kind, step);
        assert!(plan.iter().all(is_walk), "{kind:?}: {plan:#?}");
    }
}

#[test]
fn what_was_removed_is_looked_up_along_indexes() {
    use answerable::log::Resource;
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Demo);
        let database = open_at(&url);
        for resource in [Resource::Article, Resource::Recommendation] {
            let statement = feeds::removed::statement(resource, 20, Default::default());
            let plan = explain(kind, &database, statement, true);
            let reads_all = plan.iter().any(|step| reads_a_whole_table(kind, step));
            assert!(!reads_all, "{resource:?} on {kind:?}: {plan:#?}");
        }
    }
}

fn sorts(step: &str) -> bool {
    let step = step.trim_start_matches([' ', '-', '>']);
    step.contains("TEMP B-TREE") || step.starts_with("Sort")
}

fn reads_a_whole_table(kind: Kind, step: &str) -> bool {
    match kind {
        Kind::Sqlite => {
            // the last two are what a part of the statement gives
            let fine = ["INDEX", "SUBQUERY", "SCAN one_type", "SCAN latest"];
            step.starts_with("SCAN ") && !fine.iter().any(|word| step.contains(word))
        }
        Kind::Postgresql => step.contains("Seq Scan"),
    }
}

fn explain(kind: Kind, database: &Database, statement: Sql, may_sort: bool) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Sqlite {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    #[derive(diesel::QueryableByName)]
    struct Postgresql {
        #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
        step: String,
    }
    let steps = database.read_now::<_, answerable::platform::db::Error>(|connection| {
        Ok(match kind {
            Kind::Sqlite => {
                let mut sql = Sql::new("EXPLAIN QUERY PLAN ");
                sql.append(statement);
                let steps: Vec<Sqlite> = sql.load(connection)?;
                steps.into_iter().map(|step| step.detail).collect()
            }
            Kind::Postgresql => {
                // the tables are small: only if there is no index at all is a whole table read now
                for setting in [
                    "SET LOCAL enable_seqscan = off",
                    "SET LOCAL enable_bitmapscan = off",
                    "SET LOCAL enable_hashjoin = off",
                    "SET LOCAL enable_mergejoin = off",
                ] {
                    diesel::sql_query(setting).execute(connection)?;
                }
                if !may_sort {
                    diesel::sql_query("SET LOCAL enable_sort = off").execute(connection)?;
                }
                let mut sql = Sql::new("EXPLAIN ");
                sql.append(statement);
                let steps: Vec<Postgresql> = sql.load(connection)?;
                steps.into_iter().map(|step| step.step).collect::<Vec<_>>()
            }
        })
    });
    steps.unwrap()
}

#[test]
fn migrations_go_up_down_and_up_again() {
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Demo);
        let database = open_at(&url);
        let before = tables(kind, &database);
        let reverted = answerable::platform::db::migrate::revert_all(&database).unwrap();
        assert!(!reverted.is_empty());
        assert_eq!(
            tables(kind, &database),
            Vec::<String>::new(),
            "left behind on {kind:?}"
        );
        let mut applied = answerable::platform::db::migrate::run(&database).unwrap();
        applied.reverse();
        assert_eq!(applied, reverted);
        assert_eq!(tables(kind, &database), before);
        assert_eq!(
            answerable::platform::db::migrate::run(&database).unwrap(),
            Vec::<String>::new()
        );
    }
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn lines(database: &Database, sql: &'static str) -> Vec<String> {
    let rows = database
        .read_now::<_, answerable::platform::db::Error>(|c| Ok(Sql::new(sql).load::<Line>(c)?))
        .unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

fn tables(kind: Kind, database: &Database) -> Vec<String> {
    lines(
        database,
        match kind {
            Kind::Sqlite => {
                "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name"
            }
            Kind::Postgresql => {
                "SELECT table_name::text AS line FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' ORDER BY table_name COLLATE \"C\""
            }
        },
    )
}

/// Otherwise SQLite plans a statement again whenever another value is bound to it: see `.cargo/config.toml`.
#[test]
fn the_sqlite_inside_plans_a_statement_once() {
    let (url, _folder) = database(Kind::Sqlite, Content::Empty);
    let options = lines(
        &open_at(&url),
        "SELECT compile_options AS line FROM pragma_compile_options",
    );
    assert!(options.contains(&"ENABLE_QPSG".to_owned()), "{options:?}");
}

#[test]
fn the_two_schemas_are_equal() {
    let kinds = kinds();
    if kinds.len() < 2 {
        return; // told by the suite
    }
    let schema = |kind: Kind| {
        let (url, _folder) = database(kind, Content::Empty);
        let database = open_at(&url);
        let columns = lines(
            &database,
            match kind {
                Kind::Sqlite => {
                    "SELECT m.name || '.' || c.name || ' ' || lower(c.type) || CASE c.\"notnull\" WHEN 1 THEN ' not null' ELSE '' END AS line \
                 FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1"
                }
                Kind::Postgresql => {
                    "SELECT (table_name || '.' || column_name || ' ' || CASE data_type WHEN 'timestamp without time zone' THEN 'timestamp' ELSE data_type END || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END) COLLATE \"C\" AS line \
                 FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%' ORDER BY 1"
                }
            },
        );
        let indexes = lines(
            &database,
            match kind {
                Kind::Sqlite => {
                    "SELECT m.name || ' ' || l.name || ' ' || (SELECT group_concat(i.name, ',') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno) i) AS line \
                 FROM sqlite_schema m JOIN pragma_index_list(m.name) l WHERE m.type = 'table' AND l.origin = 'c' ORDER BY 1"
                }
                Kind::Postgresql => {
                    "SELECT (t.relname || ' ' || i.relname || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(x.indkey) WITH ORDINALITY k(number, place) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number)) COLLATE \"C\" AS line \
                 FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
                 WHERE n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid) ORDER BY 1"
                }
            },
        );
        (columns, indexes)
    };
    let (sqlite, postgresql) = (schema(Kind::Sqlite), schema(Kind::Postgresql));
    assert!(sqlite.0.len() > 100 && sqlite.1.len() > 40);
    assert_eq!(sqlite, postgresql);
}
