//! The names that articles show of others are those of the snapshot that is read, remembered or not.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

use answerable::platform::config::Config;

use crate::support::{self, Content, Instance, Kind, both_empty, eventually, kinds};

fn uncached(config: &mut Config) {
    config.cache_bytes = 0;
}

fn organisation(slug: &str, name: &str) -> Value {
    json!({"type": "organisation", "slug": slug, "name": name})
}

fn article(slug: &str, organisation: &str, headline: &str) -> Value {
    json!({"type": "article", "slug": slug, "headline": headline, "organisation": organisation, "published_at": "2026-01-01T00:00:00Z"})
}

const LIST: &str = "/v1/articles?organisation=council";
const ITEM: &str = "/v1/articles/news";

#[test]
fn a_page_of_articles_takes_one_statement() {
    for kind in kinds() {
        let api = Instance::start(kind, Content::Demo, uncached);
        for path in [
            "/v1/articles",
            "/v1/articles?organisation=iopc&limit=3",
            "/v1/organisations/iopc/articles?limit=2",
            "/v1/articles/iopc-welcomes-stalking-super-complaint-responses",
        ] {
            let first = api.get(path);
            let count = api.statements(|| assert_eq!(api.get(path).bytes, first.bytes));
            assert_eq!(count, 1, "{path}");
        }
        // nothing is found
        let path = "/v1/articles?organisation=iopc&language=tlh";
        assert_eq!(api.get(path).json()["data"], json!([]));
    }
}

/// Everything is named alike: the headline and the organisation.
fn rename(api: &Instance, name: &str) {
    let batch = [
        organisation("council", name),
        article("news", "council", name),
    ];
    api.post("/v1/batch", &api.admin(), &json!(batch))
        .assert_status(200);
}

#[test]
fn a_page_shows_records_and_names_of_one_moment() {
    for kind in kinds() {
        let (url, _folder) = support::database(kind, Content::Empty);
        let writer = Instance::start_at(&url, uncached);
        // the one that writes, and another that only learns of it
        let readers = [
            Instance::start_at(&url, uncached),
            Instance::start_at(&url, uncached),
        ];
        rename(&writer, "Number 0");
        let is_over = AtomicBool::new(false);
        let read = |api: &Instance, path: &str| {
            let mut last = 0;
            while !is_over.load(Ordering::Relaxed) {
                let body = api.get(path).json();
                let record = body["data"].get(0).unwrap_or(&body["data"]);
                let headline = record["headline"].as_str().unwrap();
                assert_eq!(record["organisation"]["name"], headline, "{path}");
                let number: u32 = headline.rsplit(' ').next().unwrap().parse().unwrap();
                assert!(number >= last, "{number} after {last}");
                last = number;
            }
            assert!(last > 0);
        };
        std::thread::scope(|scope| {
            for api in [&writer, &readers[0], &readers[1]] {
                scope.spawn(move || read(api, LIST));
                scope.spawn(move || read(api, ITEM));
            }
            for number in 1..=60 {
                rename(&writer, &format!("Number {number}"));
                std::thread::sleep(std::time::Duration::from_millis(15));
            }
            is_over.store(true, Ordering::Relaxed);
        });
    }
}

#[test]
fn a_slug_that_passes_to_another_record_names_that_one() {
    for kind in kinds() {
        let nodes = Nodes::start(kind);
        nodes.write(&[
            organisation("council", "The First"),
            organisation("other", "The Second"),
            article("news", "council", "Of the first"),
            article("others", "other", "Of the second"),
        ]);
        for api in nodes.both() {
            until_remembered(api, LIST);
            assert_eq!(headlines(api), ["Of the first"]);
        }
        nodes.patch("organisations/council", &json!({"slug": "former"}));
        nodes.patch("organisations/other", &json!({"slug": "council"}));
        for api in nodes.both() {
            assert_eq!(headlines(api), ["Of the second"]);
            until_remembered(api, LIST);
            assert_eq!(headlines(api), ["Of the second"]);
        }
    }
}

#[test]
fn a_record_that_is_withdrawn_or_appears_is_named_accordingly() {
    both_empty(|cached| {
        let api = Instance::start_at(&cached.url(), uncached);
        let report = json!({"type": "report", "slug": "r", "title": "R", "published_on": "2025-01-01", "publishers": ["council"]});
        let recommendation = json!({"type": "recommendation", "slug": "r-1", "report": "r", "number": "1", "text": "T", "addressees": ["council"]});
        let mut news = article("news", "council", "N");
        news["reports"] = json!(["r"]);
        news["recommendations"] = json!(["r-1"]);
        let mut welsh = article("newyddion", "council", "N");
        (welsh["language"], welsh["translation_of"]) = (json!("cy"), json!("news"));
        api.import_all(&[
            organisation("council", "C"),
            report,
            recommendation,
            news,
            welsh,
        ]);
        let counts = || {
            let data = &api.get(ITEM).json()["data"];
            let count = |member: &str| data[member].as_array().unwrap().len();
            [
                count("reports"),
                count("recommendations"),
                count("translations"),
            ]
        };
        until_remembered(&api, ITEM);
        assert_eq!(counts(), [1, 1, 1]);
        let admin = api.admin();
        let patch = |path: &str, change: Value| {
            api.patch(path, &admin, &change).assert_status(200);
        };
        patch("/v1/reports/r", json!({"state": "draft"}));
        assert_eq!(counts(), [0, 0, 1]);
        patch("/v1/reports/r", json!({"state": "published"}));
        until_remembered(&api, ITEM);
        assert_eq!(counts(), [1, 1, 1]);
        patch("/v1/articles/newyddion", json!({"translation_of": null}));
        assert_eq!(counts(), [1, 1, 0]);
    });
}

/// Waits until a node knows the end of the log, and remembers what a page names.
fn until_remembered(api: &Instance, path: &str) {
    eventually(|| match api.statements(|| drop(api.get(path))) {
        1 => Ok(()),
        count => Err(count),
    });
}

fn headlines(api: &Instance) -> Vec<String> {
    let list = api.get(LIST).json();
    let data = list["data"].as_array().unwrap().iter();
    data.map(|article| article["headline"].as_str().unwrap().to_owned())
        .collect()
}

/// Two instances on one database, of which one writes.
struct Nodes {
    one: Instance,
    other: Instance,
    _folder: Option<tempfile::TempDir>,
}

impl Nodes {
    fn start(kind: Kind) -> Self {
        let (url, _folder) = support::database(kind, Content::Empty);
        Self {
            one: Instance::start_at(&url, uncached),
            other: Instance::start_at(&url, uncached),
            _folder,
        }
    }

    fn both(&self) -> [&Instance; 2] {
        [&self.one, &self.other]
    }

    fn write(&self, documents: &[Value]) {
        self.one.import_all(documents);
    }

    fn patch(&self, path: &str, change: &Value) {
        self.one
            .patch(&format!("/v1/{path}"), &self.one.admin(), change)
            .assert_status(200);
    }
}

#[test]
fn an_original_that_is_stored_after_its_translation_lists_it() {
    both_empty(|api| {
        let welsh = |slug: &str, original: Option<&str>| {
            let mut document = article(slug, "council", "N");
            document["language"] = json!("cy");
            if let Some(original) = original {
                document["translation_of"] = json!(original);
            }
            document
        };
        api.import_all(&[
            organisation("council", "C"),
            welsh("un", None),
            welsh("dau", None),
        ]);
        let listed = |path: &str| {
            let data = &api.get(path).json()["data"]["translations"];
            let slugs = data.as_array().unwrap().iter();
            let slugs = slugs.map(|other| other["slug"].as_str().unwrap().to_owned());
            slugs.collect::<Vec<_>>()
        };
        let batch = |documents: [Value; 2]| {
            api.post("/v1/batch", &api.admin(), &json!(documents))
                .assert_status(200);
        };
        batch([welsh("un", Some("one")), article("one", "council", "N")]);
        batch([article("two", "council", "N"), welsh("dau", Some("two"))]);
        assert_eq!(listed("/v1/articles/one"), ["un"]);
        assert_eq!(listed("/v1/articles/two"), ["dau"]);
        // more than are stored with one statement: translations first
        let mut many: Vec<Value> = (0..600)
            .map(|n| welsh(&format!("cy-{n}"), Some(&format!("en-{n}"))))
            .collect();
        many.extend((0..600).map(|n| article(&format!("en-{n}"), "council", "N")));
        api.import_all(&many);
        for n in [0, 299, 599] {
            let translation = format!("cy-{n}");
            assert_eq!(listed(&format!("/v1/articles/en-{n}")), [translation]);
        }
    });
}

#[test]
fn names_are_sorted_as_people_sort_them_and_found_in_any_form() {
    both_empty(|api| {
        // case and accents aside, and equal ones by code point; the second is "Éclair" with a combining accent
        let sorted = [
            "apple",
            "E\u{301}clair",
            "eclair",
            "\u{c9}clair",
            "Ecole",
            "\u{e9}cole",
            "Zebra",
        ];
        for kind in ["organisation", "topic", "group"] {
            let document = |number: usize| {
                let mut document =
                    json!({"type": kind, "slug": format!("s{number}"), "name": sorted[number]});
                if kind == "group" {
                    document["members"] = json!([{"organisation": "s0"}]);
                }
                document
            };
            let order = [6, 3, 0, 5, 2, 4, 1];
            api.import_all(&order.map(document));
            let list = format!("/v1/{kind}s");
            for limit in [1, 3, 100] {
                assert_eq!(
                    names_of(&api.walk_records(&format!("{list}?sort=name&limit={limit}"))),
                    sorted
                );
                let mut reversed = sorted;
                reversed.reverse();
                if kind == "organisation" {
                    let path = format!("{list}?sort=-name&limit={limit}");
                    assert_eq!(names_of(&api.walk_records(&path)), reversed);
                }
            }
        }
        for name in ["ECLAIR", "\u{c9}CLAIR", "e%CC%81clair"] {
            let found = api.get(&format!("/v1/organisations?name={name}")).records();
            assert_eq!(
                names_of(&found),
                ["E\u{301}clair", "eclair", "\u{c9}clair"],
                "{name}"
            );
        }
        let report = |slug: &str, title: &str| json!({"type": "report", "slug": slug, "title": title, "published_on": "2026-11-01", "publishers": ["s0"]});
        api.import_all(&[
            report("a", "\u{e9}tude"),
            report("b", "Zoo"),
            report("c", "Etalon"),
        ]);
        let titles = api.get("/v1/reports?sort=title").column("title");
        assert_eq!(titles, ["Etalon", "\u{e9}tude", "Zoo"]);
    });
}

fn names_of(records: &[serde_json::Value]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record["name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_list_goes_on_after_the_longest_title() {
    both_empty(|api| {
        let title = |first: char| format!("{first}{}", "\u{416}".repeat(499));
        let report = |number: usize, first: char| json!({"type": "report", "slug": format!("r{number}"), "title": title(first), "published_on": "2026-11-01", "publishers": ["body"]});
        api.import(json!({"type": "organisation", "slug": "body", "name": "Body"}));
        api.import_all(&[report(1, 'c'), report(2, 'a'), report(3, 'b')]);
        let found = api.walk_records("/v1/reports?sort=title&limit=1");
        let slugs: Vec<&str> = found
            .iter()
            .map(|one| one["slug"].as_str().unwrap())
            .collect();
        assert_eq!(slugs, ["r2", "r3", "r1"]);
    });
}

#[test]
fn what_names_are_sorted_by_is_filled_in_where_it_is_missing() {
    use answerable::app::prepare;
    both_empty(|api| {
        let name = json!({"name": "An Older Name", "until": "2020"});
        let mut body = organisation("b", "Beta");
        body["names"] = json!([name]);
        api.import_all(&[organisation("a", "alpha"), body]);
        for table in ["organisations", "organisation_names"] {
            api.execute(&[&format!("UPDATE {table} SET sort_name = ''")]);
        }
        prepare(&api.database).unwrap();
        assert_eq!(
            api.get("/v1/organisations?sort=name&limit=2")
                .column("slug"),
            ["a", "b"]
        );
        assert_eq!(
            api.get("/v1/organisations?name=an+older+name&limit=3")
                .column("slug"),
            ["b"]
        );
    });
}
