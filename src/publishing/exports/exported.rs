//! What can be exported, with the columns of its CSV. They are part of the API: new ones are added at the end, and none
//! is renamed.

use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::params::ExportArticles;
use crate::publishing::site_pages::params::PageFilters;
use crate::publishing::site_pages::views::SitePage;
use crate::resources::articles::views::Article;
use crate::resources::collection::{Collection, Context};
use crate::resources::organisations::params::OrganisationFilters;
use crate::resources::organisations::views::Organisation;
use crate::resources::recommendations::params::{RecommendationExpansion, RecommendationFilters};
use crate::resources::recommendations::views::Recommendation;
use crate::tracking::obligations::params::ObligationFilters;
use crate::tracking::obligations::views::Obligation;

/// How many records to read at once.
const PAGE: i64 = 500;
/// The same when bodies are included, each of which may be a megabyte.
const PAGE_WITH_BODIES: i64 = 20;

/// A view that can be exported.
pub trait Exported: Collection<Filter: Send + Sync, Expansion: Sync> {
    /// The filters, as in the request.
    type Params: Into<Self::Filters> + DeserializeOwned + IntoParams + Send + 'static;
    /// The columns of CSV. Each shows the member of its name, or the one after `=`: `name=member/member`. Those that are
    /// included on request only are in [`super::table`].
    const COLUMNS: &'static str;

    /// What is exported, in the plural.
    fn collection_name() -> &'static str {
        Self::OWNERSHIP.resource.collection()
    }

    /// How many records to read at once.
    fn page_size(_context: &Context<Self>) -> i64 {
        PAGE
    }

    /// Which references to load in full, for the members to return.
    fn expansions(_context: &Context<Self>) -> Vec<Self::Expansion> {
        Vec::new()
    }
}

impl Exported for Article {
    type Params = ExportArticles;
    const COLUMNS: &'static str = "\
        id slug state headline summary excerpt organisation organisation_name=organisation/name \
        co_publishers topics language translation_of translations original_url attribution \
        licence statements corrections identifiers reports recommendations published_at \
        first_published_at updated_at withdrawn_at=withdrawal/at \
        withdrawal_reason=withdrawal/reason revision page_url body_html body_text text_direction";

    fn page_size(context: &Context<Self>) -> i64 {
        match context.names(&["body_html", "body_text"]) {
            true => PAGE_WITH_BODIES,
            false => PAGE,
        }
    }
}

impl Exported for Organisation {
    type Params = OrganisationFilters;
    const COLUMNS: &'static str = "\
        id slug name acronym kind description names parent parent_name=parent/name homepage feed \
        jurisdiction identifiers founded dissolved predecessors successors updated_at revision page_url \
        language other_languages";
}

impl Exported for Recommendation {
    type Params = RecommendationFilters;
    const COLUMNS: &'static str = "\
        id slug state report report_title=report/title number parent elements kind text \
        text_is_verbatim summary themes is_priority legal_basis response_requirement \
        stated_due_on deadlines reply role_addressed addressees addressed_organisation_count \
        supersedes superseded_by repeats repeated_by source_url published_on updated_at revision page_url \
        addressed_organisations";

    fn expansions(context: &Context<Self>) -> Vec<RecommendationExpansion> {
        // a recommendation may be addressed to hundreds of organisations: they are included on request only
        match context.names(&["addressed_organisations"]) {
            true => vec![RecommendationExpansion::AddressedOrganisations],
            false => Vec::new(),
        }
    }
}

impl Exported for SitePage {
    type Params = PageFilters;
    const COLUMNS: &'static str = "id collection slug page_url updated_at language translations";

    fn collection_name() -> &'static str {
        "pages"
    }
}

impl Exported for Obligation {
    type Params = ObligationFilters;
    const COLUMNS: &'static str = "\
        id recommendation number=recommendation/number report report_title=report/title \
        organisation organisation_name=organisation/name via_group response_requirement \
        deadlines due_on response_state has_holding_reply answered_on \
        answered_by=answered_by/slug is_collectively_covered \
        position=position/value position_verbatim=position/verbatim \
        implementation_status=implementation/status implementation_as_at=implementation/as_at \
        assessment_status=assessment/status assessment_as_at=assessment/as_at checked_on \
        transferred_to transferred_on claims disputes note updated_at revision";
}
