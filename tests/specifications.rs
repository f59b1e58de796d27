//! A specification asserts what it says, of the history that was given, and fails at the line that said it.

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;

use account::{Account, Command, Event, Rejection, State};
use leftfold::recorded::Version;
use leftfold::spec::{self, Failure, HistoryLine, ScenarioAnswer};
use leftfold::{
    Decider, Fold, Owed, ProcessScenario, Scenario, Specification, ViewScenario, given, given_process,
    given_view, process_manager, view,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

fn opened() -> Event {
    Event::AccountOpened { owner: "Petra".into() }
}

fn failure<D: spec::Specified>(scenario: &Scenario<D>, decider: &D) -> Failure {
    *scenario.run(decider).expect_err("this scenario is meant to fail")
}

// ---------------------------------------------------------------------------------------- the history that was given

#[test]
fn a_state_assertion_sees_the_given_history_and_the_events_of_the_command() {
    let balance = |expected: u64| move |state: &State| matches!(state, State::Open { balance, .. } if *balance == expected);
    let scenario = Scenario::<Account>::named("ten and five are fifteen")
        .given([opened(), Event::Deposited(10)])
        .when(Command::Deposit(5))
        .then_state("the balance is 15", balance(15));
    scenario.assert(&Account);

    // A kit that folds only the new events would see 5 here, and one that folds only the given ones 10.
    for wrong in [5, 10] {
        let scenario = Scenario::<Account>::named("wrong")
            .given([opened(), Event::Deposited(10)])
            .when(Command::Deposit(5))
            .then_state("the balance is wrong", balance(wrong));
        let failure = failure(&scenario, &Account);
        assert_eq!(failure.expected, ScenarioAnswer::Words("the balance is wrong".into()));
        assert_eq!(failure.state, r#"Open { owner: "Petra", balance: 15 }"#);
        assert_eq!(failure.history.len(), 4, "three events and the command: {:?}", failure.history);
    }
}

#[test]
fn given_commands_are_decided_and_have_to_be_accepted() {
    let open = Command::OpenAccount { owner: "Petra".into() };
    Scenario::<Account>::named("as if the events had been given")
        .given_commands([open, Command::Deposit(10)])
        .when(Command::Withdraw(10))
        .then([Event::Withdrawn(10)])
        .assert(&Account);

    let refused = Scenario::<Account>::named("a history that cannot be")
        .given_commands([Command::Deposit(10)])
        .when(Command::Withdraw(10))
        .then([Event::Withdrawn(10)]);
    let failure = failure(&refused, &Account);
    assert_eq!(failure.when, ["Deposit(10)"]);
    assert_eq!(failure.actual, ScenarioAnswer::Rejection("NotOpen".into()));
}

#[test]
fn several_commands_are_decided_in_turn_up_to_the_first_rejection() {
    let spent = Scenario::<Account>::named("the second withdrawal sees what the first has left")
        .given([opened(), Event::Deposited(10)])
        .when_all([Command::Withdraw(6), Command::Withdraw(6), Command::Withdraw(4)]);
    spent.then_rejected(Rejection::InsufficientFunds { balance: 4 }).assert(&Account);

    Scenario::<Account>::named("the events of all of them, in order")
        .given([opened()])
        .when_all([Command::Deposit(1), Command::Deposit(2)])
        .then([Event::Deposited(1), Event::Deposited(2)])
        .assert(&Account);
}

#[test]
fn forks_share_what_was_given_and_do_not_change_it() {
    let funded = Scenario::<Account>::named("funded").given([opened(), Event::Deposited(10)]);
    let emptied = funded.fork("emptied").when(Command::Withdraw(10)).then([Event::Withdrawn(10)]);
    let closed = emptied.fork("and closed").and_when(Command::CloseAccount).then([Event::AccountClosed]);
    let untouched = funded.fork("untouched").when(Command::Withdraw(10)).then([Event::Withdrawn(10)]);
    for scenario in [&emptied, &closed, &untouched] {
        scenario.assert(&Account);
    }
    assert_eq!(closed.name(), "and closed");
}

#[test]
fn each_kind_of_expectation_can_fail() {
    let funded = Scenario::<Account>::named("funded").given([opened(), Event::Deposited(10)]);
    let wrong: Vec<Scenario<Account>> = vec![
        funded.fork("another event").when(Command::Withdraw(1)).then([Event::Withdrawn(2)]),
        funded
            .fork("an event too many")
            .when(Command::Withdraw(1))
            .then([Event::Withdrawn(1), Event::AccountClosed]),
        funded.fork("an event too few").when(Command::Withdraw(1)).then([]),
        funded.fork("no rejection").when(Command::Withdraw(1)).then_rejected(Rejection::NotOpen),
        funded.fork("another rejection").when(Command::Withdraw(11)).then_rejected(Rejection::NotOpen),
        funded.fork("something").when(Command::Withdraw(1)).then_nothing(),
        funded.fork("rejected, not nothing").when(Command::Withdraw(11)).then_nothing(),
        funded
            .fork("does not match")
            .when(Command::Withdraw(1))
            .then_matches("it is refused", Result::is_err),
        funded.fork("the state").then_state("it is closed", |state| *state == State::Closed),
    ];
    for scenario in wrong {
        assert!(scenario.run(&Account).is_err(), "{} holds", scenario.name());
    }
    funded
        .fork("matches")
        .when(Command::Withdraw(1))
        .then_matches("it is accepted", Result::is_ok)
        .assert(&Account);
}

#[test]
fn a_scenario_that_expects_nothing_fails_and_an_open_question_does_not() {
    let idle = Scenario::<Account>::named("idle").given([opened()]);
    assert!(failure(&idle, &Account).to_string().contains("expects nothing"));
    assert!(ViewScenario::named("idle").given([opened()]).run(&view(|| 0, |n, _: &Event| n)).is_err());

    let question = Scenario::<Account>::open_question("May it be reopened?")
        .given([opened(), Event::AccountClosed])
        .when(Command::OpenAccount { owner: "Petra".into() })
        .then([opened()]);
    assert!(question.run(&Account).is_ok());

    let specification = Specification::new().scenarios([question]);
    let document = specification.document("account");
    assert_eq!(
        document.questions().map(|question| question.name.as_str()).collect::<Vec<_>>(),
        ["May it be reopened?"]
    );
}

#[test]
#[should_panic(expected = "`given` after `when`")]
fn a_history_is_given_before_the_first_question() {
    let _ = Scenario::<Account>::named("late")
        .when(Command::Deposit(1))
        .then_rejected(Rejection::NotOpen)
        .given([opened()]);
}

// ------------------------------------------------------------------------------------------------ the line that said it

/// The file and line at which `assertion` panics.
fn panics_at(assertion: impl FnOnce()) -> (String, u32) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    static PLACE: Mutex<Option<(String, u32)>> = Mutex::new(None);
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        *PLACE.lock().unwrap() = info.location().map(|place| (place.file().to_string(), place.line()));
    }));
    let panicked = catch_unwind(AssertUnwindSafe(assertion)).is_err();
    std::panic::set_hook(hook);
    assert!(panicked, "the assertion holds");
    PLACE.lock().unwrap().take().unwrap()
}

#[test]
fn every_assertion_panics_at_the_line_of_its_caller() {
    let sum = view(|| 0, |sum: i32, n: &i32| sum + n);
    let owes = process_manager(|| 0, |_, n: &i32| *n, |n| vec![Owed::now("n", *n)]);
    let wrong = Scenario::<Account>::named("wrong").when(Command::Deposit(1)).then_nothing();
    #[rustfmt::skip]
    let asserted: Vec<(u32, (String, u32))> = vec![
        (line!(), panics_at(|| drop(given(Account, []).when(Command::Deposit(1)).then([Event::Deposited(1)])))),
        (line!(), panics_at(|| drop(given(Account, []).when(Command::Deposit(1)).then_nothing()))),
        (line!(), panics_at(|| drop(given(Account, []).when(Command::Deposit(1)).then_rejected(Rejection::AlreadyOpen)))),
        (line!(), panics_at(|| drop(given(Account, []).when(Command::Deposit(1)).then_matches("ok", Result::is_ok)))),
        (line!(), panics_at(|| drop(given(Account, []).when(Command::Deposit(1)).then_state("no", |_| false)))),
        (line!(), panics_at(|| drop(given(Account, []).then_state("no", |_| false)))),
        (line!(), panics_at(|| drop(given_view(&sum, [1]).then(2)))),
        (line!(), panics_at(|| drop(given_view(&sum, [1]).then_state("no", |_| false)))),
        (line!(), panics_at(|| drop(given_process(&owes, [1]).then_pending([])))),
        (line!(), panics_at(|| drop(given_process(&owes, [1]).then_owed([])))),
        (line!(), panics_at(|| drop(given_process(&owes, [1]).when(2).then_owed([7])))),
        (line!(), panics_at(|| drop(given_process(&owes, [1]).when(2).then([7])))),
        (line!(), panics_at(|| wrong.assert(&Account))),
        (line!(), panics_at(|| Specification::new().scenarios([wrong.clone()]).assert(&Account))),
        (line!(), panics_at(|| leftfold::Model::new("m", Account).scenarios([wrong.clone()]).check().assert())),
    ];
    for (line, (file, at)) in asserted {
        assert!(file.ends_with("specifications.rs"), "a panic inside the library: {file}:{at}");
        assert_eq!(at, line);
    }
}

#[test]
fn a_failure_says_where_its_expectation_stands() {
    let scenario = Scenario::<Account>::named("two steps")
        .given([opened()])
        .when(Command::Deposit(1))
        .then([Event::Deposited(1)])
        .and_when(Command::Deposit(2));
    let line = line!() + 1;
    let scenario = scenario.then_nothing();
    let failure = failure(&scenario, &Account);
    assert_eq!((failure.place.line, failure.step), (line, Some((2, 2))));
    assert_eq!(failure.history[1], HistoryLine::Command("Deposit(1)".into()));
    assert_eq!(failure.history[2], HistoryLine::Event(Version::new(2), "Deposited(1)".into()));
}

// ----------------------------------------------------------------------------------------------------------------- why

#[test]
fn why_names_the_smallest_part_of_the_history_that_matters() {
    let history = [
        opened(),
        Event::Deposited(3),
        Event::Withdrawn(3),
        Event::Deposited(10),
        Event::Deposited(2),
        Event::Withdrawn(2),
    ];
    let why = spec::why(&Account, &history, &Command::Withdraw(20)).unwrap();
    assert_eq!(why.enough, [Version::new(1), Version::new(4)]);
    assert!(why.decisive.contains(&Version::new(4)) && why.decisive.contains(&Version::new(1)), "{why:?}");

    // What is enough really is: the same answer, and nothing of it can be left out.
    let kept: Vec<Event> =
        why.enough.iter().map(|version| history[version.get() as usize - 1].clone()).collect();
    let answer = |events: &[Event]| Account.decide(&Command::Withdraw(20), &Account.fold(events));
    assert_eq!(answer(&kept), answer(&history));
    for i in 0..kept.len() {
        let mut fewer = kept.clone();
        fewer.remove(i);
        assert_ne!(answer(&fewer), answer(&history));
    }
    // What cancels out goes together, though neither event can go alone.
    let cancels = [opened(), Event::Deposited(10), Event::Deposited(2), Event::Withdrawn(2)];
    let why = spec::why(&Account, &cancels, &Command::Withdraw(20)).unwrap();
    assert_eq!(why.enough, [Version::new(1), Version::new(2)]);
}

#[test]
fn a_model_that_panics_on_half_a_history_still_gets_its_failure_told() {
    struct Strict;
    impl Fold for Strict {
        type State = u8;
        type Event = u8;
        fn initial_state(&self) -> u8 {
            0
        }
        fn evolve(&self, state: u8, event: &u8) -> u8 {
            assert_eq!(*event, state + 1, "events come in order");
            *event
        }
    }
    impl Decider for Strict {
        type Command = ();
        type Rejection = ();
        fn decide(&self, (): &(), state: &u8) -> Result<Vec<u8>, ()> {
            Ok(vec![state + 1])
        }
    }
    let scenario = Scenario::<Strict>::named("strict").given([1, 2, 3]).when(()).then([9]);
    let failure = failure(&scenario, &Strict);
    assert_eq!((failure.state.as_str(), failure.why), ("3", None));
}

// --------------------------------------------------------------------------------------------- views, process managers

#[test]
fn a_view_that_counts_twice_or_heeds_the_order_is_found_out() {
    let sum = view(|| 0, |sum: i32, n: &i32| sum + n);
    let last = view(|| 0, |_, n: &i32| *n);
    let seen = ViewScenario::named("seen").given([1, 2, 3]);
    seen.clone().in_any_order().then(6).assert(&sum);
    let twice = seen.clone().delivered_twice().then(6).run(&sum).unwrap_err();
    assert_eq!(twice.scenario, "seen (each event delivered twice)");
    assert_eq!(twice.history.len(), 6);

    let seen = ViewScenario::named("seen").given([1, 2, 3]);
    seen.clone().delivered_twice().then(3).assert(&last);
    let order = seen.in_any_order().then(3).run(&last).unwrap_err();
    assert_eq!(order.scenario, "seen (in another order)");
}

#[test]
fn a_process_manager_is_asked_for_what_is_new_and_for_all_that_is_owed() {
    let calls = process_manager(
        leftfold::im::OrdSet::new,
        |waiting: leftfold::im::OrdSet<i32>, call: &i32| {
            if *call > 0 { waiting.update(*call) } else { waiting.without(&-call) }
        },
        |waiting| waiting.iter().map(|call| Owed::now(call.to_string(), *call)).collect(),
    );
    let one = ProcessScenario::named("one rings").given([1]);
    one.clone()
        .when(2)
        .then([2])
        .and_when(2)
        .then_nothing()
        .then_pending([Owed::now("1", 1), Owed::now("2", 2)])
        .assert(&calls);
    assert!(one.clone().when(2).then([1, 2]).run(&calls).is_err());
    assert!(one.clone().when(2).then_nothing().run(&calls).is_err());
    assert!(one.clone().then_pending([Owed::now("another key", 1)]).run(&calls).is_err());
    one.clone().when(2).then_owed([1, 2]).assert(&calls);
    assert!(one.clone().when(2).then_owed([2, 1]).run(&calls).is_err());
    assert!(one.clone().when(2).then_owed([1]).run(&calls).is_err());
    assert!(one.clone().then_owed([]).run(&calls).is_err());
    let third =
        one.when(2).then([2]).and_when(-1).then_nothing().and_when(3).then([]).run(&calls).unwrap_err();
    assert_eq!(third.step, Some((3, 3)));
}

#[test]
fn a_process_manager_that_owes_a_key_twice_fails_every_scenario_that_looks_at_its_list() {
    let calls = process_manager(
        Vec::new,
        |calls: Vec<u32>, call: &u32| [calls, vec![*call]].concat(),
        |calls| calls.iter().map(|call| Owed::now("remind", *call)).collect(),
    );
    let one = ProcessScenario::named("each is reminded").given([1]);
    one.clone().then_owed([1]).assert(&calls);
    for scenario in [
        one.clone().given([2]).then_owed([1, 2]),
        one.clone().given([2]).then_pending([Owed::now("remind", 1), Owed::now("remind", 2)]),
        one.clone().when(2).then_nothing(),
        one.given([2]).when(3).then_nothing(),
    ] {
        let failure = scenario.run(&calls).unwrap_err();
        let twice = "the key \"remind\" is owed twice at once: of two items with one key, only one is done; give each item a key \
                     of its own";
        assert_eq!(failure.actual, ScenarioAnswer::Words(twice.into()), "{failure}");
    }
}

// ------------------------------------------------------------------------------------------------------- as a whole

#[test]
fn a_specification_runs_against_another_decider_of_the_same_messages() {
    /// Forgets that an account must be empty to be closed.
    struct Careless;
    impl Fold for Careless {
        type State = State;
        type Event = Event;
        fn initial_state(&self) -> State {
            Account.initial_state()
        }
        fn evolve(&self, state: State, event: &Event) -> State {
            Account.evolve(state, event)
        }
    }
    impl Decider for Careless {
        type Command = Command;
        type Rejection = Rejection;
        fn decide(&self, command: &Command, state: &State) -> Result<Vec<Event>, Rejection> {
            match (command, state) {
                (Command::CloseAccount, State::Open { .. }) => Ok(vec![Event::AccountClosed]),
                _ => Account.decide(command, state),
            }
        }
    }
    fn scenarios<D: Decider<Command = Command, Event = Event, Rejection = Rejection, State = State>>()
    -> Specification<D> {
        Specification::new().scenarios([
            Scenario::named("closing")
                .given([opened(), Event::Deposited(1)])
                .when(Command::CloseAccount)
                .then_rejected(Rejection::NotEmpty { balance: 1 }),
            Scenario::named("depositing")
                .given([opened()])
                .when(Command::Deposit(1))
                .then([Event::Deposited(1)]),
        ])
    }
    scenarios().assert(&Account);
    let (specification, careless) = (scenarios(), Careless);
    let outcomes: Vec<(String, bool)> = specification
        .cases(&careless)
        .iter()
        .map(|case| (case.name.to_string(), case.run().is_ok()))
        .collect();
    assert_eq!(outcomes, [("closing".to_string(), false), ("depositing".to_string(), true)]);
}

#[test]
fn coverage_counts_what_scenarios_bring_about_and_lists_what_they_leave_out() {
    let specification = Specification::<Account>::new().scenarios([
        Scenario::named("deposit").given([opened()]).when(Command::Deposit(1)).then([Event::Deposited(1)]),
        Scenario::named("too early").when(Command::Withdraw(1)).then_rejected(Rejection::NotOpen),
        Scenario::open_question("not counted").given([opened()]).when(Command::CloseAccount).then_nothing(),
    ]);
    let coverage = specification.coverage(&Account);
    let [commands, events, rejections] = coverage.untouched();
    assert_eq!(commands, ["OpenAccount", "CloseAccount"]);
    assert_eq!(events, ["AccountOpened", "Withdrawn", "AccountClosed"]);
    assert_eq!(rejections, ["AlreadyOpen", "NothingToMove", "InsufficientFunds", "NotEmpty"]);

    let cell = |state: &str, command: &str| {
        coverage.cells.iter().find(|cell| cell.state == state && cell.command == command).unwrap()
    };
    assert_eq!(cell("Open", "Deposit").reached[0].outcome, "accepted");
    assert_eq!(cell("New", "Withdraw").reached[0].outcome, "NotOpen");
    assert!(coverage.untouched_cells().any(|cell| cell.state == "Open" && cell.command == "Withdraw"));
    assert!(
        !coverage.cells.iter().any(|cell| cell.state == "Closed"),
        "no scenario reaches a closed account"
    );
}

#[test]
fn documents_show_no_rust() {
    let document = account::model().document();
    for page in [document.to_markdown(), document.to_gherkin()] {
        for syntax in ["{", "}", "::", "Some(", "None", "AccountOpened", "InsufficientFunds", "=>", "()"] {
            assert!(!page.contains(syntax), "{syntax:?} stands in\n{page}");
        }
        assert!(page.contains("it is refused: insufficient funds, balance 10"));
        assert!(page.contains("Who may close an account whose owner has died?"));
    }
}

#[test]
fn a_document_says_as_what_and_when_an_item_is_owed() {
    use leftfold::recorded::Timestamp;
    let at = |day: i64| Timestamp::UNIX_EPOCH + leftfold::pattern::SignedDuration::from_hours(24 * day);
    let list = move || {
        vec![
            Owed::now("a", Command::Deposit(1)),
            Owed::at(at(14), "b", Command::Deposit(2)),
            Owed::now("c", Command::Deposit(3)).until(at(15)),
            Owed::at(at(14), "d", Command::Deposit(4)).until(at(15)),
        ]
    };
    let owes = process_manager(|| (), |(), _: &Event| (), move |()| list());
    let scenario = ProcessScenario::named("a list").given([opened()]).then_pending(list());
    let specification = Specification::<Account>::new().process("Deposits", owes, [scenario]);
    specification.assert(&Account);
    let document = specification.document("account");
    for page in [document.to_markdown(), document.to_gherkin()] {
        for line in [
            " still owed as \"a\": deposit 1\n",
            " owed as \"b\" from 1970-01-15T00:00:00Z on: deposit 2\n",
            " still owed as \"c\" until 1970-01-16T00:00:00Z: deposit 3\n",
            " owed as \"d\" from 1970-01-15T00:00:00Z until 1970-01-16T00:00:00Z: deposit 4\n",
        ] {
            assert!(page.contains(line), "{line}is not in\n{page}");
        }
    }
}

#[test]
fn text_stays_text_in_markdown_and_on_one_line_in_gherkin() {
    let specification =
        Specification::<Account>::new().scenarios([Scenario::named("odd *names*\nin # two lines")
            .when(Command::OpenAccount { owner: "<b>_P_</b>\n- x".into() })
            .then([Event::AccountOpened { owner: "<b>_P_</b>\n- x".into() }])]);
    let document = specification.document("account");
    assert!(document.to_markdown().contains(r"## odd \*names\* in \# two lines"));
    assert!(document.to_markdown().contains(r#"owner "\<b>\_P\_\</b>\\n- x""#));
    assert!(document.to_gherkin().contains(
        "  Scenario: odd *names* in # two lines\n    When open account, owner \"<b>_P_</b>\\n- x\"\n"
    ));
}

#[test]
fn a_report_is_a_value_that_serializes_and_fails_with_its_stories() {
    let good = account::model().check();
    assert!(good.holds());
    let copy: leftfold::Report = serde_json::from_str(&serde_json::to_string(&good).unwrap()).unwrap();
    assert_eq!(copy, good);

    let bad = account::model()
        .scenarios([Scenario::named("money from nowhere")
            .when(Command::Withdraw(1))
            .then([Event::Withdrawn(1)])])
        .check();
    assert!(!bad.holds());
    assert_eq!(bad.failures().count(), 1);
    let page = bad.to_string();
    assert!(page.contains("✗ money from nowhere") && page.contains("the rejection  NotOpen"), "{page}");
    assert!(page.ends_with("account: 1 check fails\n"), "{page}");
    assert!(!page.contains('\u{1b}') && bad.coloured().contains('\u{1b}'));
}

// --------------------------------------------------------------------------------------------------------- what goes wrong

#[test]
fn a_panic_in_a_model_is_a_failure_with_its_history_and_the_rest_is_still_checked() {
    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    enum Moved {
        Up(u8),
    }
    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    enum Never {}
    let lift = || {
        leftfold::decider(
            || 0u8,
            |Moved::Up(floors): &Moved, floor: &u8| {
                Ok::<_, Never>(vec![Moved::Up([1, 2, 3][usize::from(floor + floors)])])
            },
            |floor: u8, Moved::Up(floors): &Moved| floor.checked_add(*floors).expect("so high is no house"),
        )
    };
    let report = leftfold::Model::new("lift", lift())
        .scenarios([
            Scenario::named("decide panics").given([Moved::Up(2)]).when(Moved::Up(1)).then([Moved::Up(1)]),
            Scenario::named("evolve panics")
                .given([Moved::Up(200), Moved::Up(200)])
                .when(Moved::Up(1))
                .then([Moved::Up(1)]),
            Scenario::named("a predicate panics").then_state("so it is", |_| panic!("my own fault")),
            Scenario::named("this one holds").when(Moved::Up(0)).then([Moved::Up(1)]),
        ])
        .view(
            "height",
            view(|| 0u8, |height: u8, Moved::Up(floors): &Moved| height - floors),
            [ViewScenario::named("a view panics").given([Moved::Up(1)]).then(1)],
        )
        .check();
    let page = report.to_string();
    assert_eq!(report.failures().count(), 4, "{page}");
    assert!(page.contains("✓ this one holds"), "{page}");
    for told in [
        "it panicked: index out of bounds: the len is 3 but the index is 3 (tests/specifications.rs:",
        "unknown, evolve panicked: so high is no house",
        "it panicked: my own fault",
        "it panicked: attempt to subtract with overflow",
        "when      Up(1)",
    ] {
        let folded: String = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(folded.contains(&told.split_whitespace().collect::<Vec<_>>().join(" ")), "{told}\n{page}");
    }
}

#[test]
fn a_failure_tells_which_reactions_were_refused() {
    use leftfold::WithProcess;
    let till = leftfold::decider(
        || 0i32,
        |by: &i32, cash: &i32| if cash + by < 0 { Err("not so much in it") } else { Ok(vec![*by]) },
        |cash, by: &i32| cash + by,
    );
    let change = process_manager(
        || 0,
        |_, by: &i32| *by,
        |by| match by {
            5 => vec![Owed::now("change", -9)],
            _ => vec![],
        },
    );
    let shop = till.with_process(change);
    let failure = failure(&Scenario::named("change is given").when(5).then([5, -9]), &shop);
    assert_eq!(failure.remarks, ["the reaction -9 was refused and stays owed: \"not so much in it\""]);
    assert!(failure.to_string().contains("\nremark    the reaction -9 was refused"), "{failure}");
}

#[test]
fn a_report_says_what_is_odd_about_a_specification() {
    let empty = leftfold::Model::new("empty", Account).check();
    assert!(empty.to_string().contains("nothing is specified yet"));
    let twice =
        |name: &str| Scenario::named(name).when(Command::Deposit(1)).then_rejected(Rejection::NotOpen);
    let report = leftfold::Model::new("odd", Account).scenarios([twice("a"), twice("a"), twice(" ")]).check();
    assert_eq!(report.sections[0].notes, ["two scenarios are called \"a\"", "a scenario has no name"]);

    let long = leftfold::Model::new("long", Account)
        .scenarios([twice(&"long\nname ".repeat(40))])
        .check()
        .to_string();
    assert!(long.lines().all(|line| line.chars().count() <= 80), "{long}");

    let words = leftfold::decider(
        || (),
        |_: &Command, (): &()| Err::<Vec<Event>, _>("no".to_string()),
        |(), _: &Event| (),
    );
    let page = leftfold::Model::new("words", words).check().to_string();
    assert!(page.contains("rejections not counted"), "{page}");
}
