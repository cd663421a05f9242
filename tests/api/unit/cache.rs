//! Unit tests of `app::cache`.
use actix_http::body::BoxBody;
use actix_http::{Response, StatusCode};
use answerable::app::cache::*;
use answerable::http::answer::Freshness;
use answerable::http::coding::Coding;
use answerable::log::Dependencies;
use answerable::log::tail::Tail;
use answerable::log::validity::Validity;
use std::sync::Arc;

fn answer(bytes: usize) -> Arc<CachedResponse> {
    let mut response = Response::with_body(StatusCode::OK, BoxBody::new(vec![b'x'; bytes]));
    let now = chrono::NaiveDateTime::default();
    response.extensions_mut().insert(Freshness {
        now,
        validity: Some(Validity {
            position: 1,
            since: now,
            until: None,
        }),
        dependencies: Dependencies::EVERYTHING,
        is_private: false,
    });
    Arc::new(
        CachedResponse::new(response, &Tail::default(), 0)
            .unwrap()
            .0,
    )
}

#[actix_web::test]
async fn the_cache_never_exceeds_its_capacity() {
    let bytes = 4_000_000;
    let cache = ResponseCache::new(bytes);
    for number in 0..2_000 {
        let key = format!("key {number}");
        let place = cache.get_or_reserve(&key).await.err().unwrap();
        let _ = place.insert(Weighted::new(answer(20_000)));
        assert!(cache.bytes() <= bytes);
    }
    assert!(cache.count() > 50);
    // further content codings count as well
    let one = answer(20_000);
    let place = cache.get_or_reserve("one").await.err().unwrap();
    let _ = place.insert(Weighted::new(one.clone()));
    let before = one.bytes();
    one.make(Coding::Gzip).await;
    assert!(one.bytes() > before);
    cache.reweigh("one", &one);
    assert!(cache.bytes() <= bytes);
    // an oversized entry is not stored, and does no harm
    let place = cache.get_or_reserve("large").await.err().unwrap();
    let _ = place.insert(Weighted::new(answer(5_000_000)));
    assert!(cache.get("large").is_none() && cache.bytes() <= bytes);
}

#[actix_web::test]
async fn a_zero_sized_cache_stores_nothing() {
    let cache = ResponseCache::new(0);
    let place = cache.get_or_reserve("key").await.err().unwrap();
    let _ = place.insert(Weighted::new(answer(1)));
    assert!(cache.count() == 0);
}
