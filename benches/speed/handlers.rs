//! Plain handlers: a pool, one statement, rows, `serde_json`, and nothing around them: no strict query strings, no problem
//! documents, no entity tags, no signed cursors, no clock by which records appear.

use actix_web::{HttpResponse, web};
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, R2D2Connection};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};

use crate::plain::{self, COLUMNS, Card, Named, STATEMENTS, View};

/// How many connections the plain handlers have: as many as `answerable serve` opens on a machine of two cores.
const POOL: usize = 4;
/// How many articles a list shows. One more is read, as by Answerable, to know whether there are more.
const PAGE: usize = 20;
const ONE: &str = "organisation-7";

/// Which plain handlers to run, and on which database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Plain {
    Sqlite(String),
    Postgresql(String),
    TokioPostgresql(String),
}

/// Connections to the database, and the statements.
pub enum Store {
    Sqlite(Pool<ConnectionManager<SqliteConnection>>),
    Postgresql(Pool<ConnectionManager<PgConnection>>),
    TokioPostgresql(Vec<Pipeline>, Cell<usize>),
}

/// A connection that has many statements under way, each prepared once.
pub struct Pipeline {
    client: Client,
    statements: Vec<Statement>,
}

#[derive(Serialize)]
struct Answer<T> {
    data: T,
}

/// Mounts the handlers.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/bare/item/{number}", web::get().to(item))
        .route("/bare/latest", web::get().to(latest))
        .route("/bare/of-one", web::get().to(of_one));
}

async fn item(store: web::Data<Store>, number: web::Path<usize>) -> HttpResponse {
    let slug = format!("article-{number}");
    let (card, body) = match store.get_ref() {
        Store::Sqlite(pool) => blocking(pool, move |c| plain::item(&slug).first(c)).await,
        Store::Postgresql(pool) => blocking(pool, move |c| plain::item(&slug).first(c)).await,
        Store::TokioPostgresql(..) => {
            let row = store.rows(0, &[&slug]).await.remove(0);
            let body: String = row.get(15);
            (card(&row), body)
        }
    };
    let data = View::new(card, Some(body));
    HttpResponse::Ok().json(Answer { data })
}

async fn latest(store: web::Data<Store>) -> HttpResponse {
    let rows = match store.get_ref() {
        Store::Sqlite(pool) => blocking(pool, |c| plain::latest().load(c)).await,
        Store::Postgresql(pool) => blocking(pool, |c| plain::latest().load(c)).await,
        Store::TokioPostgresql(..) => store.rows(1, &[]).await.iter().map(card).collect(),
    };
    page(rows)
}

async fn of_one(store: web::Data<Store>) -> HttpResponse {
    let rows = match store.get_ref() {
        Store::Sqlite(pool) => blocking(pool, |c| plain::of_one(ONE).load(c)).await,
        Store::Postgresql(pool) => blocking(pool, |c| plain::of_one(ONE).load(c)).await,
        Store::TokioPostgresql(..) => store.rows(2, &[&ONE]).await.iter().map(card).collect(),
    };
    page(rows)
}

fn page(rows: Vec<Card>) -> HttpResponse {
    let views = rows.into_iter().take(PAGE);
    let data: Vec<View> = views.map(|card| View::new(card, None)).collect();
    HttpResponse::Ok().json(Answer { data })
}

async fn blocking<C: R2D2Connection + 'static, T: Send + 'static>(
    pool: &Pool<ConnectionManager<C>>,
    work: impl FnOnce(&mut C) -> QueryResult<T> + Send + 'static,
) -> T {
    let pool = pool.clone();
    let read = move || work(&mut pool.get().unwrap()).unwrap();
    web::block(read).await.unwrap()
}

fn card(row: &Row) -> Card {
    Card {
        id: row.get(0),
        slug: row.get(1),
        state: row.get(2),
        headline: row.get(3),
        summary: row.get(4),
        excerpt: row.get(5),
        topics: row.get(6),
        language: row.get(7),
        original_url: row.get(8),
        published_at: row.get(9),
        updated_at: row.get(10),
        revision: row.get(11),
        organisation: Named {
            id: row.get(12),
            slug: row.get(13),
            name: row.get(14),
        },
    }
}

impl Store {
    /// Opens the connections, on the worker that uses them.
    pub async fn open(plain: Plain) -> Self {
        match plain {
            Plain::Sqlite(path) => {
                let pool = Pool::builder().connection_customizer(Box::new(Settings));
                Self::Sqlite(filled(pool, &path))
            }
            Plain::Postgresql(url) => Self::Postgresql(filled(Pool::builder(), &url)),
            Plain::TokioPostgresql(url) => {
                let mut pipelines = Vec::new();
                for _ in 0..POOL {
                    pipelines.push(Pipeline::open(&url).await);
                }
                Self::TokioPostgresql(pipelines, Cell::default())
            }
        }
    }

    /// Runs one of the statements on the next of the connections.
    async fn rows(&self, statement: usize, values: &[&(dyn ToSql + Sync)]) -> Vec<Row> {
        let Self::TokioPostgresql(pipelines, next) = self else {
            return Vec::new();
        };
        next.set((next.get() + 1) % pipelines.len());
        let pipeline = &pipelines[next.get()];
        let statement = &pipeline.statements[statement];
        pipeline.client.query(statement, values).await.unwrap()
    }
}

impl Pipeline {
    async fn open(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        actix_web::rt::spawn(connection);
        let mut statements = Vec::new();
        for statement in STATEMENTS {
            let sql = format!("{COLUMNS} {statement}");
            statements.push(client.prepare(&sql).await.unwrap());
        }
        Self { client, statements }
    }
}

fn filled<C: R2D2Connection + 'static>(
    pool: diesel::r2d2::Builder<ConnectionManager<C>>,
    url: &str,
) -> Pool<ConnectionManager<C>> {
    let manager = ConnectionManager::new(url);
    let pool = pool.max_size(POOL as u32).test_on_check_out(false);
    pool.build(manager).unwrap()
}

#[derive(Debug)]
struct Settings;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Settings {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        plain::set_up(connection);
        Ok(())
    }
}
