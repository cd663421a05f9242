//! Initial mutations of Welsh words, which depend on the preceding word: "Caerdydd", "yng Nghaerdydd", "i Gaerdydd", "a
//! Chaerdydd".

/// The shortest word whose mutations are searched, in characters.
const MIN_LENGTH: usize = 2;

/// What the initial of a dictionary form becomes by soft, nasal and aspirate mutation.
const MUTATIONS: [(&str, &[&str]); 9] = [
    ("p", &["b", "mh", "ph"]),
    ("t", &["d", "nh", "th"]),
    ("c", &["g", "ngh", "ch"]),
    ("b", &["f", "m"]),
    ("d", &["dd", "n"]),
    ("g", &["", "ng"]),
    ("m", &["f"]),
    ("ll", &["l"]),
    ("rh", &["r"]),
];

/// Letters written with two or three characters, the longest first.
const MULTIGRAPHS: [&str; 11] = [
    "ngh", "ng", "mh", "nh", "ph", "th", "ch", "dd", "ff", "ll", "rh",
];

const VOWELS: [&str; 7] = ["a", "e", "i", "o", "u", "w", "y"];
/// The consonants that may follow a `g`, which soft mutation drops: "glan" becomes "y lan", as "gardd" becomes "yr
/// ardd".
const AFTER_G: [&str; 3] = ["l", "n", "r"];

/// All forms that a word (in lower case and without accents) may stand for or take. Since a word does not show whether
/// it is mutated, some of the forms are not words.
pub fn other_forms(word: &str) -> Vec<String> {
    if word.chars().count() < MIN_LENGTH {
        return Vec::new();
    }
    let first = first_letter(word);
    let rest = &word[first.len()..];
    let is_vowel = VOWELS.contains(&first);
    let mut forms = Vec::new();
    for (radical, becomes) in MUTATIONS {
        let rest = match radical {
            "g" if is_vowel || AFTER_G.contains(&first) => word,
            _ if first == radical || becomes.contains(&first) => rest,
            _ => continue,
        };
        let first_letters = becomes.iter().chain([&radical]);
        forms.extend(first_letters.map(|first| format!("{first}{rest}")));
    }
    // vowels take an h: "arian" becomes "ei harian" (her money)
    if is_vowel {
        forms.push(format!("h{word}"));
    } else if first == "h" {
        forms.push(rest.to_owned());
    }
    forms.sort();
    forms.dedup();
    forms.retain(|form| form != word);
    forms
}

/// The first letter in the Welsh alphabet, which has digraphs.
fn first_letter(word: &str) -> &str {
    let multigraph = MULTIGRAPHS.iter().find(|letter| word.starts_with(**letter));
    let first = word.chars().next().map_or(0, char::len_utf8);
    multigraph.map_or(&word[..first], |letter| &word[..letter.len()])
}
