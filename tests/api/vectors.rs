//! Hostile input and real records, where available.

use answerable::platform::values;
use answerable::writing::import::OnMistake;
use flate2::read::GzDecoder;
use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use std::io::Read;
use std::path::PathBuf;

use crate::support::{both_empty, data, lines};

/// The files of a gzipped tar archive, by name.
pub fn unpack(path: &PathBuf) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(GzDecoder::new(std::fs::File::open(path).unwrap()));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    });
    entries.filter(|(_, bytes)| !bytes.is_empty()).collect()
}

/// The Big List of Naughty Strings, where available.
pub fn naughty_strings() -> Option<Vec<String>> {
    let files = unpack(&data("vectors/naughty-strings.tar.gz")?);
    let mut files = files.iter();
    let (_, bytes) = files.find(|(name, _)| name.ends_with(".json")).unwrap();
    Some(serde_json::from_slice(bytes).unwrap())
}

/// Whether a text may be a headline.
pub fn fits_a_headline(text: &str) -> bool {
    values::text(300)(text, &()).is_ok() && !text.contains('\0')
}

#[test]
fn naughty_strings_round_trip_unchanged() {
    let Some(strings) = naughty_strings() else {
        return;
    };
    assert!(strings.len() > 400);
    both_empty(|api| {
        let mut lines =
            vec![json!({"type": "organisation", "slug": "watch", "name": "Exampleshire Watch"})];
        let kept: Vec<&String> = strings
            .iter()
            .filter(|text| fits_a_headline(text))
            .collect();
        assert!(kept.len() > 400, "{}", kept.len());
        for (number, text) in kept.iter().enumerate() {
            lines.push(json!({"type": "article", "slug": format!("n{number}"), "headline": text, "summary": text, "published_at": "2025-01-01T00:00:00Z", "organisation": "watch"}));
        }
        api.import_all(&lines);
        for (number, text) in kept.iter().enumerate() {
            let article = api.data(&format!("/v1/articles/n{number}"));
            assert_eq!(
                (article["headline"].as_str(), article["summary"].as_str()),
                (Some(text.as_str()), Some(text.as_str()))
            );
        }
        // and as parameter values, where they match nothing
        for text in &strings {
            let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            for parameter in [
                "articles?organisation",
                "articles?original_url",
                "articles?cursor",
                "articles?fields",
                "articles?sort",
                "articles?published_from",
                "organisations?name",
            ] {
                let answer = api.get(&format!("/v1/{parameter}={encoded}"));
                assert!(
                    [200, 400].contains(&answer.status),
                    "{parameter}={text}: {}",
                    answer.text()
                );
            }
        }
    });
}

#[test]
fn json_that_is_not_a_document_is_reported() {
    let Some(path) = data("vectors/jsontestsuite-parsing.tar.gz") else {
        return;
    };
    let files = unpack(&path);
    assert!(files.len() > 300);
    both_empty(|api| {
        for (name, bytes) in &files {
            let source = answerable::writing::import::Source::spool(&bytes[..]).unwrap();
            let report = api.import_source(&source, OnMistake::StoreNothing);
            // none of them is a document, so every non-blank line has a mistake
            let blank = String::from_utf8(bytes.clone())
                .is_ok_and(|text| text.trim().trim_start_matches('\u{feff}').is_empty());
            assert_eq!(report.mistakes.is_empty(), blank, "{name}");
        }
        assert_eq!(api.export(), "");
    });
}

/// An organisation from the GOV.UK register as a document.
fn organisation(record: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let details = &record["details"];
    let mut document = json!({
        "type": "organisation",
        "slug": text(&details["slug"]),
        "name": text(&record["title"]),
        "identifiers": [{"scheme": "govuk-content-id", "value": text(&details["content_id"])}],
    });
    if !text(&details["abbreviation"]).is_empty() {
        document["acronym"] = json!(text(&details["abbreviation"]));
    }
    let parent = record["parent_organisations"][0]["id"]
        .as_str()
        .and_then(|id| id.rsplit('/').next());
    if let Some(parent) = parent {
        document["parent"] = json!(parent);
    }
    document
}

#[test]
fn all_government_organisations_round_trip() {
    let Some(path) = data("organisations/govuk-organisations.jsonl.gz") else {
        return;
    };
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let documents: Vec<Value> = text
        .lines()
        .map(|line| organisation(&serde_json::from_str(line).unwrap()))
        .collect();
    assert_eq!(documents.len(), 1016);
    both_empty(|api| {
        api.import_all(&documents);
        let pages = api.walk("/v1/organisations?limit=100&count=exact");
        assert_eq!(pages[0].count(), 1016);
        let records = pages
            .iter()
            .flat_map(|page| page.column("slug").into_iter().zip(page.records()));
        let found: HashMap<String, Value> = records.collect();
        let mut parents = 0;
        for document in &documents {
            let record = &found[document["slug"].as_str().unwrap()];
            assert_eq!(record["name"], document["name"]);
            assert_eq!(record.get("acronym"), document.get("acronym"));
            assert_eq!(record["identifiers"], document["identifiers"]);
            assert_eq!(record["parent"].get("slug"), document.get("parent"));
            parents += usize::from(document.get("parent").is_some());
        }
        assert!(parents > 500, "{parents}");
        let moj = api.get("/v1/organisations?parent=ministry-of-justice&limit=100&count=exact");
        let is_child = |document: &&Value| document["parent"] == "ministry-of-justice";
        assert_eq!(moj.count(), documents.iter().filter(is_child).count());
    });
}

#[test]
fn real_recommendations_round_trip() {
    let Some(path) = data("recommendations/uk-inquiry-recommendations-and-responses.json") else {
        return;
    };
    let records: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(records.len(), 163);
    let mut lines =
        vec![json!({"type": "organisation", "slug": "addressee", "name": "Addressee of the test"})];
    let mut expected: Vec<(String, String, String)> = Vec::new();
    // the government's responses: the source's terms for its position, and what they map to
    let mut covers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut answers: Vec<(String, String, String, String)> = Vec::new();
    let text = |record: &Value, name: &str| {
        record[name]
            .as_str()
            .map_or_else(|| record[name].to_string(), str::to_owned)
    };
    for record in &records {
        let report = slug_of(&text(record, "Rec File Title"));
        if !expected.iter().any(|(other, ..)| *other == report) {
            lines.push(json!({"type": "report", "slug": report, "title": text(record, "Rec File Title"), "published_on": "2025-01-01", "publishers": ["addressee"]}));
        }
        let (number, words) = (text(record, "Rec ID"), text(record, "Rec Extracted"));
        // some numbers occur twice in the source, with different text
        let is_same = |other: &str| other.split('#').next() == Some(&number);
        let times = expected
            .iter()
            .filter(|(r, n, _)| *r == report && is_same(n))
            .count();
        let number = match times {
            0 => number,
            times => format!("{number}#{times}"),
        };
        lines.push(json!({"type": "recommendation", "report": report, "number": number, "text": words, "addressees": ["addressee"]}));
        let verbatim = text(record, "Status (Accept/Reject/Partial)");
        let position = match verbatim.as_str() {
            "Accept" => "accepted",
            "Partial" => "accepted_in_part",
            "Reject" => "not_accepted",
            other => panic!("{other}"),
        };
        let answer = text(record, "Res Extracted");
        let cover = json!({"number": number, "position": position, "position_verbatim": verbatim, "mapped_by": "this test", "text": answer});
        covers.entry(report.clone()).or_default().push(cover);
        answers.push((report.clone(), number.clone(), verbatim, answer));
        expected.push((report, number, words));
    }
    for (report, covers) in &covers {
        lines.push(json!({"type": "response", "report": report, "responder": "addressee", "published_on": "2025-06-01", "covers": covers}));
    }
    both_empty(|api| {
        api.import_all(&lines);
        let counted = |position: &str| {
            let path = format!("/v1/obligations?position={position}&count=exact&limit=1");
            api.get(&path).count()
        };
        let counts = ["accepted", "accepted_in_part", "not_accepted"].map(counted);
        assert_eq!(counts, [86, 73, 4]);
        let mut shown: Vec<(String, String, String, String)> = Vec::new();
        for response in api.data("/v1/responses?limit=100").as_array().unwrap() {
            for cover in response["covers"].as_array().unwrap() {
                let report = text(&response["report"], "slug");
                let number = text(&cover["recommendation"], "number");
                let verbatim = text(cover, "position_verbatim");
                shown.push((report, number, verbatim, text(cover, "text")));
            }
        }
        let mut answers = answers.clone();
        shown.sort();
        answers.sort();
        assert_eq!(shown, answers);
        let list = "/v1/recommendations?limit=100&count=exact";
        assert_eq!(api.get(list).count(), 163);
        let records = api.walk_records(list);
        let mut found: Vec<(String, String, String)> = records
            .into_iter()
            .map(|record| {
                (
                    text(&record["report"], "slug"),
                    text(&record, "number"),
                    text(&record, "text"),
                )
            })
            .collect();
        let mut expected = expected.clone();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    });
}

fn slug_of(text: &str) -> String {
    let slug: String = slug::slugify(text).chars().take(100).collect();
    slug.trim_matches('-').to_owned()
}

/// All news posts as documents, with their publisher and topics; `None` where the data is not available.
pub fn news_posts() -> Option<(Vec<Value>, String)> {
    let path = data("articles/digitalgov-news-md.tar.gz")?;
    let mut posts = Vec::new();
    let mut topics = std::collections::BTreeSet::new();
    let mut seen = std::collections::HashSet::new();
    for (name, bytes) in unpack(&path) {
        if !name.ends_with(".md") {
            continue;
        }
        let Some(post) = post(&name, &String::from_utf8(bytes).unwrap()) else {
            continue;
        };
        assert!(seen.insert(post["slug"].clone()), "{}", post["slug"]);
        let of_post = post["topics"].as_array().unwrap().iter();
        topics.extend(of_post.map(|topic| topic.as_str().unwrap().to_owned()));
        posts.push(post);
    }
    let publisher = json!({"type": "organisation", "slug": "digital-gov", "name": "Digital.gov"});
    let topics = topics
        .into_iter()
        .map(|topic| json!({"type": "topic", "slug": topic, "name": topic}));
    let documents = std::iter::once(publisher)
        .chain(topics)
        .chain(posts.iter().cloned());
    let text = lines(&documents.collect::<Vec<_>>());
    Some((posts, text))
}

#[test]
fn real_news_posts_round_trip() {
    let Some((posts, lines)) = news_posts() else {
        return;
    };
    assert_eq!(posts.len(), 2083);
    both_empty(|api| {
        api.import(&lines);
        let mut found = HashMap::new();
        let mut latest = String::from("9999");
        for page in api.walk("/v1/organisations/digital-gov/articles?limit=100&fields=slug,headline,published_at,topics,body_html") {
            for record in page.records() {
                let at = record["published_at"].as_str().unwrap().to_owned();
                assert!(at <= latest, "newest first: {at} after {latest}");
                latest = at;
                found.insert(record["slug"].as_str().unwrap().to_owned(), record.clone());
            }
        }
        assert_eq!(found.len(), 2083);
        for post in &posts {
            let record = &found[post["slug"].as_str().unwrap()];
            assert_eq!(record["headline"], post["headline"]);
            assert_eq!(record["published_at"], post["published_at"]);
            assert_eq!(
                record["topics"].as_array().unwrap().len(),
                post["topics"].as_array().unwrap().len()
            );
        }
    });
}

/// A Markdown file with front matter as a document; its text becomes a body without markup.
fn post(name: &str, text: &str) -> Option<Value> {
    let (front, body) = text.trim_start().strip_prefix("---")?.split_once("\n---")?;
    let member = |key: &str| {
        let line = front
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key}:")))?;
        Some(line.trim().trim_matches(['"', '\'']).to_owned())
    };
    let date = member("date").unwrap_or_default();
    let day: String = date.chars().take(10).collect();
    let path = name
        .trim_end_matches(".md")
        .trim_start_matches("./")
        .replace('/', "-");
    let topics = front.split_once("\ntopics:").map_or("", |(_, rest)| rest);
    let mut named: Vec<String> = topics
        .lines()
        .skip(1)
        .take_while(|line| line.trim_start().starts_with('-'))
        .map(slug_of)
        .filter(|topic| !topic.is_empty())
        .collect();
    named.dedup();
    named.sort();
    named.dedup();
    let headline: String = member("title")
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| path.clone())
        .chars()
        .take(300)
        .collect();
    Some(
        json!({"type": "article", "slug": slug_of(&path), "headline": headline, "published_at": format!("{day}T12:00:00Z"), "organisation": "digital-gov", "body_html": body.replace('<', "&lt;"), "topics": named}),
    )
}
