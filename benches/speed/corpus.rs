//! Made-up articles, plainly so, of the length of real ones.

use std::io::{BufWriter, Write};

const ORGANISATIONS: usize = 50;
const TOPICS: usize = 40;
const MINUTES: i64 = 7;

/// Writes organisations, topics and articles; returns the file and its size.
pub fn write(articles: usize) -> (tempfile::NamedTempFile, u64) {
    let mut file = BufWriter::new(tempfile::NamedTempFile::new().unwrap());
    for number in 0..ORGANISATIONS {
        writeln!(file, r#"{{"type":"organisation","slug":"organisation-{number}","name":"Made-up organisation {number}","kind":"oversight_body"}}"#).unwrap();
    }
    for number in 0..TOPICS {
        writeln!(
            file,
            r#"{{"type":"topic","slug":"topic-{number}","name":"Made-up topic {number}"}}"#
        )
        .unwrap();
    }
    let start = chrono::DateTime::from_timestamp(1_500_000_000, 0).unwrap();
    for number in 0..articles {
        let at = start + chrono::Duration::minutes(number as i64 * MINUTES);
        let (organisation, topic) = (number % ORGANISATIONS, number * 7 % TOPICS);
        let paragraph = format!(
            "<p>Paragraph of the made-up article {number}, with <strong>some words</strong> that stand out and <a href=\\\"https://example.org/{number}\\\">a link</a> to somewhere else, and a sentence that goes on for as long as sentences of press offices do.</p>"
        );
        let body = paragraph.repeat(4);
        writeln!(
            file,
            r#"{{"type":"article","slug":"article-{number}","headline":"Made-up headline number {number} of the year","published_at":"{}","organisation":"organisation-{organisation}","topics":["topic-{topic}","topic-{}"],"summary":"What the made-up article {number} says in one sentence, which is about as long as a summary usually is.","body_html":"{body}","original_url":"https://news.example.org/{number}"}}"#,
            at.to_rfc3339(),
            (topic + 1) % TOPICS
        )
        .unwrap();
    }
    let file = file.into_inner().unwrap();
    let bytes = file.as_file().metadata().unwrap().len();
    (file, bytes)
}
