//! Every route of the API. Each resource mounts its own; see `configure` in its folder.

use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::service;
use crate::log::Resource;
use crate::publishing::{
    attributions, calendar, changes, embeds, exports, feeds, lookup, oembed, search, webhooks,
};
use crate::resources::{
    articles, deadlines, groups, organisations, recommendations, reports, topics,
};
use crate::tracking::{
    action_plans, assessments, catalogue, coverage, mandates, obligations, progress_updates,
    responses,
};
use crate::writing::operations::Operations;
use crate::{access, writing};

/// Mounts everything.
pub fn configure(config: &mut ServiceConfig) {
    config.service(
        utoipa_actix_web::scope("/v1")
            .service(service::show_version_index)
            .configure(articles::routes::configure)
            .configure(articles::actions::configure)
            .configure(organisations::routes::configure)
            .configure(groups::routes::configure)
            .configure(topics::routes::configure)
            .configure(reports::routes::configure)
            .configure(reports::actions::configure)
            .configure(recommendations::routes::configure)
            .configure(recommendations::actions::configure)
            .configure(coverage::routes::configure)
            .configure(obligations::routes::configure)
            .configure(obligations::disputes::configure)
            .configure(responses::routes::configure)
            .configure(responses::actions::configure)
            .configure(action_plans::routes::configure)
            .configure(progress_updates::routes::configure)
            .configure(assessments::routes::configure)
            .configure(mandates::routes::configure)
            .configure(calendar::routes::configure)
            .configure(feeds::routes::configure)
            .configure(attributions::routes::configure)
            .configure(lookup::routes::configure)
            .configure(oembed::routes::configure)
            .configure(embeds::routes::configure)
            .configure(exports::routes::configure)
            .configure(deadlines::routes::configure)
            .configure(write_records)
            .configure(writing::batch::configure)
            .configure(writing::proposals::routes::configure)
            .configure(writing::redaction::configure)
            .configure(changes::routes::configure)
            .configure(search::routes::configure)
            .configure(webhooks::routes::configure),
    );
    embeds::routes::configure_script(config);
    service::routes::configure(config);
    access::routes::configure(config);
}

/// Mounts the operations that write one record, of every kind.
fn write_records(config: &mut ServiceConfig) {
    for resource in Resource::ALL {
        let kind = catalogue::kind(resource);
        if let Some(guide) = kind.guide {
            config.service(Operations { kind, guide });
        }
    }
}
