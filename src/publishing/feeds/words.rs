//! The words and dates that feeds and embeds add to records, in the language of the record.

use chrono::{Datelike, NaiveDate};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_datetime::input::Date;
use icu_locale_core::Locale;

/// Words in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedWords {
    /// The language: the first subtag.
    pub language: &'static str,
    /// What the language calls itself.
    name: &'static str,
    /// Before the name of a licence.
    pub licence: &'static str,
    /// Before the number of a recommendation.
    pub recommendation: &'static str,
    /// Before who responded.
    pub response: &'static str,
    /// The title of a feed of all articles.
    pub articles: &'static str,
    /// The title of a feed of articles, before the names of their publishers.
    pub articles_by: &'static str,
    /// In place of articles, if there are none.
    pub nothing: &'static str,
}

/// English, for languages that are not listed, too.
const ENGLISH: FeedWords = FeedWords {
    language: "en",
    name: "English",
    licence: "Licence",
    recommendation: "Recommendation",
    response: "Response",
    articles: "Articles",
    articles_by: "Articles by",
    nothing: "No news yet.",
};

/// The languages of the British Isles that public bodies publish in, and those of some neighbours.
const WORDS: [FeedWords; 8] = [
    ENGLISH,
    FeedWords {
        language: "cy",
        name: "Cymraeg",
        licence: "Trwydded",
        recommendation: "Argymhelliad",
        response: "Ymateb",
        articles: "Erthyglau",
        articles_by: "Erthyglau gan",
        nothing: "Dim newyddion eto.",
    },
    FeedWords {
        language: "ga",
        name: "Gaeilge",
        licence: "Ceadúnas",
        recommendation: "Moladh",
        response: "Freagra",
        articles: "Ailt",
        articles_by: "Ailt le",
        nothing: "Níl aon nuacht ann.",
    },
    FeedWords {
        language: "fr",
        name: "Français",
        licence: "Licence",
        recommendation: "Recommandation",
        response: "Réponse",
        articles: "Articles",
        articles_by: "Articles de",
        nothing: "Aucune actualité.",
    },
    FeedWords {
        language: "de",
        name: "Deutsch",
        licence: "Lizenz",
        recommendation: "Empfehlung",
        response: "Antwort",
        articles: "Artikel",
        articles_by: "Artikel von",
        nothing: "Keine Neuigkeiten.",
    },
    FeedWords {
        language: "es",
        name: "Español",
        licence: "Licencia",
        recommendation: "Recomendación",
        response: "Respuesta",
        articles: "Artículos",
        articles_by: "Artículos de",
        nothing: "No hay noticias.",
    },
    FeedWords {
        language: "it",
        name: "Italiano",
        licence: "Licenza",
        recommendation: "Raccomandazione",
        response: "Risposta",
        articles: "Articoli",
        articles_by: "Articoli di",
        nothing: "Nessuna notizia.",
    },
    FeedWords {
        language: "nl",
        name: "Nederlands",
        licence: "Licentie",
        recommendation: "Aanbeveling",
        response: "Reactie",
        articles: "Artikelen",
        articles_by: "Artikelen van",
        nothing: "Geen nieuws.",
    },
];

impl FeedWords {
    /// The words in a language, given as a BCP 47 tag.
    pub fn of(tag: &str) -> Self {
        let primary = tag.split('-').next();
        let known = WORDS
            .into_iter()
            .find(|words| Some(words.language) == primary);
        known.unwrap_or(ENGLISH)
    }
}

/// What a language calls itself, with the tag if that says more; the tag alone if it is not known here.
pub fn own_name(tag: &str) -> String {
    let mut known = WORDS.into_iter();
    let primary = tag.split('-').next();
    match known.find(|words| Some(words.language) == primary) {
        Some(words) if words.language == tag => words.name.to_owned(),
        Some(words) => format!("{} ({tag})", words.name),
        None => tag.to_owned(),
    }
}

/// A day in words, as it is written in a language (Unicode CLDR): `30 November 2026`, `30 Tachwedd 2026`.
pub fn day(tag: &str, day: NaiveDate) -> String {
    // without a region, English would be that of the United States
    let tag = if tag == "en" { "en-GB" } else { tag };
    written(tag, day).unwrap_or_else(|| day.to_string())
}

fn written(tag: &str, day: NaiveDate) -> Option<String> {
    let locale = Locale::try_from_str(tag).ok()?;
    let formatter = FixedCalendarDateTimeFormatter::try_new(locale.into(), YMD::long()).ok()?;
    let (month, number) = (u8::try_from(day.month()), u8::try_from(day.day()));
    let date = Date::try_new_gregorian(day.year(), month.ok()?, number.ok()?).ok()?;
    Some(formatter.format(&date).to_string())
}
