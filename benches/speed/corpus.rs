//! Made-up records, plainly so, of the size of real ones. The same number of them is always the same.

use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use tempfile::NamedTempFile;

pub const ORGANISATIONS: usize = 60;
const TOPICS: usize = 40;
const MINUTES: i64 = 7;
const FORCES: usize = 43;
const RECOMMENDATIONS: usize = 29;
/// One report in so many has updates and assessments.
const TRACKED: usize = 10;

/// Organisations, topics and articles of 3 kB.
pub fn articles(count: usize) -> NamedTempFile {
    let mut file = BufWriter::new(NamedTempFile::new().unwrap());
    for number in 0..ORGANISATIONS {
        let slug = format!("organisation-{number}");
        line(
            &mut file,
            json!({"type": "organisation", "slug": slug, "name": format!("Made-up organisation {number}"), "kind": "oversight_body"}),
        );
    }
    for number in 0..TOPICS {
        line(
            &mut file,
            json!({"type": "topic", "slug": format!("topic-{number}"), "name": format!("Made-up topic {number}")}),
        );
    }
    for number in 0..count {
        line(&mut file, article(number));
    }
    file.into_inner().unwrap()
}

/// One revision of articles, as lines.
pub fn revision(numbers: std::ops::Range<usize>, revision: usize) -> Vec<String> {
    let revised = numbers.map(|number| {
        let mut article = article(number);
        article["headline"] =
            format!("Made-up headline number {number}, revision {revision}").into();
        article.to_string()
    });
    revised.collect()
}

fn article(number: usize) -> Value {
    let start = chrono::DateTime::from_timestamp(1_100_000_000, 0).unwrap();
    let at = start + chrono::Duration::minutes(number as i64 * MINUTES);
    let mut random = Random(number as u64 + 1);
    let organisation = random.below(ORGANISATIONS);
    let topic = random.below(TOPICS);
    let paragraph = format!(
        "<p>Paragraph of the made-up article {number}, with <strong>some words</strong> that stand out and \
         <a href=\"https://example.org/{number}\">a link</a> to somewhere else, and a sentence that goes on for as \
         long as sentences of press offices do: {}.</p>",
        random.below(1_000_000)
    );
    json!({
        "type": "article", "slug": format!("article-{number}"),
        "headline": format!("Made-up headline number {number} of the year"),
        "published_at": at.to_rfc3339(), "organisation": format!("organisation-{organisation}"),
        "topics": [format!("topic-{topic}"), format!("topic-{}", (topic + 1) % TOPICS)],
        "summary": format!("What the made-up article {number} says in one sentence, which is about as long as a summary usually is."),
        "body_html": paragraph.repeat(7), "original_url": format!("https://news.example.org/{number}"),
    })
}

/// Reports of 43 forces and 29 recommendations each, with a response and a plan of each force; of some reports an update
/// and an assessment of each obligation as well.
pub fn reports(count: usize) -> NamedTempFile {
    let mut file = BufWriter::new(NamedTempFile::new().unwrap());
    line(
        &mut file,
        json!({"type": "organisation", "slug": "watchdog", "name": "Made-up watchdog"}),
    );
    for force in 0..FORCES {
        line(
            &mut file,
            json!({"type": "organisation", "slug": format!("force-{force}"), "name": format!("Made-up force {force}")}),
        );
    }
    let members: Vec<_> = (0..FORCES)
        .map(|force| json!({"organisation": format!("force-{force}")}))
        .collect();
    line(
        &mut file,
        json!({"type": "group", "slug": "forces", "name": "All forces", "members": members}),
    );
    for report in 0..count {
        write_report(&mut file, report);
    }
    file.into_inner().unwrap()
}

fn write_report(file: &mut impl Write, report: usize) {
    let slug = format!("report-{report}");
    line(
        file,
        json!({"type": "report", "slug": slug, "title": "Made-up report", "published_on": "2024-09-27", "publishers": ["watchdog"], "responses_checked_on": "2025-03-01"}),
    );
    for number in 1..=RECOMMENDATIONS {
        line(
            file,
            json!({"type": "recommendation", "report": slug, "number": number.to_string(), "text": "Made-up words that say what is to be done.",
            "addressees": ["forces"], "response_requirement": "requested", "deadlines": [{"kind": "response", "rule": "super-complaint-report", "stated_due_on": "2024-11-22"}]}),
        );
    }
    for force in 0..FORCES {
        let covers: Vec<_> = (1..=RECOMMENDATIONS)
            .filter(|number| (number + force) % 7 != 0)
            .map(|number| json!({"number": number.to_string(), "position": "accepted", "position_verbatim": "Made-up: accepted."}))
            .collect();
        let day = if force % 5 == 0 {
            "2024-12-05"
        } else {
            "2024-11-20"
        };
        line(
            file,
            json!({"type": "response", "report": slug, "responder": format!("force-{force}"), "received_on": day, "published_on": "2025-01-08", "covers": covers}),
        );
        line(
            file,
            json!({"type": "action_plan", "report": slug, "organisation": format!("force-{force}"), "url": format!("https://force-{force}.example/plan-{report}")}),
        );
        if report.is_multiple_of(TRACKED) {
            track(file, &slug, force);
        }
    }
}

/// An update and an assessment of each obligation of a force. Not in every report: that would take long to import.
fn track(file: &mut impl Write, slug: &str, force: usize) {
    for number in 1..=RECOMMENDATIONS {
        let about = |mut document: Value| {
            document["report"] = slug.into();
            document["number"] = number.to_string().into();
            document["organisation"] = format!("force-{force}").into();
            document["as_at"] = "2025-06-01".into();
            document
        };
        line(
            file,
            about(
                json!({"type": "progress_update", "status": "in_progress", "text": "Made-up words on what was done."}),
            ),
        );
        line(
            file,
            about(
                json!({"type": "assessment", "assessor": "watchdog", "status": "open_acceptable"}),
            ),
        );
    }
}

fn line(file: &mut impl Write, document: Value) {
    writeln!(file, "{document}").unwrap();
}

/// Numbers that look random and are always the same.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        // SplitMix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
