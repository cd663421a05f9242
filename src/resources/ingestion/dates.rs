//! Reads the dates of feeds, however they are written, where only one reading is possible.

use chrono::{
    DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;
use std::str::FromStr;

use crate::platform::time;

/// The names of time zones that mean one offset, in minutes. The American ones are those of RFC 5322, 4.3; `BST` is British.
/// `IST` is Indian, Irish or Israeli, and `AST` Atlantic or Arabian: they are not read.
const ZONES: [(&str, i32); 38] = [
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("wet", 0),
    ("bst", 60),
    ("west", 60),
    ("cet", 60),
    ("mez", 60),
    ("cest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("sast", 120),
    ("eest", 180),
    ("msk", 180),
    ("eat", 180),
    ("hkt", 480),
    ("awst", 480),
    ("jst", 540),
    ("kst", 540),
    ("acst", 570),
    ("aest", 600),
    ("acdt", 630),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("nst", -210),
    ("ndt", -150),
    ("edt", -240),
    ("est", -300),
    ("cdt", -300),
    ("cst", -360),
    ("mdt", -360),
    ("mst", -420),
    ("pdt", -420),
    ("pst", -480),
    ("akdt", -480),
    ("hst", -600),
];

/// The months in English, Welsh, Irish, French, German, Spanish, Italian, Portuguese and Dutch.
const MONTHS: [&str; 12] = [
    "january ionawr eanáir janvier januar jänner enero gennaio janeiro januari",
    "february chwefror feabhra février fevrier februar febrero febbraio fevereiro februari",
    "march mawrth márta mars märz marz marzo março maart",
    "april ebrill aibreán avril abril aprile",
    "may mai bealtaine mayo maggio maio mei",
    "june mehefin meitheamh juin juni junio giugno junho",
    "july gorffennaf iúil juillet juli julio luglio julho",
    "august awst lúnasa août aout agosto augustus",
    "september medi septembre septiembre settembre setembro",
    "october hydref octobre oktober octubre ottobre outubro",
    "november tachwedd samhain novembre noviembre novembro",
    "december rhagfyr nollaig décembre decembre dezember diciembre dicembre dezembro",
];

/// Before this year, nothing is published: the year was meant otherwise.
const FIRST_YEAR: i32 = 1900;

/// A date as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedDate {
    /// The time where it was written.
    local: NaiveDateTime,
    /// How far that is from UTC, if the feed says so.
    offset: Option<FixedOffset>,
    /// Whether the time of day is given.
    has_time: bool,
}

impl FeedDate {
    /// Reads a date; `None` if it cannot be read, or in more than one way.
    pub fn read(text: &str) -> Option<Self> {
        // comments are in parentheses (RFC 5322, 3.2.2)
        let text = text.split('(').next().unwrap_or_default().trim();
        match text.get(..4).is_some_and(is_number) && !text[4..].starts_with(char::is_whitespace) {
            true => iso(text),
            false => named(text),
        }
    }

    /// The offset that it states.
    pub fn offset(&self) -> Option<FixedOffset> {
        self.offset
    }

    /// The time in UTC, by the feed's offset if it states none, and what was supposed.
    pub fn time(&self, feed: Option<FixedOffset>) -> Option<(DateTime<Utc>, Option<String>)> {
        let zone = self.offset.or(feed).unwrap_or(FixedOffset::east_opt(0)?);
        let at = zone.from_local_datetime(&self.local).single()?;
        let at = time::normal(at.with_timezone(&Utc))?;
        let zone = match zone.local_minus_utc() {
            0 => "UTC".to_owned(),
            _ => format!("UTC{zone}"),
        };
        let supposed = match (self.has_time, self.offset) {
            (false, _) => Some(format!("its date has no time: midnight in {zone} is taken")),
            (true, None) => Some(format!("its date has no time zone: {zone} is taken")),
            (true, Some(_)) => None,
        };
        Some((at, supposed))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A date that begins with the year: the forms of ISO 8601, and those with slashes or a space before the time.
fn iso(text: &str) -> Option<FeedDate> {
    let end = text.find(['T', 't', ' ', '\t', '_']).unwrap_or(text.len());
    let (day, rest) = (&text[..end], text.get(end + 1..).unwrap_or_default().trim());
    let separated: Vec<&str> = day.split(['-', '/', '.']).collect();
    let parts = match separated.as_slice() {
        [year, month, day] => [*year, *month, *day],
        [digits] if digits.len() == 8 => [&digits[..4], &digits[4..6], &digits[6..]],
        _ => return None,
    };
    if parts[0].len() != 4 || !parts.iter().all(|part| is_number(part)) {
        return None;
    }
    let number = |index: usize| parts[index].parse().ok();
    let year = parts[0].parse().ok().filter(|year| *year >= FIRST_YEAR)?;
    let date = NaiveDate::from_ymd_opt(year, number(1)?, number(2)?)?;
    with_time(date, rest)
}

/// A day, and the text of its time and zone.
fn with_time(date: NaiveDate, text: &str) -> Option<FeedDate> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',')));
    let (clock, zone) = text.split_at(end.unwrap_or(text.len()));
    let mut zone = zone.trim();
    let mut clock = clock.to_owned();
    for (word, afternoon) in [("am", false), ("a.m.", false), ("pm", true), ("p.m.", true)] {
        let start = zone.get(..word.len()).unwrap_or_default();
        if start.eq_ignore_ascii_case(word) {
            zone = zone[word.len()..].trim();
            clock = in_24_hours(&clock, afternoon)?;
        }
    }
    let (time, days) = match clock.as_str() {
        "" => (NaiveTime::MIN, 0),
        clock => clock_time(clock)?,
    };
    let local = date.and_time(time) + TimeDelta::days(days);
    Some(FeedDate {
        local,
        offset: match zone {
            "" => None,
            zone => Some(offset(zone, local)?),
        },
        has_time: !clock.is_empty(),
    })
}

/// A time by the clock of 12 hours in that of 24.
fn in_24_hours(clock: &str, is_afternoon: bool) -> Option<String> {
    let (hour, rest) = clock.split_once(':').unwrap_or((clock, "00"));
    let hour: u32 = hour.parse().ok().filter(|hour| (1..=12).contains(hour))?;
    let hour = hour % 12 + if is_afternoon { 12 } else { 0 };
    Some(format!("{hour:02}:{rest}"))
}

/// A time of day, and a day more if it is 24:00. Seconds may be missing.
fn clock_time(text: &str) -> Option<(NaiveTime, i64)> {
    let text = match text.contains(':') {
        true => text.to_owned(),
        // the basic form: 093000
        false if matches!(text.len(), 4 | 6) => {
            let parts = text
                .as_bytes()
                .chunks(2)
                .filter_map(|part| std::str::from_utf8(part).ok());
            parts.collect::<Vec<_>>().join(":")
        }
        false => return None,
    };
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((&text, "0"));
    let mut parts = whole.split(':').map(|part| {
        let is_short = is_number(part) && part.len() <= 2;
        is_short.then(|| part.parse::<u32>().ok()).flatten()
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() || !is_number(fraction) {
        return None;
    }
    if (hour, minute, second) == (24, 0, 0) {
        return Some((NaiveTime::MIN, 1));
    }
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    // a leap second is read as the one before
    let time = NaiveTime::from_hms_milli_opt(hour, minute, second.min(59), digits.parse().ok()?)?;
    (second <= 60).then_some((time, 0))
}

/// The offset of a time zone: `+01:00`, `GMT+1`, `BST`, `Europe/London`.
fn offset(zone: &str, local: NaiveDateTime) -> Option<FixedOffset> {
    let lower = zone.to_ascii_lowercase();
    if let Some((_, minutes)) = ZONES.iter().find(|(name, _)| *name == lower) {
        return FixedOffset::east_opt(minutes * 60);
    }
    if zone.contains('/') {
        let zone = Tz::from_str(zone).ok()?;
        let at = zone.from_local_datetime(&local).single()?;
        return Some(chrono::Offset::fix(at.offset()));
    }
    let named = ["gmt", "utc"]
        .iter()
        .find_map(|name| lower.strip_prefix(name));
    let number = named.unwrap_or(&lower).trim();
    let (sign, digits) = match number.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, number.strip_prefix(['-', '\u{2212}'])?),
    };
    let digits = digits.replace(':', "");
    if !is_number(&digits) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        4 => digits.split_at(2),
        _ => return None,
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let is_offset = hours <= 15 && minutes < 60;
    is_offset.then(|| FixedOffset::east_opt(sign * (hours * 60 + minutes) * 60))?
}

/// A date with the name of a month, as in RFC 5322, or with slashes or dots. Words before the time that are no month are days of
/// the week in some language.
fn named(text: &str) -> Option<FeedDate> {
    let clock = text.find(':').map(|colon| {
        let digits = text[..colon]
            .bytes()
            .rev()
            .take_while(u8::is_ascii_digit)
            .count();
        colon - digits
    });
    let (before, after) = text.split_at(clock.unwrap_or(text.len()));
    // asctime has the year after the time: "Wed Mar  4 00:30:00 2026"
    let (after, late_year) = match after.rsplit_once(' ') {
        Some((time, year)) if year.len() == 4 && is_number(year) => (time, Some(year)),
        _ => (after, None),
    };
    let is_separator = |c: char| c.is_whitespace() || matches!(c, ',' | '-');
    let (mut numbers, mut month) = (Vec::new(), None);
    for word in before
        .split(is_separator)
        .chain(late_year)
        .filter(|word| !word.is_empty())
    {
        if let Some(date) = numeric(word) {
            return with_time(date, after);
        }
        match word.strip_suffix('.').unwrap_or(word) {
            number if is_number(number) => numbers.push(number),
            name if month.is_none() => month = month_named(name),
            _ => {}
        }
    }
    let (day, year) = match numbers.as_slice() {
        [day, year] if day.len() <= 2 => (*day, *year),
        _ => return None,
    };
    let year = match (year.len(), year.parse::<i32>().ok()?) {
        (4, year) => year,
        // RFC 5322, 4.3
        (2, year) if year < 50 => 2000 + year,
        (2, year) => 1900 + year,
        _ => return None,
    };
    if year < FIRST_YEAR {
        return None;
    }
    with_time(
        NaiveDate::from_ymd_opt(year, month?, day.parse().ok()?)?,
        after,
    )
}

/// A date such as 13/03/2026 or 13.3.2026: with slashes, only if the day cannot be the month.
fn numeric(word: &str) -> Option<NaiveDate> {
    let has_dots = word.contains('.');
    let parts: Vec<&str> = word.split(['/', '.']).collect();
    let [first, second, year] = parts.as_slice() else {
        return None;
    };
    if year.len() != 4 || !parts.iter().all(|part| is_number(part)) {
        return None;
    }
    let (first, second): (u32, u32) = (first.parse().ok()?, second.parse().ok()?);
    let (day, month) = match first > 12 || has_dots || first == second {
        true => (first, second),
        false if second > 12 => (second, first),
        false => return None,
    };
    NaiveDate::from_ymd_opt(year.parse().ok()?, month, day)
}

/// The month with this name, or with a name that this abbreviates, in English or else in another language.
fn month_named(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    if word.chars().count() < 3 {
        return None;
    }
    let english = |names: &&str| names.starts_with(&word);
    let any = |names: &&str| names.split(' ').any(|name| name.starts_with(&word));
    let position = |found: &dyn Fn(&&str) -> bool| {
        let mut months = (1..).zip(&MONTHS).filter(|(_, names)| found(names));
        match (months.next(), months.next()) {
            (Some((month, _)), None) => Some(month),
            _ => None,
        }
    };
    position(&english).or_else(|| position(&any))
}
