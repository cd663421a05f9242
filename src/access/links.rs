//! The links between the pages of a list.

use super::public::Public;
use crate::http::error::ApiError;
use crate::http::page::{self, Page};
use crate::http::query::Address;
use crate::platform::db::keyset::{KeysetPosition, Slice};

impl Public {
    /// The links from a page of rows to the next and the previous one. `position` is that of a row in the list.
    pub fn links<R>(
        &self,
        address: &Address,
        slice: &Slice<R>,
        position: impl Fn(&R) -> KeysetPosition,
    ) -> Result<Page, ApiError> {
        page::links(address, self.cursors(), &self.base, slice, position)
    }
}
