//! What a pattern means, by its definition: every choice of events is tried, and those that break a rule are struck out. Slow, and
//! without any idea of how it could be found quickly.

use crate::random::{After, Contiguity, Description, Happened, Step, Told, moment};
use leftfold::pattern::Observed;
use leftfold::recorded::Timestamp;

/// An event of one key.
struct Event {
    /// Its number among all events.
    number: u64,
    at: i64,
    event: Happened,
}

/// A choice of events of one key: which event, for which step. It may be the beginning of a longer one.
type Choice = Vec<(usize, usize)>;

/// All that happens to one key.
struct History<'d> {
    description: &'d Description,
    key: u8,
    events: Vec<Event>,
}

/// Two choices are ordered as their matches are told: the one that takes the earlier events first.
fn in_order(choice: &Choice) -> (usize, &Choice) {
    (choice[0].0, choice)
}

impl History<'_> {
    fn step(&self, step: usize) -> &Step {
        &self.description.steps[step]
    }

    fn count(choice: &Choice, step: usize) -> u32 {
        choice.iter().filter(|(_, of)| *of == step).count() as u32
    }

    /// Every choice of events, in their order, with every way to share them out among the steps, in their order.
    fn candidates(&self) -> Vec<Choice> {
        let mut all: Vec<Choice> = vec![Vec::new()];
        for event in 0..self.events.len() {
            for begun in all.clone() {
                for step in 0..self.description.steps.len() {
                    let mut longer = begun.clone();
                    longer.push((event, step));
                    all.push(longer);
                }
            }
            // Most break a rule as soon as they are longer by one; nothing that begins with them is any better.
            all.retain(|choice| choice.is_empty() || self.keeps_the_rules(choice));
        }
        all.retain(|choice| !choice.is_empty());
        all
    }

    fn events(&self, choice: &[(usize, usize)]) -> Vec<&Happened> {
        choice.iter().map(|(event, _)| &self.events[*event].event).collect()
    }

    /// Whether a choice is the beginning of a match.
    fn keeps_the_rules(&self, choice: &Choice) -> bool {
        choice.iter().enumerate().all(|(i, &(event, step))| {
            let before = &choice[..i];
            let captured = self.events(before);
            if !self.step(step).asked.satisfied(&self.events[event].event, &captured) {
                return false;
            }
            let Some(&(last, of)) = before.last() else {
                return step == 0;
            };
            let count = Self::count(&before.to_vec(), of);
            let may_follow = match step {
                _ if step == of => count < self.step(of).max(),
                _ if step == of + 1 => count >= self.step(of).min(),
                _ => false,
            };
            let skipped = last + 1..event;
            may_follow
                && self.may_be_skipped(skipped.clone(), step, step == of, &captured)
                && (step == of || self.none_absent(skipped, Some(step), &captured))
                && self.in_time(choice, self.events[event].at)
        })
    }

    /// Whether these events may stand before one that is captured by a step.
    fn may_be_skipped(
        &self,
        skipped: std::ops::Range<usize>,
        step: usize,
        inside: bool,
        captured: &[&Happened],
    ) -> bool {
        let Step { asked, contiguity, inner, .. } = self.step(step);
        match if inside { inner } else { contiguity } {
            Contiguity::Strict => skipped.is_empty(),
            Contiguity::Relaxed => {
                self.events[skipped].iter().all(|skipped| !asked.satisfied(&skipped.event, captured))
            }
            Contiguity::Any => true,
        }
    }

    /// Whether none of these events is one that may not happen before this step, or at the end.
    fn none_absent(
        &self,
        skipped: std::ops::Range<usize>,
        step: Option<usize>,
        captured: &[&Happened],
    ) -> bool {
        let absent = step.map_or(&self.description.ending, |step| &self.step(step).absent);
        self.events[skipped]
            .iter()
            .all(|event| !absent.iter().any(|asked| asked.satisfied(&event.event, captured)))
    }

    fn in_time(&self, choice: &Choice, at: i64) -> bool {
        self.end(choice).is_none_or(|end| at <= end)
    }

    fn end(&self, choice: &Choice) -> Option<i64> {
        self.description.within.map(|within| self.events[choice[0].0].at + within)
    }

    /// Whether all steps of a choice have as many events as they need.
    fn is_whole(&self, choice: &Choice) -> bool {
        let last = choice[choice.len() - 1].1;
        last + 1 == self.description.steps.len() && Self::count(choice, last) >= self.step(last).min()
    }

    /// Whether a choice may become a longer one, or be concluded, by what comes after the first `seen` events.
    fn is_open(&self, choice: &Choice, seen: usize) -> bool {
        let (last, of) = choice[choice.len() - 1];
        let (captured, skipped) = (self.events(choice), last + 1..seen);
        let count = Self::count(choice, of);
        let goes_on = |step: usize, inside| match if inside {
            self.step(step).inner
        } else {
            self.step(step).contiguity
        } {
            // What comes next would not be the next.
            Contiguity::Strict => skipped.is_empty(),
            _ => self.may_be_skipped(skipped.clone(), step, inside, &captured),
        };
        let loops = count < self.step(of).max() && goes_on(of, true);
        let advances = count >= self.step(of).min()
            && match of + 1 {
                next if next < self.description.steps.len() => {
                    goes_on(next, false) && self.none_absent(skipped.clone(), Some(next), &captured)
                }
                _ => self.awaits_its_end(choice, seen),
            };
        loops || advances
    }

    /// Whether a choice is a match once its time has passed.
    fn awaits_its_end(&self, choice: &Choice, seen: usize) -> bool {
        let skipped = choice[choice.len() - 1].0 + 1..seen;
        !self.description.ending.is_empty()
            && self.is_whole(choice)
            && self.none_absent(skipped, None, &self.events(choice))
    }

    fn number(&self, choice: &Choice, of: impl Fn(usize) -> bool, last: bool) -> u64 {
        let mut captured =
            choice.iter().filter(|(_, step)| of(*step)).map(|(event, _)| self.events[*event].number);
        if last { captured.next_back().unwrap() } else { captured.next().unwrap() }
    }

    /// What began before the event of this number is discarded once the match is told.
    fn goes_on_from(&self, choice: &Choice) -> u64 {
        match self.description.after {
            After::Nothing => 0,
            After::ToNext => self.number(choice, |_| true, false) + 1,
            After::PastLastEvent => self.number(choice, |_| true, true) + 1,
            After::ToFirst(step) => self.number(choice, |of| of == step, false),
            After::ToLast(step) => self.number(choice, |of| of == step, true),
        }
    }

    fn begins(&self, choice: &Choice) -> u64 {
        self.events[choice[0].0].number
    }

    fn told(&self, choice: &Choice, at: i64) -> (u8, Vec<(usize, u64)>, Timestamp) {
        let captured = choice.iter().map(|(event, step)| (*step, self.events[*event].number));
        (self.key, captured.collect(), moment(at))
    }
}

/// What becomes of one key, step by step.
struct Course<'d> {
    history: History<'d>,
    candidates: Vec<Choice>,
    /// How many of its events have happened.
    seen: usize,
    /// What began with these events has ended.
    ended: Vec<usize>,
    /// What began before this number is discarded.
    from: u64,
    /// Matches that are not told yet, with their times.
    held: Vec<(Choice, i64)>,
}

impl Course<'_> {
    /// What is open after the events so far.
    fn open(&self) -> Vec<&Choice> {
        let open = self.candidates.iter().filter(|choice| {
            choice[choice.len() - 1].0 < self.seen
                && !self.ended.contains(&choice[0].0)
                && self.history.begins(choice) >= self.from
                && self.history.is_open(choice, self.seen)
        });
        open.collect()
    }

    /// Time passes beyond the end of what began with this event.
    fn end(&mut self, first: usize, matches: &mut Told, timed_out: &mut Told) {
        let history = &self.history;
        let open: Vec<Choice> =
            self.open().into_iter().filter(|choice| choice[0].0 == first).cloned().collect();
        let Some(end) = history.description.within.map(|within| history.events[first].at + within) else {
            return;
        };
        let mut concluded = Vec::new();
        for choice in &open {
            if history.awaits_its_end(choice, self.seen) {
                concluded.push((choice.clone(), end));
            } else if !(history.description.ending.is_empty() && history.is_whole(choice)) {
                timed_out.push(history.told(choice, end));
            }
        }
        self.ended.push(first);
        self.settle(concluded, matches);
    }

    /// The next event happens.
    fn happen(&mut self, matches: &mut Told) {
        let event = self.seen;
        self.seen += 1;
        let history = &self.history;
        let whole = self.candidates.iter().filter(|choice| {
            choice[choice.len() - 1].0 == event
                && history.description.ending.is_empty()
                && history.is_whole(choice)
                && history.begins(choice) >= self.from
        });
        let found = whole.map(|choice| (choice.clone(), history.events[event].at)).collect();
        self.settle(found, matches);
    }

    fn settle(&mut self, mut found: Vec<(Choice, i64)>, matches: &mut Told) {
        found.sort_by(|(one, _), (other, _)| in_order(one).cmp(&in_order(other)));
        if self.history.description.after == After::Nothing {
            matches.extend(found.iter().map(|(choice, at)| self.history.told(choice, *at)));
            return;
        }
        self.held.extend(found);
        // What began first goes first; the order of what began together stays.
        self.held.sort_by_key(|(choice, _)| choice[0].0);
        while let Some((first, at)) = self.held.first().cloned() {
            // It waits for what began before it, unless no match of that could discard it.
            let discards_what_began_later = match self.history.description.after {
                After::Nothing | After::ToNext | After::ToFirst(0) => false,
                After::ToFirst(_) | After::PastLastEvent | After::ToLast(_) => true,
            };
            if discards_what_began_later && self.open().iter().any(|open| open[0].0 < first[0].0) {
                break;
            }
            self.held.remove(0);
            matches.push(self.history.told(&first, at));
            self.from = self.from.max(self.history.goes_on_from(&first));
            let (history, from) = (&self.history, self.from);
            self.held.retain(|(choice, _)| history.begins(choice) >= from);
        }
    }
}

/// What is to be told by each observation: the matches, the timed-out partial matches, and how many of both are alive after it.
pub fn by_definition(description: &Description, observed: &[Observed<Happened>]) -> Vec<(Told, Told, usize)> {
    let key_of = |event: &Happened| if description.partitioned { event.key } else { Some(0) };
    let mut courses: Vec<Course<'_>> = (0..2)
        .map(|key| {
            let numbered = observed.iter().filter_map(|observed| match observed {
                Observed::Event { at, event } => Some((at.as_second(), event)),
                Observed::Time(_) => None,
            });
            let events = (1..).zip(numbered).filter(|(_, (_, event))| key_of(event) == Some(key));
            let events = events.map(|(number, (at, event))| Event { number, at, event: event.clone() });
            let history = History { description, key, events: events.collect() };
            let candidates = history.candidates();
            Course { history, candidates, seen: 0, ended: Vec::new(), from: 0, held: Vec::new() }
        })
        .collect();

    let each = observed.iter().map(|observed| {
        let (mut matches, mut timed_out) = (Told::new(), Told::new());
        let (Observed::Event { at, .. } | Observed::Time(at)) = observed;
        // What ends before this, in the order in which it began.
        let mut ends = Vec::new();
        for (key, course) in courses.iter().enumerate() {
            for first in 0..course.seen {
                let event = &course.history.events[first];
                let over = description.within.is_some_and(|within| event.at + within < at.as_second());
                if over && !course.ended.contains(&first) {
                    ends.push((event.number, key, first));
                }
            }
        }
        ends.sort_unstable();
        for (_, key, first) in ends {
            courses[key].end(first, &mut matches, &mut timed_out);
        }
        if let Observed::Event { event, .. } = observed
            && let Some(key) = key_of(event)
        {
            courses[usize::from(key)].happen(&mut matches);
        }
        let live = courses.iter().map(|course| course.open().len() + course.held.len()).sum();
        (matches, timed_out, live)
    });
    each.collect()
}

/// The place in time of events of which some have none: `None` of the time is an event without one. An event without a time happens
/// at the latest time observed before it; before the first time, it is not seen at all (`None`).
pub fn placed_in_time(observed: &[(Option<Timestamp>, Option<Happened>)]) -> Vec<Option<Observed<Happened>>> {
    let mut now = None;
    let placed = observed.iter().map(|(at, event)| {
        now = at.or(now);
        Some(match event {
            Some(event) => Observed::event(now?, event.clone()),
            None => Observed::Time(now?),
        })
    });
    placed.collect()
}
