//! A log in PostgreSQL keeps every promise of an event store: through one handle, and through two.

mod server;

use leftfold::codec::Codec;
use leftfold::conformance::{Candidate, Fact, TwoDoors};
use leftfold::recorded::{EventId, Position, StreamName};
use leftfold::store::{
    AppendError, Appended, Batch, Coded, Entry, EventReader, EventStore, Listing, Memory, Read, ReadError,
    StreamInfo,
};
use leftfold_postgres::Postgres;
use server::server;
use std::ops::ControlFlow;
use std::time::Duration;

/// The store under test; where there is no server, one in memory stands in, and says so.
enum Store<S> {
    Tested(S),
    Skipped(Box<Memory<Fact>>),
}

impl<S: Candidate> Store<S> {
    fn store(&self) -> &(dyn EventStore<Fact> + Sync) {
        match self {
            Store::Tested(store) => store,
            Store::Skipped(store) => &**store,
        }
    }
}

impl<S: Candidate> EventReader<Fact> for Store<S> {
    fn head(&self) -> Result<Position, ReadError> {
        self.store().head()
    }
    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, Fact>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.store().visit(read, each)
    }
    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        self.store().stream(stream)
    }
    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        self.store().streams(listing)
    }
    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        self.store().categories(listing)
    }
    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        self.store().position_of(id)
    }
    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        self.store().wait(after, at_most)
    }
}

impl<S: Candidate> EventStore<Fact> for Store<S> {
    fn append(&self, batch: Batch<Fact>) -> Result<Appended, AppendError> {
        self.store().append(batch)
    }
}

type Facts = Coded<Postgres, Fact>;

fn handles<const N: usize>() -> Option<[Facts; N]> {
    let server = server()?;
    let options = server.fresh().pool(2);
    Some(std::array::from_fn(|_| server.open(&options).with(Codec::new().unwrap())))
}

mod one_door {
    use super::*;

    fn make() -> Store<Facts> {
        handles().map_or_else(|| Store::Skipped(Box::default()), |[store]| Store::Tested(store))
    }

    leftfold::conformance!(make);
}

mod two_doors {
    use super::*;

    fn make() -> Store<TwoDoors<Facts>> {
        let doors = handles().map(|[one, other]| TwoDoors::new(one, other));
        doors.map_or_else(|| Store::Skipped(Box::default()), Store::Tested)
    }

    leftfold::conformance!(make);
}
