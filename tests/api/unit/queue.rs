//! Unit tests of `platform::db::queue`.
use answerable::platform::db::queue::*;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

const SIZE: usize = 4;
const LONGEST: Duration = Duration::from_secs(5);

async fn filled() -> (Queue, Vec<OwnedSemaphorePermit>) {
    let queue = Queue::new(SIZE);
    let mut places = Vec::new();
    for _ in 0..SIZE {
        places.push(queue.enter(LONGEST).await.unwrap());
    }
    (queue, places)
}

#[actix_web::test]
async fn a_short_burst_waits_for_a_slot() {
    let (queue, places) = filled().await;
    let late = queue.enter(LONGEST);
    let others = async {
        tokio::time::sleep(ASIDE / 2).await;
        drop(places);
    };
    assert!(futures_util::future::join(late, others).await.0.is_some());
}

#[actix_web::test]
async fn a_lasting_overload_is_shed_and_forgotten() {
    let (queue, mut places) = filled().await;
    let late = queue.enter(LONGEST);
    let others = async {
        for _ in 0..10 {
            tokio::time::sleep(ASIDE / 20).await;
            places.pop();
            places.push(queue.enter(LONGEST).await.unwrap());
        }
        tokio::time::sleep(ASIDE * 3).await;
        drop(places);
    };
    assert!(futures_util::future::join(late, others).await.0.is_none());
    assert!(queue.enter(LONGEST).await.is_some());
}

#[actix_web::test]
async fn a_stuck_queue_times_out() {
    let (queue, _places) = filled().await;
    assert!(queue.enter(ASIDE).await.is_none());
}
