//! The first letters of Welsh words, which change with what stands before them: "Caerdydd", "yng Nghaerdydd",
//! "i Gaerdydd", "a Chaerdydd".

/// How long a word must be that is looked for with other first letters, in characters.
const SHORTEST: usize = 2;

/// What the first letter of a dictionary's form becomes by soft, nasal and aspirate mutation.
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

/// The letters that are written with several, the longest first.
const LETTERS: [&str; 11] = [
    "ngh", "ng", "mh", "nh", "ph", "th", "ch", "dd", "ff", "ll", "rh",
];

const VOWELS: [&str; 7] = ["a", "e", "i", "o", "u", "w", "y"];
/// What else may follow a `g`, which is lost by soft mutation: "glan" is "y lan", as "gardd" is "yr ardd".
const BEHIND_G: [&str; 3] = ["l", "n", "r"];

/// The other forms in which a word may stand, whichever form it is in itself: small letters without accents. Some of them
/// are no words: which form a dictionary has cannot be seen from the word.
pub fn other_forms(word: &str) -> Vec<String> {
    if word.chars().count() < SHORTEST {
        return Vec::new();
    }
    let first = first_letter(word);
    let rest = &word[first.len()..];
    let is_vowel = VOWELS.contains(&first);
    let mut forms = Vec::new();
    for (radical, becomes) in MUTATIONS {
        let rest = match radical {
            "g" if is_vowel || BEHIND_G.contains(&first) => word,
            _ if first == radical || becomes.contains(&first) => rest,
            _ => continue,
        };
        let first_letters = becomes.iter().chain([&radical]);
        forms.extend(first_letters.map(|first| format!("{first}{rest}")));
    }
    // "arian", and "ei harian" of what is hers
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

/// The first letter as Welsh counts them.
fn first_letter(word: &str) -> &str {
    let written_with_several = LETTERS.iter().find(|letter| word.starts_with(**letter));
    let first = word.chars().next().map_or(0, char::len_utf8);
    written_with_several.map_or(&word[..first], |letter| &word[..letter.len()])
}
