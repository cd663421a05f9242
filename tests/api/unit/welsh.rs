//! Unit tests of `publishing::search::welsh`.
use answerable::publishing::search::welsh::*;

#[test]
fn each_mutation_leads_to_all_the_others() {
    for forms in [
        &["caerdydd", "gaerdydd", "nghaerdydd", "chaerdydd"] as &[&str],
        &["pobl", "bobl", "mhobl", "phobl"],
        &["ty", "dy", "nhy", "thy"],
        &["bangor", "fangor", "mangor"],
        &["deddf", "ddeddf", "neddf"],
        &["gwlad", "wlad", "ngwlad"],
        &["gardd", "ardd", "ngardd"],
        &["glan", "lan", "nglan"],
        &["merch", "ferch"],
        &["llys", "lys"],
        &["rheolwr", "reolwr"],
        &["arian", "harian"],
    ] {
        for form in forms {
            let others = other_forms(form);
            for other in forms.iter().filter(|other| *other != form) {
                let is_there = others.iter().any(|found| found == other);
                assert!(is_there, "{form}: {other} is not in {others:?}");
            }
        }
    }
}

#[test]
fn words_without_mutations_have_no_other_forms() {
    for word in ["", "y", "swyddfa", "ffordd", "siop", "33", "警察"] {
        assert_eq!(other_forms(word), [] as [&str; 0], "{word}");
    }
}
