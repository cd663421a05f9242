//! One line of an import: read, checked, and with its links at hand.

use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;

use super::reading::{broken_rules, is_told, not_json, read};
use crate::action_plans::model::ActionPlanDocument;
use crate::articles::model::ArticleDocument;
use crate::assessments::model::AssessmentDocument;
use crate::changes::Resource;
use crate::documents::Link;
use crate::groups::model::GroupDocument;
use crate::obligations::document::ObligationDocument;
use crate::obligations::generation;
use crate::organisations::model::OrganisationDocument;
use crate::progress_updates::model::ProgressUpdateDocument;
use crate::recommendations::model::RecommendationDocument;
use crate::reports::model::ReportDocument;
use crate::responses::model::ResponseDocument;
use crate::topics::model::TopicDocument;
use crate::values::PublicationState;
use crate::values::derived_id;

/// A document of any resource.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Document {
    Topic(Box<TopicDocument>),
    Organisation(Box<OrganisationDocument>),
    Group(Box<GroupDocument>),
    Report(Box<ReportDocument>),
    Recommendation(Box<RecommendationDocument>),
    Obligation(Box<ObligationDocument>),
    Response(Box<ResponseDocument>),
    ActionPlan(Box<ActionPlanDocument>),
    ProgressUpdate(Box<ProgressUpdateDocument>),
    Assessment(Box<AssessmentDocument>),
    Article(Box<ArticleDocument>),
}

/// The longest slug.
const MAX_NAME: usize = 150;

/// A mistake: the JSON pointer and what is wrong.
pub type Mistake = (String, String);

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
}

impl Document {
    /// Reads and checks a line.
    pub fn parse(line: &str) -> Result<Self, Vec<Mistake>> {
        match Self::read(line)? {
            (document, mistakes) if mistakes.is_empty() => Ok(document),
            (_, mistakes) => Err(mistakes),
        }
    }

    /// Reads a line as far as that goes, and says what is wrong with it. What could not be read holds stand-ins.
    pub fn read(line: &str) -> Result<(Self, Vec<Mistake>), Vec<Mistake>> {
        let header: Header =
            serde_json::from_str(line).map_err(|e| vec![(String::new(), not_json(&e))])?;
        let kind = header
            .kind
            .ok_or_else(|| vec![("/type".to_owned(), "the type is missing".to_owned())])?;
        let (mut document, unreadable) = match kind.as_ref() {
            "topic" => read(line).map(|(d, m)| (Self::Topic(d), m)),
            "organisation" => read(line).map(|(d, m)| (Self::Organisation(d), m)),
            "group" => read(line).map(|(d, m)| (Self::Group(d), m)),
            "report" => read(line).map(|(d, m)| (Self::Report(d), m)),
            "recommendation" => read(line).map(|(d, m)| (Self::Recommendation(d), m)),
            "obligation" => read(line).map(|(d, m)| (Self::Obligation(d), m)),
            "response" => read(line).map(|(d, m)| (Self::Response(d), m)),
            "action_plan" => read(line).map(|(d, m)| (Self::ActionPlan(d), m)),
            "progress_update" => read(line).map(|(d, m)| (Self::ProgressUpdate(d), m)),
            "assessment" => read(line).map(|(d, m)| (Self::Assessment(d), m)),
            "article" => read(line).map(|(d, m)| (Self::Article(d), m)),
            other => Err(vec![("/type".to_owned(), unknown_type(other))]),
        }?;
        let mut mistakes = unreadable.clone();
        let rules = document.rules();
        mistakes.extend(rules.into_iter().filter(|rule| !is_told(&unreadable, rule)));
        mistakes.sort_unstable();
        if line.contains("\\u0000") {
            mistakes.extend(nul_characters(line));
        }
        if document.state() == PublicationState::Erased {
            mistakes.extend(document.malformed_links());
            document.erase();
        }
        Ok((document, mistakes))
    }

    /// Which resource it is.
    pub fn resource(&self) -> Resource {
        match self {
            Self::Topic(_) => Resource::Topic,
            Self::Organisation(_) => Resource::Organisation,
            Self::Group(_) => Resource::Group,
            Self::Report(_) => Resource::Report,
            Self::Recommendation(_) => Resource::Recommendation,
            Self::Obligation(_) => Resource::Obligation,
            Self::Response(_) => Resource::Response,
            Self::ActionPlan(_) => Resource::ActionPlan,
            Self::ProgressUpdate(_) => Resource::ProgressUpdate,
            Self::Assessment(_) => Resource::Assessment,
            Self::Article(_) => Resource::Article,
        }
    }

    /// The id that it brings.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Topic(document) => document.id,
            Self::Organisation(document) => document.id,
            Self::Group(document) => document.id,
            Self::Report(document) => document.id,
            Self::Recommendation(document) => document.id,
            Self::Obligation(document) => document.id,
            Self::Response(document) => document.id,
            Self::ActionPlan(document) => document.id,
            Self::ProgressUpdate(document) => document.id,
            Self::Assessment(document) => document.id,
            Self::Article(document) => document.id,
        }
        .map(|id| id.to_string())
    }

    /// The slug; a recommendation may have none yet.
    pub fn slug(&self) -> Option<&str> {
        match self {
            Self::Topic(document) => Some(&document.slug),
            Self::Organisation(document) => Some(&document.slug),
            Self::Group(document) => Some(&document.slug),
            Self::Report(document) => Some(&document.slug),
            Self::Recommendation(document) => document.slug.as_deref(),
            Self::Obligation(_)
            | Self::Response(_)
            | Self::ActionPlan(_)
            | Self::ProgressUpdate(_)
            | Self::Assessment(_) => None,
            Self::Article(document) => Some(&document.slug),
        }
    }

    /// Of a record without a slug: the id that follows from what it is about, an UUID of version 8 (RFC 9562, 5.8).
    /// Its links are ids by now.
    pub fn natural_id(&self) -> Option<String> {
        let key = match self {
            Self::Obligation(document) => {
                let under = document.recommendation.as_deref().unwrap_or_default();
                return Some(generation::id(under, &document.organisation));
            }
            Self::Response(document) => document.natural_key().join(" "),
            Self::ActionPlan(document) => document.natural_key().join(" "),
            Self::ProgressUpdate(document) => document.natural_key().join(" "),
            Self::Assessment(document) => document.natural_key().join(" "),
            _ => return None,
        };
        Some(derived_id(&format!("{} {key}", self.resource())))
    }

    /// The places where it names other records.
    pub fn links(&mut self) -> Vec<Link<'_>> {
        match self {
            Self::Topic(document) => document.links(),
            Self::Organisation(document) => document.links(),
            Self::Group(document) => document.links(),
            Self::Report(document) => document.links(),
            Self::Recommendation(document) => document.links(),
            Self::Obligation(document) => document.links(),
            Self::Response(document) => document.links(),
            Self::ActionPlan(document) => document.links(),
            Self::ProgressUpdate(document) => document.links(),
            Self::Assessment(document) => document.links(),
            Self::Article(document) => document.links(),
        }
    }

    /// Links that cannot be any record's name. Those of an erased document are dropped without being followed.
    fn malformed_links(&mut self) -> Vec<Mistake> {
        let links = self.links().into_iter();
        links
            .filter(|link| !(1..=MAX_NAME).contains(&link.slot.chars().count()))
            .map(|link| (link.pointer, "expected an id or a slug".to_owned()))
            .collect()
    }

    /// The record that stays where this one goes.
    pub fn merged_into(&self) -> Option<&str> {
        match self {
            Self::Topic(document) => document.merged_into.as_deref(),
            Self::Organisation(document) => document.merged_into.as_deref(),
            Self::Group(document) => document.merged_into.as_deref(),
            Self::Report(document) => document.merged_into.as_deref(),
            Self::Recommendation(document) => document.merged_into.as_deref(),
            Self::Obligation(_)
            | Self::Response(_)
            | Self::ActionPlan(_)
            | Self::ProgressUpdate(_)
            | Self::Assessment(_) => None,
            Self::Article(document) => document.merged_into.as_deref(),
        }
    }

    /// The rules that hold for the document by itself.
    fn rules(&self) -> Vec<Mistake> {
        let mut mistakes = match self {
            Self::Topic(document) => broken_rules(document.as_ref()),
            Self::Organisation(document) => broken_rules(document.as_ref()),
            Self::Group(document) => broken_rules(document.as_ref()),
            Self::Report(document) => broken_rules(document.as_ref()),
            Self::Recommendation(document) => broken_rules(document.as_ref()),
            Self::Obligation(document) => broken_rules(document.as_ref()),
            Self::Response(document) => broken_rules(document.as_ref()),
            Self::ActionPlan(document) => broken_rules(document.as_ref()),
            Self::ProgressUpdate(document) => broken_rules(document.as_ref()),
            Self::Assessment(document) => broken_rules(document.as_ref()),
            Self::Article(document) => broken_rules(document.as_ref()),
        };
        mistakes.extend(self.state_rule());
        if self.merged_into().is_some() && self.state() != PublicationState::Gone {
            let detail = "only a record in the state 'gone' is merged into another";
            mistakes.push(("/merged_into".to_owned(), detail.to_owned()));
        }
        mistakes.sort_unstable();
        mistakes
    }

    /// The publication state.
    pub fn state(&self) -> PublicationState {
        match self {
            Self::Topic(document) => document.state,
            Self::Organisation(document) => document.state,
            Self::Group(document) => document.state,
            Self::Report(document) => document.state,
            Self::Recommendation(document) => document.state,
            Self::Obligation(document) => document.state,
            Self::Response(document) => document.state,
            Self::ActionPlan(document) => document.state,
            Self::ProgressUpdate(document) => document.state,
            Self::Assessment(document) => document.state,
            Self::Article(document) => document.state,
        }
    }

    /// Removes everything but what says that there was a record, so that it reaches neither tables nor log.
    fn erase(&mut self) {
        match self {
            Self::Topic(document) => document.erase(),
            Self::Organisation(document) => document.erase(),
            Self::Group(document) => document.erase(),
            Self::Report(document) => document.erase(),
            Self::Recommendation(document) => document.erase(),
            Self::Obligation(document) => document.erase(),
            Self::Response(document) => document.erase(),
            Self::ActionPlan(document) => document.erase(),
            Self::ProgressUpdate(document) => document.erase(),
            Self::Assessment(document) => document.erase(),
            Self::Article(document) => document.erase(),
        }
    }

    /// Which publication states make sense for which resource.
    fn state_rule(&self) -> Option<Mistake> {
        use PublicationState::{Draft, Gone, Withdrawn};
        let never: &[PublicationState] = match self {
            Self::Article(_) | Self::Report(_) => &[],
            // it cannot be taken back apart from its recommendation
            Self::Obligation(_) => &[Draft, Withdrawn, Gone],
            Self::Recommendation(_)
            | Self::Response(_)
            | Self::ActionPlan(_)
            | Self::ProgressUpdate(_)
            | Self::Assessment(_) => &[Draft],
            Self::Topic(_) | Self::Organisation(_) | Self::Group(_) => &[Draft, Withdrawn],
        };
        let state = self.state();
        let wrong = never.contains(&state);
        wrong.then(|| {
            (
                "/state".to_owned(),
                format!("this resource has no state '{}'", state.as_str()),
            )
        })
    }
}

fn unknown_type(other: &str) -> String {
    let known = Resource::ALL.map(Resource::name).join(", ");
    let other: String = other.chars().take(60).collect();
    format!("the type '{other}' is not known here; known are {known}")
}

/// PostgreSQL cannot store NUL in text, so neither database does.
fn nul_characters(line: &str) -> Vec<Mistake> {
    fn walk(value: &Value, place: &str, found: &mut Vec<Mistake>) {
        match value {
            Value::String(text) if text.contains('\0') => {
                found.push((
                    place.to_owned(),
                    "the character U+0000 cannot be stored".to_owned(),
                ));
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(item, &format!("{place}/{index}"), found);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    walk(member, &format!("{place}/{name}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(line) {
        walk(&value, "", &mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(line: &str) -> Vec<Mistake> {
        Document::parse(line).unwrap_err()
    }

    #[test]
    fn each_mistake_has_its_place() {
        let line = r#"{"type":"organisation","slug":"A B","name":"","names":[{"name":"X","from":"2018-13"}]}"#;
        let places: Vec<String> = mistakes(line).into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, ["/name", "/names/0/from", "/slug"]);
        let both = mistakes(r#"{"type":"topic","slug":"a","nmae":"A"}"#);
        assert_eq!([&*both[0].0, &*both[1].0], ["/name", "/nmae"]);
        assert_eq!(
            mistakes(r#"{"type":"topic","slug":"a","name":"A\u0000"}"#)[0].0,
            "/name"
        );
        assert_eq!(
            mistakes(r#"{"type":"topic","slug":"a","name":"A","state":"draft"}"#)[0].0,
            "/state"
        );
        assert_eq!(mistakes(r#"{"type":"unicorn"}"#)[0].0, "/type");
        assert_eq!(mistakes(r#"{"type":"topic","slug":"a"}"#)[0].0, "/name");
        let long = format!(
            r#"{{"type":"topic","slug":"a","name":"A","state":"erased","parent":"{}"}}"#,
            "a".repeat(200)
        );
        assert_eq!(mistakes(&long)[0].0, "/parent");
        assert_eq!(mistakes("[1]")[0].0, "");
        assert_eq!(mistakes(&"[".repeat(100_000))[0].0, "");
    }
}
