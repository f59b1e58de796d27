//! Which events to read, and how: queries and reads are values.

use super::entry::DESCRIBED;
use super::filter::Filter;
use crate::page::printable;
use crate::recorded::{Envelope, InvalidText, Position, StreamName, Tag, Version, check_category};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which events to read, or to watch for in a condition: a list of items, of which an event has to match one. Items are those
/// of a dynamic consistency boundary.
///
/// ```
/// use leftfold::recorded::{StreamName, Tag};
/// use leftfold::store::Query;
///
/// let one_order = Query::stream(&StreamName::of("order", 17)?);
/// let payments = Query::category("payment")?.types(["Paid", "PaidBack"]);
/// let about_petra = Query::tagged(Tag::new("customer:petra")?).or(payments);
/// assert_eq!(about_petra.to_string(), "tag customer:petra; or category payment, type Paid or PaidBack");
/// # Ok::<(), leftfold::recorded::InvalidText>(())
/// ```
///
/// A query becomes a [`Read`] when something says how to read: `query.after(position).backwards().limit(10)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Query {
    items: Vec<QueryItem>,
}

/// One item of a [`Query`]. An event matches if it is in one of the streams or categories (if there are any), is of one of
/// the types (if there are any), and has all of the tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QueryItem {
    /// Names of streams.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<StreamName>,
    /// Categories of streams. No stream is in one that holds a `-`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Types of events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

impl QueryItem {
    /// Whether an event in this envelope matches.
    pub fn matches(&self, envelope: &Envelope) -> bool {
        self.matches_place(envelope)
            && (self.types.is_empty() || self.types.iter().any(|name| **name == *envelope.event_type))
            && self.tags.iter().all(|tag| envelope.tags.contains(tag))
    }

    fn matches_place(&self, envelope: &Envelope) -> bool {
        (self.streams.is_empty() && self.categories.is_empty())
            || self.streams.contains(&envelope.stream)
            || self.categories.iter().any(|category| category == envelope.stream.category())
    }
}

impl Query {
    /// Every event, of every stream: also of one whose name begins with `$`, and what projections have emitted.
    #[doc(alias = "fromAll")]
    pub fn all() -> Query {
        Query { items: vec![QueryItem::default()] }
    }

    /// The events of one stream.
    pub fn stream(stream: &StreamName) -> Query {
        Query::streams([stream.clone()])
    }

    /// The events of any of these streams; no events if the list is empty.
    pub fn streams(streams: impl IntoIterator<Item = StreamName>) -> Query {
        let streams: Vec<_> = streams.into_iter().collect();
        Query::of(streams.is_empty(), QueryItem { streams, ..QueryItem::default() })
    }

    /// The events of all streams of a [category](StreamName::category).
    ///
    /// ```
    /// use leftfold::store::Query;
    ///
    /// let refused = Query::category("shop-order").unwrap_err().to_string();
    /// assert_eq!(
    ///     refused,
    ///     r#""shop-order" cannot be a category: it holds a `-`, and the first `-` of a stream's name ends its category"#
    /// );
    /// ```
    ///
    /// # Errors
    /// [`InvalidText`] when the category holds a `-`: no stream has such a category.
    #[doc(alias = "fromCategory")]
    pub fn category(category: impl Into<String>) -> Result<Query, InvalidText> {
        let category = category.into();
        check_category(&category)?;
        Ok(Query { items: vec![QueryItem { categories: vec![category], ..QueryItem::default() }] })
    }

    /// The events that carry this tag.
    pub fn tagged(tag: Tag) -> Query {
        Query { items: vec![QueryItem { tags: vec![tag], ..QueryItem::default() }] }
    }

    /// The events of any of these types; no events if the list is empty.
    pub fn of_types<T: Into<String>>(types: impl IntoIterator<Item = T>) -> Query {
        let types: Vec<_> = types.into_iter().map(Into::into).collect();
        Query::of(types.is_empty(), QueryItem { types, ..QueryItem::default() })
    }

    /// The events that match any of these items; no events if the list is empty.
    pub fn any_of(items: impl IntoIterator<Item = QueryItem>) -> Query {
        Query { items: items.into_iter().collect() }
    }

    fn of(nothing: bool, item: QueryItem) -> Query {
        Query { items: if nothing { Vec::new() } else { vec![item] } }
    }

    /// Only events of these types. Called twice, only events whose type is in both lists.
    #[must_use]
    pub fn types<T: Into<String>>(mut self, types: impl IntoIterator<Item = T>) -> Query {
        let types: Vec<String> = types.into_iter().map(Into::into).collect();
        for item in &mut self.items {
            match item.types.is_empty() {
                true => item.types.clone_from(&types),
                false => item.types.retain(|known| types.contains(known)),
            }
        }
        self.items.retain(|item| !item.types.is_empty());
        self
    }

    /// Only events that have this tag, too.
    #[must_use]
    pub fn tag(mut self, tag: Tag) -> Query {
        for item in &mut self.items {
            item.tags.push(tag.clone());
        }
        self
    }

    /// The events of either query.
    #[must_use]
    pub fn or(mut self, other: Query) -> Query {
        self.items.extend(other.items);
        self
    }

    /// Only events in streams of this category.
    pub(crate) fn confined_to(&self, category: &str) -> Query {
        let confined = self.items.iter().filter_map(|item| {
            let anywhere = item.streams.is_empty() && item.categories.is_empty();
            let mut item = item.clone();
            item.streams.retain(|stream| stream.category() == category);
            item.categories.retain(|name| name == category);
            if anywhere {
                item.categories.push(category.to_string());
            }
            (!item.streams.is_empty() || !item.categories.is_empty()).then_some(item)
        });
        Query { items: confined.collect() }
    }

    /// The items.
    pub fn items(&self) -> &[QueryItem] {
        &self.items
    }

    /// Whether an event in this envelope matches. The metadata of streams matches only if the item names its type.
    pub fn matches(&self, envelope: &Envelope) -> bool {
        let described = *envelope.event_type == *DESCRIBED;
        self.items.iter().any(|item| item.matches(envelope) && (!described || !item.types.is_empty()))
    }

    /// From this position on, including it.
    #[must_use]
    pub fn starting_at(self, position: Position) -> Read {
        Read::from(self).starting_at(position)
    }

    /// After this position.
    #[must_use]
    pub fn after(self, position: Position) -> Read {
        Read::from(self).after(position)
    }

    /// Up to this position, including it.
    #[must_use]
    pub fn until(self, position: Position) -> Read {
        Read::from(self).until(position)
    }

    /// From this version of each stream on, including it.
    #[must_use]
    pub fn from_version(self, version: Version) -> Read {
        Read::from(self).from_version(version)
    }

    /// Up to this version of each stream, including it.
    #[must_use]
    pub fn until_version(self, version: Version) -> Read {
        Read::from(self).until_version(version)
    }

    /// From the last event to the first.
    #[must_use]
    pub fn backwards(self) -> Read {
        Read::from(self).backwards()
    }

    /// At most `most` entries.
    #[must_use]
    pub fn limit(self, most: usize) -> Read {
        Read::from(self).limit(most)
    }

    /// Only entries whose envelope passes this filter.
    #[must_use]
    pub fn filter(self, filter: Filter) -> Read {
        Read::from(self).filter(filter)
    }
}

impl fmt::Display for QueryItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |what: &str, names: Vec<&str>, join: &str| match names.is_empty() {
            true => None,
            false => Some(format!("{what} {}", names.join(join))),
        };
        let places: Vec<String> = [
            list("stream", self.streams.iter().map(StreamName::as_str).collect(), " or "),
            list("category", self.categories.iter().map(String::as_str).collect(), " or "),
        ]
        .into_iter()
        .flatten()
        .collect();
        let parts: Vec<String> = [
            Some(places.join(" or ")).filter(|place| !place.is_empty()),
            list("type", self.types.iter().map(String::as_str).collect(), " or "),
            list("tag", self.tags.iter().map(Tag::as_str).collect(), " and "),
        ]
        .into_iter()
        .flatten()
        .collect();
        match parts.is_empty() {
            true => f.write_str("every event"),
            false => f.write_str(&printable(&parts.join(", "))),
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.items.is_empty() {
            return f.write_str("no event");
        }
        for (place, item) in self.items.iter().enumerate() {
            if place > 0 {
                f.write_str("; or ")?;
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

/// The direction in which a log is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// From the first event to the last.
    #[default]
    Forwards,
    /// From the last event to the first.
    Backwards,
}

/// What to read and how: a [`Query`] with bounds, filters, a direction and a limit.
///
/// ```
/// use leftfold::recorded::{Position, StreamName};
/// use leftfold::store::{Filter, Query, Read};
///
/// let last_three = Query::stream(&StreamName::of("order", 17)?).backwards().limit(3);
/// let by_petra = Query::all().filter(Filter::header("user").equals("petra")).after(Position::new(100));
/// # let _: (Read, Read) = (last_three, by_petra);
/// # Ok::<(), leftfold::recorded::InvalidText>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Read {
    query: Query,
    filters: Vec<Filter>,
    from: Position,
    until: Position,
    from_version: Version,
    until_version: Version,
    direction: Direction,
    limit: Option<usize>,
}

impl From<Query> for Read {
    fn from(query: Query) -> Read {
        Read {
            query,
            filters: Vec::new(),
            from: Position::START,
            until: Position::new(u64::MAX),
            from_version: Version::NONE,
            until_version: Version::new(u64::MAX),
            direction: Direction::Forwards,
            limit: None,
        }
    }
}

impl From<&Query> for Read {
    fn from(query: &Query) -> Read {
        query.clone().into()
    }
}

impl From<&Read> for Read {
    fn from(read: &Read) -> Read {
        read.clone()
    }
}

impl Read {
    /// From this position on, including it.
    #[must_use]
    pub fn starting_at(self, position: Position) -> Read {
        Read { from: position, ..self }
    }

    /// After this position.
    #[must_use]
    pub fn after(self, position: Position) -> Read {
        match position.get().checked_add(1) {
            Some(next) => self.starting_at(Position::new(next)),
            // No event comes after the last possible position.
            None => self.starting_at(position).until(Position::START),
        }
    }

    /// Up to this position, including it.
    #[must_use]
    pub fn until(self, position: Position) -> Read {
        Read { until: position, ..self }
    }

    /// From this version of each stream on, including it.
    #[must_use]
    pub fn from_version(self, version: Version) -> Read {
        Read { from_version: version, ..self }
    }

    /// Up to this version of each stream, including it.
    #[must_use]
    pub fn until_version(self, version: Version) -> Read {
        Read { until_version: version, ..self }
    }

    /// From the last event to the first.
    #[must_use]
    pub fn backwards(self) -> Read {
        Read { direction: Direction::Backwards, ..self }
    }

    /// At most `most` entries.
    #[must_use]
    pub fn limit(self, most: usize) -> Read {
        Read { limit: Some(most), ..self }
    }

    /// Only entries whose envelope passes this filter. With several filters, an entry has to pass all of them.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Read {
        self.filters.push(filter);
        self
    }

    /// The same read of another query.
    pub(crate) fn of(self, query: Query) -> Read {
        Read { query, ..self }
    }

    /// The same read of entries as they are stored: of the query as it is there, and without what only a decoded event shows.
    pub(crate) fn of_stored(&self, query: Option<Query>, filters: Vec<Filter>) -> Read {
        let query = query.unwrap_or_else(|| self.query.clone());
        Read { query, filters, limit: None, ..*self }
    }

    /// The query that events have to match.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The filters that an entry has to pass.
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// The lowest and the highest position that is read.
    pub fn positions(&self) -> (Position, Position) {
        (self.from, self.until)
    }

    /// The lowest and the highest version that is read.
    pub fn versions(&self) -> (Version, Version) {
        (self.from_version, self.until_version)
    }

    /// The direction.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The largest number of entries that is read, if there is a limit.
    pub fn most(&self) -> Option<usize> {
        self.limit
    }

    /// Whether an entry in this envelope is within the bounds and matches the query. Filters are not asked.
    pub fn matches(&self, envelope: &Envelope) -> bool {
        (self.from..=self.until).contains(&envelope.position)
            && (self.from_version..=self.until_version).contains(&envelope.version)
            && self.query.matches(envelope)
    }
}
