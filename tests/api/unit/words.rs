//! Unit tests of `publishing::search::words`.
use answerable::publishing::search::words::*;

#[test]
fn text_is_tokenised_in_several_languages() {
    let english = |text| analyse(&mut english(), text);
    let plain = |text| analyse(&mut plain(), text);
    assert_eq!(
        english("The force’s recommendations: super-complaint"),
        ["the", "forc", "recommend", "super", "complaint"]
    );
    assert_eq!(
        plain("Tŷ'r Heddlu, Ystâd Ddiwydiannol"),
        ["ty", "heddlu", "ystad", "ddiwydiannol"]
    );
    assert_eq!(plain("Mae’r \u{2018}swyddfa’n\u{2019}"), ["mae", "swyddfa"]);
    assert_eq!(plain("O’Brien's don't"), ["o", "brien", "don"]);
    let places: Vec<(usize, &str)> = split_words("Tŷ’r O'Brien").collect();
    assert_eq!(places, [(0, "Tŷ"), (8, "O"), (10, "Brien")]);
    assert_eq!(
        plain("Ty\u{302} Ýmateb ΆΛΦΑ ёлка Łódź"),
        ["ty", "ymateb", "αλφα", "елка", "lodz"]
    );
    // marks that are not accents stay: vowel signs, voicing marks, syllables
    assert_eq!(plain("हिन्दी"), ["हिन्दी"]);
    assert_eq!(plain("か\u{3099}"), ["が"]);
    assert_eq!(plain("\u{1112}\u{1161}\u{11ab}"), ["한"]);
    assert_eq!(plain("警察 AFI 3"), ["警", "察", "afi", "3"]);
    assert_eq!(plain("\u{0}\u{fffd} -- !"), [] as [&str; 0]);
}
