//! The response cache: finished answers in memory, for everything that the public may read.
//!
//! It lies before the application: a request whose answer is here touches no route, no database and no other thread
//! ([`layer`]). An answer is kept under the normalised request ([`key`]) with the position of the change log at which it
//! was read and what it was made from. It is given out as long as no entry of the log after that position concerns it
//! ([`crate::log::tail`]), no scheduled moment has come, and it is younger than [`crate::http::answer::LONGEST`]. What needed a token
//! is never kept, and what comes with one is never answered from here.
//!
//! Everything in it is derived: it may be emptied at any time.

mod answer;
mod key;
pub mod layer;

use quick_cache::sync::{Cache, DefaultLifecycle, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use std::sync::Arc;

pub use answer::Answer;

/// How many locks share the answers. An answer that is larger than a lock's share is not kept.
const SHARDS: usize = 16;
/// How large answers are, roughly, in bytes.
const USUAL: u64 = 8_192;

/// An answer, and what it takes up.
#[derive(Clone)]
struct Kept {
    answer: Arc<Answer>,
    bytes: u64,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Kept> for Bytes {
    fn weight(&self, key: &String, kept: &Kept) -> u64 {
        kept.bytes + key.len() as u64
    }
}

/// The place of an answer that is being made.
type Place<'a> =
    PlaceholderGuard<'a, String, Kept, Bytes, DefaultHashBuilder, DefaultLifecycle<String, Kept>>;

/// The answers that are kept.
pub struct ResponseCache {
    answers: Cache<String, Kept, Bytes>,
}

impl ResponseCache {
    /// Keeps answers of so many bytes in all; none if that is 0.
    pub fn new(bytes: u64) -> Self {
        let options = OptionsBuilder::new()
            .shards(SHARDS)
            .weight_capacity(bytes)
            .estimated_items_capacity((bytes / USUAL) as usize)
            .build();
        let answers = match options {
            Ok(options) => Cache::with_options(
                options,
                Bytes,
                DefaultHashBuilder::default(),
                Default::default(),
            ),
            Err(_) => Cache::with_weighter(0, 0, Bytes),
        };
        Self { answers }
    }

    /// How many answers there are.
    pub fn count(&self) -> usize {
        self.answers.len()
    }

    /// What they take up, in bytes.
    pub fn bytes(&self) -> u64 {
        self.answers.weight()
    }

    fn get(&self, key: &str) -> Option<Arc<Answer>> {
        self.answers.get(key).map(|kept| kept.answer)
    }

    /// The answer, or the place for it: everybody else who asks for the same waits until it is filled or given up.
    async fn get_or_place(&self, key: &str) -> Result<Arc<Answer>, Place<'_>> {
        let found = self.answers.get_value_or_guard_async(key).await;
        found.map(|kept| kept.answer)
    }

    /// Drops an answer, unless another one has taken its place.
    fn drop_if(&self, key: &str, is_stale: impl Fn(&Answer) -> bool) {
        self.answers.remove_if(key, |kept| is_stale(&kept.answer));
    }

    /// Counts an answer again that was found and now has a further coding.
    fn recount(&self, key: &str, answer: &Arc<Answer>) {
        // an answer that took its place meanwhile is newer: it stays
        let is_this = |kept: &Kept| Arc::ptr_eq(&kept.answer, answer);
        if self.answers.peek(key).is_some_and(|kept| is_this(&kept)) {
            let _ = self
                .answers
                .replace(key.to_owned(), Kept::new(answer.clone()), false);
        }
    }
}

impl Kept {
    fn new(answer: Arc<Answer>) -> Self {
        let bytes = answer.bytes();
        Self { answer, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::answer::Freshness;
    use crate::http::coding::Coding;
    use crate::log::Basis;
    use crate::log::moments::Moments;
    use crate::log::tail::Tail;
    use actix_http::body::BoxBody;
    use actix_http::{Response, StatusCode};

    fn answer(bytes: usize) -> Arc<Answer> {
        let mut response = Response::with_body(StatusCode::OK, BoxBody::new(vec![b'x'; bytes]));
        let now = chrono::NaiveDateTime::default();
        response.extensions_mut().insert(Freshness {
            now,
            moments: Some(Moments {
                position: 1,
                since: now,
                until: None,
            }),
            basis: Basis::EVERYTHING,
            is_private: false,
        });
        Arc::new(Answer::new(response, &Tail::default()).unwrap().0)
    }

    #[actix_web::test]
    async fn it_takes_no_more_than_it_may() {
        let bytes = 4_000_000;
        let cache = ResponseCache::new(bytes);
        for number in 0..2_000 {
            let key = format!("key {number}");
            let place = cache.get_or_place(&key).await.err().unwrap();
            let _ = place.insert(Kept::new(answer(20_000)));
            assert!(cache.answers.weight() <= bytes);
        }
        assert!(cache.answers.len() > 50);
        // a further coding counts as well
        let one = answer(20_000);
        let place = cache.get_or_place("one").await.err().unwrap();
        let _ = place.insert(Kept::new(one.clone()));
        let before = one.bytes();
        one.make(Coding::Gzip).await;
        assert!(one.bytes() > before);
        cache.recount("one", &one);
        assert!(cache.answers.weight() <= bytes);
        // what is larger than it may be is not kept, and harms nothing
        let place = cache.get_or_place("large").await.err().unwrap();
        let _ = place.insert(Kept::new(answer(5_000_000)));
        assert!(cache.get("large").is_none() && cache.answers.weight() <= bytes);
    }

    #[actix_web::test]
    async fn nothing_is_kept_where_there_is_no_room() {
        let cache = ResponseCache::new(0);
        let place = cache.get_or_place("key").await.err().unwrap();
        let _ = place.insert(Kept::new(answer(1)));
        assert!(cache.answers.is_empty());
    }
}
