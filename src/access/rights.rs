//! Who sends a request, and what they may do for which organisations.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use strum::VariantNames;

use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::platform::db::DbConnection;
use crate::platform::db::schema::organisations;
use crate::platform::identity::RecordId;

/// Stands for all organisations in place of an id.
pub const ALL_ORGANISATIONS: &str = "*";

/// A scope: a kind of action that can be granted.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::IntoStaticStr,
    strum::EnumString,
    strum::VariantNames,
    strum::Display,
)]
pub enum Scope {
    /// Everything.
    #[serde(rename = "admin")]
    #[strum(serialize = "admin")]
    Admin,
    /// Write assessments on behalf of the organisations that it is granted for.
    #[serde(rename = "assessments:write")]
    #[strum(serialize = "assessments:write")]
    AssessmentsWrite,
    /// Publish articles, change public ones, and withdraw or unpublish them; the same for reports.
    #[serde(rename = "articles:publish")]
    #[strum(serialize = "articles:publish")]
    ArticlesPublish,
    /// Read drafts and scheduled records.
    #[serde(rename = "articles:read_drafts")]
    #[strum(serialize = "articles:read_drafts")]
    ArticlesReadDrafts,
    /// Write articles.
    #[serde(rename = "articles:write")]
    #[strum(serialize = "articles:write")]
    ArticlesWrite,
    /// Grant mandates on behalf of the organisations that it is granted for.
    #[serde(rename = "mandates:write")]
    #[strum(serialize = "mandates:write")]
    MandatesWrite,
    /// Write organisations; if granted for `*`, also groups and topics, which have no owner.
    #[serde(rename = "organisations:write")]
    #[strum(serialize = "organisations:write")]
    OrganisationsWrite,
    /// Write reports and their recommendations.
    #[serde(rename = "recommendations:write")]
    #[strum(serialize = "recommendations:write")]
    RecommendationsWrite,
    /// Write responses, action plans and progress updates of the organisations that it is granted for.
    #[serde(rename = "responses:write")]
    #[strum(serialize = "responses:write")]
    ResponsesWrite,
    /// Manage webhooks, whatever organisations they are about.
    #[serde(rename = "webhooks:manage")]
    #[strum(serialize = "webhooks:manage")]
    WebhooksManage,
}

impl Scope {
    /// The scope with this name, or an error message that lists the known scopes.
    pub fn parse(name: &str) -> Result<Self, String> {
        name.parse().map_err(|_| {
            let (name, known): (String, _) = (name.chars().take(60).collect(), Self::VARIANTS);
            format!("unknown scope '{name}'; known scopes: {}", known.join(", "))
        })
    }
}

/// The grants: for each scope, the ids of organisations, or `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rights(BTreeMap<Scope, BTreeSet<String>>);

/// The sender of a request, authenticated by a token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The client's id, or `cli` for a token made on the command line.
    pub client: String,
    /// What it may do.
    pub rights: Rights,
    /// The id of the key of this instance that signed the token.
    pub key: Option<String>,
}

/// Whose unpublished records a caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadScope {
    /// Those of all organisations.
    All,
    /// Those of these organisations.
    Of(Vec<String>),
}

impl Default for ReadScope {
    fn default() -> Self {
        Self::Of(Vec::new())
    }
}

/// A missing grant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this requires the scope '{scope}' for {}", describe_owners(.owners))]
pub struct Refusal {
    /// The required scope.
    pub scope: Scope,
    /// The organisations, any one of which is enough; empty means that all are required.
    pub owners: Vec<String>,
}

impl Refusal {
    /// The grant for any one of `owners` is missing.
    pub fn new(scope: Scope, owners: &[RecordId]) -> Self {
        let owners = owners.iter().map(RecordId::to_string).collect();
        Self { scope, owners }
    }

    /// The same with the organisations by their slugs, as clients know them.
    ///
    /// # Errors
    /// When the query fails.
    pub fn with_slugs(mut self, connection: &mut DbConnection) -> QueryResult<Self> {
        let named = organisations::table
            .filter(organisations::id.eq_any(&self.owners))
            .order(organisations::slug)
            .select(organisations::slug);
        let slugs: Vec<String> = named.load(connection)?;
        if slugs.len() == self.owners.len() {
            self.owners = slugs;
        }
        Ok(self)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let detail = format!("Access denied: {refusal}.");
        let error = format!(
            ", error=\"insufficient_scope\", scope=\"{}\"",
            refusal.scope
        );
        Self::new(ProblemCode::InsufficientScope, detail).with_challenge(&error)
    }
}

fn describe_owners(owners: &[String]) -> String {
    match owners {
        [] => "all organisations".to_owned(),
        [one] if one == ALL_ORGANISATIONS => "any organisation".to_owned(),
        [one] => format!("the organisation {one}"),
        several => format!("one of the organisations {}", several.join(", ")),
    }
}

impl Rights {
    /// Everything: for the command line, whose user could write to the database anyway.
    pub fn all() -> Self {
        let mut rights = Self::default();
        rights.grant(Scope::Admin, ALL_ORGANISATIONS);
        rights
    }

    /// Adds a grant.
    pub fn grant(&mut self, scope: Scope, organisation: impl Into<String>) {
        self.0.entry(scope).or_default().insert(organisation.into());
    }

    /// Whether nothing is granted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, by name, separated by spaces (RFC 6749, 3.3).
    pub fn scope_text(&self) -> String {
        let names: Vec<&str> = self.0.keys().map(<&str>::from).collect();
        names.join(" ")
    }

    /// The rights reduced to these scopes.
    pub fn restricted_to(&self, scopes: &[Scope]) -> Self {
        let kept = self.0.iter().filter(|(scope, _)| scopes.contains(scope));
        Self(kept.map(|(scope, of)| (*scope, of.clone())).collect())
    }

    /// Each scope with each of its organisations.
    pub fn grants(&self) -> impl Iterator<Item = (Scope, &str)> {
        self.0
            .iter()
            .flat_map(|(scope, of)| of.iter().map(|one| (*scope, one.as_str())))
    }

    /// Whether the scope is granted for any of `owners`. A record without owners requires a grant for all
    /// organisations.
    pub fn allow(&self, scope: Scope, owners: &[RecordId]) -> bool {
        [scope, Scope::Admin].iter().any(|scope| {
            self.0.get(scope).is_some_and(|of| {
                of.contains(ALL_ORGANISATIONS)
                    || owners.iter().any(|owner| of.contains(owner.as_str()))
            })
        })
    }

    /// Whether everything is granted.
    pub fn is_admin(&self) -> bool {
        self.allow(Scope::Admin, &[])
    }

    /// Requires a scope for any organisation at all: for actions that concern no particular one.
    pub fn require_for_any(&self, scope: Scope) -> Result<(), Refusal> {
        if self.0.contains_key(&scope) || self.0.contains_key(&Scope::Admin) {
            return Ok(());
        }
        let owners = vec![ALL_ORGANISATIONS.to_owned()];
        Err(Refusal { scope, owners })
    }

    /// Whether the caller may publish for any organisation at all.
    pub fn may_publish(&self) -> bool {
        self.require_for_any(Scope::ArticlesPublish).is_ok()
    }

    /// Whose unpublished records a caller may see: those of organisations whose drafts it may read or whose records it
    /// may write.
    pub fn read_scope(&self, write: Scope) -> ReadScope {
        let scopes = [Scope::Admin, Scope::ArticlesReadDrafts, write];
        let granted = scopes.iter().filter_map(|scope| self.0.get(scope));
        let owners: BTreeSet<String> = granted.flatten().cloned().collect();
        match owners.contains(ALL_ORGANISATIONS) {
            true => ReadScope::All,
            false => ReadScope::Of(owners.into_iter().collect()),
        }
    }

    /// [`Rights::allow`], or the missing grant as an error.
    pub fn require(&self, scope: Scope, owners: &[RecordId]) -> Result<(), Refusal> {
        if self.allow(scope, owners) {
            return Ok(());
        }
        Err(Refusal::new(scope, owners))
    }

    /// [`Rights::require`] as a response, which names the organisations by their slugs.
    pub fn require_for(
        &self,
        connection: &mut DbConnection,
        scope: Scope,
        owners: &[RecordId],
    ) -> Result<(), ApiError> {
        match self.require(scope, owners) {
            Ok(()) => Ok(()),
            Err(refusal) => Err(refusal.with_slugs(connection)?.into()),
        }
    }
}
