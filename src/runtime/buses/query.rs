//! The query bus: every question to its one answer, on the read side alone.

use super::BusError;
use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;

/// A question that a read model answers. Its type names the type of the answer.
pub trait Question: 'static {
    /// The answer.
    type Answer;
}

type Answer<R, Q> = Box<dyn Fn(&R, &Q) -> <Q as Question>::Answer + Send + Sync>;
type Around = Box<dyn Fn(&str, &mut dyn FnMut()) + Send + Sync>;

/// Takes every question to its one answer, on the read side alone.
///
/// The function that answers gets a reference to the read side `R` and nothing else: an
/// [`EventReader`](crate::store::EventReader), a [`FoldedReader`](crate::runtime::FoldedReader), or a struct of
/// several. None of them can change anything.
///
/// ```
/// use leftfold::runtime::{QueryBus, Question};
///
/// struct HowMany;
/// impl Question for HowMany {
///     type Answer = usize;
/// }
/// struct Longest;
/// impl Question for Longest {
///     type Answer = Option<String>;
/// }
///
/// let bus = QueryBus::over(vec!["tea", "coffee"])
///     .answer(|words, _: &HowMany| words.len())
///     .answer(|words, _: &Longest| words.iter().max_by_key(|word| word.len()).map(ToString::to_string))
///     .start()?;
/// assert_eq!(bus.ask(&HowMany)?, 2);
/// assert_eq!(bus.ask(&Longest)?, Some("coffee".to_string()));
///
/// let unanswered = QueryBus::over(()).expect::<HowMany>().start().unwrap_err();
/// assert!(unanswered.to_string().starts_with("nobody handles "));
/// # Ok::<(), leftfold::runtime::BusError>(())
/// ```
pub struct QueryBus<R> {
    read: R,
    answers: HashMap<TypeId, Box<dyn Any + Send + Sync>>,
    around: Vec<Around>,
}

/// The answers of a query bus that has not been started; made by [`QueryBus::over`].
#[must_use = "routes do nothing before the bus is started"]
pub struct QueryRoutes<R> {
    bus: QueryBus<R>,
    expected: Vec<(TypeId, &'static str)>,
    twice: Option<&'static str>,
}

impl<R: 'static> QueryBus<R> {
    /// A bus over the read side.
    pub fn over(read: R) -> QueryRoutes<R> {
        let bus = QueryBus { read, answers: HashMap::new(), around: Vec::new() };
        QueryRoutes { bus, expected: Vec::new(), twice: None }
    }

    /// Asks a question.
    ///
    /// # Errors
    /// [`BusError::NoHandler`] when no function answers questions of this type; [`expect`](QueryRoutes::expect) finds
    /// that out earlier. [`BusError::NotAnswered`] when a middleware did not call the answer.
    pub fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, BusError> {
        let nobody = || BusError::NoHandler { name: type_name::<Q>().to_string() };
        let found = self.answers.get(&TypeId::of::<Q>()).ok_or_else(nobody)?;
        let answer = found.downcast_ref::<Answer<R, Q>>().ok_or_else(nobody)?;
        let mut answered = None;
        self.layers(&self.around, type_name::<Q>(), &mut || answered = Some(answer(&self.read, question)));
        answered.ok_or_else(|| BusError::NotAnswered { name: type_name::<Q>().to_string() })
    }

    fn layers(&self, around: &[Around], name: &str, run: &mut dyn FnMut()) {
        match around.split_first() {
            Some((first, inner)) => first(name, &mut || self.layers(inner, name, run)),
            None => run(),
        }
    }
}

impl<R: 'static> QueryRoutes<R> {
    /// Answers questions of this type with this function.
    pub fn answer<Q: Question>(
        mut self,
        answer: impl Fn(&R, &Q) -> Q::Answer + Send + Sync + 'static,
    ) -> Self {
        let answer: Answer<R, Q> = Box::new(answer);
        if self.bus.answers.insert(TypeId::of::<Q>(), Box::new(answer)).is_some() {
            self.twice.get_or_insert(type_name::<Q>());
        }
        self
    }

    /// Expects questions of this type: the bus does not start if no function answers them.
    pub fn expect<Q: Question>(mut self) -> Self {
        self.expected.push((TypeId::of::<Q>(), type_name::<Q>()));
        self
    }

    /// Runs this function around every answer: it gets the type of the question, and the function to go on with.
    pub fn around(mut self, around: impl Fn(&str, &mut dyn FnMut()) + Send + Sync + 'static) -> Self {
        self.bus.around.push(Box::new(around));
        self
    }

    /// Starts the bus.
    ///
    /// # Errors
    /// [`BusError`] when a question has two answers, or an expected one has none.
    pub fn start(self) -> Result<QueryBus<R>, BusError> {
        if let Some(name) = self.twice {
            return Err(BusError::TwoHandlers { name: name.to_string() });
        }
        match self.expected.iter().find(|(id, _)| !self.bus.answers.contains_key(id)) {
            Some((_, name)) => Err(BusError::NoHandler { name: (*name).to_string() }),
            None => Ok(self.bus),
        }
    }
}

impl<R> fmt::Debug for QueryBus<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryBus").field("answers", &self.answers.len()).finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for QueryRoutes<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryRoutes").field("bus", &self.bus).finish_non_exhaustive()
    }
}
