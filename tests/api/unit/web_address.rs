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
