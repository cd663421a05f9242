//! The same statements and the same JSON with nothing around them: no strict query strings, no problem
//! documents, no entity tags, no headers, no publication clock, no signed cursors.

use actix_web::{App, HttpResponse, HttpServer, web};
use answerable::articles::model::ArticleRow;
use answerable::articles::parts;
use answerable::articles::views::{Article, Whole};
use answerable::db::schema::articles;
use answerable::db::{Database, DbConnection, Error};
use diesel::prelude::*;
use std::net::TcpListener;

pub fn serve(listener: TcpListener, database: Database) {
    let server = HttpServer::new(move || {
        let application = App::new().app_data(web::Data::new(database.clone()));
        application
            .route("/list", web::get().to(list))
            .route("/item", web::get().to(item))
    });
    let server = async move { server.listen(listener).unwrap().run().await };
    actix_web::rt::System::new().block_on(server).unwrap();
}

async fn list(database: web::Data<Database>) -> HttpResponse {
    let views = database.read(|connection| {
        let mut rows: Vec<ArticleRow> = articles::table
            .filter(articles::state.eq("published"))
            .order((articles::published_at.desc(), articles::id.desc()))
            .limit(20)
            .select(ArticleRow::as_select())
            .load(connection)?;
        rows.iter_mut().for_each(|row| row.body_html = None);
        views(connection, rows)
    });
    HttpResponse::Ok().json(views.await.unwrap())
}

async fn item(database: web::Data<Database>) -> HttpResponse {
    let views = database.read(|connection| {
        let row: ArticleRow = articles::table
            .filter(articles::slug.eq("article-77"))
            .select(ArticleRow::as_select())
            .first(connection)?;
        views(connection, vec![row])
    });
    HttpResponse::Ok().json(views.await.unwrap())
}

fn views(connection: &mut DbConnection, rows: Vec<ArticleRow>) -> Result<Vec<Article>, Error> {
    let now = chrono::DateTime::from_timestamp(4_000_000_000, 0)
        .unwrap()
        .naive_utc();
    let parts = parts::load(connection, &rows, now)?;
    let whole = Whole::default();
    Ok(rows
        .into_iter()
        .filter_map(|row| Article::new(row, &parts, &whole, now))
        .collect())
}
