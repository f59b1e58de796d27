//! Two-phase commit, explored: `cargo run --example two_phase_commit [PARTICIPANTS]`; with `serve`, its page in a browser, with `page --out FILE` in a file.

mod model;
#[path = "../shared/page.rs"]
mod page;

use leftfold::check::explore;
use model::{Participant, TwoPhaseCommit, alphabet, permuted, properties};
use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|task| task == "serve" || task == "page") {
        return model::model()
            .alphabet(alphabet)
            .properties(properties())
            .label(|state| {
                let said = |of: &Participant| match of {
                    Participant::Working => "working",
                    Participant::Prepared => "prepared",
                    Participant::Committed => "committed",
                    Participant::Aborted => "aborted",
                };
                state.participants.iter().map(said).collect::<Vec<_>>().join(", ")
            })
            .explored(10_000)
            .main_with_page();
    }
    let participants = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(3);
    let decider = TwoPhaseCommit { participants };
    let explored = || explore(&decider, alphabet).properties(properties());
    let (all, symmetric) = (explored().run(), explored().symmetry(participants, permuted).run());
    page::printed("two_phase_commit", &format!("{}\n{all}\n{symmetric}", model::model().check()))
}

#[cfg(test)]
mod tests {
    use super::model::{Command, Event, State, model};
    use super::*;
    use leftfold::check::{ExplorationVerdict, Property, PropertyAnswer};
    use leftfold::{Decider, Fold};

    #[test]
    fn it_does_what_is_specified() {
        model().check().assert();
    }

    #[test]
    fn there_are_as_many_states_as_were_published() {
        for (participants, states) in [(3, 288), (5, 8_832)] {
            let decider = TwoPhaseCommit { participants };
            let found = explore(&decider, alphabet).properties(properties()).run();
            assert_eq!((found.states, &found.verdict), (states, &ExplorationVerdict::Exhausted));
            assert!(found.holds(), "{found}");
        }
    }

    #[test]
    fn symmetric_states_fall_into_classes() {
        for (participants, classes) in [(3, 80), (5, 314)] {
            let decider = TwoPhaseCommit { participants };
            for threads in [1, 2] {
                let found = explore(&decider, alphabet)
                    .symmetry(participants, permuted)
                    .properties(properties())
                    .threads(threads)
                    .run();
                assert_eq!(found.states, classes, "{found}");
                assert!(found.holds(), "{found}");
            }
        }
    }

    #[test]
    fn histories_are_as_concrete_with_symmetry_as_without() {
        let decider = TwoPhaseCommit { participants: 3 };
        let found = explore(&decider, alphabet).symmetry(3, permuted).properties(properties()).run();
        let Some(PropertyAnswer::Reached(story)) = found.answer("all commit") else { panic!("{found}") };
        let (state, _) = decider.run(&story.commands).expect("every command of the history is accepted");
        assert!(state.participants.iter().all(|participant| *participant == model::Participant::Committed));
        assert_eq!(story.len(), 10);
    }

    /// The coordinator listens to the participant of the lowest number first.
    struct LowestFirst;

    impl Fold for LowestFirst {
        type State = State;
        type Event = Event;
        fn initial_state(&self) -> State {
            TwoPhaseCommit { participants: 3 }.initial_state()
        }
        fn evolve(&self, state: State, event: &Event) -> State {
            TwoPhaseCommit { participants: 3 }.evolve(state, event)
        }
    }

    impl Decider for LowestFirst {
        type Command = Command;
        type Rejection = model::Rejection;
        fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, model::Rejection> {
            if let Command::HearThatOneIsPrepared(of) = command
                && state.sent.iter().any(|sent| sent < of && !state.heard.contains(sent))
            {
                return Err(model::Rejection::NothingWasSent);
            }
            TwoPhaseCommit { participants: 3 }.decide(command, state)
        }
    }

    #[test]
    fn a_tie_broken_by_the_lowest_number_is_no_symmetry() {
        let found = explore(&LowestFirst, alphabet).symmetry(3, permuted).run();
        assert!(found.to_string().contains("the model is not symmetric"), "{found}");
        assert!(!found.holds());
    }

    #[test]
    fn a_property_of_one_participant_is_refused_under_symmetry() {
        let decider = TwoPhaseCommit { participants: 3 };
        let first = Property::always("the first one never aborts", |state: &State| {
            state.participants.get(0) != Some(&model::Participant::Aborted)
        });
        let found = explore(&decider, alphabet).symmetry(3, permuted).property(first).run();
        assert!(found.to_string().contains("distinguishes identities"), "{found}");
    }

    #[test]
    fn what_permutes_nothing_and_too_many_identities_are_refused() {
        let decider = TwoPhaseCommit { participants: 3 };
        let found = explore(&decider, alphabet)
            .symmetry(3, |state, _| State { decision: model::Decision::Abort, ..state.clone() })
            .run();
        assert!(found.to_string().contains("the permutation of states is none"), "{found}");
        // Turns all of them, whatever it is asked for: a symmetry of the model, but not the one that was asked for.
        let found = explore(&decider, alphabet)
            .symmetry(
                3,
                |state, order| if order == [0, 1, 2] { state.clone() } else { permuted(state, &[1, 2, 0]) },
            )
            .run();
        assert!(found.to_string().contains("the permutation of states is none"), "{found}");
        let found = explore(&decider, alphabet).symmetry(8, permuted).run();
        assert!(found.to_string().contains("symmetry over 8 identities"), "{found}");
    }
}
