//! Which streams and categories to list, and what is known about a stream.

use super::batch::StreamState;
use super::filter::{Filter, InvalidRegex, RegexPattern, UnlikeValues};
use crate::recorded::{Headers, Position, StreamName};
use serde::Serialize;
use std::collections::BTreeSet;

/// What is known about a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StreamInfo {
    /// Its name.
    pub name: StreamName,
    /// How far it is.
    pub state: StreamState,
    /// The position of its first event.
    pub first: Option<Position>,
    /// The position of its last event, or of its tombstone.
    pub last: Option<Position>,
    /// What it was described with last.
    pub metadata: Headers,
}

/// Which names of a list, and how many of them: all, by what they begin with, by a regular expression, or by the metadata of
/// streams.
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::store::{Batch, EventReader, EventStore, Filter, Listing, Memory};
///
/// let second_page = Listing::prefix("order-").after("order-119").limit(20);
/// assert!(second_page.names("order-17"));
/// assert!(!Listing::exactly("order").names("order-17"));
/// assert!(Listing::all().matching("^(order|payment)-1[0-9]$")?.names("payment-17"));
///
/// # #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
/// # enum Event { Placed }
/// let store = Memory::new();
/// let owned = [("owner".to_string(), "petra".into())].into();
/// store.append(Batch::to(&StreamName::of("order", 17)?).event(Event::Placed).describe(owned))?;
/// store.append(Batch::to(&StreamName::of("order", 18)?).event(Event::Placed))?;
/// let hers = store.streams(&Listing::all().filter(Filter::header("owner").equals("petra")))?;
/// assert_eq!(hers[0].name.as_str(), "order-17");
/// assert_eq!(hers.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    name: String,
    exactly: bool,
    pattern: Option<RegexPattern>,
    filters: Vec<Filter>,
    after: String,
    skip: usize,
    limit: usize,
}

impl Listing {
    /// All names.
    pub fn all() -> Listing {
        Listing::prefix("")
    }

    /// This name alone.
    pub fn exactly(name: impl Into<String>) -> Listing {
        Listing { exactly: true, ..Listing::prefix(name) }
    }

    /// All names that begin so.
    pub fn prefix(prefix: impl Into<String>) -> Listing {
        Listing {
            name: prefix.into(),
            exactly: false,
            pattern: None,
            filters: Vec::new(),
            after: String::new(),
            skip: 0,
            limit: usize::MAX,
        }
    }

    /// Only names in which this regular expression is found; `^` and `$` bind it to the whole. A [`prefix`](Listing::prefix)
    /// is quicker: without one, every name is looked at.
    ///
    /// # Errors
    /// [`InvalidRegex`] when it is none.
    pub fn matching(self, pattern: impl Into<String>) -> Result<Listing, InvalidRegex> {
        Ok(Listing { pattern: Some(RegexPattern::try_from(pattern.into())?), ..self })
    }

    /// Only streams that pass this filter, on a [header](Filter::header) of their metadata, their name or their category; only
    /// categories that have such a stream with entries. With several filters, a stream has to pass all of them.
    ///
    /// A stream has no other fields, and passes no filter on them. Every listed name is looked at.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Listing {
        self.filters.push(filter);
        self
    }

    /// Only names that come after this one: the next page begins after the last name of this page, and costs as much as the
    /// first.
    #[must_use]
    pub fn after(self, name: impl Into<String>) -> Listing {
        Listing { after: name.into(), ..self }
    }

    /// Without the first ones.
    #[must_use]
    pub fn skip(self, skip: usize) -> Listing {
        Listing { skip, ..self }
    }

    /// At most `limit` names.
    #[must_use]
    pub fn limit(self, limit: usize) -> Listing {
        Listing { limit, ..self }
    }

    /// Whether a name is listed, apart from the [filters](Listing::filter), [`skip`](Listing::skip) and
    /// [`limit`](Listing::limit).
    pub fn names(&self, name: &str) -> bool {
        self.begins_with(name)
            && (self.after.is_empty() || name > &*self.after)
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_found_in(name))
    }

    /// Whether a name is the name, or begins with the prefix. Such names follow each other.
    pub(crate) fn begins_with(&self, name: &str) -> bool {
        if self.exactly { name == self.name } else { name.starts_with(&self.name) }
    }

    /// Whether a stream passes all filters.
    ///
    /// # Errors
    /// [`UnlikeValues`] when a header and what it is compared with are of unlike kinds.
    pub fn passes(&self, stream: &StreamInfo) -> Result<bool, UnlikeValues> {
        for filter in &self.filters {
            if !filter.passes_stream(&stream.name, &stream.metadata)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(crate) fn has_filters(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Whether every listed name comes after this one.
    pub(crate) fn begins_after(&self, name: &str) -> bool {
        name < &*self.name || !self.after.is_empty() && name <= &*self.after
    }

    /// What every name among them begins with.
    pub fn begins(&self) -> &str {
        &self.name
    }

    /// The name after which the list begins; empty if it begins with the first.
    pub fn after_name(&self) -> &str {
        &self.after
    }

    /// Whether it lists the name [`begins`](Listing::begins) alone, and not all that begin so.
    pub fn is_exact(&self) -> bool {
        self.exactly
    }

    /// How many of the first names are left out.
    pub fn skipped(&self) -> usize {
        self.skip
    }

    /// How many names are listed at most.
    pub fn most(&self) -> usize {
        self.limit
    }

    /// How many names are looked at for a page at most: those that are skipped, and those that are listed.
    pub(crate) fn reach(&self) -> usize {
        self.skip.saturating_add(self.limit)
    }

    /// The items that are listed by their names, of items in the order of their names. The filters are not asked.
    pub(crate) fn pick<T>(&self, items: impl IntoIterator<Item = T>, name: impl Fn(&T) -> &str) -> Vec<T> {
        self.page(items.into_iter().filter(|item| self.names(name(item))))
    }

    /// The page of items that are named, without those that are skipped.
    pub(crate) fn page<T>(&self, named: impl IntoIterator<Item = T>) -> Vec<T> {
        named.into_iter().skip(self.skip).take(self.limit).collect()
    }

    /// The streams that are listed, of streams in the order of their names: for implementations of a store.
    ///
    /// # Errors
    /// [`UnlikeValues`] when a filter compares a header with a value of another kind.
    pub fn pick_streams(
        &self,
        streams: impl IntoIterator<Item = StreamInfo>,
    ) -> Result<Vec<StreamInfo>, UnlikeValues> {
        let mut passing = Vec::new();
        for stream in streams {
            if self.names(stream.name.as_str()) && self.passes(&stream)? {
                passing.push(stream);
            }
        }
        Ok(self.page(passing))
    }

    /// The categories that are listed, of all streams that the store has: for implementations of a store.
    ///
    /// # Errors
    /// [`UnlikeValues`] when a filter compares a header with a value of another kind.
    pub fn pick_categories(
        &self,
        streams: impl IntoIterator<Item = StreamInfo>,
    ) -> Result<Vec<String>, UnlikeValues> {
        let mut categories = BTreeSet::new();
        for stream in streams {
            let category = stream.name.category();
            // A stream that is described and has no entry makes no category.
            if stream.last.is_some() && self.names(category) && self.passes(&stream)? {
                categories.insert(category.to_string());
            }
        }
        Ok(self.page(categories))
    }
}
