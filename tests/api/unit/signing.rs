//! Unit tests of `publishing::webhooks::signing`.
use answerable::publishing::webhooks::signing::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

#[test]
fn the_signature_matches_the_specification() {
    // the example from the specification's own libraries
    let signed = signatures(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"].into_iter(),
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        r#"{"test": 2432232314}"#,
    );
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn secrets_are_long_and_unique() {
    let (one, other) = (new_secret().unwrap(), new_secret().unwrap());
    assert_ne!(one, other);
    assert_eq!(STANDARD.decode(&one[PREFIX.len()..]).unwrap().len(), BYTES);
}
