//! An integrator, with the client that progenitor generates from the document:
//! `answerable-client-story http://HOST:PORT [TOKEN]`. It follows the change log, and with a token it writes.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;

use client::Client;
use client::types::{
    ArticleDocument, ArticlePatch, ChangeAction, ListArticlesCount, PublicationState, Reference, Resource,
};
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Request};

#[allow(clippy::all, dead_code, unused_imports)]
mod client {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

type Told<T> = Result<T, Box<dyn Error>>;

/// `build.rs` declares merge patches as JSON, as progenitor can send nothing else; this restores their media type.
impl ClientHooks for Client {
    async fn pre<E>(
        &self,
        request: &mut Request,
        _: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        if request.method() == Method::PATCH {
            let patch = HeaderValue::from_static("application/merge-patch+json");
            request.headers_mut().insert(CONTENT_TYPE, patch);
        }
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Told<()> {
    let mut arguments = std::env::args().skip(1);
    let base = arguments
        .next()
        .ok_or("answerable-client-story http://HOST:PORT [TOKEN]")?;
    follow(&Client::new(&base)).await?;
    match arguments.next().filter(|token| !token.is_empty()) {
        Some(token) => write(&base, &token).await,
        None => {
            println!("  no token: nothing written");
            Ok(())
        }
    }
}

/// Reads the log from its first entry, and ends up with the public records.
async fn follow(client: &Client) -> Told<()> {
    let (mut public, mut seen, mut cursor, mut pages) = (BTreeMap::new(), BTreeSet::new(), None, 0);
    loop {
        let mut request = client
            .list_changes()
            .limit(std::num::NonZeroU64::MIN.saturating_add(99));
        if let Some(cursor) = cursor.take() {
            request = request.cursor::<String>(cursor);
        }
        let page = request.send().await?.into_inner();
        pages += 1;
        for change in page.data {
            assert!(seen.insert(change.seq), "entry {} came twice", change.seq);
            let key = (change.type_, change.id);
            match change.action {
                ChangeAction::Published => {
                    // the generator takes what is absent for empty
                    assert!(!change.data.is_empty(), "published without a document");
                    public.insert(key, change.data)
                }
                _ => public.remove(&key),
            };
        }
        // The last page has a `next` too: keep it, and request it again later.
        let next = reqwest::Url::parse(&page.page.next.ok_or("no next page")?)?;
        cursor = next
            .query_pairs()
            .find(|(name, _)| name == "cursor")
            .map(|(_, value)| value.into_owned());
        assert!(cursor.is_some(), "no cursor in {next}");
        if !page.page.has_more {
            break;
        }
    }
    assert!(pages > 1, "all on one page");
    let articles = public
        .keys()
        .filter(|(kind, _)| *kind == Resource::Article)
        .count();
    let listed = client
        .list_articles()
        .count(ListArticlesCount::Exact)
        .send()
        .await?;
    assert_eq!(
        Some(articles.try_into()?),
        listed.page.count,
        "articles of the log, and of the list"
    );
    println!(
        "  {} changes on {pages} pages, {articles} articles",
        seen.len()
    );
    Ok(())
}

/// A draft that is created, sent again, changed, changed with a stale ETag, and removed.
async fn write(base: &str, token: &str) -> Told<()> {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Bearer {token}").parse()?);
    let http = reqwest::Client::builder()
        .default_headers(headers)
        .build()?;
    let client = Client::new_with_client(base, http);

    let now = std::time::UNIX_EPOCH.elapsed()?.as_millis(); // a draft of its own for each run
    let slug = format!("client-story-{now}");
    let draft: ArticleDocument = ArticleDocument::builder()
        .slug(&slug)
        .headline("A fictional headline")
        .organisation(Reference::String("exampleshire-police".to_owned()))
        .published_at("2026-01-05T09:00:00Z".parse::<chrono::DateTime<chrono::Utc>>()?)
        .state(PublicationState::Draft)
        .try_into()?;
    let create = || {
        client
            .create_article()
            .idempotency_key(&slug)
            .body(draft.clone())
            .send()
    };
    let created = create().await?;
    let again = create().await?;
    assert_eq!(again.headers()["Idempotency-Replayed"], "true");
    assert_eq!(again.headers()["ETag"], created.headers()["ETag"]);
    let article = created
        .data
        .subtype_0
        .as_ref()
        .ok_or("not a whole article")?;
    assert_eq!(article.revision.get(), 1);

    let tag = created.headers()["ETag"].to_str()?;
    let patch = || {
        ArticlePatch::builder()
            .summary("In short.".to_owned())
            .topics(vec![Reference::String("stalking".to_owned())])
    };
    let change = || {
        client
            .change_article()
            .id(&slug)
            .if_match(tag)
            .body(patch())
            .send()
    };
    let changed = change().await?;
    let article = changed
        .data
        .subtype_0
        .as_ref()
        .ok_or("not a whole article")?;
    assert_eq!(
        (article.revision.get(), article.summary.as_deref()),
        (2, Some("In short."))
    );

    // Somebody else was faster: the ETag no longer matches, and nothing is lost.
    let Err(progenitor_client::Error::ErrorResponse(problem)) = change().await else {
        return Err("the change of an old version was not refused".into());
    };
    assert_eq!(
        (problem.status, problem.code.as_str()),
        (412, "precondition-failed")
    );
    println!("  {slug}: created, sent again, changed; {}", problem.title);

    client
        .remove_article()
        .id(&slug)
        .if_match(changed.headers()["ETag"].to_str()?)
        .send()
        .await?;
    Ok(())
}
