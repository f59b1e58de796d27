//! One category of a store, as a store of one type of events.

use super::batch::{AppendCondition, Appended, Batch};
use super::entry::Entry;
use super::error::{AppendError, Conflict, ReadError};
use super::event_store::{EventReader, EventStore};
use super::listing::{Listing, StreamInfo};
use super::query::{Query, Read};
use crate::message::Umbrella;
use crate::recorded::{EventId, InvalidText, Position, StreamName, check_category};
use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::time::Duration;

/// One category of a store, as a store of events of one type: `P` is one of the parts of the umbrella event `U`.
///
/// It reads and writes streams of that category alone. Queries, conditions and lists are confined to it; positions are
/// those of the whole log. An event of another part in the category is an error of the read ([`ReadError::Foreign`]), and
/// so is a batch for another category ([`AppendError::Elsewhere`]).
///
/// ```
/// use leftfold::recorded::StreamName;
/// use leftfold::store::{Batch, EventStore, Memory, Query, Reading};
/// use leftfold::sum;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// pub enum OrderEvent { Placed { total: u32 }, Closed }
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// pub enum PaymentEvent { Paid { amount: u32 } }
///
/// sum! {
///     #[derive(Clone, Debug, PartialEq)]
///     pub enum ShopEvent { Order(OrderEvent), Payment(PaymentEvent) }
/// }
///
/// // One store holds both, under their umbrella; a batch may hold both too.
/// let shop = Memory::<ShopEvent>::new();
/// let (order, payment) = (StreamName::of("order", 17)?, StreamName::of("payment", 17)?);
/// shop.append(
///     Batch::to(&order)
///         .event(OrderEvent::Placed { total: 30 }.into())
///         .and_to(&payment)
///         .event(PaymentEvent::Paid { amount: 30 }.into()),
/// )?;
///
/// // A part that only deals with orders sees no umbrella.
/// let orders = shop.category::<OrderEvent>("order")?;
/// orders.append(Batch::to(&order).event(OrderEvent::Closed))?;
/// let events = orders.all(Query::all())?;
/// assert_eq!(events[1].event, OrderEvent::Closed);
/// assert_eq!(events[1].position.get(), 3);
///
/// let elsewhere = orders.append(Batch::to(&payment).event(OrderEvent::Closed)).unwrap_err();
/// assert_eq!(
///     elsewhere.to_string(),
///     "payment-17 is not of category order, which is all that this view of the store writes to"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Typed<S, U, P> {
    store: S,
    category: String,
    of: PhantomData<fn() -> (U, P)>,
}

/// How many names are listed at a time, to find those of the category among them.
const PART: usize = 1_000;

impl<S, U: Umbrella<P>, P> Typed<S, U, P> {
    /// This category of a store. [`Reading::category`](super::Reading::category) says the same of a borrowed one.
    ///
    /// # Errors
    /// [`InvalidText`] when the category holds a `-`: no stream has such a category.
    pub fn new(store: S, category: impl Into<String>) -> Result<Self, InvalidText> {
        let category = category.into();
        check_category(&category)?;
        Ok(Typed { store, category, of: PhantomData })
    }

    fn confined(&self, read: &Read) -> Read {
        let query = read.query().confined_to(&self.category);
        read.clone().of(query)
    }

    fn holds(&self, stream: &StreamName) -> bool {
        stream.category() == self.category
    }
}

impl<S: Clone, U, P> Clone for Typed<S, U, P> {
    fn clone(&self) -> Self {
        Typed { store: self.store.clone(), category: self.category.clone(), of: PhantomData }
    }
}

impl<S, U, P> fmt::Debug for Typed<S, U, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed").field("category", &self.category).finish_non_exhaustive()
    }
}

impl<S: EventReader<U>, U: Umbrella<P>, P> EventReader<P> for Typed<S, U, P> {
    fn head(&self) -> Result<Position, ReadError> {
        self.store.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, P>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        let mut foreign = None;
        let head = self.store.visit(&self.confined(read), &mut |entry| match entry {
            Entry::Event(envelope, event) => match event.part() {
                Some(part) => each(Entry::Event(envelope, part)),
                None => {
                    foreign = Some(ReadError::Foreign {
                        position: envelope.position,
                        stream: envelope.stream.clone(),
                        event_type: envelope.event_type.to_string(),
                    });
                    ControlFlow::Break(())
                }
            },
            Entry::Deleted(envelope) => each(Entry::Deleted(envelope)),
            Entry::Described(envelope, headers) => each(Entry::Described(envelope, headers)),
        })?;
        foreign.map_or(Ok(head), Err)
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        if self.holds(stream) { self.store.stream(stream) } else { Ok(None) }
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        // The names of a category begin with it, but so do those of others.
        let begins = match listing.begins() {
            longer if longer.starts_with(&self.category) => longer,
            shorter if self.category.starts_with(shorter) => &self.category,
            _ => return Ok(Vec::new()),
        };
        let (mut own, mut after) = (Vec::new(), listing.after_name().to_string());
        while own.len() < listing.reach() {
            let part = self.store.streams(&Listing::prefix(begins).after(after).limit(PART))?;
            let Some(last) = part.last() else { break };
            after = last.name.to_string();
            for info in part {
                if self.holds(&info.name) && listing.names(info.name.as_str()) && listing.passes(&info)? {
                    own.push(info);
                }
            }
        }
        Ok(listing.page(own))
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        if listing.has_filters() {
            return Ok(listing.pick_categories(self.streams(&Listing::all())?)?);
        }
        let own = self.store.categories(&Listing::exactly(&self.category))?;
        Ok(listing.pick(own, |name| name))
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        let Some(position) = self.store.position_of(id)? else { return Ok(None) };
        let mut own = None;
        self.store.visit(&Query::all().starting_at(position).until(position), &mut |entry| {
            own = self.holds(&entry.envelope().stream).then_some(position);
            ControlFlow::Break(())
        })?;
        Ok(own)
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        self.store.wait(after, at_most)
    }
}

impl<S: EventStore<U>, U: Umbrella<P>, P> EventStore<P> for Typed<S, U, P> {
    fn append(&self, batch: Batch<P>) -> Result<Appended, AppendError> {
        let said = batch.conditions().to_vec();
        let expected = said.iter().filter_map(|condition| match condition {
            AppendCondition::Stream(stream, _) => Some(stream),
            AppendCondition::NoMatch(..) => None,
        });
        let mut streams = batch.writes().iter().map(super::Write::stream).chain(expected);
        if let Some(stream) = streams.find(|stream| !self.holds(stream)) {
            return Err(AppendError::Elsewhere { stream: stream.clone(), category: self.category.clone() });
        }
        let confined = |condition: &AppendCondition| match condition {
            AppendCondition::NoMatch(query, after) => {
                AppendCondition::NoMatch(query.confined_to(&self.category), *after)
            }
            stream @ AppendCondition::Stream(..) => stream.clone(),
        };
        let batch = batch.map(U::wrap).under(said.iter().map(confined).collect());
        self.store.append(batch).map_err(|error| match error {
            AppendError::Conflict(conflict) => self.as_said(conflict, &said).into(),
            other => other,
        })
    }
}

impl<S, U, P> Typed<S, U, P> {
    /// A conflict in the words of the one who appended.
    fn as_said(&self, mut conflict: Conflict, said: &[AppendCondition]) -> Conflict {
        if let Conflict::EventsMatch { query, after, .. } = &mut conflict {
            let meant = said.iter().find_map(|condition| match condition {
                AppendCondition::NoMatch(said, position)
                    if position == after && said.confined_to(&self.category) == *query =>
                {
                    Some(said)
                }
                _ => None,
            });
            if let Some(meant) = meant {
                query.clone_from(meant);
            }
        }
        conflict
    }
}
