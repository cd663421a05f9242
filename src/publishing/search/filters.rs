//! The filters of a search, which are those of the lists, as queries to the index.

use chrono::{DateTime, NaiveDateTime, Utc};
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{BooleanQuery, ConstScoreQuery, Occur, Query, RangeQuery, TermSetQuery};

use super::applying;
use super::model::{day, milliseconds};
use super::params::{FacetName, SearchParams, SearchableKind};
use super::schema::Field;
use super::{queries, unavailable};
use crate::access::lookup;
use crate::http::error::ApiError;
use crate::http::query::scheme_and_value;
use crate::log::Resource;
use crate::platform::db::DbConnection;
use crate::platform::folding::folded;
use crate::platform::identity::RecordId;
use crate::platform::mistakes::MistakeCode;
use crate::platform::web_address::duplicate_key;

/// The most records rewritten since the index was updated that a query may exclude.
const MAX_REWRITTEN: i64 = 10_000;

/// The filters of a search, with slugs resolved to ids.
#[derive(Debug)]
pub struct SearchFilters {
    /// The moment of the request.
    pub now: NaiveDateTime,
    clauses: Vec<Clause>,
}

/// One condition.
#[derive(Debug)]
struct Clause {
    /// The facet that counts the values of the same field, if there is one.
    facet: Option<FacetName>,
    occur: Occur,
    query: Box<dyn Query>,
}

impl SearchFilters {
    /// Excludes scheduled records, and those rewritten since the index was at `position`.
    pub fn new(c: &mut DbConnection, position: i64, now: NaiveDateTime) -> Result<Self, ApiError> {
        let rewritten = queries::rewritten(c, position, MAX_REWRITTEN)?;
        if rewritten.len() as i64 > MAX_REWRITTEN {
            return Err(unavailable(
                "The search index is catching up with many recent changes.",
                5,
            ));
        }
        // exclude what is to come, rather than include what is public: few records are scheduled
        let now_in_index = Field::PublicFrom.time(milliseconds(now));
        let scheduled = RangeQuery::new(Bound::Excluded(now_in_index), Bound::Unbounded);
        let mut filters = Self {
            now,
            clauses: Vec::new(),
        };
        filters.add_clause(None, Occur::MustNot, scheduled);
        filters.exclude(&rewritten);
        Ok(filters)
    }

    /// Excludes these records.
    pub fn exclude(&mut self, ids: &[RecordId]) {
        let terms = ids.iter().map(|id| Field::Id.text(id));
        self.add_clause(None, Occur::MustNot, TermSetQuery::new(terms));
    }

    /// Adds the filters of a request.
    ///
    /// # Errors
    /// 400 if a filter applies to none of the kinds that are asked for, or names an unknown record.
    pub fn add(&mut self, c: &mut DbConnection, params: &SearchParams) -> Result<(), ApiError> {
        applying::check(params)?;
        self.keep_kinds(&params.resource);
        self.keep_links(c, params)?;
        let requirements = params.response_requirement.iter();
        self.keep(Field::ResponseRequirement, requirements.map(Into::into));
        self.keep(Field::Kind, params.kind.iter().map(String::as_str));
        self.keep(Field::Theme, params.theme.iter().map(String::as_str));
        self.keep(Field::Language, params.language.iter().map(|tag| &**tag));
        self.keep(Field::Year, params.year.iter().map(String::as_str));
        self.keep(Field::Month, params.month.iter().map(String::as_str));
        self.keep_exact(params)?;
        let time = |at: DateTime<Utc>| at.timestamp_millis();
        for (field, from, before) in [
            (
                Field::PublishedAt,
                params.published_from.map(time),
                params.published_before.map(time),
            ),
            (
                Field::UpdatedAt,
                params.updated_from.map(time),
                params.updated_before.map(time),
            ),
            (
                Field::DueOn,
                params.due_from.map(day),
                params.due_before.map(day),
            ),
        ] {
            self.keep_range(field, from, before);
        }
        Ok(())
    }

    /// Keeps only records of these kinds, or all if there are none.
    pub fn keep_kinds(&mut self, kinds: &[SearchableKind]) {
        self.keep(Field::Type, kinds.iter().map(Into::into));
    }

    /// Keeps only records linked to one of the named records.
    fn keep_links(&mut self, c: &mut DbConnection, params: &SearchParams) -> Result<(), ApiError> {
        use Resource::{Group, Organisation, Recommendation, Report, Topic};
        for (resource, field, keys) in [
            (Organisation, Field::Organisation, &params.organisation),
            (Organisation, Field::Publisher, &params.publisher),
            (
                Organisation,
                Field::ComplainantBody,
                &params.complainant_body,
            ),
            (Organisation, Field::Parent, &params.parent),
            (Group, Field::Group, &params.group),
            (Topic, Field::Topic, &params.topic),
            (Report, Field::Report, &params.report),
            (
                Recommendation,
                Field::Recommendation,
                &params.recommendation,
            ),
        ] {
            let ids = lookup::filter(c, resource, field.name(), keys, self.now)?;
            self.keep(field, ids.iter().map(RecordId::as_str));
        }
        for id in lookup::filter(c, Topic, "every_topic", &params.every_topic, self.now)? {
            self.keep(Field::Topic, [id.as_str()]);
        }
        Ok(())
    }

    /// Filters by values that identify a single record.
    fn keep_exact(&mut self, params: &SearchParams) -> Result<(), ApiError> {
        if let Some(address) = &params.original_url {
            let detail = "Expected an absolute http or https URL.";
            let invalid = || ApiError::parameter(MistakeCode::NotAUrl, "original_url", detail);
            let key = duplicate_key(address).ok_or_else(invalid)?;
            self.keep(Field::OriginalUrl, [&*key]);
        }
        for (field, number) in [
            (Field::Reference, &params.reference),
            (Field::Identifier, &params.identifier),
        ] {
            if let Some((scheme, value)) = scheme_and_value(field.name(), number.as_deref())? {
                self.keep(field, [&*format!("{scheme}:{value}")]);
            }
        }
        // an acronym as it is, and a name without case and accents: as in the list
        let names = params
            .name
            .iter()
            .flat_map(|name| [name.clone(), folded(name)]);
        let names: Vec<String> = names.collect();
        self.keep(Field::Name, names.iter().map(String::as_str));
        Ok(())
    }

    /// Keeps only records with one of these values in the field, or all if there are none.
    fn keep<'v>(&mut self, field: Field, values: impl IntoIterator<Item = &'v str>) {
        let terms: Vec<Term> = values.into_iter().map(|value| field.text(value)).collect();
        if !terms.is_empty() {
            let query = ConstScoreQuery::new(Box::new(TermSetQuery::new(terms)), 0.0);
            self.add_clause(field.name().parse().ok(), Occur::Must, query);
        }
    }

    /// Keeps only records with a time in this range, whose end is excluded.
    fn keep_range(&mut self, field: Field, from: Option<i64>, before: Option<i64>) {
        if from.is_some() || before.is_some() {
            let from = from.map_or(Bound::Unbounded, |at| Bound::Included(field.time(at)));
            let before = before.map_or(Bound::Unbounded, |at| Bound::Excluded(field.time(at)));
            let query = ConstScoreQuery::new(Box::new(RangeQuery::new(from, before)), 0.0);
            self.add_clause(None, Occur::Must, query);
        }
    }

    fn add_clause(&mut self, facet: Option<FacetName>, occur: Occur, query: impl Query) {
        let query = Box::new(query);
        self.clauses.push(Clause {
            facet,
            occur,
            query,
        });
    }

    /// Whether one of the filters selects by the values that a facet counts.
    pub fn select_by(&self, facet: FacetName) -> bool {
        let mut clauses = self.clauses.iter();
        clauses.any(|clause| clause.facet == Some(facet))
    }

    /// The query for the records that match `query` and the filters, but for those by the values of a facet.
    pub fn filtered(&self, query: Box<dyn Query>, without: Option<FacetName>) -> BooleanQuery {
        let clauses = self.clauses.iter();
        let clauses = clauses.filter(|clause| without.is_none() || clause.facet != without);
        let clauses = clauses.map(|clause| (clause.occur, clause.query.box_clone()));
        BooleanQuery::new(clauses.chain([(Occur::Must, query)]).collect())
    }
}
