//! What plain handlers need of the database: the same articles in tables of their own, read with one statement for an
//! item and one for a list. Nothing here uses the tables, the statements or the types of Answerable.

use chrono::NaiveDateTime;
use diesel::connection::SimpleConnection;
use diesel::dsl::auto_type;
use diesel::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::path::Path;

diesel::table! {
    organisations (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
    }
}

diesel::table! {
    articles (id) {
        id -> Text,
        slug -> Text,
        state -> Text,
        headline -> Text,
        summary -> Text,
        excerpt -> Text,
        topics -> Text,
        language -> Text,
        original_url -> Text,
        published_at -> Timestamp,
        updated_at -> Timestamp,
        revision -> BigInt,
        organisation_id -> Text,
        body_html -> Text,
    }
}

diesel::joinable!(articles -> organisations (organisation_id));
diesel::allow_tables_to_appear_in_same_query!(articles, organisations);

const TABLES: &str = "CREATE TABLE organisations (id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
    CREATE TABLE articles (id TEXT PRIMARY KEY, slug TEXT NOT NULL UNIQUE, state TEXT NOT NULL, headline TEXT NOT NULL,
        summary TEXT NOT NULL, excerpt TEXT NOT NULL, topics TEXT NOT NULL, language TEXT NOT NULL,
        original_url TEXT NOT NULL, published_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL,
        revision BIGINT NOT NULL, organisation_id TEXT NOT NULL REFERENCES organisations, body_html TEXT NOT NULL);
    CREATE INDEX latest ON articles (published_at, id);
    CREATE INDEX latest_of_one ON articles (organisation_id, published_at, id);";

const SQLITE_TOPICS: &str =
    "json_group_array(json_object('id', t.id, 'slug', t.slug, 'name', t.name))";
const POSTGRES_TOPICS: &str =
    "json_agg(json_build_object('id', t.id, 'slug', t.slug, 'name', t.name))::text";

/// Copies what `stock` shows, once.
fn copy(connection: &mut impl SimpleConnection, stock: &str, topics: &str) {
    connection.batch_execute(TABLES).unwrap();
    let copy = format!(
        "INSERT INTO organisations SELECT id, slug, name FROM {stock}.organisations;
         INSERT INTO articles SELECT a.id, a.slug, a.state, a.headline, a.summary, a.excerpt,
             (SELECT {topics} FROM {stock}.article_topics l JOIN {stock}.topics t ON t.id = l.topic_id WHERE l.article_id = a.id),
             a.language, a.original_url, a.published_at, a.updated_at, a.revision, o.organisation_id, a.body_html
         FROM {stock}.articles a JOIN {stock}.article_organisations o ON o.article_id = a.id AND o.position = 0;
         ANALYZE organisations; ANALYZE articles;"
    );
    connection.batch_execute(&copy).unwrap();
}

/// The URL of tables with what the database of Answerable at `stock` has.
pub fn copy_of(stock: &str, folder: &Path) -> String {
    if let Some(file) = stock.strip_prefix("sqlite:") {
        let path = folder.join("plain.db").display().to_string();
        let mut connection = SqliteConnection::establish(&path).unwrap();
        set_up(&mut connection);
        let attach = format!("ATTACH '{file}' AS stock");
        connection.batch_execute(&attach).unwrap();
        copy(&mut connection, "stock", SQLITE_TOPICS);
        return path;
    }
    let separator = if stock.contains('?') { '&' } else { '?' };
    let url = format!("{stock}{separator}options=-csearch_path%3Dplain");
    let mut connection = PgConnection::establish(&url).unwrap();
    let schema = "DROP SCHEMA IF EXISTS plain CASCADE; CREATE SCHEMA plain";
    connection.batch_execute(schema).unwrap();
    copy(&mut connection, "public", POSTGRES_TOPICS);
    url
}

/// Gives a connection the journal and the memory that Answerable's have.
pub fn set_up(connection: &mut SqliteConnection) {
    let settings = "PRAGMA journal_mode = WAL; PRAGMA cache_size = -20000;";
    connection.batch_execute(settings).unwrap();
}

/// A reference to an organisation.
#[derive(Debug, Queryable, Serialize)]
pub struct Named {
    pub id: String,
    pub slug: String,
    pub name: String,
}

/// An article as lists show it.
#[derive(Debug, Queryable, Serialize)]
pub struct Card {
    pub id: String,
    pub slug: String,
    pub state: String,
    pub headline: String,
    pub summary: String,
    pub excerpt: String,
    #[serde(serialize_with = "raw")]
    pub topics: String,
    pub language: String,
    pub original_url: String,
    #[serde(serialize_with = "utc")]
    pub published_at: NaiveDateTime,
    #[serde(serialize_with = "utc")]
    pub updated_at: NaiveDateTime,
    pub revision: i64,
    pub organisation: Named,
}

fn raw<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let json: &RawValue = serde_json::from_str(json).unwrap();
    json.serialize(serializer)
}

fn utc<S: Serializer>(at: &NaiveDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    at.and_utc().serialize(serializer)
}

/// An article with the members that are empty throughout the corpus, so that answers have the same size.
#[derive(Debug, Serialize)]
pub struct View {
    #[serde(flatten)]
    card: Card,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_html: Option<String>,
    co_publishers: [(); 0],
    translations: [(); 0],
    statements: [(); 0],
    corrections: [(); 0],
    identifiers: [(); 0],
    reports: [(); 0],
    recommendations: [(); 0],
}

impl View {
    pub fn new(card: Card, body_html: Option<String>) -> Self {
        Self {
            card,
            body_html,
            co_publishers: [],
            translations: [],
            statements: [],
            corrections: [],
            identifiers: [],
            reports: [],
            recommendations: [],
        }
    }
}

#[auto_type]
fn columns() -> _ {
    (
        articles::id,
        articles::slug,
        articles::state,
        articles::headline,
        articles::summary,
        articles::excerpt,
        articles::topics,
        articles::language,
        articles::original_url,
        articles::published_at,
        articles::updated_at,
        articles::revision,
        (organisations::id, organisations::slug, organisations::name),
    )
}

/// The statement for one article, on either connection.
#[auto_type]
pub fn item<'a>(slug: &'a str) -> _ {
    articles::table
        .inner_join(organisations::table)
        .filter(articles::slug.eq(slug))
        .select((columns(), articles::body_html))
}

/// The statement for the latest articles.
#[auto_type]
pub fn latest() -> _ {
    articles::table
        .inner_join(organisations::table)
        .order((articles::published_at.desc(), articles::id.desc()))
        .limit(21_i64)
        .select(columns())
}

/// The statement for the latest articles of one organisation.
#[auto_type]
pub fn of_one<'a>(organisation: &'a str) -> _ {
    articles::table
        .inner_join(organisations::table)
        .filter(organisations::slug.eq(organisation))
        .order((articles::published_at.desc(), articles::id.desc()))
        .limit(21_i64)
        .select(columns())
}

/// The same as text, for a client without Diesel.
pub const COLUMNS: &str = "SELECT a.id, a.slug, a.state, a.headline, a.summary, a.excerpt, a.topics, a.language, a.original_url, \
    a.published_at, a.updated_at, a.revision, o.id, o.slug, o.name, a.body_html \
    FROM articles a JOIN organisations o ON o.id = a.organisation_id";
/// What the three statements add to it.
pub const STATEMENTS: [&str; 3] = [
    "WHERE a.slug = $1",
    "ORDER BY a.published_at DESC, a.id DESC LIMIT 21",
    "WHERE o.slug = $1 ORDER BY a.published_at DESC, a.id DESC LIMIT 21",
];
