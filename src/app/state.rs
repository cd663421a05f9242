//! The state shared by handlers, each part under its own type.

use actix_web::web::{self, Data};

use super::cache::ResponseCache;
use super::openapi;
use super::service::Description;
use crate::access::instance::Instance;
use crate::http::counters::Counters;
use crate::http::routes_table::RoutesTable;
use crate::platform::clock::Clock;
use crate::platform::config::Config;
use crate::platform::db::{Database, Error};
use crate::publishing::changes::subscribers::Subscribers;
use crate::publishing::exports::ExportSlots;
use crate::publishing::search::Search;
use crate::publishing::webhooks::Wake;
use crate::tracking::catalogue::CATALOGUE;
use crate::writing::past::Past;

/// An instance and the services built on it. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// What the request guards need.
    pub instance: Data<Instance>,
    /// The settings, for layers without an instance.
    pub config: Data<Config>,
    /// The request counters.
    pub counters: Data<Counters>,
    /// The response cache.
    pub cache: Data<ResponseCache>,
    /// The search index.
    pub search: Data<Search>,
    /// The subscribers to the change log.
    pub subscribers: Data<Subscribers>,
    /// Wakes the task that sends webhooks.
    pub wake: Data<Wake>,
    /// What `as_of` reads, and how far it has followed the log.
    pub past: Data<Past>,
    /// The slots for concurrent exports.
    pub exports: Data<ExportSlots>,
    /// The methods that each path allows.
    pub methods: Data<RoutesTable>,
    /// The OpenAPI document.
    pub description: Data<Description>,
}

impl App {
    /// Creates the state.
    ///
    /// # Errors
    /// Those of [`Instance::new`].
    pub fn new(config: Config, database: Database, clock: Clock) -> Result<Self, Error> {
        let instance = Instance::new(config, database, clock)?;
        let config = instance.config.clone();
        Ok(Self {
            instance: Data::new(instance),
            counters: Data::default(),
            cache: Data::new(ResponseCache::new(config.cache_bytes)),
            search: Data::new(Search::new(&config)),
            subscribers: Data::new(Subscribers::new(config.subscribers)),
            wake: Data::default(),
            past: Data::default(),
            exports: Data::new(ExportSlots::new(&config)),
            methods: Data::new(RoutesTable::new(&openapi::document())),
            description: Data::new(Description {
                text: &openapi::TEXT,
                tag: &openapi::TAG,
                entries: &openapi::ENTRIES,
            }),
            config: Data::from(config),
        })
    }

    /// Registers each part for the handlers that extract it.
    pub fn share(&self, config: &mut web::ServiceConfig) {
        config
            .app_data(self.instance.clone())
            .app_data(self.config.clone())
            .app_data(self.counters.clone())
            .app_data(self.search.clone())
            .app_data(self.subscribers.clone())
            .app_data(self.wake.clone())
            .app_data(self.past.clone())
            .app_data(self.exports.clone())
            .app_data(self.methods.clone())
            .app_data(self.description.clone())
            .app_data(Data::new(&CATALOGUE));
    }
}
