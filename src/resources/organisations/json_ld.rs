//! Organisations as JSON-LD, in the schema.org vocabulary.

use serde::Serialize;
use utoipa::ToSchema;

use super::views::Organisation;
use crate::http::addresses::Addresses;
use crate::http::references::{Expandable, NameReference};
use crate::log::Resource;
use crate::platform::values::Identifier;

/// The vocabulary.
pub const CONTEXT: &str = "https://schema.org";

/// An organisation (schema.org).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GovernmentOrganization {
    /// The vocabulary.
    #[serde(rename = "@context")]
    #[schema(max_length = 100, example = "https://schema.org")]
    pub context: &'static str,
    /// `GovernmentOrganization`; `NGO` for a charity, `NewsMediaOrganization` for the press, and `Organization` for
    /// membership and professional bodies or if the kind is not known.
    #[serde(rename = "@type")]
    #[schema(max_length = 60, example = "GovernmentOrganization")]
    pub schema_type: &'static str,
    /// The permanent URI.
    #[serde(rename = "@id")]
    #[schema(
        max_length = 45,
        example = "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub node: String,
    /// The name.
    #[schema(max_length = 300, example = "Independent Office for Police Conduct")]
    pub name: String,
    /// The acronym and former names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(
        max_items = 101,
        required = false,
        example = json!(["IOPC", "Independent Police Complaints Commission"])
    )]
    pub alternate_name: Vec<String>,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub description: Option<String>,
    /// Its website.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub url: Option<String>,
    /// The area of its remit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, example = "England and Wales")]
    pub area_served: Option<String>,
    /// When it was founded: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, example = "2004-04")]
    pub founding_date: Option<String>,
    /// When it was dissolved: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10)]
    pub dissolution_date: Option<String>,
    /// The organisation that it is part of or reports to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_organization: Option<OrganizationNode>,
    /// Its identifiers in registers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100, required = false)]
    pub identifier: Vec<PropertyValue>,
    /// The publisher of this structured data.
    pub sd_publisher: SdPublisher,
}

/// A reference to an organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationNode {
    /// The type.
    #[serde(rename = "@type")]
    #[schema(max_length = 60, example = "GovernmentOrganization")]
    pub schema_type: &'static str,
    /// The permanent URI.
    #[serde(rename = "@id")]
    #[schema(max_length = 45)]
    pub node: String,
    /// The name.
    #[schema(max_length = 300)]
    pub name: String,
    /// Its website, or else its page on the public site, or else the URL of the record.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
}

/// An identifier in a register.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PropertyValue {
    /// The type.
    #[serde(rename = "@type")]
    #[schema(max_length = 60, example = "PropertyValue")]
    pub schema_type: &'static str,
    /// The scheme.
    #[serde(rename = "propertyID")]
    #[schema(max_length = 60)]
    pub property: String,
    /// The number or code.
    #[schema(max_length = 200)]
    pub value: String,
}

/// The publisher of the structured data: this service.
#[derive(Debug, Serialize, ToSchema)]
pub struct SdPublisher {
    /// The type.
    #[serde(rename = "@type")]
    #[schema(max_length = 60, example = "Organization")]
    pub schema_type: &'static str,
    /// The name.
    #[schema(max_length = 60, example = "Answerable")]
    pub name: &'static str,
    /// The public base URL of this API.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
}

impl GovernmentOrganization {
    /// The JSON-LD of a view. `addresses` says where others are read.
    pub fn new(organisation: Organisation, addresses: &Addresses) -> Self {
        let former = organisation.names.into_iter().map(|name| name.name);
        let mut alternate_name = Vec::new();
        for name in organisation.acronym.into_iter().chain(former) {
            if name != organisation.name && !alternate_name.contains(&name) {
                alternate_name.push(name);
            }
        }
        let parent = organisation.parent.as_ref();
        Self {
            context: CONTEXT,
            schema_type: schema_type(organisation.kind.as_deref()),
            node: format!("urn:uuid:{}", organisation.id),
            parent_organization: parent.map(|parent| OrganizationNode::new(parent, addresses)),
            alternate_name,
            name: organisation.name,
            description: organisation.description,
            url: organisation.homepage,
            area_served: organisation.jurisdiction,
            founding_date: organisation.founded,
            dissolution_date: organisation.dissolved,
            identifier: identifiers(organisation.identifiers),
            sd_publisher: SdPublisher::new(&addresses.base),
        }
    }
}

impl OrganizationNode {
    /// The JSON-LD of a reference. The type is specific only if the organisation is included in full.
    pub fn new(
        organisation: &Expandable<NameReference, Organisation>,
        addresses: &Addresses,
    ) -> Self {
        let (id, slug, name) = organisation.identity();
        let (kind, homepage) = match organisation {
            Expandable::Whole(organisation) => {
                (organisation.kind.as_deref(), organisation.homepage.clone())
            }
            Expandable::Reference(_) => (None, None),
        };
        Self {
            schema_type: schema_type(kind),
            node: format!("urn:uuid:{id}"),
            name: name.to_owned(),
            url: homepage.unwrap_or_else(|| addresses.of(Resource::Organisation, id, slug)),
        }
    }
}

impl SdPublisher {
    /// This service.
    pub fn new(base: &str) -> Self {
        Self {
            schema_type: "Organization",
            name: "Answerable",
            url: base.to_owned(),
        }
    }
}

/// The JSON-LD of identifiers.
pub fn identifiers(identifiers: Vec<Identifier>) -> Vec<PropertyValue> {
    let each = identifiers.into_iter().map(|identifier| PropertyValue {
        schema_type: "PropertyValue",
        property: identifier.scheme,
        value: identifier.value,
    });
    each.collect()
}

/// The schema.org type for a kind of organisation. Kinds are an open list, mostly of public bodies.
fn schema_type(kind: Option<&str>) -> &'static str {
    match kind {
        Some("charity") => "NGO",
        Some("press") => "NewsMediaOrganization",
        Some("membership_body" | "professional_body") | None => "Organization",
        Some(_) => "GovernmentOrganization",
    }
}
