//! Upcasting as a fold, for specifications.

use super::Codec;
use super::upcast::UpcastEvent;
use crate::fold::Fold;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// Upcasting as a fold from stored events to the events that they are read as; made by [`Codec::upcasting`].
///
/// It is for specifications: `evolve` panics where a stored event cannot be read, and the scenario says why.
pub struct Upcasting<E> {
    codec: Codec<E>,
}

impl<E: Serialize + DeserializeOwned> Codec<E> {
    /// Upcasting as a fold, for specifications: from stored events to the events that they are read as.
    ///
    /// It panics where a stored event cannot be read; the scenario then fails and says why.
    ///
    /// ```
    /// use leftfold::given_view;
    /// use leftfold::codec::Codec;
    /// use leftfold::codec::upcast::{UpcastEvent, Upcaster};
    /// use serde::{Deserialize, Serialize};
    /// use serde_json::{Value, json};
    ///
    /// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    /// enum Event {
    ///     Moved { city: String },
    ///     Called { number: String },
    /// }
    ///
    /// fn apart(data: Value) -> Result<Vec<UpcastEvent>, String> {
    ///     Ok(vec![
    ///         UpcastEvent::new("Moved", json!({ "city": data["city"] })),
    ///         UpcastEvent::new("Called", json!({ "number": data["number"] })),
    ///     ])
    /// }
    ///
    /// let codec = Codec::<Event>::builder()
    ///     .upcast(Upcaster::split("ContactChanged", ["Moved", "Called"], apart))
    ///     .upcast(Upcaster::dropped("Greeted"))
    ///     .build()?;
    ///
    /// given_view(&codec.upcasting(), [
    ///     UpcastEvent::new("ContactChanged", json!({ "city": "Bern", "number": "12" })),
    ///     UpcastEvent::new("Greeted", json!(null)),
    /// ])
    /// .then(vec![Event::Moved { city: "Bern".into() }, Event::Called { number: "12".into() }]);
    /// # Ok::<(), leftfold::codec::InvalidCodec>(())
    /// ```
    pub fn upcasting(&self) -> Upcasting<E> {
        Upcasting { codec: self.clone() }
    }
}

impl<E> Clone for Upcasting<E> {
    fn clone(&self) -> Self {
        Upcasting { codec: self.codec.clone() }
    }
}

impl<E> fmt::Debug for Upcasting<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Upcasting").field(&self.codec.schemas()).finish()
    }
}

impl<E: Serialize + DeserializeOwned> Fold for Upcasting<E> {
    type State = Vec<E>;
    type Event = UpcastEvent;

    fn initial_state(&self) -> Vec<E> {
        Vec::new()
    }

    /// The events so far, and those that one more stored event is read as.
    ///
    /// # Panics
    /// When the stored event cannot be read: a state is a list of events, and has no place for an error.
    fn evolve(&self, mut events: Vec<E>, stored: &UpcastEvent) -> Vec<E> {
        match self.codec.read(stored) {
            Ok(read) => events.extend(read),
            Err(error) => panic!("{error}"),
        }
        events
    }
}
