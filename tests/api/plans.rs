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
        let template = contract::template(list).unwrap();
        let all = contract::parameter_values(&template, "expand");
        let expand = match all.is_empty() {
            true => String::new(),
            false => format!("&expand={}", all.join(",")),
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

fn explain(api: &Instance, sql: &str) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    let sql: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into_boxed_str());
    let steps = api.read(|c| Sql::new(sql).load::<Step>(c));
    steps.into_iter().map(|step| step.detail).collect()
}
