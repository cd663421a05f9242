//! Access control: tokens, clients, keys, and the rights that each operation requires.

use answerable::access::{Rights, Scope, clients, keys, token};
use answerable::log::Resource;
use answerable::tracking::catalogue;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::support::contract::{self, DOCUMENT};
use crate::support::{
    Answer, Content, Instance, assert_includes, both, database, eventually, kinds, open_at, time,
    with,
};

/// The issuer of an instance with the default settings.
const ISSUER: &str = "http://127.0.0.1:8080";

fn with_token(api: &Instance, token: &str) -> Answer {
    api.get_as(token, "/v1/articles?limit=1")
}

fn stored_keys(api: &Instance) -> keys::KeySet {
    api.read(|c| keys::load(c, api.clock.now()))
}

fn seconds(api: &Instance) -> i64 {
    api.clock.now().and_utc().timestamp()
}

/// A token with this header and these claims, signed with the instance's key.
fn signed(api: &Instance, header: &Value, claims: &Value) -> String {
    let keys = stored_keys(api);
    let (kid, key) = keys.signing_key().unwrap();
    let mut header = header.clone();
    if header.get("kid").is_none() {
        header["kid"] = json!(kid);
    }
    let text = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature =
        jsonwebtoken::crypto::sign(text.as_bytes(), &key, jsonwebtoken::Algorithm::EdDSA).unwrap();
    format!("{text}.{signature}")
}

fn claims(api: &Instance) -> Value {
    let now = seconds(api);
    let (client, _) = api.new_client(&["admin"], &["*"]);
    json!({
        "iss": ISSUER, "aud": ISSUER, "sub": client, "client_id": client, "jti": "1", "iat": now,
        "exp": now + 600, "scope": "admin", "grants": {"admin": ["*"]},
    })
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt"})
}

#[test]
fn a_client_gets_a_token_and_writes_with_it() {
    both(|api| {
        let (id, secret) = api.new_client(&["articles:write", "articles:publish"], &["iopc"]);
        let answer = api.request_token(&id, &secret);
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (200, "no-store")
        );
        let granted = answer.json();
        let scope = "articles:publish articles:write";
        assert_includes(
            &granted,
            json!({"token_type": "Bearer", "expires_in": 600, "scope": scope}),
        );
        let token = granted["access_token"].as_str().unwrap();
        let article = json!({"slug": "t", "headline": "H", "published_at": "2026-01-02T00:00:00Z", "organisation": "iopc"});
        api.post("/v1/articles", token, &article).assert_status(201);

        // the same with Basic authentication, for fewer scopes
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let form = b"grant_type=client_credentials&scope=articles:write".to_vec();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let headers = [kind, ("authorization", basic.as_str())];
        let fewer = api.send_body("POST", "/oauth/token", &headers, form);
        assert_eq!(fewer.json()["scope"], "articles:write", "{}", fewer.text());

        let wrong = api.request_token(&id, "wrong");
        assert_eq!(
            (wrong.status, &wrong.json()["error"]),
            (401, &json!("invalid_client"))
        );
        assert_eq!(
            wrong.header("www-authenticate"),
            "Basic realm=\"answerable\""
        );
        let long = format!("grant_type=client_credentials&scope={}", "a".repeat(5_000));
        for (form, error) in [
            (long.as_str(), "invalid_scope"),
            ("", "invalid_request"),
            ("grant_type=password", "unsupported_grant_type"),
            ("grant_type=client_credentials&scope=all", "invalid_scope"),
            (
                "grant_type=client_credentials&grant_type=client_credentials",
                "invalid_request",
            ),
            ("%ff=%ff", "invalid_request"),
        ] {
            let answer = api.send_body("POST", "/oauth/token", &[kind], form.into());
            contract::check("post", "/oauth/token", &answer);
            assert_eq!(
                (answer.status, &answer.json()["error"]),
                (400, &json!(error)),
                "{form}"
            );
        }
    });
}

#[test]
fn private_key_jwt_authenticates_a_client_once_per_assertion() {
    both(|api| {
        let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().unwrap();
        use aws_lc_rs::signature::KeyPair;
        let jwk =
            json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.public_key())});
        let mut rights = Rights::default();
        rights.grant(Scope::ArticlesWrite, "*");
        let (credential, now) = (
            clients::Credential::PublicKey(jwk.to_string()),
            api.clock.now(),
        );
        let (id, secret) = clients::add(&api.database, "k", &rights, credential, now).unwrap();
        assert_eq!(secret, None);
        let der = pair.to_pkcs8v1().unwrap();
        let key = jsonwebtoken::EncodingKey::from_ed_der(der.as_ref());
        let assertion = |aud: &str, exp: i64, jti: &str| {
            let claims = json!({"iss": id, "sub": id, "aud": aud, "exp": exp, "jti": jti});
            let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
            jsonwebtoken::encode(&header, &claims, &key).unwrap()
        };
        let request = |assertion: &str| {
            let form = format!(
                "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
            );
            let kind = [("content-type", "application/x-www-form-urlencoded")];
            api.send_body("POST", "/oauth/token", &kind, form.into())
        };
        let now = seconds(api);
        let good = assertion(&format!("{ISSUER}/oauth/token"), now + 60, "one");
        let answer = request(&good).assert_status(200).json();
        let token = answer["access_token"].as_str().unwrap();
        with_token(api, token).assert_status(200);
        let refused = [
            good,
            assertion("https://elsewhere.example", now + 60, "two"),
            assertion(ISSUER, now - 1, "three"),
            assertion(ISSUER, now + 301, "four"),
            assertion(ISSUER, now + 60, ""),
        ];
        for assertion in refused {
            assert_eq!(request(&assertion).status, 401, "{assertion}");
        }
        request(&assertion(ISSUER, now + 60, "five")).assert_status(200);
    });
}

#[test]
fn a_bad_token_is_rejected_even_on_public_paths() {
    both(|api| {
        let good = signed(api, &header(), &claims(api));
        with_token(api, &good).assert_status(200);
        let now = seconds(api);
        let with = |name: &str, value: Value| {
            let mut changed = claims(api);
            changed[name] = value;
            signed(api, &header(), &changed)
        };
        let without = |name: &str| {
            let mut changed = claims(api);
            changed.as_object_mut().unwrap().remove(name);
            signed(api, &header(), &changed)
        };
        let headed = |header: Value| signed(api, &header, &claims(api));
        let parts: Vec<&str> = good.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#);
        let mut bad = vec![
            ("wrong aud", with("aud", json!("https://elsewhere.example"))),
            ("no aud", without("aud")),
            ("wrong iss", with("iss", json!("https://elsewhere.example"))),
            ("no iss", without("iss")),
            ("no sub", without("sub")),
            ("no exp", without("exp")),
            ("exp is text", with("exp", json!("tomorrow"))),
            ("expired", with("exp", json!(now - 30))),
            ("expired long ago", with("exp", json!(i64::MIN))),
            ("nbf ahead", with("nbf", json!(now + 31))),
            ("iat ahead", with("iat", json!(now + 31))),
            (
                "unknown scope",
                with("grants", json!({"everything": ["*"]})),
            ),
            (
                "crit",
                headed(json!({"alg": "EdDSA", "typ": "at+jwt", "crit": ["exp"]})),
            ),
            (
                "embedded jwk",
                headed(json!({"alg": "EdDSA", "typ": "at+jwt", "jwk": {"kty": "OKP"}})),
            ),
            (
                "jku",
                headed(json!({"alg": "EdDSA", "typ": "at+jwt", "jku": "http://x"})),
            ),
            ("typ JWT", headed(json!({"alg": "EdDSA", "typ": "JWT"}))),
            ("no typ", headed(json!({"alg": "EdDSA"}))),
            (
                "unknown kid",
                headed(json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "x"})),
            ),
            ("HS256", headed(json!({"alg": "HS256", "typ": "at+jwt"}))),
            ("RS256", headed(json!({"alg": "RS256", "typ": "at+jwt"}))),
            ("none", format!("{none}.{}.", parts[1])),
            ("no signature", format!("{}.{}.", parts[0], parts[1])),
            ("two parts", format!("{}.{}", parts[0], parts[1])),
            ("four parts", format!("{good}.x")),
            ("half a signature", good[..good.len() - 20].to_owned()),
            (
                "claims of another",
                format!(
                    "{}.{}.{}",
                    parts[0],
                    URL_SAFE_NO_PAD.encode(claims(api).to_string() + " "),
                    parts[2]
                ),
            ),
            ("empty", String::new()),
            ("long", "a".repeat(5000)),
        ];
        // the public key used as an HMAC secret
        let public = serde_json::to_value(stored_keys(api).public()).unwrap();
        let x = public["keys"][0]["x"].as_str().unwrap();
        for secret in [x.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(x).unwrap()] {
            let mut head = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
            head.typ = Some("at+jwt".into());
            head.kid = Some(public["keys"][0]["kid"].as_str().unwrap().into());
            let key = jsonwebtoken::EncodingKey::from_secret(&secret);
            bad.push((
                "HMAC with the public key",
                jsonwebtoken::encode(&head, &claims(api), &key).unwrap(),
            ));
        }
        for (name, token) in bad {
            let answer = with_token(api, &token);
            println!("{name}");
            answer.problem(401, "invalid-token");
            assert!(
                answer
                    .header("www-authenticate")
                    .contains("error=\"invalid_token\""),
                "{name}"
            );
            assert!(
                !answer.text().contains(&*token) || token.is_empty(),
                "{name}: the token is repeated"
            );
        }
        for authorization in ["", "Bearer", "Basic eDp5", "bearer  ", "Bearer a, Bearer b"] {
            api.get_with("/v1/articles", &[("authorization", authorization)])
                .problem(401, "invalid-token");
        }
        // within the 30 seconds of leeway
        with_token(api, &with("exp", json!(now - 29))).assert_status(200);
        with_token(api, &with("nbf", json!(now + 30))).assert_status(200);
    });
}

#[test]
fn hostile_jose_vectors_are_rejected() {
    let Some(path) = crate::support::data("vectors/wycheproof-jose.tar.gz") else {
        return;
    };
    let mut tokens = Vec::new();
    let file = flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap());
    for entry in tar::Archive::new(file).entries().unwrap() {
        let entry = entry.unwrap();
        if let Ok(vectors) = serde_json::from_reader::<_, Value>(entry) {
            texts(&vectors, &mut tokens);
        }
    }
    assert!(tokens.len() > 100, "{}", tokens.len());
    println!("{} tokens", tokens.len());
    both(|api| {
        for token in &tokens {
            let answer = with_token(api, token);
            assert!(
                [401, 431].contains(&answer.status),
                "{token}: {}",
                answer.text()
            );
        }
    });
}

/// Collects every string that looks like a token, at any depth.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text)
            if text.matches('.').count() >= 2
                && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') =>
        {
            found.push(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

#[test]
fn a_revoked_client_is_rejected_immediately() {
    both(|api| {
        let (id, token) = api.client(&["admin"], &["*"]);
        let topic = json!({"slug": "x", "name": "X"});
        with_token(api, &token).assert_status(200);
        assert!(clients::revoke(&api.database, &id, api.clock.now()).unwrap());
        with_token(api, &token).problem(401, "invalid-token");
        api.post("/v1/topics", &token, &topic)
            .problem(401, "invalid-token");
        assert!(!clients::revoke(&api.database, &id, api.clock.now()).unwrap());
    });
}

#[test]
fn signing_keys_rotate_without_a_gap() {
    both(|api| {
        let old = api.admin();
        keys::rotate(&api.database, api.clock.now(), false).unwrap();
        assert_eq!(
            with_token(api, &old).status,
            200,
            "the old key still proves its tokens"
        );
        let count = || {
            let keys = api.get("/.well-known/jwks.json").json()["keys"].clone();
            keys.as_array().unwrap().len()
        };
        assert_eq!(count(), 2);
        // another node does not know the new key until a token names it
        let (fresh, now) = (stored_keys(api), api.clock.now());
        let (client, _) = api.new_client(&["admin"], &["*"]);
        let new = token::issue(&fresh, ISSUER, &client, Rights::all(), now, 600).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1_050));
        with_token(api, &new).assert_status(200);
        // the old key stops working after the overlap
        api.clock.set(time("2026-11-25T13:00:01Z"));
        keys::rotate(&api.database, api.clock.now(), true).unwrap();
        assert_eq!(count(), 1);
    });
}

#[test]
fn a_key_rotated_at_once_is_refused_on_all_nodes() {
    for kind in kinds() {
        let (url, _file) = database(kind, Content::Demo);
        let [one, other] = [(), ()].map(|()| Instance::start_at(&url, |_| ()));
        let token = one.admin();
        for node in [&one, &other] {
            with_token(node, &token).assert_status(200);
        }
        // as the command does, in a process of its own
        keys::rotate(&open_at(&url), one.clock.now(), true).unwrap();
        for node in [&one, &other] {
            eventually(|| match with_token(node, &token).status {
                401 => Ok(()),
                status => Err(status),
            });
        }
        let fresh = other.admin();
        for node in [&one, &other] {
            eventually(|| match with_token(node, &fresh).status {
                200 => Ok(()),
                status => Err(status),
            });
        }
    }
}

#[test]
fn the_server_metadata_points_to_working_endpoints() {
    both(|api| {
        let metadata = api.get("/.well-known/oauth-authorization-server").json();
        assert_eq!(metadata["issuer"], ISSUER);
        assert_eq!(
            metadata["token_endpoint"],
            format!("{}/oauth/token", api.base)
        );
        api.get(metadata["jwks_uri"].as_str().unwrap())
            .assert_status(200);
        let keys = api.get("/.well-known/jwks.json").json();
        assert!(keys["keys"][0].get("d").is_none());
        assert_eq!(keys["keys"][0]["alg"], "EdDSA");
    });
}

/// The collections of what bodies said, and of the bodies themselves.
const SAID: [&str; 8] = [
    "recommendations",
    "reports",
    "organisations",
    "responses",
    "action-plans",
    "progress-updates",
    "assessments",
    "mandates",
];

/// Tries every operation in the document anonymously, as a client of another organisation, as one that may only
/// read drafts, and as an authorised client.
#[test]
fn every_operation_rejects_anonymous_and_foreign_callers() {
    both(|api| {
        let all = [
            "articles:write",
            "articles:publish",
            "recommendations:write",
            "responses:write",
            "assessments:write",
            "mandates:write",
            "organisations:write",
        ];
        let (_, other) = api.client(&all, &["exampleshire-police"]);
        let (_, reader) = api.client(&["articles:read_drafts"], &["*"]);
        let right = |collection: &str, path: &str| match collection {
            "groups" | "topics" | "webhooks" => api.admin(),
            "proposals" => api.client(&all, &["hmicfrs"]).1,
            // a client may write its own organisation but not create others
            "organisations" => match path.strip_prefix("/v1/organisations/") {
                Some(slug) => api.client(&all, &[slug]).1,
                None => api.admin(),
            },
            _ => api.client(&all, &["iopc"]).1,
        };
        let mut tried = 0;
        for (path, operations) in DOCUMENT["paths"].as_object().unwrap() {
            // one collection stands for all
            let path = &path.replace("{collection}", "articles");
            let Some(collection) = path
                .strip_prefix("/v1/")
                .and_then(|path| path.split('/').next())
            else {
                continue;
            };
            for method in operations
                .as_object()
                .unwrap()
                .keys()
                .filter(|method| *method != "get")
            {
                tried += 1;
                let method = method.to_uppercase();
                let (place, body) = prepare(api, path, collection, tried);
                let token = right(collection, &place);
                let body = match method.as_str() {
                    "DELETE" => Value::Null,
                    "PATCH" => json!({}),
                    _ if path.ends_with("/publish") || path.ends_with("/accept") => json!({}),
                    _ if path.ends_with("/replay") => json!({"since": "2026-01-01T00:00:00Z"}),
                    _ if path.ends_with("/schedule") => json!({"at": "2027-01-01T00:00:00Z"}),
                    _ if path.ends_with("/disputes") => json!({"text": "It was sent."}),
                    _ if path.ends_with("/receipt") => json!({"received_on": "2026-01-02"}),
                    _ if path.ends_with("/preview") => json!({}),
                    _ if path.ends_with("/restore") || path.ends_with("/redactions") => {
                        json!({"revision": 1})
                    }
                    _ if path.ends_with("/withdraw") || path.ends_with("/decline") => {
                        json!({"reason": "It was wrong."})
                    }
                    _ if path.ends_with("/corrections") => json!({"note": "It was wrong."}),
                    _ => body,
                };
                let headers: &[(&str, &str)] = match method.as_str() {
                    "POST" if !path.contains("{id}") => &[],
                    _ => &[("if-match", "*")],
                };
                let before = api.export();
                let nobody = api.send_body(
                    &method,
                    &place,
                    &[("content-type", "application/json")],
                    body.to_string().into(),
                );
                nobody.problem(401, "unauthenticated");
                assert_eq!(
                    nobody.header("www-authenticate"),
                    "Bearer realm=\"answerable\""
                );
                for token in [&other, &reader] {
                    // a client that may read drafts may also create preview links
                    if token == &reader && path.ends_with("/preview") {
                        continue;
                    }
                    let refused = api.write(&method, &place, token, headers, &body);
                    // another organisation's draft does not exist for this client, nor does its proposal
                    let is_draft = ["/publish", "/schedule", "/preview"]
                        .iter()
                        .any(|end| path.ends_with(end));
                    let is_hidden = (token == &other && is_draft) || collection == "proposals";
                    if is_hidden {
                        refused.problem(404, "not-found");
                        continue;
                    }
                    refused.problem(403, "insufficient-scope");
                    assert!(
                        refused.header("www-authenticate").contains("scope=\""),
                        "{method} {place}"
                    );
                }
                assert_eq!(api.export(), before, "{method} {place}");
                // what a body said in public stays on record: only an administrator removes it
                let is_said = SAID.contains(&collection) && method == "DELETE";
                let token = match is_said || path.ends_with("/redactions") {
                    true => {
                        api.write(&method, &place, &token, headers, &body)
                            .problem(403, "insufficient-scope");
                        api.admin()
                    }
                    false => token,
                };
                let done = api.write(&method, &place, &token, headers, &body);
                assert!(
                    (200..300).contains(&done.status),
                    "{method} {place}: {}",
                    done.text()
                );
            }
        }
        assert_eq!(tried, 64);
    });
}

/// Tries to bring back records of every kind that were removed or erased, as the client that owns them and as an
/// administrator.
#[test]
fn removed_records_are_revived_by_those_who_may_and_erased_ones_by_nobody() {
    both(|api| {
        let all = [
            "articles:write",
            "articles:publish",
            "recommendations:write",
            "responses:write",
            "assessments:write",
            "mandates:write",
            "organisations:write",
        ];
        let mut tried = 500;
        for resource in Resource::ALL {
            let collection = resource.collection();
            if catalogue::kind(resource).guide.is_none() {
                continue; // obligations are not removed
            }
            for state in ["gone", "erased"] {
                tried += 1;
                let path = format!("/v1/{collection}/{{id}}");
                let (place, mut document) = prepare(api, &path, collection, tried);
                let key = place.rsplit('/').next().unwrap();
                let owner = match collection {
                    "organisations" => key,
                    _ => "iopc",
                };
                let (_, owner) = api.client(&all, &[owner]);
                let admin = api.admin();
                let any = [("if-match", "*")];
                api.patch(&place, &admin, &json!({ "state": state }))
                    .assert_status(204);
                document["type"] = json!(resource);
                if document.get("slug").is_none() {
                    document["id"] = json!(key);
                }
                let batch = json!([document]);
                let revive = |token: &str| {
                    let published = json!({"state": "published"});
                    let patched = api.write("PATCH", &place, token, &any, &published);
                    let sent = api.post("/v1/batch", token, &batch);
                    [patched.status, sent.status]
                };
                let is_said = SAID.contains(&collection);
                let expected = match (state, is_said) {
                    ("erased", _) => [451, 422],
                    (_, true) => [410, 403],
                    _ if ["groups", "topics"].contains(&collection) => [410, 403],
                    _ => [410, 200],
                };
                assert_eq!(revive(&owner), expected, "{collection} {state}");
                let expected = match state {
                    "erased" => [451, 422],
                    _ if expected == [410, 200] => [200, 200], // it is back already
                    _ => [410, 200],
                };
                assert_eq!(
                    revive(&admin),
                    expected,
                    "{collection} {state}, administrator"
                );
            }
        }
        assert_eq!(tried, 522);
    });
}

/// Unpublished records of the IOPC, one per collection. Every text in them contains "marker".
const HIDDEN: [(&str, &str); 3] = [
    ("articles", "marker-article"),
    ("reports", "marker-report"),
    ("recommendations", "marker-report-1"),
];

/// Tries every read operation on unpublished records: neither anonymous callers nor another organisation's client
/// sees them in lists, counts, links or expansions; the owner's client can read them.
#[test]
fn every_read_hides_drafts_from_anonymous_and_foreign_callers() {
    both(|api| {
        api.import(concat!(
            r#"{"type":"report","slug":"marker-report","title":"marker","published_on":"2026-01-02","publishers":["iopc"],"state":"draft"}"#,
            "\n",
            r#"{"type":"recommendation","report":"marker-report","number":"1","text":"marker","addressees":["essex-police"],"repeats":["stalking-super-complaint-2024-15"],"themes":["marker"]}"#,
            "\n",
            r#"{"type":"article","slug":"marker-article","headline":"marker","published_at":"2026-01-02T00:00:00Z","organisation":"iopc","topics":["stalking"],"reports":["stalking-super-complaint-2024"],"state":"draft"}"#,
        ));
        let (_, right) = api.client(&["articles:read_drafts"], &["iopc"]);
        let all = [
            "articles:read_drafts",
            "articles:write",
            "recommendations:write",
        ];
        let (_, other) = api.client(&all, &["exampleshire-police"]);
        let tokens = [None, Some(other), Some(right)];
        let read = |path: &str, token: &Option<String>| match token {
            Some(token) => api.get_as(token, path),
            None => api.get(path),
        };
        let (mut items, mut lists) = (0, 0);
        for (path, operations) in DOCUMENT["paths"].as_object().unwrap() {
            if operations.get("get").is_none() || !path.starts_with("/v1/") {
                continue;
            }
            // webhooks.rs and stream.rs cover these
            if path.starts_with("/v1/webhooks")
                || path.starts_with("/v1/proposals")
                || path.ends_with("/stream")
            {
                continue;
            }
            for (collection, hidden) in HIDDEN {
                let below = format!("/v1/{collection}/{{id}}");
                let place = path.replace("/v1/{collection}/", &format!("/v1/{collection}/"));
                if !place.starts_with(&below) {
                    continue;
                }
                let place = place.replace("{id}", hidden);
                if path.ends_with("/related") {
                    // related records come from the search index, which holds public records only
                    for token in &tokens {
                        read(&place, token).problem(404, "not-found");
                    }
                    continue;
                }
                items += 1;
                read(&place, &tokens[0]).problem(404, "not-found");
                read(&place, &tokens[1]).problem(404, "not-found");
                let seen = read(&place, &tokens[2]);
                assert_eq!(seen.status, 200, "{place}");
                assert!(seen.text().contains("marker"), "{place}");
            }
            // these show a single record; embeds.rs and fewer_requests.rs cover them
            if path.contains("{id}") || ["/v1/oembed", "/v1/lookup"].contains(&path.as_str()) {
                continue;
            }
            lists += 1;
            let names = contract::parameter_names(path);
            let mut place = format!("{}?", path.replace("{facet_name}", "topic"));
            let most = match path.as_str() {
                "/v1/embeds/news" => "20",
                _ => "100",
            };
            for (name, value) in [("limit", most), ("count", "exact"), ("q", "police")] {
                if names.contains(name) {
                    place.push_str(&format!("{name}={value}&"));
                }
            }
            for token in &tokens {
                let shown = read(&place, token);
                assert_eq!(shown.status, 200, "{place}");
                assert!(!shown.text().contains("marker"), "{place}");
            }
        }
        assert_eq!((items, lists), (9, 36));
        let of_draft = "/v1/recommendations/marker-report-1/obligations";
        let id = read(of_draft, &tokens[2]).column("id").remove(0);
        let place = format!("/v1/obligations/{id}");
        read(&place, &tokens[0]).problem(404, "not-found");
        read(&place, &tokens[1]).problem(404, "not-found");
        read(&place, &tokens[2]).assert_status(200);
        // linked records do not reveal them
        for path in [
            "/v1/recommendations/stalking-super-complaint-2024-15",
            "/v1/reports/stalking-super-complaint-2024",
            "/v1/topics/stalking",
            "/v1/organisations/iopc/articles?count=exact&limit=100",
            "/v1/recommendations?organisation=essex-police&limit=100",
        ] {
            for token in &tokens {
                assert!(!read(path, token).text().contains("marker"), "{path}");
            }
        }
        let themed = read("/v1/recommendations?theme=marker&count=exact", &tokens[0]).json();
        assert_eq!(themed["page"]["count"], 0);
    });
}

/// Creates a record for an operation to act on; returns its path and a request body.
fn prepare(api: &Instance, path: &str, collection: &str, n: usize) -> (String, Value) {
    let (slug, of) = (format!("matrix-{n}"), format!("matrix-{n}-r"));
    let report = json!({"type": "report", "slug": of, "title": "R", "published_on": "2026-01-02", "publishers": ["iopc"]});
    let document = match collection {
        "articles" => {
            json!({"slug": slug, "headline": "H", "published_at": "2026-01-02T00:00:00Z", "organisation": "iopc"})
        }
        "reports" => {
            json!({"slug": slug, "title": "R", "published_on": "2026-01-02", "publishers": ["iopc"]})
        }
        "recommendations" => {
            api.import(report);
            json!({"slug": slug, "report": of, "number": "1", "text": "T", "addressees": []})
        }
        "responses" | "action-plans" | "progress-updates" | "assessments" | "obligations" => {
            let one = json!({"type": "recommendation", "report": of, "number": "1", "text": "T", "addressees": ["iopc"]});
            api.import_all(&[report, one]);
            match collection {
                "obligations" => {
                    let under = format!("/v1/obligations?report={of}");
                    let id = api.get(&under).column("id").remove(0);
                    return (path.replace("{id}", &id), json!({}));
                }
                "responses" => {
                    json!({"report": of, "responder": "iopc", "published_on": "2026-01-02", "covers": [{"number": "1"}]})
                }
                "action-plans" => {
                    json!({"report": of, "organisation": "iopc", "url": "https://iopc.example/plan"})
                }
                "progress-updates" => {
                    json!({"report": of, "number": "1", "organisation": "iopc", "as_at": "2026-01", "status": "complete"})
                }
                _ => {
                    json!({"report": of, "number": "1", "organisation": "iopc", "assessor": "iopc", "as_at": "2026-01", "status": "open_acceptable"})
                }
            }
        }
        "groups" | "topics" | "organisations" => json!({"slug": slug, "name": "N"}),
        "mandates" => {
            let first = "2026-11-24".parse::<chrono::NaiveDate>().unwrap();
            let day = first + chrono::Days::new(n as u64);
            json!({"representative": "exampleshire-police", "represents": ["iopc"], "granted_by": "iopc", "from": day, "note": slug})
        }
        "webhooks" => return prepare_webhook(api, path),
        "proposals" => {
            let (_, iopc) = api.client(&["recommendations:write", "articles:publish"], &["iopc"]);
            let joint = json!({"slug": slug, "title": "R", "published_on": "2026-01-02", "publishers": ["iopc", "hmicfrs"]});
            let proposal = api.post("/v1/reports", &iopc, &joint).id();
            return (path.replace("{id}", &proposal), json!({}));
        }
        _ => {
            return (
                path.to_owned(),
                json!([{"type": "article", "slug": slug, "headline": "H", "published_at": "2026-01-02T00:00:00Z", "organisation": "iopc"}]),
            );
        }
    };
    if !path.contains("{id}") {
        return (path.to_owned(), document);
    }
    let mut stored = document.clone();
    stored["type"] = json!(collection.trim_end_matches('s').replace('-', "_"));
    if ["/publish", "/schedule", "/preview"]
        .iter()
        .any(|end| path.ends_with(end))
    {
        stored["state"] = json!("draft");
    }
    let key = match document.get("slug") {
        Some(_) => slug,
        None => format!("01890a5d-ac96-774b-bcce-{n:012}"),
    };
    if document.get("slug").is_none() {
        stored["id"] = json!(key);
    }
    api.import(&stored);
    if path.ends_with("/redactions") {
        api.import(with(stored, json!({"headline": "I"})));
    }
    (path.replace("{id}", &key), document)
}

/// Creates a webhook that sends nothing, with one delivery.
fn prepare_webhook(api: &Instance, path: &str) -> (String, Value) {
    let token = api.admin();
    let document = json!({"url": "https://hooks.example/", "is_enabled": false});
    let hook = api.post("/v1/webhooks", &token, &document).id();
    let test = format!("/v1/webhooks/{hook}/test");
    let delivery = api.post(&test, &token, &Value::Null).id();
    let path = path
        .replace("{id}", &hook)
        .replace("{delivery_id}", &delivery);
    (path, document)
}

#[test]
fn unpublished_records_are_visible_only_to_authorised_clients() {
    both(|api| {
        let admin = api.admin();
        let batch = json!([
            {"type": "article", "slug": "a-draft", "headline": "D", "published_at": "2026-01-02T00:00:00Z", "organisation": "iopc", "state": "draft"},
            {"type": "article", "slug": "a-plan", "headline": "S", "published_at": "2027-01-02T00:00:00Z", "organisation": "iopc"},
            {"type": "report", "slug": "r-draft", "title": "D", "published_on": "2026-01-02", "publishers": ["iopc"], "state": "draft"},
            {"type": "recommendation", "report": "r-draft", "number": "1", "text": "T", "addressees": []},
        ]);
        api.post("/v1/batch", &admin, &batch).assert_status(200);
        let (_, own) = api.client(&["articles:read_drafts"], &["iopc"]);
        let (_, other) = api.client(
            &[
                "articles:read_drafts",
                "articles:write",
                "recommendations:write",
            ],
            &["exampleshire-police"],
        );
        let get = |path: &str, token: &str| api.get_as(token, path);
        let hidden = [
            ("/v1/articles/a-draft", "draft"),
            ("/v1/articles/a-plan", "scheduled"),
            ("/v1/reports/r-draft", "draft"),
            ("/v1/recommendations/r-draft-1", "published"),
        ];
        for (path, state) in hidden {
            api.get(path).problem(404, "not-found");
            get(path, &other).problem(404, "not-found");
            let seen = get(path, &own);
            assert_eq!(seen.data()["state"], state, "{path}");
            assert_eq!(seen.header("cache-control"), "private, no-store");
            // writing does not reveal its existence either
            let patch = api.patch(path, &other, &json!({}));
            patch.problem(404, "not-found");
            api.delete(path, &other).problem(404, "not-found");
            get(&format!("{path}/history"), &other).problem(404, "not-found");
        }
        let listed = |path: &str, token: &str| get(&format!("{path}&count=exact"), token);
        for (path, slug) in [
            ("/v1/articles?state=draft", "a-draft"),
            ("/v1/articles?state=scheduled", "a-plan"),
            ("/v1/reports?state=draft", "r-draft"),
        ] {
            api.get(path).problem(401, "unauthenticated");
            let (mine, theirs) = (listed(path, &own), listed(path, &other));
            assert!(mine.column("slug").contains(&slug.to_owned()), "{path}");
            assert!(!theirs.column("slug").contains(&slug.to_owned()), "{path}");
            assert_eq!(theirs.count(), theirs.column("slug").len());
        }
        // a reference to a record that the caller cannot see is a reference to nothing
        let body = json!({"slug": "x", "headline": "H", "published_at": "2026-01-02T00:00:00Z", "organisation": "exampleshire-police", "state": "draft", "translation_of": "a-draft"});
        api.post("/v1/articles", &other, &body)
            .assert_invalid(&["#/translation_of"]);
        let (_, nothing) = api.client(&["organisations:write"], &["iopc"]);
        let lists = get("/v1/articles?state=draft", &nothing);
        lists.problem(403, "insufficient-scope");
    });
}

#[test]
fn drafts_can_be_written_without_the_right_to_publish() {
    both(|api| {
        let (_, writer) = api.client(&["articles:write"], &["iopc"]);
        let (_, publisher) = api.client(&["articles:write", "articles:publish"], &["iopc"]);
        let article = |state: &str| json!({"slug": "d", "headline": "H", "published_at": "2026-01-02T00:00:00Z", "organisation": "iopc", "state": state});
        api.post("/v1/articles", &writer, &article("published"))
            .problem(403, "insufficient-scope");
        let made = api
            .post("/v1/articles", &writer, &article("draft"))
            .assert_status(201);
        assert_eq!(made.json()["data"]["state"], "draft");
        let change = |token: &str, patch: Value| api.patch("/v1/articles/d", token, &patch);
        let refused = |token: &str, patch: Value| {
            change(token, patch).problem(403, "insufficient-scope");
        };
        refused(&writer, json!({"state": "published"}));
        change(&writer, json!({"headline": "I"})).assert_status(200);
        change(&publisher, json!({"state": "published"})).assert_status(200);
        refused(&writer, json!({"headline": "J"}));
        // nor can it be moved to another organisation or erased
        refused(&publisher, json!({"organisation": "exampleshire-police"}));
        refused(&publisher, json!({"state": "erased"}));
        assert_eq!(api.data("/v1/articles/d")["headline"], "I");
    });
}

#[test]
fn whoever_may_not_publish_creates_drafts_which_need_no_time() {
    both(|api| {
        let (_, writer) = api.client(&["articles:write"], &["iopc"]);
        let (_, publisher) = api.client(&["articles:write", "articles:publish"], &["iopc"]);
        let article = |slug: &str| json!({"slug": slug, "headline": "H", "organisation": "iopc"});
        let made = api
            .post("/v1/articles", &writer, &article("d"))
            .assert_status(201);
        assert_eq!(made.json()["data"]["state"], "draft");
        let put = api.write(
            "PUT",
            "/v1/articles/e",
            &writer,
            &[("if-none-match", "*")],
            &article("e"),
        );
        assert_eq!(put.assert_status(201).json()["data"]["state"], "draft");
        // the same document again, as a client that keeps its own copy sends it
        let again = api.write(
            "PUT",
            "/v1/articles/e",
            &writer,
            &[("if-match", "*")],
            &article("e"),
        );
        assert_eq!(again.assert_status(200).data()["state"], "draft");
        // with the right to publish, it is published, and says when
        api.post("/v1/articles", &publisher, &article("f"))
            .assert_invalid(&["#/published_at"]);
        api.clock.set(time("2026-11-24T12:05:00Z"));
        let published = api
            .act("/v1/articles/d/publish", &publisher, &json!({}))
            .assert_status(200);
        assert_eq!(published.data()["published_at"], "2026-11-24T12:05:00Z");
        let published = api.patch("/v1/articles/e", &publisher, &json!({"state": "published"}));
        assert_eq!(
            published.assert_status(200).data()["published_at"],
            "2026-11-24T12:05:00Z"
        );
    });
}

#[test]
fn an_action_that_needs_nothing_needs_no_body() {
    both(|api| {
        let token = api.admin();
        let draft = json!({"slug": "d", "headline": "H", "organisation": "iopc", "state": "draft"});
        api.post("/v1/articles", &token, &draft).assert_status(201);
        let bearer = format!("Bearer {token}");
        let tag = api
            .get_as(&token, "/v1/articles/d")
            .header("etag")
            .to_owned();
        let headers = [("authorization", bearer.as_str()), ("if-match", &tag)];
        let published = api
            .send("POST", "/v1/articles/d/publish", &headers)
            .assert_status(200);
        assert_eq!(published.data()["state"], "published");
        let preview = api
            .send("POST", "/v1/articles/d/preview", &headers[..1])
            .assert_status(200);
        assert!(
            preview.data()["url"]
                .as_str()
                .unwrap()
                .contains("?preview=")
        );
        let patch = [("authorization", bearer.as_str()), ("if-match", "*")];
        let patched = api.send("PATCH", "/v1/articles/d", &patch);
        patched.problem(415, "unsupported-media-type");
        // one that needs something says what
        let tag = published.header("etag").to_owned();
        let headers = [("authorization", bearer.as_str()), ("if-match", &tag)];
        api.send("POST", "/v1/articles/d/withdraw", &headers)
            .assert_invalid(&["#/reason"]);
    });
}

#[test]
fn nothing_is_scheduled_for_the_past() {
    both(|api| {
        let token = api.admin();
        let draft = json!({"slug": "d", "headline": "H", "organisation": "iopc", "state": "draft"});
        api.post("/v1/articles", &token, &draft).assert_status(201);
        let schedule = |at: &str| api.act("/v1/articles/d/schedule", &token, &json!({"at": at}));
        let refused = schedule("2026-11-24T11:59:59Z").assert_invalid(&["#/at"]);
        assert_eq!(refused["errors"][0]["code"], "in_past");
        assert_eq!(
            schedule("2026-11-24T12:00:01Z").assert_status(200).data()["state"],
            "scheduled"
        );
    });
}

#[test]
fn a_public_key_is_taken_as_jwk_or_pem() {
    use answerable::access::proof::public_key;
    use jsonwebtoken::Algorithm;
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &[&str]| {
        let mut command = std::process::Command::new("openssl");
        let output = command
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let pem = |options: &[&str]| {
        let options = [&["genpkey", "-out", "key.pem"][..], options].concat();
        openssl(&options);
        openssl(&["pkey", "-in", "key.pem", "-pubout"])
    };
    let ec = ["-algorithm", "EC", "-pkeyopt"];
    let found = |text: &str| public_key(text).map(|(algorithm, _)| algorithm);
    assert_eq!(
        found(&pem(&["-algorithm", "ED25519"])),
        Some(Algorithm::EdDSA)
    );
    assert_eq!(
        found(&pem(&[&ec[..], &["ec_paramgen_curve:P-256"]].concat())),
        Some(Algorithm::ES256)
    );
    assert_eq!(
        found(&pem(&[
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048"
        ])),
        Some(Algorithm::RS256)
    );
    // no other curve, no private key, no other text
    assert_eq!(
        found(&pem(&[&ec[..], &["ec_paramgen_curve:P-384"]].concat())),
        None
    );
    assert_eq!(
        found(&std::fs::read_to_string(folder.path().join("key.pem")).unwrap()),
        None
    );
    assert_eq!(
        found("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"),
        None
    );
}

#[test]
fn a_token_of_another_server_says_so() {
    for kind in kinds() {
        let (url, _file) = database(kind, Content::Demo);
        let one = Instance::start_at(&url, |_| ());
        // with the same keys, since it has the same database
        let other = Instance::start_at(&url, |config| {
            config.public_url = Some("https://other.example".to_owned());
        });
        let authorization = format!("Bearer {}", one.admin());
        let answer = other.get_with("/v1/topics", &[("authorization", &authorization)]);
        let problem = answer.problem(401, "invalid-token");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("issued for another server"), "{detail}");
    }
}
