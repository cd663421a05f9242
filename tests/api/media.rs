//! Images and attachments.

use serde_json::{Value, json};

use crate::support::{Instance, both_empty, with};

fn image() -> Value {
    json!({"role": "lead", "url": "https://www.body.example/a.jpg", "alt": "A fictional house.", "caption": "The house",
        "credit": "A. N. Other", "licence": "OGL-UK-3.0", "width": 600, "height": 400, "media_type": "image/jpeg",
        "bytes": 12345, "sha256": "0".repeat(64)})
}

fn file() -> Value {
    json!({"url": "https://www.body.example/a.pdf", "title": "The Report", "language": "en", "media_type": "application/pdf",
        "pages": 12, "bytes": 54321, "sha256": "f".repeat(64)})
}

fn documents() -> [Value; 3] {
    let media = json!({"images": [image(), {"role": "other", "url": "https://www.body.example/b.png", "alt": ""}], "attachments": [file()]});
    let article = json!({"type": "article", "slug": "story", "headline": "Fictional", "organisation": "body", "published_at": "2026-11-01T09:00:00Z",
        "body_html": "<p>Words.</p>", "reports": ["r"], "document_type": "news_story", "change_notes": [{"at": "2026-11-01T09:00:00Z", "note": "First published."}]});
    let report = json!({"type": "report", "slug": "r", "title": "R", "published_on": "2026-11-01", "publishers": ["body"]});
    let response = json!({"type": "response", "report": "r", "responder": "other", "published_on": "2026-11-02", "covers": [{"number": "1"}]});
    [article, report, response].map(|document| with(document, media.clone()))
}

fn seed(api: &Instance) {
    let [article, report, response] = documents();
    api.import_all(&[
        json!({"type": "organisation", "slug": "body", "name": "The Fictional Body"}),
        json!({"type": "organisation", "slug": "other", "name": "The Other Body"}),
        report,
        json!({"type": "recommendation", "report": "r", "number": "1", "text": "Do it.", "addressees": ["other"]}),
        article,
        response,
    ]);
}

#[test]
fn records_show_their_images_and_attachments() {
    both_empty(|api| {
        seed(api);
        let response = api.get("/v1/responses").records().remove(0);
        for record in [
            api.data("/v1/articles/story"),
            api.data("/v1/reports/r"),
            response,
        ] {
            assert_eq!(record["images"][0], image());
            assert_eq!(
                record["images"][1],
                json!({"role": "other", "url": "https://www.body.example/b.png", "alt": ""})
            );
            assert_eq!(record["attachments"], json!([file()]));
        }
        let article = api.data("/v1/articles/story");
        assert_eq!(article["document_type"], "news_story");
        assert_eq!(
            article["change_notes"],
            json!([{"at": "2026-11-01T09:00:00Z", "note": "First published."}])
        );
        // what was exported can be imported
        let exported = api.export();
        assert!(exported.contains(r#""alt":"A fictional house.""#));
        for line in exported.lines() {
            assert_eq!(api.try_import(line).mistakes.len(), 0, "{line}");
        }
    });
}

#[test]
fn they_reach_feeds_embeds_and_linked_data() {
    both_empty(|api| {
        seed(api);
        let item = api.get("/v1/feeds/articles.json").json()["items"][0].clone();
        assert_eq!(item["image"], "https://www.body.example/a.jpg");
        let attachment = json!({"url": "https://www.body.example/a.pdf", "mime_type": "application/pdf", "title": "The Report", "size_in_bytes": 54321});
        assert_eq!(item["attachments"], json!([attachment]));
        let rss = api.get("/v1/feeds/articles.rss").text();
        for part in [
            r#"<enclosure url="https://www.body.example/a.pdf" length="54321" type="application/pdf"/>"#,
            r#"<media:content url="https://www.body.example/a.jpg" medium="image" type="image/jpeg" fileSize="12345" width="600" height="400">"#,
            r#"<media:description type="plain">A fictional house.</media:description>"#,
            "<media:credit>A. N. Other</media:credit>",
        ] {
            assert!(rss.contains(part), "{part}: {rss}");
        }
        let atom = api.get("/v1/feeds/articles.atom").text();
        let link = r#"<link rel="enclosure" href="https://www.body.example/a.pdf" type="application/pdf" title="The Report" length="54321"/>"#;
        assert!(atom.contains(link), "{atom}");
        let embed = |more: &str| {
            let address = format!("{}/v1/articles/story", api.base)
                .replace(':', "%3A")
                .replace('/', "%2F");
            api.get(&format!("/v1/oembed?url={address}{more}")).json()
        };
        let whole = embed("");
        assert_eq!(whole["thumbnail_url"], "https://www.body.example/a.jpg");
        assert_eq!(
            (&whole["thumbnail_width"], &whole["thumbnail_height"]),
            (&json!(600), &json!(400))
        );
        assert!(embed("&maxwidth=599").get("thumbnail_url").is_none());
        let linked = api
            .send(
                "GET",
                "/v1/articles/story",
                &[("accept", "application/ld+json")],
            )
            .json();
        assert_eq!(
            linked["image"][0]["contentUrl"],
            "https://www.body.example/a.jpg"
        );
        assert_eq!(linked["image"][0]["description"], "A fictional house.");
        assert_eq!(
            linked["associatedMedia"][0]["encodingFormat"],
            "application/pdf"
        );
    });
}

#[test]
fn a_withdrawn_or_erased_record_shows_none() {
    both_empty(|api| {
        seed(api);
        let notice = json!({"state": "withdrawn", "withdrawal": {"at": "2026-11-20T09:00:00Z", "reason": "It was wrong."}});
        let [article, report, response] = documents();
        api.import_all(&[
            with(article, notice.clone()),
            with(report, notice),
            with(response, json!({"state": "withdrawn", "withdrawal": {"at": "2020-01-01T00:00:00Z", "reason": "Fictional."}})),
        ]);
        let response = api.get("/v1/responses?state=withdrawn").records().remove(0);
        for record in [
            api.data("/v1/articles/story"),
            api.data("/v1/reports/r"),
            response,
        ] {
            assert_eq!(
                (&record["images"], &record["attachments"]),
                (&json!([]), &json!([])),
                "{record}"
            );
        }
        let [article, ..] = documents();
        api.import(with(article, json!({"state": "erased"})));
        let exported = api.export();
        let erased = exported
            .lines()
            .find(|line| line.contains("\"story\""))
            .unwrap();
        assert!(
            !erased.contains("body.example") && !erased.contains("news_story"),
            "{erased}"
        );
    });
}

#[test]
fn what_cannot_be_right_is_an_error() {
    both_empty(|api| {
        seed(api);
        let [article, _, response] = documents();
        for (member, value, pointer) in [
            ("images", json!([image(), image()]), "/images"),
            (
                "images",
                json!([{"url": "https://www.body.example/a.jpg"}]),
                "/images/0/alt",
            ),
            (
                "images",
                json!([with(image(), json!({"url": "a.jpg"}))]),
                "/images/0/url",
            ),
            (
                "images",
                json!([with(image(), json!({"width": 0}))]),
                "/images/0/width",
            ),
            (
                "images",
                json!([with(image(), json!({"media_type": "JPEG"}))]),
                "/images/0/media_type",
            ),
            (
                "images",
                json!([with(image(), json!({"role": "hero"}))]),
                "/images/0/role",
            ),
            (
                "attachments",
                json!([with(file(), json!({"title": ""}))]),
                "/attachments/0/title",
            ),
            (
                "attachments",
                json!([with(file(), json!({"sha256": "abc"}))]),
                "/attachments/0/sha256",
            ),
            (
                "attachments",
                json!([with(file(), json!({"bytes": -1}))]),
                "/attachments/0/bytes",
            ),
            (
                "change_notes",
                json!([{"at": "yesterday", "note": "x"}]),
                "/change_notes/0/at",
            ),
        ] {
            let report = api.try_import(with(article.clone(), json!({member: value})));
            let pointers: Vec<&str> = report
                .mistakes
                .iter()
                .map(|one| one.pointer.as_str())
                .collect();
            assert_eq!(
                pointers,
                [pointer],
                "{member}: {value}: {:?}",
                report.mistakes
            );
        }
        let withheld = json!({"publication": "withheld", "withheld_reason": "A reason.", "published_on": "2026-11-03"});
        let report = api.try_import(with(response, withheld));
        assert_eq!(report.mistakes.len(), 2, "{:?}", report.mistakes);
    });
}

#[test]
fn the_check_of_links_visits_them() {
    use answerable::platform::db::{DbConnection, Error};
    use answerable::tracking::linked_pages::queries;
    both_empty(|api| {
        seed(api);
        let now = api.clock.now();
        let report = api.get("/v1/reports/r").id();
        for report in [None, report.parse::<uuid::Uuid>().ok().map(Into::into)] {
            let find = |c: &mut DbConnection| Ok::<_, Error>(queries::due(c, report, now, now)?);
            let pages = api.read(find);
            let linked = |url: &str| {
                let page = pages.iter().find(|page| page.url == url);
                page.map_or(0, |page| page.linked_from.len())
            };
            // by the article, the report and the response
            assert_eq!(linked("https://www.body.example/a.jpg"), 3);
            assert_eq!(linked("https://www.body.example/a.pdf"), 3);
        }
    });
}
