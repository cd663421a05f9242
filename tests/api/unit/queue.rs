//! Unit tests of `platform::db::queue`.
use answerable::platform::db::queue::*;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

const SIZE: usize = 4;
const LONGEST: Duration = Duration::from_secs(5);

async fn filled() -> (Queue, Vec<OwnedSemaphorePermit>) {
    let queue = Queue::new(SIZE);
    let mut slots = Vec::new();
    for _ in 0..SIZE {
        slots.push(queue.enter(LONGEST).await.unwrap());
    }
    (queue, slots)
}

#[actix_web::test]
async fn a_short_burst_waits_for_a_slot() {
    let (queue, slots) = filled().await;
    let mut late = Box::pin(queue.enter(LONGEST));
    // the request waits before a slot becomes free
    assert!(futures_util::poll!(&mut late).is_pending());
    drop(slots);
    assert!(late.await.is_some());
}

#[actix_web::test]
async fn a_lasting_overload_is_shed_and_forgotten() {
    let (queue, slots) = filled().await;
    tokio::time::sleep(INTERVAL * 2).await;
    // rejected after TARGET, long before the slot that becomes free after INTERVAL
    let late = queue.enter(LONGEST);
    let release = async {
        tokio::time::sleep(INTERVAL * 2).await;
        drop(slots);
    };
    assert!(futures_util::future::join(late, release).await.0.is_none());
    assert!(queue.enter(LONGEST).await.is_some());
}

#[actix_web::test]
async fn a_stuck_queue_times_out() {
    let (queue, _slots) = filled().await;
    assert!(queue.enter(TARGET).await.is_none());
}
