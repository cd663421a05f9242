//! Every route of the API. Each resource mounts its own; see `configure` in its folder.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    action_plans, articles, assessments, attributions, auth, calendar, changes, coverage,
    deadlines, exports, feeds, groups, obligations, oembed, organisations, progress_updates,
    recommendations, reports, responses, search, service, topics, webhooks, writing,
};

/// Mounts everything.
pub fn configure(config: &mut ServiceConfig) {
    config.service(
        utoipa_actix_web::scope("/v1")
            .configure(articles::configure)
            .configure(organisations::configure)
            .configure(groups::configure)
            .configure(topics::configure)
            .configure(reports::configure)
            .configure(recommendations::configure)
            .configure(coverage::configure)
            .configure(obligations::configure)
            .configure(responses::configure)
            .configure(action_plans::configure)
            .configure(progress_updates::configure)
            .configure(assessments::configure)
            .configure(calendar::configure)
            .configure(feeds::configure)
            .configure(attributions::configure)
            .configure(oembed::configure)
            .configure(exports::configure)
            .configure(deadlines::configure)
            .configure(writing::configure)
            .configure(changes::configure)
            .configure(search::configure)
            .configure(webhooks::configure),
    );
    service::configure(config);
    auth::configure(config);
}
