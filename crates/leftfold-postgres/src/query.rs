//! Reads as statements: one statement for each kind of query, with its values as parameters.

use crate::connections::Param;
use crate::rows::{COLUMNS, HEAD_COLUMNS, number};
use leftfold::recorded::{StreamName, Tag, Version};
use leftfold::store::{DESCRIBED, Direction, QueryItem, Read};
use std::fmt::Write as _;

/// One page of a read: entries between two positions, and between two versions.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) positions: (i64, i64),
    pub(crate) versions: (i64, i64),
    pub(crate) rows: i64,
}

/// The statement of a read. It gives the head as a [row](crate::rows::head) of its own, and a page of events.
pub(crate) struct Statement {
    pub(crate) sql: String,
    values: Vec<Value>,
    by_version: bool,
    /// Whether versions have the order of positions.
    pub(crate) in_one_stream: bool,
}

#[derive(Clone)]
enum Value {
    One(String),
    Several(Vec<String>),
}

impl Statement {
    /// `None` if the query matches nothing.
    pub(crate) fn of(schema: &str, read: &Read) -> Option<Statement> {
        let items: Vec<Item> = read.query().items().iter().filter_map(Item::of).collect();
        let bounded = read.versions() != (Version::NONE, Version::new(u64::MAX));
        let one_stream = match &items[..] {
            [item] => item.tags.is_empty() && item.categories.is_empty() && item.streams.len() == 1,
            _ => false,
        };
        let backwards = read.direction() == Direction::Backwards;
        let by_version = bounded || one_stream;
        let mut builder =
            Builder { schema, backwards, by_version, several: false, values: Vec::new(), pieces: Vec::new() };
        builder.several = items.len() > 1
            || items
                .iter()
                .any(|item| !item.streams.is_empty() && !item.categories.is_empty() && item.tags.is_empty());
        for item in &items {
            builder.item(item);
        }
        let Builder { pieces, values, several, .. } = builder;
        let columns = COLUMNS.map(|column| format!("e.{column}")).join(", ");
        let direction = if backwards { " desc" } else { "" };
        let page = match (&pieces[..], several) {
            ([], _) => return None,
            ([only], false) => only.clone(),
            (pieces, _) => {
                let pieces =
                    pieces.iter().map(|piece| format!("({piece})")).collect::<Vec<_>>().join(" union ");
                format!(
                    "select {columns} from ({pieces} order by 1{direction} limit $3) p \
                     join {schema}.events e on e.position = p.position order by p.position{direction}"
                )
            }
        };
        // Both are of one moment. A join would keep the page, and repeat the head in each of its rows.
        let sql = format!("select {HEAD_COLUMNS} from {schema}.head union all ({page})");
        Some(Statement { sql, values, by_version, in_one_stream: one_stream })
    }

    pub(crate) fn params(&self, page: Page) -> Vec<Param> {
        let mut params: Vec<Param> =
            vec![Box::new(page.positions.0), Box::new(page.positions.1), Box::new(page.rows)];
        if self.by_version {
            params.push(Box::new(page.versions.0));
            params.push(Box::new(page.versions.1));
        }
        for value in &self.values {
            params.push(match value {
                Value::One(text) => Box::new(text.clone()),
                Value::Several(texts) => Box::new(texts.clone()),
            });
        }
        params
    }
}

/// An item whose values can be in the database.
struct Item {
    streams: Vec<String>,
    categories: Vec<String>,
    types: Vec<String>,
    tags: Vec<String>,
}

impl Item {
    /// `None` if it matches nothing.
    fn of(item: &QueryItem) -> Option<Item> {
        // No text of the database holds a NUL.
        let storable = |texts: &mut dyn Iterator<Item = &str>| {
            let mut texts: Vec<String> =
                texts.filter(|text| !text.contains('\0')).map(String::from).collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        let found = Item {
            streams: storable(&mut item.streams.iter().map(StreamName::as_str)),
            categories: storable(&mut item.categories.iter().map(String::as_str)),
            types: storable(&mut item.types.iter().map(String::as_str)),
            tags: storable(&mut item.tags.iter().map(Tag::as_str)),
        };
        let nowhere = found.streams.is_empty() && found.categories.is_empty();
        let lost = (nowhere && !(item.streams.is_empty() && item.categories.is_empty()))
            || (found.types.is_empty() && !item.types.is_empty());
        (!lost).then_some(found)
    }
}

struct Builder<'s> {
    schema: &'s str,
    backwards: bool,
    by_version: bool,
    /// Whether several pieces are united; each then gives positions alone.
    several: bool,
    values: Vec<Value>,
    pieces: Vec<String>,
}

impl Builder<'_> {
    fn param(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len() + if self.by_version { 5 } else { 3 })
    }

    fn item(&mut self, item: &Item) {
        let Item { streams, categories, types, tags } = item;
        if !tags.is_empty() {
            self.tagged(item);
        } else if !streams.is_empty() || !categories.is_empty() {
            for (column, names) in [("stream", streams), ("category", categories)] {
                if !names.is_empty() {
                    self.each_of(column, names, types);
                }
            }
        } else if !types.is_empty() {
            self.each_of("type", types, &[]);
        } else {
            let piece = self.piece("", "e.position", &format!(" and e.type <> '{DESCRIBED}'"));
            self.pieces.push(piece);
        }
    }

    /// Events by one column; each name is looked for by itself, so that a page costs as much as its rows.
    fn each_of(&mut self, column: &str, names: &[String], types: &[String]) {
        let rest = match types {
            [] if column == "type" => String::new(),
            [] => format!(" and e.type <> '{DESCRIBED}'"),
            _ => self.of_types(types),
        };
        // Within a stream, versions and positions have one order.
        let order = if column == "stream" { "e.version, e.position" } else { "e.position" };
        let piece = match names {
            [one] => {
                let one = self.param(Value::One(one.clone()));
                self.piece("", order, &format!(" and e.{column} = {one}{rest}"))
            }
            several => {
                let several = self.param(Value::Several(several.to_vec()));
                let each = self.piece("", order, &format!(" and e.{column} = n.name{rest}"));
                let direction = if self.backwards { " desc" } else { "" };
                format!(
                    "select e.* from unnest({several}::text[]) n(name) cross join lateral ({each}) e \
                     order by e.position{direction} limit $3"
                )
            }
        };
        self.pieces.push(piece);
    }

    fn tagged(&mut self, item: &Item) {
        let mut rest = String::new();
        let first = self.param(Value::One(item.tags[0].clone()));
        write_to(&mut rest, format_args!(" and t.tag = {first}"));
        if item.tags.len() > 1 {
            let all = self.param(Value::Several(item.tags.clone()));
            write_to(&mut rest, format_args!(" and e.tags @> {all}"));
        }
        if !item.types.is_empty() {
            rest += &self.of_types(&item.types);
        }
        let mut places = Vec::new();
        for (column, names) in [("stream", &item.streams), ("category", &item.categories)] {
            if !names.is_empty() {
                let names = self.param(Value::Several(names.clone()));
                places.push(format!("array_position({names}::text[], e.{column}) is not null"));
            }
        }
        if !places.is_empty() {
            write_to(&mut rest, format_args!(" and ({})", places.join(" or ")));
        }
        let tags = format!("{}.tags t join ", self.schema);
        let piece = self.piece(&tags, "t.position", &rest);
        self.pieces.push(piece);
    }

    /// In words that no index knows: the page is found by another column.
    fn of_types(&mut self, types: &[String]) -> String {
        let types = self.param(Value::Several(types.to_vec()));
        format!(" and array_position({types}::text[], e.type) is not null")
    }

    fn piece(&self, tags: &str, order: &str, rest: &str) -> String {
        let columns = match self.several {
            true => "e.position".to_string(),
            false => COLUMNS.map(|column| format!("e.{column}")).join(", "),
        };
        let (join, from) = match tags.is_empty() {
            true => ("", "e.position"),
            false => (" on e.position = t.position", "t.position"),
        };
        let versions = if self.by_version { " and e.version between $4 and $5" } else { "" };
        let order = match self.backwards {
            true => order.replace(',', " desc,") + " desc",
            false => order.to_string(),
        };
        format!(
            "select {columns} from {tags}{schema}.events e{join} where {from} between $1 and $2{versions}{rest} \
             order by {order} limit $3",
            schema = self.schema
        )
    }
}

fn write_to(text: &mut String, more: std::fmt::Arguments<'_>) {
    // A text takes everything.
    let _ = text.write_fmt(more);
}

impl Page {
    /// The whole read, up to this many rows.
    pub(crate) fn first(read: &Read, rows: usize) -> Page {
        let ((from, until), (oldest, newest)) = (read.positions(), read.versions());
        Page {
            positions: (number(from.get()), number(until.get())),
            versions: (number(oldest.get()), number(newest.get())),
            rows: number(rows as u64),
        }
    }
}
