//! A ring buffer of the newest events of the log, rendered as they are sent to subscribers.

use actix_web::web::Bytes;
use chrono::NaiveDateTime;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::cursor::Bookmark;
use super::showing;
use super::views::ChangeAction;
use crate::access::instance::Instance;
use crate::http::error::ApiError;
use crate::log::entries::{self, EntryRow, LogPosition};
use crate::log::{Lineage, Resource};
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;

/// The most events kept.
const MAX_EVENTS: usize = 4_096;
/// The most bytes of events kept, not counting those just added.
const MAX_BYTES: usize = 16_777_216;

/// An entry, rendered as a server-sent event.
pub struct Event {
    /// The entry's number.
    pub seq: i64,
    /// The record's id.
    pub id: RecordId,
    /// Whether it changes how earlier entries of the record are shown: as removals, for example.
    pub is_retraction: bool,
    /// The kind of record.
    pub resource: Resource,
    /// The position after it.
    pub place: LogPosition,
    /// That position as a cursor, which is the event's id.
    pub cursor: Arc<str>,
    /// The event in the stream's format.
    pub bytes: Bytes,
}

impl Event {
    /// Renders entries as events. `lineage` is that of the end of the log.
    pub fn render(
        c: &mut DbConnection,
        entries: Vec<(EntryRow, LogPosition)>,
        (lineage, instance): (&Lineage, &Instance),
        now: NaiveDateTime,
    ) -> Result<Vec<Arc<Self>>, ApiError> {
        let (rows, places): (Vec<EntryRow>, Vec<LogPosition>) = entries.into_iter().unzip();
        let numbers = rows.iter().map(|row| row.seq);
        let mut places: HashMap<i64, LogPosition> = numbers.zip(places).collect();
        let mut events = Vec::new();
        for change in showing::views(c, rows, now, &instance.pages)? {
            let no_place = || ApiError::internal(&"an entry without a place");
            let place = places.remove(&change.seq).ok_or_else(no_place)?;
            let data = serde_json::to_string(&change).map_err(|e| ApiError::internal(&e))?;
            let lineage = lineage.clone();
            let bookmark = Bookmark { place, lineage };
            let cursor = bookmark.to_cursor(&instance.cursors)?;
            let bytes = format!("event: change\nid: {cursor}\ndata: {data}\n\n").into();
            events.push(Arc::new(Self {
                seq: change.seq,
                id: change.id,
                is_retraction: change.action != ChangeAction::Published,
                resource: change.resource,
                place: bookmark.place,
                cursor: cursor.into(),
                bytes,
            }));
        }
        Ok(events)
    }

    /// Renders entries again, given their positions.
    pub fn rerender(
        c: &mut DbConnection,
        mut places: HashMap<i64, LogPosition>,
        (lineage, instance): (&Lineage, &Instance),
        now: NaiveDateTime,
    ) -> Result<Vec<Arc<Self>>, ApiError> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let numbers: Vec<i64> = places.keys().copied().collect();
        let rows = entries::with_numbers(c, &numbers)?.into_iter();
        let entries = rows.filter_map(|row| places.remove(&row.seq).map(|place| (row, place)));
        Self::render(c, entries.collect(), (lineage, instance), now)
    }
}

/// The newest events. Each keeps the number it was given, even as older ones are dropped.
#[derive(Default)]
pub struct Ring {
    /// The number of the oldest event.
    first: u64,
    events: VecDeque<Arc<Event>>,
    bytes: usize,
    /// Where each read of the log ended, with the number of the event that follows. A subscriber at one of these
    /// positions can join.
    ends: VecDeque<(LogPosition, u64)>,
    /// The cursor of the last of them.
    cursor: Arc<str>,
}

impl Ring {
    /// An empty ring whose first event gets the number `first`.
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

    /// The entries about these records, with their positions.
    pub fn of_records(&self, ids: &HashSet<RecordId>) -> HashMap<i64, LogPosition> {
        let kept = self.events.iter().filter(|event| ids.contains(&event.id));
        kept.map(|event| (event.seq, event.place.clone())).collect()
    }

    /// The number of the next event.
    pub fn next(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    /// The position up to which the log was read.
    pub fn place(&self) -> Option<&LogPosition> {
        self.ends.back().map(|(place, _)| place)
    }

    /// The cursor of that position.
    pub fn cursor(&self) -> Option<Arc<str>> {
        self.place().map(|_| self.cursor.clone())
    }

    /// The number of the event that follows exactly this position.
    pub fn find(&self, place: &LogPosition) -> Option<u64> {
        let mut ends = self.ends.iter().rev();
        if let Some((_, number)) = ends.find(|(end, _)| end == place) {
            return Some(*number);
        }
        let index = self
            .events
            .iter()
            .rposition(|event| event.place == *place)?;
        Some(self.first + index as u64 + 1)
    }

    /// How many of the oldest events to drop to make room for `new`.
    pub fn surplus(&self, new: &[Arc<Event>]) -> usize {
        let mut bytes = self.bytes + new.iter().map(|event| event.bytes.len()).sum::<usize>();
        let mut count = self.events.len() + new.len();
        let mut surplus = 0;
        for event in &self.events {
            if count <= MAX_EVENTS && bytes <= MAX_BYTES {
                break;
            }
            bytes -= event.bytes.len();
            (count, surplus) = (count - 1, surplus + 1);
        }
        surplus
    }

    /// Replaces the events of the same entries.
    pub fn replace(&mut self, rerendered: Vec<Arc<Event>>) {
        for event in rerendered {
            if let Some(old) = self.events.iter_mut().find(|old| old.seq == event.seq) {
                self.bytes = self.bytes + event.bytes.len() - old.bytes.len();
                *old = event;
            }
        }
    }

    /// Appends events and the position after them, with its cursor.
    pub fn push(&mut self, new: Vec<Arc<Event>>, place: LogPosition, cursor: Arc<str>) {
        for gone in self.events.drain(..self.surplus(&new)) {
            (self.bytes, self.first) = (self.bytes - gone.bytes.len(), self.first + 1);
        }
        self.bytes += new.iter().map(|event| event.bytes.len()).sum::<usize>();
        self.events.extend(new);
        self.cursor = cursor;
        if self.place() != Some(&place) {
            self.ends.push_back((place, self.next()));
        }
        while self.ends.len() > MAX_EVENTS
            || self.ends.front().is_some_and(|(_, n)| *n < self.first)
        {
            self.ends.pop_front();
        }
    }
}
