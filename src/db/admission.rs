//! Who is let in when more ask than there are connections.
//!
//! A few wait in turn. Where more than these ask, the newest is let in first: in an overload, those who are answered are
//! answered as quickly as ever, and those who have waited too long already, whose clients have often given up, wait on
//! until they are refused. A burst that ends is answered whole. (Known as adaptive LIFO: B. Maurer, "Fail at Scale",
//! ACM Queue 13 (8), 2015.)

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// The places inside.
#[derive(Debug)]
pub struct Admission {
    room: Mutex<Room>,
}

#[derive(Debug)]
struct Room {
    free: usize,
    /// Those outside, the newest last.
    waiting: Vec<oneshot::Sender<Place>>,
}

/// A place inside, which the next one gets when it is dropped.
#[derive(Debug)]
pub struct Place(Option<Arc<Admission>>);

impl Admission {
    /// So many places.
    pub fn new(places: usize) -> Arc<Self> {
        let room = Room {
            free: places,
            waiting: Vec::new(),
        };
        Arc::new(Self {
            room: Mutex::new(room),
        })
    }

    /// Waits for a place; nothing when there is none in time.
    pub async fn enter(self: &Arc<Self>, longest: Duration) -> Option<Place> {
        let place = {
            let mut room = self.room();
            if room.free > 0 {
                room.free -= 1;
                return Some(Place(Some(self.clone())));
            }
            let (sender, place) = oneshot::channel();
            // those who left without a place are only found when it is their turn, which in an overload never comes
            room.waiting.retain(|waiting| !waiting.is_closed());
            room.waiting.push(sender);
            place
        };
        tokio::time::timeout(longest, place).await.ok()?.ok()
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(admission) = self.0.take() else {
            return;
        };
        let mut place = Place(Some(admission.clone()));
        loop {
            let next = {
                let mut room = admission.room();
                let Some(next) = room.waiting.pop() else {
                    room.free += 1;
                    place.0 = None;
                    return;
                };
                next
            };
            match next.send(place) {
                Ok(()) => return,
                Err(back) => place = back, // that one has left
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(1);

    #[actix_web::test]
    async fn the_newest_gets_the_next_place_and_none_is_lost() {
        let admission = Admission::new(2);
        let first = admission.enter(LONG).await.unwrap();
        let second = admission.enter(LONG).await.unwrap();
        assert!(admission.enter(SHORT).await.is_none(), "both are taken");
        let wait = |name: &'static str| {
            let admission = admission.clone();
            actix_web::rt::spawn(async move { (name, admission.enter(LONG).await) })
        };
        let (old, new) = (wait("old"), wait("new"));
        actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        drop(first);
        let (name, place) = new.await.unwrap();
        assert_eq!((name, place.is_some()), ("new", true));
        assert!(!old.is_finished());
        // one who gives up while waiting loses no place
        old.abort();
        let _ = old.await;
        drop((place, second));
        let both = [admission.enter(SHORT).await, admission.enter(SHORT).await];
        assert!(both.iter().all(Option::is_some));
        assert!(admission.enter(SHORT).await.is_none());
    }
}
