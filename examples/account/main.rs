//! The teaching model: `cargo run --example account`, with `check`, `spec --format markdown|gherkin`, or `serve` for its page in a
//! browser; `conform FOLDER` and `gaps FOLDER` hold it against the log of its accounts.

mod model;

fn main() -> std::process::ExitCode {
    model::model().main_with_page()
}

#[test]
fn the_account_does_what_is_specified() {
    model::model().check().assert();
}

#[cfg(test)]
mod lived {
    use super::model::{Account, Command, Event, model};
    use leftfold::codec::Codec;
    use leftfold::log::FileLog;
    use leftfold::recorded::StreamName;
    use leftfold::runtime::CommandHandler;
    use leftfold::store::{Batch, EventStore, Listing};
    use leftfold::{Scenario, Specification, keyed};

    /// A log of two accounts, each in its own stream. The second was closed by hand, with money on it.
    fn log(folder: &std::path::Path) -> FileLog<Event> {
        let log = FileLog::open(folder, Codec::new().unwrap()).unwrap();
        let accounts = CommandHandler::keyed("account", Account, &log).unwrap();
        for number in [17, 18] {
            for command in [
                Command::OpenAccount { owner: "Petra".into() },
                Command::Deposit(10),
                Command::Withdraw(4),
                Command::Withdraw(2),
            ] {
                accounts.handle(keyed(number, command)).unwrap();
            }
        }
        log.append(Batch::to(&StreamName::of("account", 18).unwrap()).event(Event::AccountClosed)).unwrap();
        log
    }

    #[test]
    fn what_the_handler_wrote_is_allowed_and_what_was_added_by_hand_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (log, model) = (log(folder.path()), model());
        let mut replay = model.conform();
        replay.log(&log, &Listing::prefix("account-")).unwrap();
        let found = replay.finish();
        assert_eq!((found.histories, found.accepted, found.decided), (2, 1, 9));
        let group = &found.groups[0];
        assert_eq!((group.command.as_str(), group.reason.as_str()), ("CloseAccount", "NotEmpty"));
        assert_eq!(group.example.history, "account-18");
        assert!(group.example.at.is_some());
    }

    #[test]
    fn what_was_lived_and_is_in_no_scenario_becomes_one() {
        let folder = tempfile::tempdir().unwrap();
        let (log, model) = (log(folder.path()), model());
        let mut search = model.gaps();
        search.log(&log, &Listing::all()).unwrap();
        let found = search.finish();
        // Everything that accounts have lived is specified, by the classes of their states.
        assert!(found.unspecified.is_empty(), "{found}");
        assert_eq!(found.forbidden[0].to_string(), "Open: CloseAccount: refused, NotEmpty");
        assert_eq!(found.forbidden[0].example.recorded, [Event::AccountClosed]);

        // Without scenarios, everything is missing: one scenario for each kind of step.
        let mut search = leftfold::check::GapSearch::new(model.conform(), &Specification::new(), |state| {
            leftfold::spec::class(state)
        });
        search.log(&log, &Listing::all()).unwrap();
        let missing = search.finish().scenarios(&Account);
        let names: Vec<&str> = missing.iter().map(Scenario::name).collect();
        let kinds =
            ["New: OpenAccount: AccountOpened", "Open: Deposit: Deposited", "Open: Withdraw: Withdrawn"];
        assert_eq!(names, kinds);
        Specification::new().scenarios(missing).assert(&Account);
    }
}
