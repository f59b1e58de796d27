//! The events that stores are measured with: three types, each about 200 bytes of JSON.

use leftfold::recorded::{StreamName, Version};
use leftfold::store::Batch;
use serde::{Deserialize, Serialize};

/// What happens to an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Event {
    Placed(Placed),
    Paid(Paid),
    Sent(Sent),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Placed {
    pub(crate) customer: String,
    pub(crate) items: Vec<Item>,
    pub(crate) note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) article: String,
    pub(crate) count: u32,
    pub(crate) cents: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Paid {
    pub(crate) cents: u64,
    pub(crate) currency: String,
    pub(crate) method: String,
    pub(crate) reference: String,
    pub(crate) payer: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sent {
    pub(crate) carrier: String,
    pub(crate) parcel: String,
    pub(crate) to: Address,
    pub(crate) grams: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) name: String,
    pub(crate) street: String,
    pub(crate) city: String,
    pub(crate) country: String,
}

impl Event {
    pub(crate) fn of(number: u64) -> Event {
        match number % 3 {
            0 => Event::Placed(Placed {
                customer: format!("customer:{:07}", number % 9_973),
                items: (0..3)
                    .map(|item| Item {
                        article: format!("article:{:05}", (number + item) % 20_011),
                        count: 1 + (number % 4) as u32,
                        cents: 199 + number % 10_000,
                    })
                    .collect(),
                note: None,
            }),
            1 => Event::Paid(Paid {
                cents: 199 + number % 100_000,
                currency: "EUR".into(),
                method: "direct debit, signed on the web site".into(),
                reference: format!("payment for order {number:09}, of this month's invoice"),
                payer: format!("Petra Beispiel, customer:{:07}", number % 9_973),
            }),
            _ => Event::Sent(Sent {
                carrier: "the parcel service of the city".into(),
                parcel: format!("parcel-{number:012}"),
                to: Address {
                    name: "Petra Beispiel".into(),
                    street: format!("Lange Stra\u{df}e {}, second floor", number % 300),
                    city: "Bernau bei Berlin".into(),
                    country: "Germany".into(),
                },
                grams: 250 + (number % 5_000) as u32,
            }),
        }
    }

    /// The name of its type, and its content alone as JSON.
    pub(crate) fn content(&self) -> (&'static str, Vec<u8>) {
        let written =
            |written: serde_json::Result<Vec<u8>>| written.expect("JSON holds all that an event holds");
        match self {
            Event::Placed(content) => ("Placed", written(serde_json::to_vec(content))),
            Event::Paid(content) => ("Paid", written(serde_json::to_vec(content))),
            Event::Sent(content) => ("Sent", written(serde_json::to_vec(content))),
        }
    }
}

/// Events for one stream, and the version that it has before them.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) stream: StreamName,
    pub(crate) version: u64,
    pub(crate) events: Vec<Event>,
}

/// Batches of one size, one after the other, as the writer of many orders would append them: each goes to the next
/// streams in turn, and says at which version it expects them.
pub(crate) struct Batches {
    size: usize,
    /// The most events of a batch that go to one stream.
    of_one_stream: usize,
    next_stream: usize,
    versions: Vec<u64>,
    made: u64,
}

const STREAMS: usize = 1_000;

impl Batches {
    pub(crate) fn of(size: usize) -> Batches {
        Batches { size, of_one_stream: 100, next_stream: 0, versions: vec![0; STREAMS], made: 0 }
    }

    /// The next batch, for any store.
    pub(crate) fn next_parts(&mut self) -> Vec<Part> {
        let (mut left, mut parts) = (self.size, Vec::new());
        while left > 0 {
            let count = left.min(self.of_one_stream);
            let stream = StreamName::of("order", self.next_stream).expect("a name of a stream");
            let version = self.versions[self.next_stream];
            let events = (0..count as u64).map(|number| Event::of(self.made + number)).collect();
            parts.push(Part { stream, version, events });
            self.versions[self.next_stream] += count as u64;
            self.next_stream = (self.next_stream + 1) % STREAMS;
            self.made += count as u64;
            left -= count;
        }
        parts
    }
}

/// The same batch for a log of leftfold.
pub(crate) fn batch(parts: Vec<Part>) -> Batch<Event> {
    let mut parts = parts.into_iter();
    let first = parts.next().expect("a batch has events");
    let of =
        |batch: Batch<Event>, part: Part| batch.expecting(Version::new(part.version)).events(part.events);
    let batch = of(Batch::to(&first.stream), first.clone());
    parts.fold(batch, |batch, part| {
        let batch = batch.and_to(&part.stream);
        of(batch, part)
    })
}
