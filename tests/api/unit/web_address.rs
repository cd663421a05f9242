//! Unit tests of `platform::web_address`.
use answerable::platform::web_address::*;
use proptest::prelude::*;

#[test]
fn urls_of_one_page_share_a_key() {
    let key = "https://policeconduct.gov.uk/news/a-B?page=2";
    for address in [
        "https://www.policeconduct.gov.uk/news/a-B?page=2",
        "http://policeconduct.gov.uk:80/news/a-B/?page=2#top",
        "HTTPS://WWW.PoliceConduct.gov.uk:443/news/a-B?utm_source=x&page=2&fbclid=y",
        "http://www.ipcc.gov.uk/news/a-B?page=2",
    ] {
        assert_eq!(duplicate_key(address).as_deref(), Some(key), "{address}");
    }
    assert_ne!(
        duplicate_key("https://policeconduct.gov.uk/news/a-b?page=2").as_deref(),
        Some(key)
    );
    assert_eq!(
        duplicate_key("https://www.wired-gov.net/News/Met+Accepts"),
        duplicate_key("https://www.wired-gov.net/news/met+accepts")
    );
    assert_ne!(
        duplicate_key("https://policeconduct.gov.uk/cy/news/a"),
        duplicate_key("https://policeconduct.gov.uk/news/a"),
        "a translation is not a duplicate"
    );
    // RFC 3986, 6.2.2: percent-encoding where none is needed, and its digits
    let key = duplicate_key("https://body.example/news/caf%C3%A9~a/b%2Fc");
    for address in [
        "https://body.example/news/caf%c3%a9%7Ea/b%2fc",
        "http://BODY.example.:80/n%65ws/café%7ea/./b%2fc/#top",
        "https://www.body.example/news/caf%C3%A9~a/b%2Fc?gbraid=1&UTM_Source=x&_gl=2",
    ] {
        assert_eq!(duplicate_key(address), key, "{address}");
    }
    // what is not UTF-8 stays apart, and routes in fragments
    for (one, other) in [
        (
            "https://body.example/?page=%E4",
            "https://body.example/?page=%F6",
        ),
        (
            "https://body.example/#!/news/1",
            "https://body.example/#!/news/2",
        ),
        (
            "https://body.example/#/news/1",
            "https://body.example/#/news/2",
        ),
    ] {
        assert_ne!(duplicate_key(one), duplicate_key(other), "{one}");
    }
    assert_eq!(
        duplicate_key("https://body.example/?q=a+b&n"),
        duplicate_key("https://body.example/?q=a%20%62&n=#top")
    );
    // a slash that is encoded separates nothing, and a lone % is a character
    assert_ne!(
        duplicate_key("https://body.example/news/caf%C3%A9~a/b/c"),
        key
    );
    assert_eq!(
        duplicate_key("https://body.example/100%/%zz%4").as_deref(),
        Some("https://body.example/100%/%zz%4")
    );
    assert_eq!(duplicate_key("mailto:a@example.org"), None);
    assert_eq!(duplicate_key("not an address"), None);
}

proptest! {
    #[test]
    fn normalising_is_idempotent(address in "https?://[a-z0-9.-]{1,20}(:[0-9]{1,4})?(/[ -~]{0,20}){0,3}(\\?[ -~]{0,30})?") {
        if let Some(once) = duplicate_key(&address) {
            prop_assert_eq!(duplicate_key(&once), Some(once.clone()));
        }
    }

    #[test]
    fn no_input_panics(text in "\\PC{0,60}") {
        let _ = duplicate_key(&text);
    }
}
