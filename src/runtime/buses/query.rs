use super::BusError;
use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;

/// A question that a read model answers. Its type says what the answer is.
pub trait Question: 'static {
    /// What the answer is.
    type Answer;
}

type Answer<R, Q> = Box<dyn Fn(&R, &Q) -> <Q as Question>::Answer + Send + Sync>;
type Around = Box<dyn Fn(&str, &mut dyn FnMut()) + Send + Sync>;

/// Takes every question to the one who answers it, from the read side alone.
///
/// Whoever answers gets a reference to the read side `R` and nothing else: an [`EventReader`](crate::store::EventReader), a
/// [`FoldedReader`](crate::runtime::FoldedReader), a struct of several. None of them can change anything.
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

/// A query bus that has not been started; made by [`QueryBus::over`].
#[must_use = "nobody answers before the bus is started"]
pub struct Answers<R> {
    bus: QueryBus<R>,
    expected: Vec<(TypeId, &'static str)>,
    twice: Option<&'static str>,
}

impl<R: 'static> QueryBus<R> {
    /// A bus over the read side.
    pub fn over(read: R) -> Answers<R> {
        let bus = QueryBus { read, answers: HashMap::new(), around: Vec::new() };
        Answers { bus, expected: Vec::new(), twice: None }
    }

    /// Asks.
    ///
    /// # Errors
    /// [`BusError::Nobody`] when nobody answers questions of this type; [`expect`](Answers::expect) finds that out earlier.
    /// [`BusError::Withheld`] when a middleware did not go on.
    pub fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, BusError> {
        let nobody = || BusError::Nobody { name: type_name::<Q>().to_string() };
        let found = self.answers.get(&TypeId::of::<Q>()).ok_or_else(nobody)?;
        let answer = found.downcast_ref::<Answer<R, Q>>().ok_or_else(nobody)?;
        let mut answered = None;
        self.layers(&self.around, type_name::<Q>(), &mut || answered = Some(answer(&self.read, question)));
        answered.ok_or_else(|| BusError::Withheld { name: type_name::<Q>().to_string() })
    }

    fn layers(&self, around: &[Around], name: &str, run: &mut dyn FnMut()) {
        match around.split_first() {
            Some((first, inner)) => first(name, &mut || self.layers(inner, name, run)),
            None => run(),
        }
    }
}

impl<R: 'static> Answers<R> {
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

    /// Says that questions of this type will be asked, so that the bus does not start when nobody answers them.
    pub fn expect<Q: Question>(mut self) -> Self {
        self.expected.push((TypeId::of::<Q>(), type_name::<Q>()));
        self
    }

    /// Runs this function around every answer: it gets the type of the question, and what to go on with.
    pub fn around(mut self, around: impl Fn(&str, &mut dyn FnMut()) + Send + Sync + 'static) -> Self {
        self.bus.around.push(Box::new(around));
        self
    }

    /// Starts the bus.
    ///
    /// # Errors
    /// [`BusError`] when a question is answered twice, or one that is expected by nobody.
    pub fn start(self) -> Result<QueryBus<R>, BusError> {
        if let Some(name) = self.twice {
            return Err(BusError::Twice { name: name.to_string() });
        }
        match self.expected.iter().find(|(id, _)| !self.bus.answers.contains_key(id)) {
            Some((_, name)) => Err(BusError::Nobody { name: (*name).to_string() }),
            None => Ok(self.bus),
        }
    }
}

impl<R> fmt::Debug for QueryBus<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryBus").field("answers", &self.answers.len()).finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for Answers<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").field("bus", &self.bus).finish_non_exhaustive()
    }
}
