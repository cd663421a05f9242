//! Where records are read.

use crate::log::Resource;
use crate::platform::identity::RecordId;
use crate::platform::page_urls::PageUrls;

/// The addresses of records: their pages on the public site, or else what this API says of them.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The URL where clients reach this API.
    pub base: String,
    /// The pages of the public site.
    pub pages: PageUrls,
}

impl Addresses {
    /// The address of a record in this API.
    pub fn record(&self, resource: Resource, id: RecordId) -> String {
        format!("{}/v1/{}/{id}", self.base, resource.collection())
    }

    /// Where people read a record that is known by its id and its slug: on its page, or else in this API.
    pub fn of(&self, resource: Resource, id: RecordId, slug: &str) -> String {
        let page = self
            .pages
            .of(resource.collection(), None, &[("slug", slug), ("id", &id)]);
        page.unwrap_or_else(|| self.record(resource, id))
    }
}
