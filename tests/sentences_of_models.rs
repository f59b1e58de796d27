//! Sentences that a model declares are said by scenarios, and a model whose sentences cannot be read fails its check.

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;

use account::{Account, Command, Event, State};
use leftfold::spec::{ScenarioAnswer, Sentence, given, given_view};
use leftfold::{Model, Scenario, ViewScenario, view};

fn opened() -> Event {
    Event::AccountOpened { owner: "Petra".into() }
}

fn owned() -> Sentence<State, (String, u64)> {
    Sentence::new(
        "{owner} has {amount} euros",
        |state: &State, (who, amount): (String, u64)| matches!(state, State::Open { owner, balance } if *owner == who && *balance == amount),
    )
}

#[test]
fn a_scenario_says_a_sentence_of_the_model() {
    let owned = owned();
    let closed = Sentence::new("it is closed", |state: &State, ()| *state == State::Closed);
    let deposited = Scenario::<Account>::named("money comes in").given([opened()]).when(Command::Deposit(5));
    let deposited = deposited.then_says(&owned, ("Petra".into(), 5));
    deposited.assert(&Account);
    let wrong = deposited.fork("wrong").then_says(&owned, ("Petra".into(), 6)).run(&Account).unwrap_err();
    assert_eq!(wrong.expected, ScenarioAnswer::Words("Petra has 6 euros".into()));
    assert_eq!(wrong.place.line, line!() - 2);
    assert!(deposited.fork("wrong").then_says(&closed, ()).run(&Account).is_err());

    let count = view(|| 0, |count: u32, _: &Event| count + 1);
    let counted = Sentence::new("{number} things have happened", |count: &u32, number: u32| *count == number);
    let two = ViewScenario::named("two").given([opened(), opened()]).then_says(&counted, 2);
    assert!(two.clone().then_says(&counted, 3).run(&count).is_err());

    let model = Model::new("account", Account)
        .says(&owned)
        .says(&closed)
        .sentence(
            "the balance is {amount}",
            |state, amount: u64| matches!(state, State::Open { balance, .. } if *balance == amount),
        )
        .view_says(&counted)
        .view_sentence("nothing has happened", |count: &u32, ()| *count == 0)
        .scenarios([deposited])
        .view("count", count, [two]);
    model.check().assert();
    let page = model.document().to_gherkin();
    assert!(page.contains("    Then Petra has 5 euros\n"), "{page}");
    assert!(page.contains("      Then 2 things have happened\n"), "{page}");
}

#[test]
fn a_sentence_is_asserted_on_the_spot() {
    let owned = owned();
    let petra = |amount| ("Petra".to_string(), amount);
    given(Account, [opened()])
        .then_says(&owned, petra(0))
        .when(Command::Deposit(5))
        .then_says(&owned, petra(5))
        .then_says(&owned, petra(5));
    let count = || view(|| 0, |count: u32, _: &Event| count + 1);
    let counted = Sentence::new("{number} things have happened", |count: &u32, number: u32| *count == number);
    given_view(count(), [opened()]).then_says(&counted, 1).and_given([opened()]).then_says(&counted, 2);

    let refusals: [Box<dyn Fn()>; 3] = [
        Box::new({
            let owned = owned.clone();
            move || {
                let _ = given(Account, [opened()]).then_says(&owned, petra(1));
            }
        }),
        Box::new(move || {
            drop(given(Account, [opened()]).when(Command::Deposit(5)).then_says(&owned, petra(1)));
        }),
        Box::new(move || drop(given_view(count(), [opened()]).then_says(&counted, 7))),
    ];
    for (refused, said) in
        refusals.into_iter().zip(["Petra has 1 euros", "Petra has 1 euros", "7 things have happened"])
    {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(refused)).unwrap_err();
        let panic = panic.downcast_ref::<String>().unwrap();
        assert!(panic.contains(said), "{panic}");
    }
}

#[test]
fn a_sentence_that_cannot_be_read_fails_the_check_of_its_model() {
    let line = line!() + 2;
    let model = Model::new("account", Account)
        .sentence("the balance is {amount", |_, _: u64| true)
        .sentence("from {a} to {a}", |_, (_, _): (u64, u64)| true)
        .sentence("it is closed", |_, ()| true)
        .sentence("it is  closed", |_, ()| true)
        .view_sentence("it is closed", |_: &u32, ()| true)
        .scenarios([Scenario::named("money").when(Command::Deposit(1)).then_matches("any", |_| true)]);
    let report = model.check();
    let failures: Vec<&str> = report.failures().map(|finding| finding.name.as_str()).collect();
    assert_eq!(
        failures,
        [
            "the sentence \"the balance is {amount\" cannot be read: a brace is opened and not closed",
            "the sentence \"from {a} to {a}\" cannot be read: the slot {a} is there twice",
            "the sentence \"it is  closed\" cannot be read: it is declared twice",
            "the sentence \"it is closed\" cannot be read: no view has the state u32",
        ]
    );
    assert_eq!(report.failures().next().unwrap().place.as_ref().unwrap().line, line);
    // What a scenario says with a sentence that cannot be read is its pattern.
    let broken = Sentence::new("a {b", |_: &State, _: u64| true);
    Scenario::<Account>::named("broken").then_says(&broken, 1).assert(&Account);
}
