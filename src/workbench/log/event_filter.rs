//! The options that choose events, for `show` and `export`.

use super::condition::condition;
use crate::recorded::{InvalidText, Position, StreamName, Tag, Version, check_category};
use crate::store::{DESCRIBED, Filter, Query, QueryItem, Read};
use clap::Args;

/// The options that choose events.
#[derive(Args)]
pub(super) struct EventFilter {
    /// Only of this stream; given several times, of any of them
    #[arg(long = "stream", value_name = "NAME", value_parser = stream)]
    streams: Vec<StreamName>,
    /// Only of the streams of this category
    #[arg(long = "category", value_name = "NAME", value_parser = category)]
    categories: Vec<String>,
    /// Only of this type; given several times, of any of them
    #[arg(long = "type", value_name = "NAME")]
    types: Vec<String>,
    /// Only with this tag; given several times, with all of them
    #[arg(long = "tag", value_name = "TAG", value_parser = tag)]
    tags: Vec<Tag>,
    /// From this position on
    #[arg(long, value_name = "N")]
    from_position: Option<u64>,
    /// Up to this position, itself included
    #[arg(long, value_name = "N")]
    until_position: Option<u64>,
    /// From this version of each stream on
    #[arg(long, value_name = "N")]
    from_version: Option<u64>,
    /// Up to this version of each stream, itself included
    #[arg(long, value_name = "N")]
    until_version: Option<u64>,
    /// Only where this holds, such as "header user = petra" or "at >= 2026-11-23"; given several times, where all hold
    #[arg(long = "where", value_name = "CONDITION", value_parser = condition, long_help = WHERE)]
    conditions: Vec<Filter>,
    /// At most this number of events
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

const WHERE: &str = "Only where this holds; given several times, where all hold.

A condition is a field, a sign and a value:

  header user = petra            header \"sent by\" in (petra, alex)
  header amount > 1000           correlation ~ ^import-
  at >= 2026-11-23T09:30:00Z     type not in (Opened, Closed)

Fields are `header NAME`, correlation, causation, position, version, stream, category, type, id, at.
Signs are = != < <= > >= in, not in, and ~ for a regular expression.
A value in quotes is a text; `17` and `true` in a header are a number and a flag, \"17\" is a text.
An event that does not have the field passes no condition.";

fn stream(text: &str) -> Result<StreamName, InvalidText> {
    StreamName::new(text)
}

fn category(text: &str) -> Result<String, InvalidText> {
    check_category(text).map(|()| text.to_string())
}

fn tag(text: &str) -> Result<Tag, InvalidText> {
    Tag::new(text)
}

impl EventFilter {
    /// The query. It includes descriptions of streams unless types or tags are chosen, because descriptions have none.
    pub(super) fn query(&self) -> Query {
        let item = QueryItem {
            streams: self.streams.clone(),
            categories: self.categories.clone(),
            types: self.types.clone(),
            tags: self.tags.clone(),
        };
        let described = QueryItem { types: vec![DESCRIBED.to_string()], ..item.clone() };
        match self.types.is_empty() && self.tags.is_empty() {
            true => Query::any_of([item, described]),
            false => Query::any_of([item]),
        }
    }

    /// All options, as a read.
    pub(super) fn read(&self) -> Read {
        let (from, until) = self.positions();
        let (first, last) = self.versions();
        let read =
            Read::from(self.query()).starting_at(from).until(until).from_version(first).until_version(last);
        let read = self.conditions.iter().cloned().fold(read, Read::filter);
        read.limit(self.limit())
    }

    pub(super) fn positions(&self) -> (Position, Position) {
        let until = self.until_position.unwrap_or(u64::MAX);
        (Position::new(self.from_position.unwrap_or_default()), Position::new(until))
    }

    pub(super) fn versions(&self) -> (Version, Version) {
        let until = self.until_version.unwrap_or(u64::MAX);
        (Version::new(self.from_version.unwrap_or_default()), Version::new(until))
    }

    pub(super) fn conditions(&self) -> &[Filter] {
        &self.conditions
    }

    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(usize::MAX)
    }
}
