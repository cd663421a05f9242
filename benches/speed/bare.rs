//! The limits to measure against: the same bytes from a map, and the same statements and JSON, with nothing around
//! them: no strict query strings, no problem documents, no entity tags, no headers, no publication clock, no signed
//! cursors, no cache to look into.

use actix_web::{App, HttpResponse, HttpServer, web};
use answerable::platform::config::{Config, Secret};
use answerable::platform::db::keyset::{Keyset, KeysetPosition, Order};
use answerable::platform::db::{Database, DbConnection, Error, Value};
use answerable::platform::identity::RecordId;
use answerable::resources::articles::model::ArticleRow;
use answerable::resources::articles::parts;
use answerable::resources::articles::queries::{self, ArticleCriteria};
use answerable::resources::articles::schema::articles;
use answerable::resources::articles::views::{Article, ExpandedArticleReferences};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::TcpListener;

use crate::process::BARE;

/// What a bare server answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Bare {
    /// A file of bytes for each path.
    pub files: HashMap<String, String>,
    /// The database of the bare queries.
    pub database: Option<String>,
    /// Where the page at 90 % depth begins, and the organisation of the list of one.
    pub deep: NaiveDateTime,
    pub organisation: String,
}

type Bytes = HashMap<String, web::Bytes>;

/// Serves, if this process was started for that.
pub fn serve_if_asked() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, asked, what] = arguments.as_slice() else {
        return;
    };
    if asked != BARE {
        return;
    }
    let bare: Bare = serde_json::from_str(what).unwrap();
    let read =
        |(path, file): (&String, &String)| (path.clone(), std::fs::read(file).unwrap().into());
    let bytes: web::Data<Bytes> = web::Data::new(bare.files.iter().map(read).collect());
    let database = bare.database.as_ref().map(|url| {
        let config = Config {
            database: Secret(url.clone()),
            ..Config::default()
        };
        web::Data::new(Database::open(config.location().unwrap(), config.pool_size()).unwrap())
    });
    let bare = web::Data::new(bare);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    let server = HttpServer::new(move || {
        let app = App::new().app_data(bytes.clone()).app_data(bare.clone());
        let app = match &database {
            Some(database) => app.app_data(database.clone()),
            None => app,
        };
        app.route("/bare/item/{number}", web::get().to(item))
            .route("/bare/latest", web::get().to(latest))
            .route("/bare/deep", web::get().to(deep))
            .route("/bare/of-one", web::get().to(of_one))
            .route("/bare/304", web::get().to(not_modified))
            .route("/{path:.*}", web::get().to(file))
    });
    let server = async move { server.workers(1).listen(listener).unwrap().run().await };
    actix_web::rt::System::new().block_on(server).unwrap();
    std::process::exit(0);
}

async fn file(request: actix_web::HttpRequest, bytes: web::Data<Bytes>) -> HttpResponse {
    match bytes.get(request.path()) {
        Some(bytes) => HttpResponse::Ok()
            .content_type("application/json")
            .body(bytes.clone()),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn not_modified() -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header(("etag", "\"0123456789abcdef\""))
        .finish()
}

async fn item(database: web::Data<Database>, number: web::Path<usize>) -> HttpResponse {
    let slug = format!("article-{number}");
    let views = database.read(move |connection| {
        let row: ArticleRow = articles::table
            .filter(articles::slug.eq(slug))
            .select(ArticleRow::as_select())
            .first(connection)?;
        views(connection, vec![row])
    });
    HttpResponse::Ok().json(views.await.unwrap())
}

async fn latest(database: web::Data<Database>) -> HttpResponse {
    list(&database, ArticleCriteria::default(), None).await
}

async fn deep(database: web::Data<Database>, bare: web::Data<Bare>) -> HttpResponse {
    let position = (Value::from(bare.deep), "~".to_owned());
    list(&database, ArticleCriteria::default(), Some(position)).await
}

async fn of_one(database: web::Data<Database>, bare: web::Data<Bare>) -> HttpResponse {
    let organisations = vec![RecordId::parse(&bare.organisation).unwrap()];
    list(
        &database,
        ArticleCriteria {
            organisations,
            ..ArticleCriteria::default()
        },
        None,
    )
    .await
}

async fn list(
    database: &Database,
    filter: ArticleCriteria,
    from: Option<KeysetPosition>,
) -> HttpResponse {
    let views = database.read(move |connection| {
        let filter = ArticleCriteria {
            now: now(),
            ..filter
        };
        let keyset = Keyset {
            from,
            backwards: false,
            limit: 20,
        };
        let order = Order {
            column: queries::PUBLISHED_AT,
            id: queries::ID,
            descending: true,
        };
        let rows = queries::page_statement(&filter, order, &keyset, false).load(connection)?;
        views(connection, keyset.slice(rows).rows)
    });
    HttpResponse::Ok().json(views.await.unwrap())
}

fn now() -> NaiveDateTime {
    chrono::DateTime::from_timestamp(4_000_000_000, 0)
        .unwrap()
        .naive_utc()
}

fn views(connection: &mut DbConnection, rows: Vec<ArticleRow>) -> Result<Vec<Article>, Error> {
    let now = now();
    let parts = parts::load(connection, &rows, now)?;
    let whole = ExpandedArticleReferences::default();
    Ok(rows
        .into_iter()
        .filter_map(|row| Article::new(row, &parts, &whole, now))
        .collect())
}
