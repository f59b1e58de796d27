//! A batch as the database's function `append` takes it: in columns.

use crate::rows::number;
use leftfold::codec::RawEvent;
use leftfold::recorded::{EventId, InvalidText, Metadata, StreamName, Timestamp};
use leftfold::store::{
    AppendCondition, AppendError, Batch, DELETED, DESCRIBED, ExpectedVersion, Write, engine,
};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::mpsc::{SyncSender, sync_channel};
use tokio_postgres::types::ToSql;

/// A batch that waits to be appended, and whom to answer.
pub(crate) struct Request {
    pub(crate) batch: Batch<RawEvent>,
    /// One for each write, given or made.
    pub(crate) ids: Vec<EventId>,
    pub(crate) conditions: Vec<AppendCondition>,
    pub(crate) answer_to: SyncSender<(Request, Answer)>,
    pub(crate) recorded_at: Timestamp,
    /// Of each write: its stream's place in `streams`, and how many versions of it the batch has made up to here.
    pub(crate) steps: Vec<(usize, u64)>,
    pub(crate) tags: Vec<Option<String>>,
    pub(crate) metas: Vec<Option<String>>,
    headers: Vec<Option<String>>,
    pub(crate) streams: Vec<StreamOfBatch>,
    expectations: Vec<(usize, i64, usize)>,
    queries: Option<String>,
}

/// A stream that a batch writes to, or expects something of.
pub(crate) struct StreamOfBatch {
    pub(crate) name: StreamName,
    /// How many versions the batch adds.
    pub(crate) added: u64,
    /// Its first and last entry in the batch, counted from 1.
    entries: Option<(u64, u64)>,
    ends_deleted: Option<bool>,
    /// The write that describes it last.
    described_by: Option<usize>,
}

/// What became of a batch.
pub(crate) enum Answer {
    Recorded {
        first: i64,
        versions: Vec<i64>,
    },
    Failed {
        place: usize,
        first: i64,
        was_deleted: Option<bool>,
        found: Option<(String, String)>,
        head: i64,
    },
    /// The id at this place of the batch is at this position.
    Known {
        place: usize,
        position: i64,
    },
    Error(AppendError),
}

#[derive(Serialize)]
struct NoMatch<'c> {
    place: usize,
    after: i64,
    items: Vec<ItemWords<'c>>,
}

/// The words of an item, apart from those that no text of the database can be.
#[derive(Serialize)]
struct ItemWords<'c> {
    streams: Vec<&'c str>,
    categories: Vec<&'c str>,
    types: Vec<&'c str>,
    tags: Vec<&'c str>,
}

fn words_of(item: &leftfold::store::QueryItem) -> Option<ItemWords<'_>> {
    let categories: Vec<&str> =
        item.categories.iter().map(String::as_str).filter(|text| !text.contains('\0')).collect();
    let types: Vec<&str> =
        item.types.iter().map(String::as_str).filter(|text| !text.contains('\0')).collect();
    let nowhere = item.streams.is_empty() && categories.is_empty() && !item.categories.is_empty();
    if nowhere || (types.is_empty() && !item.types.is_empty()) {
        return None;
    }
    let streams = item.streams.iter().map(StreamName::as_str).collect();
    let tags = item.tags.iter().map(leftfold::recorded::Tag::as_str).collect();
    Some(ItemWords { streams, categories, types, tags })
}

/// What the parameters of a call have at most. A message to the server, and each value in it, has less than 1 GiB: `MaxAllocSize` in
/// PostgreSQL's `memutils.h`. Where it is more, the server ends the connection. The rest is for what a row has besides.
pub(crate) const MOST_BYTES: u64 = (1 << 30) - (1 << 16);

/// The numbers, flags and lengths of a write, the most that a row of the arrays has beside its texts.
const OF_A_ROW: usize = 56;

/// The names and headers of the arrays.
const WHATEVER_IS_IN_IT: usize = 1_024;

fn check_size(bytes: u64) -> Result<(), AppendError> {
    match bytes <= MOST_BYTES {
        true => Ok(()),
        false => Err(AppendError::TooLarge {
            found: format!("{} MiB", bytes.div_ceil(1 << 20)),
            most: "1,023 MiB (what PostgreSQL takes in one statement)".into(),
        }),
    }
}

pub(crate) fn unmade(why: &InvalidText) -> AppendError {
    AppendError::Unavailable { doing: "making an event id".into(), why: why.to_string() }
}

fn json(value: &impl Serialize) -> Result<String, AppendError> {
    serde_json::to_string(value).map_err(|why| AppendError::Unavailable {
        doing: "writing the metadata of an event as JSON".into(),
        why: why.to_string(),
    })
}

fn meta(metadata: &Metadata) -> Result<Option<String>, AppendError> {
    if metadata.is_empty() { Ok(None) } else { json(metadata).map(Some) }
}

impl Request {
    pub(crate) fn new(
        batch: Batch<RawEvent>,
        recorded_at: Timestamp,
        make_id: impl Fn() -> Result<EventId, AppendError>,
        answer_to: SyncSender<(Request, Answer)>,
    ) -> Result<Request, AppendError> {
        engine::check(&batch)?;
        let conditions = engine::conditions(&batch);
        let mut places: HashMap<&StreamName, usize> = HashMap::new();
        let mut streams: Vec<StreamOfBatch> = Vec::new();
        let mut place_of = |name, streams: &mut Vec<StreamOfBatch>| -> usize {
            *places.entry(name).or_insert_with(|| {
                let name = name.clone();
                streams.push(StreamOfBatch {
                    name,
                    added: 0,
                    entries: None,
                    ends_deleted: None,
                    described_by: None,
                });
                streams.len() - 1
            })
        };
        let count = batch.writes().len();
        let mut ids = Vec::with_capacity(count);
        let mut steps = Vec::with_capacity(count);
        let (mut tags, mut metas, mut headers) = (Vec::new(), Vec::new(), Vec::new());
        for (place, write) in batch.writes().iter().enumerate() {
            let at = place_of(write.stream(), &mut streams);
            let stream = &mut streams[at];
            if write.is_of_stream() {
                let entry = place as u64 + 1;
                stream.added += 1;
                stream.entries = Some((stream.entries.map_or(entry, |(first, _)| first), entry));
                stream.ends_deleted = Some(matches!(write, Write::Delete(_)));
            }
            steps.push((at, stream.added));
            let (id, of_tags, of_meta, of_headers) = match write {
                Write::Event(_, new) => {
                    // No tag holds a control character.
                    let joined = new.tags.iter().map(leftfold::recorded::Tag::as_str).collect::<Vec<_>>();
                    let joined = (!joined.is_empty()).then(|| joined.join("\n"));
                    (new.id.clone(), joined, meta(&new.metadata)?, None)
                }
                Write::Delete(_) => (None, None, None, None),
                Write::Describe(_, described) => {
                    stream.described_by = Some(place);
                    (None, None, None, Some(json(described)?))
                }
            };
            ids.push(id.map_or_else(&make_id, Ok)?);
            tags.push(of_tags);
            metas.push(of_meta);
            headers.push(of_headers);
        }
        let (mut expectations, mut queries) = (Vec::new(), Vec::new());
        for (place, condition) in conditions.iter().enumerate() {
            match condition {
                AppendCondition::Stream(name, expected) => {
                    let expected = match expected {
                        ExpectedVersion::Any => -1,
                        ExpectedVersion::NoStream => -2,
                        ExpectedVersion::StreamExists => -3,
                        ExpectedVersion::Exactly(version) => number(version.get()),
                    };
                    expectations.push((place_of(name, &mut streams), expected, place));
                }
                AppendCondition::NoMatch(query, after) => {
                    let items = query.items().iter().filter_map(words_of).collect();
                    queries.push(NoMatch { place, after: number(after.get()), items });
                }
            }
        }
        let queries = if queries.is_empty() { None } else { Some(json(&queries)?) };
        drop(places);
        let request = Request {
            batch,
            ids,
            conditions,
            answer_to,
            recorded_at,
            steps,
            tags,
            metas,
            headers,
            streams,
            expectations,
            queries,
        };
        check_size(request.bytes())?;
        Ok(request)
    }

    /// Whether the batch can be recorded, as far as it says itself; ids are taken as they are given to an append.
    pub(crate) fn judge(
        batch: Batch<RawEvent>,
        recorded_at: Timestamp,
        ids: VecDeque<Option<EventId>>,
    ) -> Result<(), AppendError> {
        let ids = RefCell::new(ids);
        // One that is made later is as long as this one, and not judged.
        let made = || EventId::new("0123456789abcdef-1234567890").map_err(|why| unmade(&why));
        let next_id = || ids.borrow_mut().pop_front().flatten().map_or_else(made, Ok);
        let (nobody, _) = sync_channel(1);
        Request::new(batch, recorded_at, next_id, nobody).map(drop)
    }

    /// At least as many bytes as it has among the parameters of a call.
    pub(crate) fn bytes(&self) -> u64 {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let mut bytes = WHATEVER_IS_IN_IT + length(&self.queries) + self.expectations.len() * OF_A_ROW;
        for (place, write) in self.batch.writes().iter().enumerate() {
            bytes += OF_A_ROW + self.ids[place].as_str().len() + write.stream().as_str().len();
            bytes += length(&self.tags[place]) + length(&self.metas[place]) + length(&self.headers[place]);
            bytes += match write {
                Write::Event(_, new) => new.event.event_type.len() + new.event.data.get().len(),
                Write::Delete(_) => DELETED.len(),
                Write::Describe(..) => DESCRIBED.len(),
            };
        }
        for stream in &self.streams {
            let described = stream.described_by.map_or(0, |place| length(&self.headers[place]));
            bytes += OF_A_ROW + stream.name.as_str().len() + described;
        }
        bytes as u64
    }

    /// How many entries it writes.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it has events of one stream and one schema alone, without tags and metadata.
    fn is_plain(&self) -> bool {
        let schema = |write: &Write<RawEvent>| match write {
            Write::Event(_, new) => Some(new.event.schema),
            Write::Delete(_) | Write::Describe(..) => None,
        };
        let writes = self.batch.writes();
        let first = writes.first().and_then(schema);
        self.streams.len() == 1
            && first.is_some()
            && writes.iter().all(|write| schema(write) == first)
            && self.tags.iter().chain(&self.metas).all(Option::is_none)
    }

    /// The type, schema and JSON of a write.
    pub(crate) fn content<'r>(
        &'r self,
        place: usize,
        write: &'r Write<RawEvent>,
    ) -> (&'r str, i64, Option<&'r str>) {
        match write {
            Write::Event(_, new) => {
                (&*new.event.event_type, i64::from(new.event.schema), Some(new.event.data.get()))
            }
            Write::Delete(_) => (DELETED, 1, None),
            Write::Describe(..) => (DESCRIBED, 1, self.headers[place].as_deref()),
        }
    }

    pub(crate) fn was_given(&self, place: usize) -> bool {
        matches!(self.batch.writes().get(place), Some(Write::Event(_, new)) if new.id.is_some())
    }
}

/// The parameters of one call: the columns of a group of requests, one after the other.
#[derive(Default)]
pub(crate) struct Columns<'r> {
    look: bool,
    writes: Vec<i32>,
    names: Vec<i32>,
    expectations: Vec<i32>,
    tagged: Vec<bool>,
    plain: Vec<bool>,
    queries: Vec<Option<&'r str>>,
    of_second: Vec<i64>,
    of_nanosecond: Vec<i32>,
    w_stream: Vec<&'r str>,
    w_type: Vec<&'r str>,
    w_schema: Vec<i64>,
    w_id: Vec<&'r str>,
    w_name: Vec<i32>,
    w_offset: Vec<i64>,
    w_tags: Vec<Option<&'r str>>,
    w_meta: Vec<Option<&'r str>>,
    w_data: Vec<Option<&'r str>>,
    n_name: Vec<&'r str>,
    n_added: Vec<i64>,
    n_first: Vec<Option<i64>>,
    n_last: Vec<Option<i64>>,
    n_deleted: Vec<Option<bool>>,
    n_meta: Vec<Option<&'r str>>,
    n_written: Vec<bool>,
    x_name: Vec<i32>,
    x_expected: Vec<i64>,
    x_place: Vec<i32>,
}

impl<'r> Columns<'r> {
    /// The statement of the call, of a schema.
    pub(crate) fn statement(schema: &str) -> String {
        let params: Vec<String> = (1..=28).map(|number| format!("${number}")).collect();
        format!(
            "select outcome, place, first, versions, was_deleted, type, stream, head from {schema}.append({})",
            params.join(", ")
        )
    }

    pub(crate) fn of(requests: &'r [Request], look: bool) -> Columns<'r> {
        let mut columns = Columns { look, ..Columns::default() };
        for request in requests {
            columns.add(request);
            columns.add_events(request);
        }
        columns
    }

    /// Of a request whose events and tags are recorded by other statements.
    pub(crate) fn without_events(request: &'r Request) -> Columns<'r> {
        let mut columns = Columns::default();
        columns.add(request);
        columns.tagged = vec![false];
        columns
    }

    fn add(&mut self, request: &'r Request) {
        self.writes.push(request.len() as i32);
        self.names.push(request.streams.len() as i32);
        self.expectations.push(request.expectations.len() as i32);
        self.tagged.push(request.tags.iter().any(Option::is_some));
        self.plain.push(request.is_plain());
        self.queries.push(request.queries.as_deref());
        self.of_second.push(request.recorded_at.as_second());
        self.of_nanosecond.push(request.recorded_at.subsec_nanosecond());
        for stream in &request.streams {
            let described = stream.described_by.and_then(|place| request.headers[place].as_deref());
            self.n_name.push(stream.name.as_str());
            self.n_added.push(number(stream.added));
            self.n_first.push(stream.entries.map(|(first, _)| number(first)));
            self.n_last.push(stream.entries.map(|(_, last)| number(last)));
            self.n_deleted.push(stream.ends_deleted);
            self.n_meta.push(described);
            self.n_written.push(stream.entries.is_some() || described.is_some());
        }
        for (stream, expected, place) in &request.expectations {
            self.x_name.push(*stream as i32 + 1);
            self.x_expected.push(*expected);
            self.x_place.push(*place as i32);
        }
    }

    fn add_events(&mut self, request: &'r Request) {
        let plain = request.is_plain();
        for (place, write) in request.batch.writes().iter().enumerate() {
            let (event_type, schema, data) = request.content(place, write);
            self.w_type.push(event_type);
            self.w_schema.push(schema);
            self.w_id.push(request.ids[place].as_str());
            self.w_data.push(data);
            if plain {
                continue;
            }
            let (stream, step) = request.steps[place];
            self.w_stream.push(write.stream().as_str());
            self.w_name.push(stream as i32 + 1);
            self.w_offset.push(number(step));
            self.w_tags.push(request.tags[place].as_deref());
            self.w_meta.push(request.metas[place].as_deref());
        }
    }

    pub(crate) fn params(&self) -> [&(dyn ToSql + Sync); 28] {
        [
            &self.look,
            &self.writes,
            &self.names,
            &self.expectations,
            &self.tagged,
            &self.plain,
            &self.queries,
            &self.of_second,
            &self.of_nanosecond,
            &self.w_type,
            &self.w_schema,
            &self.w_id,
            &self.w_data,
            &self.w_stream,
            &self.w_name,
            &self.w_offset,
            &self.w_tags,
            &self.w_meta,
            &self.n_name,
            &self.n_added,
            &self.n_first,
            &self.n_last,
            &self.n_deleted,
            &self.n_meta,
            &self.n_written,
            &self.x_name,
            &self.x_expected,
            &self.x_place,
        ]
    }
}

/// Gives a request its answer. Whoever asked may have gone away.
pub(crate) fn answer(request: Request, answer: Answer) {
    let to = request.answer_to.clone();
    let _ = to.send((request, answer));
}

#[cfg(test)]
mod tests {
    use super::*;
    use leftfold::recorded::{Headers, Position, Tag};
    use leftfold::store::{NewEvent, Query};
    use tokio_postgres::types::Type;
    use tokio_postgres::types::private::BytesMut;

    fn request(batch: Batch<RawEvent>) -> Request {
        let id = || Ok(EventId::new("0123456789abcdef-1").unwrap());
        Request::new(batch, Timestamp::now(), id, sync_channel(1).0).unwrap()
    }

    /// What its parameters have when they are sent.
    fn sent(request: Request) -> usize {
        const TYPES: [Type; 28] = [
            Type::BOOL,
            Type::INT4_ARRAY,
            Type::INT4_ARRAY,
            Type::INT4_ARRAY,
            Type::BOOL_ARRAY,
            Type::BOOL_ARRAY,
            Type::TEXT_ARRAY,
            Type::INT8_ARRAY,
            Type::INT4_ARRAY,
            Type::TEXT_ARRAY,
            Type::INT8_ARRAY,
            Type::TEXT_ARRAY,
            Type::TEXT_ARRAY,
            Type::TEXT_ARRAY,
            Type::INT4_ARRAY,
            Type::INT8_ARRAY,
            Type::TEXT_ARRAY,
            Type::TEXT_ARRAY,
            Type::TEXT_ARRAY,
            Type::INT8_ARRAY,
            Type::INT8_ARRAY,
            Type::INT8_ARRAY,
            Type::BOOL_ARRAY,
            Type::TEXT_ARRAY,
            Type::BOOL_ARRAY,
            Type::INT4_ARRAY,
            Type::INT8_ARRAY,
            Type::INT4_ARRAY,
        ];
        let group = [request];
        let columns = Columns::of(&group, true);
        let mut bytes = BytesMut::new();
        for (param, kind) in columns.params().iter().zip(&TYPES) {
            bytes.extend_from_slice(&[0; 6]);
            let _ = param.to_sql_checked(kind, &mut bytes).unwrap();
        }
        bytes.len()
    }

    #[test]
    fn a_call_is_at_most_as_large_as_it_is_taken_for() {
        let (stream, other) = (StreamName::new("a-1").unwrap(), StreamName::new("b-1").unwrap());
        let event = |data: &str| NewEvent::of(RawEvent::new("Noted", data).unwrap());
        let headers = Headers::from([("owner".to_string(), "petra".into())]);
        let tagged =
            || event("1").tag(Tag::new("t").unwrap()).tag(Tag::new("u").unwrap()).header("user", "alex");
        let batches = [
            Batch::to(&stream).record(event("1")),
            (0..1_000).fold(Batch::to(&stream), |batch, _| batch.record(event("1"))),
            (0..1_000).fold(Batch::to(&stream), |batch, _| batch.record(tagged()).and_to(&other)),
            (0..1_000).fold(Batch::to(&stream), |batch, _| batch.describe(headers.clone()).delete()),
            (0..1_000).fold(Batch::to(&stream).record(event("1")), |batch, number| {
                batch
                    .and_to(&StreamName::of("c", number).unwrap())
                    .expecting(ExpectedVersion::NoStream)
                    .record(event("1"))
            }),
            Batch::to(&stream)
                .fail_if_events_match(Query::category("a").unwrap(), Position::new(7))
                .record(event("1")),
        ];
        for (number, batch) in batches.into_iter().enumerate() {
            let request = request(batch);
            let (taken_for, fixed) = (request.bytes() as usize, WHATEVER_IS_IN_IT);
            let sent = sent(request);
            assert!(
                sent <= taken_for && taken_for < 3 * sent + fixed,
                "{number}: {sent}, taken for {taken_for}"
            );
        }
    }

    #[test]
    fn the_largest_batch_is_let_through_and_one_byte_more_is_not() {
        assert!(check_size(MOST_BYTES).is_ok());
        let refused = check_size(MOST_BYTES + 1).unwrap_err();
        assert!(matches!(refused, AppendError::TooLarge { .. }), "{refused}");
    }
}
