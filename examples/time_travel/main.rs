//! A refused change of address, looked at from all sides: `cargo run --example time_travel`.
//!
//! Alex has tried to change his address, and it was refused. What was the state that refused it? Would it be refused again?
//! Which events does the refusal rest on? And what would have become of it, had Alex never called himself Alex?

#[path = "../shared/failed.rs"]
mod failed;
#[allow(dead_code)]
#[path = "../registration/model.rs"]
mod model;
#[path = "../shared/page.rs"]
mod page;

use failed::failed;
use leftfold::Timeline;
use leftfold::recorded::{Recorded, StreamName, Timestamp, Version, versioned};
use leftfold::timeline::Decision;
use model::{Command, Event, Reason, Registration, Rejection};
use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;

/// What happened, and when: the last address has no `@`.
fn history() -> Vec<Event> {
    vec![
        Event::UserRegistered { user: 1, name: "John Doe".into(), email: "doe@fake.com".into() },
        Event::UsernameChanged { old_name: "John Doe".into(), new_name: "Alex".into() },
        Event::EmailChangeFailed { email: "contact.prooph.de".into(), reason: Reason::NotAnAddress },
    ]
}

/// The same as a store gives it back: recorded a minute after each other.
fn recorded() -> Vec<Recorded<Event>> {
    let begun: Timestamp = "2026-11-23T09:30:00Z".parse().unwrap_or_default();
    let Ok(stream) = StreamName::of("user", 1) else { return Vec::new() };
    let mut recorded = versioned(stream, begun, history());
    for (minutes, event) in (0..).zip(&mut recorded) {
        event.envelope.recorded_at = begun + std::time::Duration::from_secs(60 * minutes);
    }
    recorded
}

fn change_email(email: &str) -> Command {
    Command::ChangeEmail { email: email.into() }
}

/// The story, as it prints.
fn story() -> Result<String, Box<dyn Error>> {
    let mut told = String::new();
    let user = Timeline::of(Registration).extend(recorded());

    writeln!(told, "What happened, and what each event changed\n")?;
    for (version, recorded) in user.items() {
        writeln!(told, "{version}  {}  {:?}", recorded.recorded_at, recorded.event)?;
        for line in user.diff(version.get() - 1, version)?.to_string().lines() {
            writeln!(told, "     {line}")?;
        }
    }

    writeln!(told, "\nBack to version 2, just before the refusal\n")?;
    writeln!(told, "     {:?}", user.at(2)?)?;
    let refused = change_email("contact.prooph.de");
    writeln!(told, "\nThe same command again, on that state\n")?;
    writeln!(told, "     {refused:?}")?;
    writeln!(told, "     {:?}", user.decide_at(2, &refused)?)?;

    writeln!(told, "\nWhy?\n")?;
    if let Some(why) = user.why(2, &refused)? {
        writeln!(told, "     {why}")?;
        for version in &why.enough {
            writeln!(told, "     {version}  {:?}", user.item(*version)?.event)?;
        }
    }

    writeln!(told, "\nWho changed the name last?\n")?;
    if let Some(blamed) = user.blame("name")? {
        writeln!(told, "     {}  {:?}", blamed.version, blamed.item.event)?;
        writeln!(told, "     {}", blamed.change)?;
    }

    // Without the envelopes, so that events can be put in which no store has recorded.
    let user = Timeline::of(Registration).extend(history());
    writeln!(told, "\nWhat if the name had been Alexander from the start?\n")?;
    let decisions = [
        Decision {
            at: Version::new(1),
            command: Command::ChangeUsername { name: "Alex".into() },
            outcome: Ok::<_, Rejection>(history()[1..2].to_vec()),
        },
        Decision { at: Version::new(2), command: refused, outcome: Ok(history()[2..].to_vec()) },
    ];
    let registered =
        Event::UserRegistered { user: 1, name: "Alexander".into(), email: "doe@fake.com".into() };
    let other = user.what_if().replace(1, registered).redecide(&decisions)?;
    for line in other.to_string().lines() {
        writeln!(told, "     {line}")?;
    }
    writeln!(told)?;
    for line in user.compare(&other.branch).to_string().lines() {
        writeln!(told, "     {line}")?;
    }

    writeln!(told, "\nOffline, Alex corrects the address; meanwhile the help desk corrects the name\n")?;
    let mut offline = user.offline();
    for command in [change_email("contact@prooph.de"), Command::ChangeUsername { name: "Alexander".into() }] {
        offline.handle(command).map_err(|rejection| format!("rejected: {rejection:?}"))?;
    }
    let head =
        user.extend([Event::UsernameChanged { old_name: "Alex".into(), new_name: "Alex the Great".into() }]);
    for line in offline.rebase(&head)?.to_string().lines() {
        writeln!(told, "     {line}")?;
    }
    Ok(told)
}

fn main() -> ExitCode {
    match story() {
        Ok(story) => page::printed("time_travel", &story),
        Err(error) => failed("time_travel", &*error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leftfold::timeline::RedecisionVerdict;
    use leftfold::{Decider, Fold};
    use model::User;

    fn talk() -> Timeline<Registration, Recorded<Event>> {
        Timeline::of(Registration).extend(recorded())
    }

    #[test]
    fn back_at_the_first_two_events_the_same_command_is_refused_again() {
        let user = talk();
        let before = user.at(2).unwrap().into_owned();
        assert_eq!(before, Some(User { id: 1, name: "Alex".into(), email: "doe@fake.com".into() }));
        let again = user.decide_at(2, &change_email("contact.prooph.de")).unwrap().unwrap();
        assert_eq!(again, history()[2..]);
        assert!(Registration.is_refusal(&again[0]));
        // The same by the clock: what was so one second before the refusal.
        let refused_at = user.item(3).unwrap().recorded_at;
        let just_before = refused_at - std::time::Duration::from_secs(1);
        assert_eq!(user.as_at(just_before).unwrap().into_owned(), before);
    }

    #[test]
    fn the_shortest_history_that_still_refuses_is_the_registration() {
        let user = talk();
        let refused = change_email("contact.prooph.de");
        let why = user.why(2, &refused).unwrap().unwrap();
        assert_eq!(why.enough, [Version::new(1)]);
        assert_eq!(why.decisive, [Version::new(1)]);
        let shortest: Vec<&Event> =
            why.enough.iter().map(|version| &user.item(*version).unwrap().event).collect();
        assert_eq!(Registration.decide(&refused, &Registration.fold(shortest)).unwrap(), history()[2..]);
        // Without it, the answer is another one.
        let without: [&Event; 1] = [&history()[1]];
        assert_eq!(Registration.decide(&refused, &Registration.fold(without)), Err(Rejection::NotRegistered));
    }

    #[test]
    fn on_a_branch_from_before_the_refusal_a_proper_address_is_accepted() {
        let branch = talk().fork(2).unwrap();
        let outcome = branch.decide_at(2, &change_email("contact@prooph.de")).unwrap();
        assert!(matches!(&*outcome.unwrap(), [Event::EmailChanged { .. }]));
    }

    #[test]
    fn work_done_offline_is_changed_where_the_help_desk_was_first() {
        let user = Timeline::of(Registration).extend(history());
        let mut offline = user.offline();
        offline.handle(change_email("contact@prooph.de")).unwrap();
        offline.handle(Command::ChangeUsername { name: "Alexander".into() }).unwrap();
        let renamed = Event::UsernameChanged { old_name: "Alex".into(), new_name: "Alex the Great".into() };
        let rebased = offline.rebase(&user.extend([renamed])).unwrap();
        let verdicts: Vec<RedecisionVerdict> = rebased.decisions.iter().map(|again| again.verdict).collect();
        assert_eq!(verdicts, [RedecisionVerdict::Kept, RedecisionVerdict::Changed]);
    }

    #[test]
    fn the_story_is_the_one_in_the_book() {
        let book = include_str!("../../docs/time.md");
        let told = story().unwrap();
        assert!(book.contains(&format!("```text\n{told}```")), "the chapter lacks the story:\n{told}");
    }
}
