//! Tokens of external issuers: which are accepted, and how their keys are fetched.

use answerable::access::clients::{self, Credential};
use answerable::access::{Rights, Scope};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use crate::support::{Answer, Instance, both, time};

/// The `aud` claim that an instance with the default settings expects.
const AUDIENCE: &str = "http://127.0.0.1:8080";
const ISSUER: &str = "https://identity.example.org";

/// An issuer's key server: its response, and how often it was requested.
struct Keys {
    url: String,
    answer: Arc<Mutex<(String, usize)>>,
}

impl Keys {
    fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new((String::new(), 0)));
        let shared = answer.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 4096]);
                let mut answer = shared.lock().unwrap();
                answer.1 += 1;
                let head = match answer.0.is_empty() {
                    true => "HTTP/1.1 500 Broken",
                    false => "HTTP/1.1 200 OK",
                };
                let length = answer.0.len();
                let _ = write!(
                    stream,
                    "{head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{}",
                    answer.0
                );
            }
        });
        Self { url, answer }
    }

    fn publish(&self, keys: &[&Key]) {
        let keys: Vec<&Value> = keys.iter().map(|key| &key.jwk).collect();
        self.answer.lock().unwrap().0 = json!({ "keys": keys }).to_string();
    }

    fn request_count(&self) -> usize {
        self.answer.lock().unwrap().1
    }
}

struct Key {
    kid: &'static str,
    jwk: Value,
    key: jsonwebtoken::EncodingKey,
}

impl Key {
    fn new(kid: &'static str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        let der = pair.to_pkcs8v1().unwrap();
        Self {
            kid,
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x}),
            key: jsonwebtoken::EncodingKey::from_ed_der(der.as_ref()),
        }
    }

    /// A token for the newsroom, with these claims overriding the usual ones.
    fn token(&self, api: &Instance, other: &Value) -> String {
        let now = api.clock.now().and_utc().timestamp();
        let mut claims = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "newsroom", "iat": now, "exp": now + 300});
        json_patch::merge(&mut claims, other);
        let header = jsonwebtoken::Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(self.kid.to_owned()),
            ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &self.key).unwrap()
    }
}

/// Registers the issuer's client `newsroom`, which may write articles of one body.
fn newsroom(api: &Instance, keys: &Keys) -> String {
    let mut rights = Rights::default();
    let id = api.get("/v1/organisations/iopc").id();
    rights.grant(Scope::ArticlesWrite, &id);
    let credential = Credential::Issuer {
        issuer: ISSUER.to_owned(),
        subject: "newsroom".to_owned(),
        jwks_url: keys.url.clone(),
    };
    let now = api.clock.now();
    let added = clients::add(&api.database, "newsroom", &rights, credential, now);
    added.unwrap().0
}

fn read(api: &Instance, token: &str) -> Answer {
    api.get_as(token, "/v1/articles?limit=1")
}

#[test]
fn an_external_token_carries_only_locally_granted_rights() {
    both(|api| {
        let (keys, key) = (Keys::serve(), Key::new("one"));
        keys.publish(&[&key]);
        let id = newsroom(api, &keys);
        // scopes and grants in the token itself are ignored
        let token = key.token(api, &json!({"scope": "admin", "grants": {"admin": ["*"]}}));
        let draft = |slug: &str, organisation: &str| {
            let draft = json!({"slug": slug, "headline": "H", "published_at": "2026-01-02T00:00:00Z", "organisation": organisation, "state": "draft"});
            api.post("/v1/articles", &token, &draft)
        };
        draft("one", "iopc").assert_status(201);
        draft("two", "exampleshire-police").problem(403, "insufficient-scope");
        let refused = [
            json!({"sub": "somebody"}),
            json!({"iss": "https://elsewhere.example"}),
            json!({"aud": "https://elsewhere.example"}),
            json!({"aud": null}),
            json!({"exp": null}),
            json!({"exp": 1}),
            json!({"nbf": 9_999_999_999_i64}),
        ];
        for claims in refused {
            read(api, &key.token(api, &claims)).problem(401, "invalid-token");
        }
        let forged = Key::new("one");
        read(api, &forged.token(api, &json!({}))).problem(401, "invalid-token");
        read(api, &token).assert_status(200);
        assert_eq!(keys.request_count(), 1, "the keys are fetched once");
        clients::revoke(&api.database, &id, api.clock.now()).unwrap();
        read(api, &token).problem(401, "invalid-token");
    });
}

#[test]
fn issuer_keys_are_refetched_at_a_limited_rate() {
    both(|api| {
        let (keys, one, two) = (Keys::serve(), Key::new("one"), Key::new("two"));
        newsroom(api, &keys);
        let try_key = |key: &Key| read(api, &key.token(api, &json!({}))).status;
        assert_eq!(try_key(&one), 401, "no keys, no token");
        keys.publish(&[&one]);
        assert_eq!(
            (try_key(&one), keys.request_count()),
            (401, 1),
            "not again at once"
        );
        api.clock.set(time("2026-11-24T12:00:30Z"));
        assert_eq!((try_key(&one), keys.request_count()), (200, 2));
        keys.publish(&[&one, &two]);
        for _ in 0..5 {
            assert_eq!((try_key(&two), keys.request_count()), (401, 2));
        }
        api.clock.set(time("2026-11-24T12:01:00Z"));
        assert_eq!((try_key(&two), keys.request_count()), (200, 3));
        assert_eq!((try_key(&one), keys.request_count()), (200, 3));
        // the issuer is unreachable for a while, then for too long
        keys.answer.lock().unwrap().0.clear();
        api.clock.set(time("2026-11-24T12:30:00Z"));
        assert_eq!((try_key(&one), keys.request_count()), (200, 4));
        api.clock.set(time("2026-11-24T13:01:00Z"));
        assert_eq!((try_key(&one), keys.request_count()), (401, 5));
        // a removed key is rejected after the next fetch
        keys.publish(&[&two]);
        api.clock.set(time("2026-11-24T13:02:00Z"));
        assert_eq!((try_key(&two), try_key(&one)), (200, 401));
    });
}
