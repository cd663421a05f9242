//! How the database finds the rows of lists and exports: along an index, whatever the sort or the filter.

use answerable::http::query;
use answerable::http::shape::{Shape, Sort};
use answerable::platform::db::keyset::{Keyset, Order};
use answerable::platform::db::{Database, DbConnection, Error, Sql};
use answerable::platform::page_urls::PageUrls;
use answerable::publishing::{feeds, search};
use answerable::resources::articles::views::Article;
use answerable::resources::collection::{Collection, Context};
use answerable::resources::groups::views::Group;
use answerable::resources::organisations::views::Organisation;
use answerable::resources::recommendations::views::Recommendation;
use answerable::resources::reports::views::Report;
use answerable::resources::topics::views::Topic;
use answerable::tracking::action_plans::views::ActionPlan;
use answerable::tracking::assessments::views::Assessment;
use answerable::tracking::mandates::views::Mandate;
use answerable::tracking::obligations::views::Obligation;
use answerable::tracking::progress_updates::views::ProgressUpdate;
use answerable::tracking::responses::views::Response;
use diesel::RunQueryDsl;

use crate::support::{Content, Kind, contract, database, kinds, open_at, read};

/// The parameters that choose how records are shown, not which.
const PRESENTATION: [&str; 10] = [
    "sort", "fields", "expand", "count", "limit", "cursor", "as_of", "after", "id", "lang",
];

/// The queries that a path documents: each filter alone, with its example or with each of its words.
fn documented_filters(path: &str) -> Vec<String> {
    let mut queries = Vec::new();
    for parameter in contract::parameters(path) {
        let name = parameter["name"].as_str().unwrap();
        if PRESENTATION.contains(&name) {
            continue;
        }
        let mut values = contract::words(&parameter["schema"]);
        if values.is_empty() {
            let example = &parameter["example"];
            let examples = example
                .as_array()
                .map_or(std::slice::from_ref(example), Vec::as_slice);
            values.extend(examples.iter().map(|value| {
                value
                    .as_str()
                    .unwrap_or_else(|| panic!("{path}: no example of {name}"))
            }));
        }
        for value in values {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            queries.push(query.append_pair(name, value).finish());
        }
    }
    assert!(!queries.is_empty(), "{path}");
    queries
}

fn filter<V: Collection>(c: &mut DbConnection, context: &Context<V>, text: &str) -> V::Filter {
    let query = query::read::<V::Filters, Shape<V>, query::NoParameters>("", text).unwrap();
    V::filter(c, query.params, context).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// The keyset of an unfiltered list after its first record.
fn keyset<V: Collection>(c: &mut DbConnection, context: &Context<V>, sort: Sort<V>) -> Keyset {
    let mut keyset = Keyset {
        from: None,
        backwards: false,
        limit: 20,
        is_past: false,
        ids: None,
    };
    let everything = filter(c, context, "");
    let statement = V::statement(&everything, sort.order(), &keyset, context);
    let rows: Vec<V::Row> = statement.load(c).unwrap();
    keyset.from = rows.first().map(|row| sort.position(row));
    assert!(keyset.from.is_some(), "no demo record");
    keyset
}

/// The statements of a list: each sort, and each filter.
fn list<V: Collection>(c: &mut DbConnection, path: &str) -> Vec<(String, Sql)> {
    let context = Context::<V>::at(chrono::Utc::now().naive_utc(), PageUrls::default());
    let mut statements = Vec::new();
    for sort in Sort::<V>::all() {
        let everything = filter(c, &context, "");
        let keyset = keyset(c, &context, sort);
        let statement = V::statement(&everything, sort.order(), &keyset, &context);
        statements.push((format!("sort={}", sort.name()), statement));
    }
    let sort = Sort::<V>::all().next().unwrap();
    for query in documented_filters(path) {
        let filter = filter(c, &context, &query);
        let keyset = keyset(c, &context, sort);
        let statement = V::statement(&filter, sort.order(), &keyset, &context);
        statements.push((query, statement));
    }
    statements
}

/// The statements of an export, which goes by ids: without a filter, and with each.
fn export<V: Collection>(c: &mut DbConnection, path: &str) -> Vec<(String, Sql)> {
    let context = Context::<V>::at(chrono::Utc::now().naive_utc(), PageUrls::default());
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let keyset = Keyset {
        from: Some((id.into(), id.to_owned())),
        backwards: false,
        limit: 500,
        is_past: false,
        ids: None,
    };
    let mut queries = documented_filters(path);
    queries.push(String::new());
    let mut statements = Vec::new();
    for query in queries {
        let filter = filter(c, &context, &query);
        let statement = V::statement(&filter, Order::by_id(V::ID), &keyset, &context);
        statements.push((query, statement));
    }
    statements
}

fn assert_indexed(kind: Kind, database: &Database, path: &str, statements: Vec<(String, Sql)>) {
    for (query, statement) in statements {
        let is_list = !path.starts_with("/v1/exports/");
        let is_in_order = match is_list {
            true => query.starts_with("sort="),
            false => {
                query.is_empty()
                    || (path.contains("articles") && query.starts_with("organisation="))
            }
        };
        // a planner that knows nothing of the tables may sort what a filter finds, though an index would give it in order
        let plan = explain(kind, database, statement, is_list && !is_in_order);
        let reads_all = plan.iter().any(|step| reads_a_whole_table(kind, step));
        assert!(!reads_all, "{path}?{query} on {kind:?}: {plan:#?}");
        let is_sorted = plan.iter().any(|step| sorts(step));
        assert!(
            !is_in_order || !is_sorted,
            "{path}?{query} on {kind:?}: {plan:#?}"
        );
    }
}

#[test]
fn every_documented_sort_and_filter_uses_an_index() {
    type Statements = fn(&mut DbConnection, &str) -> Vec<(String, Sql)>;
    let paths: [(&str, Statements); 16] = [
        ("/v1/articles", list::<Article>),
        ("/v1/organisations", list::<Organisation>),
        ("/v1/groups", list::<Group>),
        ("/v1/topics", list::<Topic>),
        ("/v1/reports", list::<Report>),
        ("/v1/recommendations", list::<Recommendation>),
        ("/v1/obligations", list::<Obligation>),
        ("/v1/responses", list::<Response>),
        ("/v1/action-plans", list::<ActionPlan>),
        ("/v1/progress-updates", list::<ProgressUpdate>),
        ("/v1/assessments", list::<Assessment>),
        ("/v1/mandates", list::<Mandate>),
        ("/v1/exports/articles.ndjson", export::<Article>),
        ("/v1/exports/organisations.ndjson", export::<Organisation>),
        (
            "/v1/exports/recommendations.ndjson",
            export::<Recommendation>,
        ),
        ("/v1/exports/obligations.ndjson", export::<Obligation>),
    ];
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Demo);
        let database = open_at(&url);
        // with statistics, whether or not the database has collected them by itself meanwhile
        if kind == Kind::Postgresql {
            read(&database, |c| diesel::sql_query("ANALYZE").execute(c));
        }
        for (path, statements) in paths {
            let statements = read(&database, |c| Ok::<_, Error>(statements(c, path)));
            assert_indexed(kind, &database, path, statements);
        }
    }
}

#[test]
fn the_change_feed_uses_an_index() {
    use answerable::log::{Resource, entries};
    let place = |seq| entries::LogPosition {
        seq,
        ..entries::LogPosition::start()
    };
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Demo);
        let types = [Resource::Article, Resource::Topic];
        let statement = entries::logged_statement(&place(5), &place(500), &types, 21);
        let statements = vec![("type=article".to_owned(), statement)];
        assert_indexed(kind, &open_at(&url), "/v1/changes", statements);
    }
}

#[test]
fn the_search_index_walks_along_the_log() {
    for kind in kinds() {
        let (url, _folder) = database(kind, Content::Demo);
        let statement = search::queries::batch_statement(0, 1_000);
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
    read(database, |connection| {
        Ok::<_, Error>(match kind {
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
    })
}
