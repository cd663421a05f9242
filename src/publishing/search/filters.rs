//! The filters of a search, which are those of the lists, as queries to the index.

use chrono::NaiveDateTime;
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{ConstScoreQuery, Occur, Query, RangeQuery, TermSetQuery};
use tantivy::schema::Field;

use super::index::Snapshot;
use super::model::{day, milliseconds};
use super::params::{SearchFor, Searched};
use super::schema::Fields;
use super::{queries, unavailable};
use crate::access::lookup;
use crate::http::error::ApiError;
use crate::http::query::scheme_and_value;
use crate::log::Resource;
use crate::platform::db::DbConnection;
use crate::platform::web_address::duplicate_key;

/// The most records rewritten since the index was updated that a query may exclude.
const MOST_REWRITTEN: i64 = 10_000;

/// The filters of a search, with slugs resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct SearchFilters {
    /// The moment of the request.
    pub now: NaiveDateTime,
    /// Fields of which a record must have one of the values.
    pub keys: Vec<(Field, Vec<String>)>,
    /// Ranges of a numeric field: lower bound inclusive, upper bound exclusive.
    pub spans: Vec<(Field, Option<i64>, Option<i64>)>,
    /// Records whose documents in the index are outdated.
    pub left_out: Vec<String>,
}

impl SearchFilters {
    /// Filters that only exclude records rewritten since the index was updated.
    pub fn since_the_index(
        c: &mut DbConnection,
        snapshot: &Snapshot,
        now: NaiveDateTime,
    ) -> Result<Self, ApiError> {
        let left_out = queries::rewritten(c, snapshot.standing.position, MOST_REWRITTEN)?;
        if left_out.len() as i64 > MOST_REWRITTEN {
            return Err(unavailable(
                "The search index is catching up with many recent changes.",
                5,
            ));
        }
        Ok(Self {
            now,
            left_out,
            ..Self::default()
        })
    }

    /// The filters of a request.
    pub fn of(
        c: &mut DbConnection,
        snapshot: &Snapshot,
        params: &SearchFor,
        now: NaiveDateTime,
    ) -> Result<Self, ApiError> {
        let fields = &snapshot.fields;
        let mut narrowing = Self::since_the_index(c, snapshot, now)?;
        narrowing.keep_kinds(fields, &params.resource);
        narrowing.keep_links(c, fields, params)?;
        let requirements = params.response_requirement.iter();
        let requirements = requirements.map(|word| <&str>::from(word).to_owned());
        narrowing.keep(fields.response_requirement, requirements.collect());
        narrowing.keep(fields.kind, params.kind.clone());
        narrowing.keep(fields.theme, params.theme.clone());
        narrowing.keep(fields.language, params.language.clone());
        narrowing.keep_exact(fields, params)?;
        let time = |at: chrono::DateTime<chrono::Utc>| milliseconds(at.naive_utc());
        narrowing.spans = vec![
            (
                fields.published_at,
                params.published_from.map(time),
                params.published_before.map(time),
            ),
            (
                fields.updated_at,
                params.updated_from.map(time),
                params.updated_before.map(time),
            ),
            (
                fields.due_on,
                params.due_from.map(day),
                params.due_before.map(day),
            ),
        ];
        Ok(narrowing)
    }

    /// Only records of these kinds.
    pub fn keep_kinds(&mut self, fields: &Fields, kinds: &[Searched]) {
        let names = kinds.iter().map(|kind| kind.resource().name().to_owned());
        self.keep(fields.resource, names.collect());
    }

    /// Keeps only records linked to one of the named records.
    fn keep_links(
        &mut self,
        c: &mut DbConnection,
        fields: &Fields,
        params: &SearchFor,
    ) -> Result<(), ApiError> {
        for (field, resource, parameter, keys) in [
            (
                fields.organisation,
                Resource::Organisation,
                "organisation",
                &params.organisation,
            ),
            (
                fields.publisher,
                Resource::Organisation,
                "publisher",
                &params.publisher,
            ),
            (
                fields.complainant_body,
                Resource::Organisation,
                "complainant_body",
                &params.complainant_body,
            ),
            (
                fields.parent,
                Resource::Organisation,
                "parent",
                &params.parent,
            ),
            (fields.group, Resource::Group, "group", &params.group),
            (fields.topic, Resource::Topic, "topic", &params.topic),
            (fields.report, Resource::Report, "report", &params.report),
            (
                fields.recommendation,
                Resource::Recommendation,
                "recommendation",
                &params.recommendation,
            ),
        ] {
            self.keep(
                field,
                lookup::filter(c, resource, parameter, keys, self.now)?,
            );
        }
        Ok(())
    }

    fn keep(&mut self, field: Field, keys: Vec<String>) {
        if !keys.is_empty() {
            self.keys.push((field, keys));
        }
    }

    /// Filters by values that identify a single record.
    fn keep_exact(&mut self, fields: &Fields, params: &SearchFor) -> Result<(), ApiError> {
        if let Some(address) = &params.original_url {
            let detail = "Expected an absolute http or https URL.";
            let wrong = || ApiError::parameter("invalid_value", "original_url", detail);
            self.keep(
                fields.original_url,
                vec![duplicate_key(address).ok_or_else(wrong)?],
            );
        }
        if let Some((scheme, value)) = scheme_and_value("reference", params.reference.as_deref())? {
            self.keep(fields.reference, vec![format!("{scheme}:{value}")]);
        }
        if let Some((scheme, value)) = scheme_and_value("identifier", params.identifier.as_deref())?
        {
            self.keep(fields.identifier, vec![format!("{scheme}:{value}")]);
        }
        if let Some(name) = &params.name {
            self.keep(fields.name, vec![name.clone()]);
        }
        Ok(())
    }

    /// The filters as clauses of a query.
    pub fn clauses(&self, fields: &Fields) -> Vec<(Occur, Box<dyn Query>)> {
        let mut clauses = Vec::new();
        for (field, keys) in &self.keys {
            clauses.push((Occur::Must, one_of(*field, keys)));
        }
        for (field, from, before) in &self.spans {
            if from.is_some() || before.is_some() {
                let range = RangeQuery::new(
                    from.map_or(Bound::Unbounded, |at| {
                        Bound::Included(Term::from_field_i64(*field, at))
                    }),
                    before.map_or(Bound::Unbounded, |at| {
                        Bound::Excluded(Term::from_field_i64(*field, at))
                    }),
                );
                clauses.push((Occur::Must, unscored(Box::new(range))));
            }
        }
        // exclude what is to come, rather than include what is public: few records are scheduled
        let to_come = RangeQuery::new(
            Bound::Excluded(Term::from_field_i64(
                fields.public_from,
                milliseconds(self.now),
            )),
            Bound::Unbounded,
        );
        clauses.push((Occur::MustNot, Box::new(to_come)));
        if !self.left_out.is_empty() {
            clauses.push((Occur::MustNot, one_of(fields.id, &self.left_out)));
        }
        clauses
    }
}

fn one_of(field: Field, keys: &[String]) -> Box<dyn Query> {
    let terms = keys.iter().map(|key| Term::from_field_text(field, key));
    unscored(Box::new(TermSetQuery::new(terms)))
}

fn unscored(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
