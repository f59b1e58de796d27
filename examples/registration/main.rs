//! Registering users, from a talk on event sourcing: `cargo run --example registration`, with `serve` for its page in a browser.

mod model;

fn main() -> std::process::ExitCode {
    model::model().main_with_page()
}

#[cfg(test)]
mod tests {
    use super::model::{Command, Event, Registration, User, model};
    use leftfold::recorded::{StreamName, Timestamp, Version, versioned};
    use leftfold::{Decider, Fold};

    fn history() -> Vec<Event> {
        vec![
            Event::UserRegistered { user: 1, name: "John Doe".into(), email: "doe@fake.com".into() },
            Event::UsernameChanged { old_name: "John Doe".into(), new_name: "Alex".into() },
            Event::EmailChanged { old_email: "doe@fake.com".into(), new_email: "contact@prooph.de".into() },
        ]
    }

    #[test]
    fn the_registration_does_what_is_specified() {
        model().check().assert();
    }

    #[test]
    fn three_events_fold_to_version_three_of_the_user() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let recorded = versioned(StreamName::of("user", 1).unwrap(), at, history());
        let user = Registration.fold(recorded.iter().map(|recorded| &recorded.event));
        assert_eq!(user, Some(User { id: 1, name: "Alex".into(), email: "contact@prooph.de".into() }),);
        assert_eq!(recorded.last().map(|recorded| recorded.version), Some(Version::new(3)));
    }

    #[test]
    fn asking_again_just_before_a_refusal_gives_the_same_fact_again() {
        let change = Command::ChangeEmail { email: "no address".into() };
        let mut history = history();
        let before = history.len();
        let refusal = Registration.decide(&change, &Registration.fold(&history)).unwrap();
        assert!(
            matches!(&*refusal, [fact @ Event::EmailChangeFailed { .. }] if Registration.is_refusal(fact))
        );
        history.extend(refusal.clone());
        history.push(Event::UsernameChanged { old_name: "Alex".into(), new_name: "Alexander".into() });

        let again = Registration.decide(&change, &Registration.fold(&history[..before])).unwrap();
        assert_eq!(again, refusal);
    }
}
