//! The newest events of the log in memory, as they are sent to those who follow it.

use actix_web::web::Bytes;
use chrono::NaiveDateTime;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::showing;
use super::views::ChangeAction;
use crate::http::cursor::Cursors;
use crate::http::error::ApiError;
use crate::log::Resource;
use crate::log::entries::{EntryRow, Place};
use crate::platform::db::DbConnection;

/// The most events that are kept.
const KEPT: usize = 4_096;
/// The most bytes of events that are kept, but for the newest.
const KEPT_BYTES: usize = 16_777_216;

/// An entry as it is sent.
pub struct Event {
    /// The number of the entry.
    pub seq: i64,
    /// The record.
    pub id: String,
    /// Whether earlier entries of the record are shown as something else from now on.
    pub takes_back: bool,
    /// What kind of record it is about.
    pub resource: Resource,
    /// The place after it.
    pub place: Place,
    /// The event in the form of the stream.
    pub bytes: Bytes,
}

impl Event {
    /// The events of entries that were read.
    pub fn render(
        c: &mut DbConnection,
        entries: Vec<(EntryRow, Place)>,
        cursors: &Cursors,
        now: NaiveDateTime,
    ) -> Result<Vec<Arc<Self>>, ApiError> {
        let (rows, places): (Vec<EntryRow>, Vec<Place>) = entries.into_iter().unzip();
        let numbers: Vec<i64> = rows.iter().map(|row| row.seq).collect();
        let mut places = numbers.into_iter().zip(places);
        let mut events = Vec::new();
        for change in showing::views(c, rows, now)? {
            let place = places.find(|(seq, _)| *seq == change.seq);
            let (_, place) =
                place.ok_or_else(|| ApiError::internal(&"an entry without a place"))?;
            let data = serde_json::to_string(&change).map_err(|e| ApiError::internal(&e))?;
            let id = place.write(cursors)?;
            let bytes = format!("event: change\nid: {id}\ndata: {data}\n\n").into();
            events.push(Arc::new(Self {
                seq: change.seq,
                id: change.id,
                takes_back: change.action != ChangeAction::Published,
                resource: change.resource,
                place,
                bytes,
            }));
        }
        Ok(events)
    }
}

/// The newest events, as many as there is room for, each with a number that stays its own.
#[derive(Default)]
pub struct Ring {
    /// The number of the oldest event.
    first: u64,
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    /// Where readings ended, each with the number of the event that comes next: who stands there can join.
    seams: VecDeque<(Place, u64)>,
}

impl Ring {
    /// An empty one whose first event gets this number.
    pub fn from(first: u64) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }

    /// The number of the oldest event.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The event with this number.
    pub fn get(&self, number: u64) -> Option<Arc<Event>> {
        let index = number.checked_sub(self.first)?;
        self.events.get(usize::try_from(index).ok()?).cloned()
    }

    /// The entries about these records, with their places.
    pub fn of_records(&self, ids: &HashSet<&String>) -> HashMap<i64, Place> {
        let kept = self.events.iter().filter(|event| ids.contains(&event.id));
        kept.map(|event| (event.seq, event.place.clone())).collect()
    }

    /// The number of the next event.
    pub fn next(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    /// The place up to which the log was read.
    pub fn place(&self) -> Option<&Place> {
        self.seams.back().map(|(place, _)| place)
    }

    /// The number of the event after this very place.
    pub fn find(&self, place: &Place) -> Option<u64> {
        let seam = self.seams.iter().rev().find(|(seam, _)| seam == place);
        if let Some((_, number)) = seam {
            return Some(*number);
        }
        let index = self
            .events
            .iter()
            .rposition(|event| event.place == *place)?;
        Some(self.first + index as u64 + 1)
    }

    /// How many of the oldest have to go so that these have room.
    pub fn surplus(&self, new: &[Arc<Event>]) -> usize {
        let mut bytes = self.bytes + new.iter().map(|event| event.bytes.len()).sum::<usize>();
        let mut count = self.events.len() + new.len();
        let mut surplus = 0;
        for event in &self.events {
            if count <= KEPT && bytes <= KEPT_BYTES {
                break;
            }
            bytes -= event.bytes.len();
            (count, surplus) = (count - 1, surplus + 1);
        }
        surplus
    }

    /// Puts events in the place of those of the same entries.
    pub fn replace(&mut self, anew: Vec<Arc<Event>>) {
        for event in anew {
            let old = self.events.iter_mut().find(|old| old.seq == event.seq);
            if let Some(old) = old {
                self.bytes = self.bytes + event.bytes.len() - old.bytes.len();
                *old = event;
            }
        }
    }

    /// Adds events, and the place after them.
    pub fn push(&mut self, new: Vec<Arc<Event>>, place: Place) {
        for gone in self.events.drain(..self.surplus(&new)) {
            (self.bytes, self.first) = (self.bytes - gone.bytes.len(), self.first + 1);
        }
        self.bytes += new.iter().map(|event| event.bytes.len()).sum::<usize>();
        self.events.extend(new);
        if self.place() != Some(&place) {
            self.seams.push_back((place, self.next()));
        }
        while self.seams.len() > KEPT || self.seams.front().is_some_and(|(_, n)| *n < self.first) {
            self.seams.pop_front();
        }
    }
}
