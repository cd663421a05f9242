//! Explains every statement that a read runs: none may scan a whole table, however it is built.
//! The statements are taken from the log, where `--log answerable::statements=trace` shows them.

use answerable::platform::db::Sql;
use diesel::RunQueryDsl;
use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::lists::LISTS;
use crate::support::{Content, Instance, Kind, contract, kinds};

static SEEN: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(Mutex::default);

/// Collects the statements from the log.
struct Collector;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Collector {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "answerable::statements"
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Visitor;
        impl tracing::field::Visit for Visitor {
            fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
            fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
                if field.name() == "sql" {
                    SEEN.lock().unwrap().insert(value.to_owned());
                }
            }
        }
        event.record(&mut Visitor);
    }
}

#[test]
fn no_read_scans_a_whole_table() {
    if !kinds().contains(&Kind::Sqlite) {
        return; // PostgreSQL collects statistics by itself, and cannot explain a statement without its values
    }
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Collector))
        .unwrap();
    let api = Instance::start(Kind::Sqlite, Content::Demo, |_| ());
    for list in LISTS {
        let operation = &contract::DOCUMENT["paths"][template(list)]["get"]["parameters"];
        let expandable = operation
            .as_array()
            .unwrap()
            .iter()
            .find(|parameter| parameter["name"] == "expand");
        let all: Vec<&str> = expandable
            .into_iter()
            .flat_map(|parameter| parameter["schema"]["items"]["enum"].as_array().unwrap())
            .map(|value| value.as_str().unwrap())
            .collect();
        let expand = if all.is_empty() {
            String::new()
        } else {
            format!("&expand={}", all.join(","))
        };
        let page = api.get(&format!("{list}?limit=20{expand}"));
        if let Some(next) = page.next_page() {
            api.get(&next);
        }
        if let Some(slug) = page
            .column("slug")
            .first()
            .filter(|_| list.split('/').count() == 3)
        {
            api.get(&format!("{list}/{slug}?{}", expand.trim_start_matches('&')));
        }
    }
    let statements = SEEN.lock().unwrap().clone();
    let is_part = |sql: &&String| {
        sql.contains(" IN (?")
            && sql.starts_with("SELECT")
            && !sql.contains("count(*)")
            && !sql.contains("LIMIT")
    };
    let parts: Vec<&String> = statements.iter().filter(is_part).collect();
    assert!(parts.len() > 15, "{parts:#?}");
    let mut explained = 0;
    for sql in parts {
        let plan = explain(&api, sql);
        let walks = |step: &&String| {
            let scans = step.starts_with("SCAN ")
                && !step.contains("SUBQUERY")
                && !["SCAN x", "SCAN (subquery"]
                    .iter()
                    .any(|start| step.starts_with(start));
            scans || step.ends_with("(state=?)")
        };
        let walks: Vec<&String> = plan.iter().filter(walks).collect();
        assert!(walks.is_empty(), "{sql}\n{plan:#?}");
        explained += plan.len();
    }
    assert!(explained > 30);
}

fn template(list: &str) -> String {
    contract::template(list).unwrap()
}

fn explain(api: &Instance, sql: &str) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    let sql: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into_boxed_str());
    let steps = api
        .database
        .read_now::<_, answerable::platform::db::Error>(|c| Ok(Sql::new(sql).load::<Step>(c)?));
    steps.unwrap().into_iter().map(|step| step.detail).collect()
}
