//! Unit tests of `publishing::search`.
use answerable::http::error::ApiError;
use answerable::platform::config::Config;
use answerable::publishing::search::*;

#[actix_web::test]
async fn concurrent_searches_are_limited_and_need_an_index() {
    let config = Config {
        searches: 1,
        database_wait_ms: 20,
        ..Config::default()
    };
    let search = Search::new(&config);
    let refused = |result: Result<_, ApiError>| {
        let error = result.err().unwrap();
        (error.code.status(), error.retry_after)
    };
    let held = search.permits.clone().acquire_owned().await.unwrap();
    assert_eq!(refused(search.acquire().await.map(drop)), (503, Some(1)));
    drop(held);
    assert_eq!(refused(search.acquire().await.map(drop)), (503, Some(5)));
}
