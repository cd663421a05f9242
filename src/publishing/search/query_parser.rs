//! Parses what a user types into a search box. Parsing is lenient: no input is an error.
//!
//! Words must all occur, in any order; `"words in quotation marks"` in exactly that order; a `-word` must not occur.
//! The last word may be a prefix. A word that occurs in no record is matched fuzzily, with one or two letters changed.

use tantivy::Searcher;
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery,
    FuzzyTermQuery, Occur, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::IndexRecordOption;

use super::schema::Field;
use super::{welsh, words};
use crate::platform::folding::folded;

/// The most words and phrases of a query; the rest are ignored.
pub const MAX_TERMS: usize = 24;
/// What a name that is all that is searched for adds to the score: more than any words do.
const EXACT: f32 = 10_000.0;
/// The boosts of these fields, relative to the body.
const NAMES: f32 = 12.0;
const HEADLINE: f32 = 4.0;
/// The fields that contain names and headlines, and their boosts.
const TITLES: [(Field, f32); 2] = [(Field::Names, NAMES), (Field::HeadlinePlain, HEADLINE)];
/// How much the scores of a word's other fields add to that of its best.
const TIE_BREAKER: f32 = 0.2;
/// The boost of a mutated form of a word in Welsh text, lower than that of the word itself in any text.
const MUTATED: f32 = 0.5;
/// The shortest prefix of a word in Latin letters, in characters; a shorter one would match too many words. In scripts that make
/// words short, the first letter is enough.
const MIN_PREFIX: usize = 2;
/// The same in the body, which has more words.
const MIN_PREFIX_IN_BODY: usize = 4;
/// The shortest words that are matched with one letter changed, and with two, in characters.
const ONE_LETTER: usize = 4;
const TWO_LETTERS: usize = 8;

/// A word or a phrase.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchTerm {
    /// The text.
    pub text: String,
    /// Whether it is in quotation marks.
    pub is_phrase: bool,
    /// Whether it must not occur.
    pub is_excluded: bool,
    /// Whether it may be the prefix of a word.
    pub is_prefix: bool,
}

/// What a user searches for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchText {
    /// The words and phrases.
    pub terms: Vec<SearchTerm>,
    /// All of it, without case and accents: it may be the whole of a name.
    pub whole: String,
    /// Whether words were left out because there are too many.
    pub is_cut: bool,
}

/// The marks around phrases.
const MARKS: [char; 6] = ['"', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}'];

/// Splits a query into words and phrases.
pub fn parse(query: &str) -> SearchText {
    let mut terms = terms(&with_inner_marks(query));
    let is_cut = terms.len() > MAX_TERMS;
    terms.truncate(MAX_TERMS);
    if let Some(last) = terms.last_mut() {
        let is_incomplete = query.ends_with(char::is_alphanumeric);
        last.is_prefix = is_incomplete && !last.is_phrase && !last.is_excluded;
    }
    SearchText {
        terms,
        whole: folded(query.trim()),
        is_cut,
    }
}

/// A mark between two Hebrew letters belongs to the word: it abbreviates. It becomes the one of Hebrew, which is no mark around
/// a phrase.
fn with_inner_marks(query: &str) -> String {
    let letters: Vec<char> = query.chars().collect();
    let is_hebrew = |index: usize| {
        let letter = letters.get(index);
        letter.is_some_and(|letter| words::is_hebrew(*letter))
    };
    let is_inner = |index: usize| index > 0 && is_hebrew(index - 1) && is_hebrew(index + 1);
    let each = letters.iter().enumerate();
    let each = each.map(
        |(index, letter)| match MARKS.contains(letter) && is_inner(index) {
            true => words::GERSHAYIM,
            false => *letter,
        },
    );
    each.collect()
}

fn terms(query: &str) -> Vec<SearchTerm> {
    let mut terms = Vec::new();
    for (index, piece) in query.split(MARKS).enumerate() {
        if index % 2 == 1 {
            terms.push(SearchTerm {
                text: piece.to_owned(),
                is_phrase: true,
                ..SearchTerm::default()
            });
            continue;
        }
        terms.extend(piece.split_whitespace().map(|word| SearchTerm {
            text: word.trim_start_matches('-').to_owned(),
            is_excluded: word.starts_with('-'),
            ..SearchTerm::default()
        }));
    }
    terms.retain(|term| term.text.chars().any(char::is_alphanumeric));
    terms
}

/// The query for names and headlines that contain all words, the last of which may be a prefix.
pub fn suggestion_query(text: &SearchText) -> Option<Box<dyn Query>> {
    let words = text.terms.iter();
    let words = words.flat_map(|term| words::analyse(&mut words::plain(), &term.text));
    let mut words: Vec<String> = words.collect();
    let last = words.pop()?;
    let in_titles = |query: fn(Field, &str) -> Box<dyn Query>, word: &str| -> Box<dyn Query> {
        let either = TITLES.map(|(field, boost)| boosted(query(field, word), boost));
        Box::new(DisjunctionMaxQuery::new(either.into()))
    };
    let complete = words
        .iter()
        .map(|word| (Occur::Must, in_titles(exact, word)));
    let incomplete = [
        (Occur::Must, in_titles(prefix, &last)),
        (Occur::Should, in_titles(exact, &last)),
    ];
    let clauses = complete.chain(incomplete).collect();
    Some(exact_first(Box::new(BooleanQuery::new(clauses)), text))
}

/// The same query, with what has exactly this name or acronym before all others.
pub fn exact_first(query: Box<dyn Query>, text: &SearchText) -> Box<dyn Query> {
    let exact = ConstScoreQuery::new(exact(Field::Exact, &text.whole), EXACT);
    Box::new(BooleanQuery::new(vec![
        (Occur::Must, query),
        (Occur::Should, Box::new(exact)),
    ]))
}

/// Builds queries against an index.
pub struct QueryBuilder<'a> {
    /// The index to query.
    pub searcher: &'a Searcher,
    /// Whether a word occurs in no record, so that similar ones are looked for.
    pub is_approximate: bool,
}

impl QueryBuilder<'_> {
    /// The query for all terms, or with `leniently` for at least half of them. `None` when there are no words.
    pub fn query(
        &mut self,
        terms: &[SearchTerm],
        leniently: bool,
    ) -> tantivy::Result<Option<Box<dyn Query>>> {
        let mut required = Vec::new();
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for term in terms {
            match self.in_any_field(term)? {
                Some(query) if term.is_excluded => clauses.push((Occur::MustNot, query)),
                query => required.extend(query),
            }
        }
        if required.is_empty() {
            if clauses.is_empty() {
                return Ok(None);
            }
            clauses.push((Occur::Must, Box::new(AllQuery)));
            return Ok(Some(Box::new(BooleanQuery::new(clauses))));
        }
        let half = required.len().div_ceil(2);
        let required = match leniently {
            true => BooleanQuery::union_with_minimum_required_clauses(required, half),
            false => BooleanQuery::intersection(required),
        };
        clauses.push((Occur::Must, Box::new(required)));
        Ok(Some(Box::new(BooleanQuery::new(clauses))))
    }

    /// The query for a term, in any field. `None` when it has no words.
    fn in_any_field(&mut self, term: &SearchTerm) -> tantivy::Result<Option<Box<dyn Query>>> {
        let english = words::analyse(&mut words::english(), &term.text);
        let plain = words::analyse(&mut words::plain(), &term.text);
        if plain.is_empty() {
            return Ok(None);
        }
        let mut queries: Vec<Box<dyn Query>> = Vec::new();
        let mut is_known = false;
        for (field, words, boost) in [
            (Field::Names, &plain, NAMES),
            (Field::HeadlinePlain, &plain, HEADLINE),
            (Field::Headline, &english, HEADLINE),
            (Field::Body, &english, 1.0),
            (Field::BodyPlain, &plain, 1.0),
        ] {
            for word in words {
                is_known |= self.occurs(field, word)?;
            }
            queries.push(boosted(phrase(field, words), boost));
        }
        if let [word] = plain.as_slice() {
            if !term.is_phrase {
                for form in welsh::other_forms(word) {
                    if self.occurs(Field::Welsh, &form)? {
                        is_known = true;
                        queries.push(boosted(exact(Field::Welsh, &form), MUTATED));
                    }
                }
            }
            if term.is_prefix {
                queries.extend(self.prefixes(word));
            }
            let is_begun = term.is_prefix && !is_known && self.any_matches(&queries)?;
            if !(is_known || is_begun || term.is_phrase) {
                self.is_approximate |= !term.is_excluded;
                queries.extend(similar(word));
            }
        }
        let query = DisjunctionMaxQuery::with_tie_breaker(queries, TIE_BREAKER);
        Ok(Some(Box::new(query)))
    }

    /// Whether the word occurs in this field of any record.
    fn occurs(&self, field: Field, word: &str) -> tantivy::Result<bool> {
        Ok(self.searcher.doc_freq(&field.text(word))? > 0)
    }

    /// Whether any of these queries matches a record.
    fn any_matches(&self, queries: &[Box<dyn Query>]) -> tantivy::Result<bool> {
        for query in queries {
            if query.count(self.searcher)? > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Queries for words that start with `word`.
    fn prefixes(&self, word: &str) -> Vec<Box<dyn Query>> {
        let mut queries = Vec::new();
        // Latin, Greek and Cyrillic, among others, come before Hebrew
        let (in_titles, in_bodies) = match word < "\u{590}" {
            true => (MIN_PREFIX, MIN_PREFIX_IN_BODY),
            false => (1, 1),
        };
        for (field, boost, shortest) in [
            (Field::Names, NAMES, in_titles),
            (Field::HeadlinePlain, HEADLINE, in_titles),
            (Field::BodyWords, 1.0, in_bodies),
        ] {
            if word.chars().count() >= shortest {
                queries.push(boosted(prefix(field, word), boost));
            }
        }
        if self.has_welsh() {
            let mut forms = welsh::other_forms(word);
            forms.retain(|form| form.chars().count() >= MIN_PREFIX_IN_BODY);
            let forms = forms.iter().map(|form| prefix(Field::Welsh, form));
            queries.extend(forms.map(|query| boosted(query, MUTATED)));
        }
        queries
    }

    /// Whether any record is in Welsh.
    fn has_welsh(&self) -> bool {
        let mut segments = self.searcher.segment_readers().iter();
        segments.any(|segment| {
            let index = segment.inverted_index(Field::Welsh.into());
            index.is_ok_and(|index| index.terms().num_terms() > 0)
        })
    }
}

/// Queries for words that differ by a letter or two, in names and headlines.
fn similar(word: &str) -> Vec<Box<dyn Query>> {
    let distance = match word.chars().count() {
        TWO_LETTERS.. => 2,
        ONE_LETTER.. => 1,
        _ => return Vec::new(),
    };
    let queries = TITLES.map(|(field, boost)| {
        let query = FuzzyTermQuery::new(field.text(word), distance, true);
        boosted(Box::new(query), boost / 2.0)
    });
    queries.into()
}

/// A query for the words in this order.
fn phrase(field: Field, words: &[String]) -> Box<dyn Query> {
    match words {
        [] => Box::new(EmptyQuery),
        [word] => exact(field, word),
        words => {
            let terms = words.iter().map(|word| field.text(word));
            Box::new(PhraseQuery::new(terms.collect()))
        }
    }
}

fn exact(field: Field, word: &str) -> Box<dyn Query> {
    let option = IndexRecordOption::WithFreqs;
    Box::new(TermQuery::new(field.text(word), option))
}

fn prefix(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(FuzzyTermQuery::new_prefix(field.text(word), 0, false))
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}
