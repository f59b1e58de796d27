//! Compares a model with a real implementation: a service, a store, or an aggregate written with `&mut self`.
//!
//! Walks of the model run on the implementation too, and both are compared after each command.

use super::counterexample::{Counterexample, Shortest};
use super::property::Step;
use super::story::Story;
use super::walks::{
    CommandSource, WalkClass, Walkable, Walking, any_seed, classes_page, looked_at_nothing, seed_of,
};
use crate::decider::{Decider, Outcome};
use crate::page::{count, lines, unlike};
use crate::spec::panics::caught;
use std::fmt::{self, Debug, Display, Formatter};

/// Runs walks of a model on a real system. `build` makes a new system for each walk; the methods of [`Drive`] say what the
/// system does with a command.
///
/// ```
/// use leftfold::check::{drive, walks};
/// use leftfold::decider;
///
/// // The implementation: eight may ride. Planted: it counts one too few.
/// #[derive(Default)]
/// struct Lift { inside: u8 }
///
/// impl Lift {
///     fn enter(&mut self, people: u8) -> bool {
///         let room = self.inside + people <= 9;
///         if room {
///             self.inside += people;
///         }
///         room
///     }
/// }
///
/// let model = decider(
///     || 0u8,
///     |people: &u8, inside: &u8| if inside + people > 8 { Err("full") } else { Ok(vec![*people]) },
///     |inside, people: &u8| inside + people,
/// );
/// let found = drive(walks(&model).alphabet(|_| [1, 2, 3]).seed(1), Lift::default)
///     .accepts(|lift, people| lift.enter(*people))
///     .observe("people inside", |inside| *inside, |lift| lift.inside)
///     .run();
///
/// let finding = found.finding.as_ref().expect("one too many");
/// assert_eq!(finding.story.commands, [3, 3, 3]);
/// assert!(finding.failed.starts_with("the model refuses it with \"full\", the system accepts it"), "{found}");
/// ```
pub fn drive<'d, D, S, T, B>(walking: Walking<'d, D, S>, build: B) -> Drive<'d, D, S, B>
where
    D: Walkable,
    S: CommandSource<D>,
    B: Fn() -> T,
{
    Drive { walking, build }
}

/// A model and a system whose handling of commands is not set yet; made by [`drive`].
#[must_use = "say what the system does with a command: `answers`, `accepts` or `compare`"]
pub struct Drive<'d, D: Decider, S, B> {
    walking: Walking<'d, D, S>,
    build: B,
}

debug_by_name!([D: Decider, S, B] Drive<'_, D, S, B>, "Drive");

impl<'d, D, S, T, B> Drive<'d, D, S, B>
where
    D: Walkable,
    S: CommandSource<D>,
    B: Fn() -> T,
{
    /// The system answers with events or a rejection, of the model's own types. The whole answer is compared.
    pub fn answers(
        self,
        answer: impl Fn(&mut T, &D::Command) -> Outcome<D> + Send + Sync + 'd,
    ) -> Driving<'d, D, S, B, T>
    where
        D::Event: PartialEq,
        D::Rejection: PartialEq,
    {
        self.compare(move |system, step| {
            let answered = answer(system, step.command);
            if answered == *step.outcome {
                return Ok(());
            }
            Err(format!(
                "the model answers with {}, the system with {}",
                outcome_in_words::<D>(step.outcome),
                outcome_in_words::<D>(&answered)
            ))
        })
    }

    /// The system only says whether it accepts a command. This is compared, and whatever is
    /// [observed](Driving::observe).
    pub fn accepts(
        self,
        accept: impl Fn(&mut T, &D::Command) -> bool + Send + Sync + 'd,
    ) -> Driving<'d, D, S, B, T> {
        self.compare(move |system, step| match (step.outcome, accept(system, step.command)) {
            (Ok(_), true) | (Err(_), false) => Ok(()),
            (Ok(events), false) => {
                Err(format!("the model accepts it with {events:?}, the system refuses it"))
            }
            (Err(why), true) => Err(format!("the model refuses it with {why:?}, the system accepts it")),
        })
    }

    /// The closure gives the command of the step to the system and compares the two. `Err` says how they differ.
    pub fn compare(
        self,
        compare: impl Fn(&mut T, &Step<'_, D>) -> Result<(), String> + Send + Sync + 'd,
    ) -> Driving<'d, D, S, B, T> {
        Driving {
            walking: self.walking,
            build: self.build,
            compare: Box::new(compare),
            observations: Vec::new(),
        }
    }
}

fn outcome_in_words<D: Walkable>(outcome: &Outcome<D>) -> String {
    match outcome {
        Ok(events) if events.is_empty() => "nothing".to_string(),
        Ok(events) => format!("{events:?}"),
        Err(rejection) => format!("the rejection {rejection:?}"),
    }
}

type Compare<'d, D, T> = Box<dyn Fn(&mut T, &Step<'_, D>) -> Result<(), String> + Send + Sync + 'd>;
type Observe<'d, S, T> = Box<dyn Fn(&S, &T) -> Result<(), String> + Send + Sync + 'd>;

/// A model and a system that are ready to be compared.
#[must_use = "nothing is driven before `run` or `assert`"]
pub struct Driving<'d, D: Decider, S, B, T> {
    walking: Walking<'d, D, S>,
    build: B,
    compare: Compare<'d, D, T>,
    observations: Vec<Observe<'d, D::State, T>>,
}

debug_by_name!([D: Decider, S, B, T] Driving<'_, D, S, B, T>, "Driving");

impl<'d, D, S, B, T> Driving<'d, D, S, B, T>
where
    D: Walkable,
    S: CommandSource<D>,
    B: Fn() -> T,
{
    /// Compares a value that both model and system show, at the start and after each command.
    pub fn observe<X: PartialEq + Debug>(
        mut self,
        what: impl Into<String>,
        model: impl Fn(&D::State) -> X + Send + Sync + 'd,
        system: impl Fn(&T) -> X + Send + Sync + 'd,
    ) -> Self {
        let what = what.into();
        self.observations.push(Box::new(move |state, real| {
            let (expected, actual) = (model(state), system(real));
            match expected == actual {
                true => Ok(()),
                false => {
                    let sentence = format!("{what}: {expected:?} in the model, {actual:?} in the system");
                    Err(unlike(sentence, &expected, &actual))
                }
            }
        }));
        self
    }

    /// Takes the walks and runs each on a system of its own, until model and system differ.
    ///
    /// The story is then shortened. Each candidate is run on the model first, so that the story stays possible, and then on
    /// a newly built system. A panic of the system counts as a difference.
    pub fn run(mut self) -> Driven<D> {
        let seed = self.walking.seed.unwrap_or_else(any_seed);
        let given = self.walking.given.clone();
        let mut driven = Driven {
            seed,
            walks: 0,
            commands: 0,
            classes: self.walking.classes(),
            unasked: self.walking.unasked("driving"),
            finding: None,
        };
        let start = match caught(|| self.walking.decider.fold(&given)) {
            Ok(start) => start,
            Err(panic) => {
                let failed = format!("the model panicked before the first command: {panic}");
                driven.finding = Some(Counterexample {
                    failed,
                    story: Story { given, commands: Vec::new() },
                    ending: Vec::new(),
                    found_in: 0,
                    shortest: Shortest::NotSearched,
                    other_values: Vec::new(),
                    seed: None,
                });
                return driven;
            }
        };
        for walk in 0..self.walking.walks as u64 {
            let seed = seed_of(seed, walk);
            let mut items = self.walking.recorded(&start, seed, usize::MAX).items;
            let commands: Vec<D::Command> = items.iter().map(|item| item.command.clone()).collect();
            driven.walks += 1;
            let Some((steps, why)) = self.difference(&start, &commands) else {
                driven.commands += commands.len();
                self.walking.count(&start, &commands, &mut driven.classes);
                continue;
            };
            driven.commands += steps;
            items.truncate(steps);
            // The system may change on a command that the model refuses. So refused commands are kept, and shrinking tries to
            // leave them out like any other.
            let differs = |commands: &[D::Command]| self.difference(&start, commands).is_some();
            let shortening = self.walking.shortening(&start);
            let mut finding = shortening.of_story(why, differs, items, Some(seed));
            if let Some((_, why)) = self.difference(&start, &finding.story.commands) {
                finding.failed = why;
            }
            driven.finding = Some(finding);
            break;
        }
        driven
    }

    /// Takes the walks, and panics with the story if model and system differ: the short form for a test.
    ///
    /// # Panics
    /// When model and system differ, a class is not covered, or nothing was looked at; at the line of the caller.
    #[track_caller]
    pub fn assert(self) {
        self.run().assert();
    }

    /// After how many commands model and system differ, and how.
    fn difference(&self, start: &D::State, commands: &[D::Command]) -> Option<(usize, String)> {
        let decider = self.walking.decider;
        let mut state = start.clone();
        let mut system = match caught(&self.build) {
            Ok(system) => system,
            Err(panic) => return Some((0, format!("the system panicked when it was built: {panic}"))),
        };
        let observed = |state: &D::State, system: &T| {
            let mut wrong = self.observations.iter().filter_map(|observe| observe(state, system).err());
            wrong.next().map_or(Ok(()), Err)
        };
        if let Err(why) = of_system(|| observed(&state, &system)) {
            return Some((0, why));
        }
        for (place, command) in commands.iter().enumerate() {
            let stepped = caught(|| {
                let outcome = decider.decide(command, &state);
                let after = match &outcome {
                    Ok(events) => decider.fold_from(state.clone(), events),
                    Err(_) => state.clone(),
                };
                (outcome, after)
            });
            let (outcome, after) = match stepped {
                Ok(stepped) => stepped,
                Err(panic) => return Some((place + 1, format!("the model panicked: {panic}"))),
            };
            let compared = of_system(|| {
                (self.compare)(
                    &mut system,
                    &Step { before: &state, command, outcome: &outcome, after: &after },
                )
            });
            if let Err(why) = compared.and_then(|()| of_system(|| observed(&after, &system))) {
                return Some((place + 1, why));
            }
            state = after;
        }
        None
    }
}

fn of_system(run: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
    caught(run).unwrap_or_else(|panic| Err(format!("the system panicked: {panic}")))
}

/// The result of driving a system; made by [`run`](Driving::run). It prints as a page.
#[non_exhaustive]
pub struct Driven<D: Decider> {
    /// The seed of the walks. The same seed gives the same report.
    pub seed: u64,
    /// How many walks were run on the system.
    pub walks: usize,
    /// How many commands both received.
    pub commands: usize,
    /// The requested classes, counted over the walks on which both agreed.
    pub classes: Vec<WalkClass>,
    /// Requested properties that driving does not check, each with a sentence.
    pub unasked: Vec<String>,
    /// The shortest story on which they differ.
    pub finding: Option<Counterexample<D>>,
}

impl<D: Decider> Driven<D> {
    /// Whether model and system agreed on everything, every class is covered, and both received a command.
    pub fn holds(&self) -> bool {
        self.finding.is_none()
            && self.unasked.is_empty()
            && self.looked_at_nothing().is_none()
            && self.classes.iter().all(|class| class.is_covered(self.walks))
    }

    fn looked_at_nothing(&self) -> Option<&'static str> {
        looked_at_nothing(self.walks, self.commands).filter(|_| self.finding.is_none())
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> Driven<D> {
    /// Turns the report into the outcome of a test.
    ///
    /// # Panics
    /// When it does not [hold](Self::holds), at the line of the caller, with the page.
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.holds(), "\n{self}\n");
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> Debug for Driven<D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driven")
            .field("seed", &self.seed)
            .field("walks", &self.walks)
            .field("commands", &self.commands)
            .field("finding", &self.finding)
            .finish()
    }
}

impl<D: Decider<Command: Debug, Event: Debug>> Display for Driven<D> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (walks, commands) =
            (count(self.walks, "walk", "walks"), count(self.commands, "command", "commands"));
        let text = match &self.finding {
            None => format!("{walks}, {commands}: model and system agree (seed {})", self.seed),
            Some(_) => format!("{walks}, {commands} (seed {}): they differ", self.seed),
        };
        lines(f, " driven   ", 10, &text)?;
        classes_page(f, &self.classes, self.walks)?;
        for why in self.unasked.iter().map(String::as_str).chain(self.looked_at_nothing()) {
            writeln!(f)?;
            lines(f, " ✗ ", 3, why)?;
        }
        self.finding.as_ref().map_or(Ok(()), |finding| write!(f, "\n\n{finding}"))
    }
}
