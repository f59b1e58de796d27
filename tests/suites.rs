//! A covering suite takes every kind of step that a machine knows, in few stories, and holds for every implementation of the model: the
//! model itself, its machine, and a program in another language that sees nothing but the fixtures.

use leftfold::check::{
    Covering, ExplorationVerdict, Machine, MachineNode, MutantFate, MutantResult, Suite, SuiteStory, compare,
    explore, suite,
};
use leftfold::spec::{Specified, class};
use leftfold::{Decider, Model, Modelled, Specification, decider};
use office::model as contract;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command as Program;

#[allow(dead_code)]
#[path = "../examples/account/model.rs"]
mod account;
#[path = "suites/mutants.rs"]
mod mutants;
#[allow(dead_code, unused_imports)]
#[path = "../examples/contract"]
mod office {
    pub mod model;
}

use mutants::{Mutable, Wrong, mutants};

type AccountSuite = Suite<account::Command, account::Event, account::Rejection>;
type AccountMachine = Machine<account::Command, account::Event, account::Rejection>;
type ContractRejection = leftfold::ProcessRejection<contract::Rejection, contract::Command>;
type ContractMachine = Machine<contract::Command, contract::Event, ContractRejection>;
type ContractSuite = Suite<contract::Command, contract::Event, ContractRejection>;

fn account_machine() -> AccountMachine {
    explore(&account::Account, account::commands).machine_with(class).unwrap().named("account")
}

fn stage(whole: &contract::Whole) -> String {
    let contract = whole.decider.0.0.1.values().next();
    format!("{:?}", contract.map(|contract| contract.stage).unwrap_or_default())
}

fn contract_commands(_: &contract::Whole) -> Vec<contract::Command> {
    contract::scenarios::alphabet()
}

fn contract_machine() -> ContractMachine {
    explore(&contract::whole(), contract_commands).machine_with(stage).unwrap().named("contract")
}

fn label<C, E, R>(machine: &Machine<C, E, R>) -> impl Fn(MachineNode) -> String + '_ {
    |node| machine.label(node).unwrap_or_default().to_string()
}

fn account_suite(covering: Covering, chained: bool) -> AccountSuite {
    let machine = account_machine();
    let setting = suite(&machine, label(&machine));
    if chained { setting.chained() } else { setting }.covering(covering)
}

fn contract_suite(covering: Covering, chained: bool) -> ContractSuite {
    let machine = contract_machine();
    let setting = suite(&machine, label(&machine));
    if chained { setting.chained() } else { setting }.covering(covering)
}

/// How many stories, and how many steps together.
fn size<C, E, R>(suite: &Suite<C, E, R>) -> (usize, usize) {
    (suite.stories.len(), suite.stories.iter().map(|story| story.steps.len()).sum())
}

/// Whether every scenario holds.
fn holds<D: Specified>(specification: &Specification<D>, decider: &D) -> bool {
    specification.of_decider().iter().all(|scenario| scenario.run(decider).is_ok())
}

const ALL: [Covering; 3] = [Covering::Cells, Covering::Steps, Covering::Pairs];

#[test]
fn every_story_holds_on_the_model_and_on_its_machine() {
    for covering in ALL {
        for chained in [false, true] {
            let machine = account_machine();
            let suite = account_suite(covering, chained);
            suite.specification().assert(&account::Account);
            suite.specification().assert(&machine);
            println!("account, {suite}");
            let suite = contract_suite(covering, chained);
            println!("contract, {suite}");
            if chained || covering == Covering::Cells {
                assert!(holds(&suite.specification(), &contract::whole()));
            }
            let longest = suite.stories.iter().map(|story| story.steps.len()).max();
            assert!(!chained || longest <= Some(20), "{longest:?}");
        }
    }
}

#[test]
fn few_chains_are_enough() {
    let cells = account_suite(Covering::Cells, true);
    assert_eq!((cells.covered, size(&cells)), (20, (2, 21)));
    let cells = contract_suite(Covering::Cells, true);
    let (chains, taken) = size(&cells);
    assert!(cells.covered == 161 && chains <= 15 && taken <= 200, "{cells}");
    let steps = contract_suite(Covering::Steps, true);
    let (chains, taken) = size(&steps);
    assert!(steps.covered == 5_049 && chains <= 480 && taken <= 8_400, "{steps}");
}

#[test]
fn a_suite_covers_all_cells_that_the_exploration_lists_and_each_chain_is_needed() {
    let model = contract::whole();
    for chained in [false, true] {
        let suite = contract_suite(Covering::Cells, chained);
        let (coverage, found) = explore(&model, contract_commands).coverage(stage, &suite.specification());
        assert_eq!(found.verdict, ExplorationVerdict::Exhausted);
        assert_eq!((coverage.cells.len(), coverage.untouched().count()), (suite.covered, 0));
        if chained {
            for without in 0..suite.stories.len() {
                let mut fewer = suite.clone();
                fewer.stories.remove(without);
                let (coverage, _) =
                    explore(&model, contract_commands).coverage(stage, &fewer.specification());
                assert!(coverage.untouched().count() > 0, "chain {} is not needed", without + 1);
            }
        }
    }
}

/// Every step of a machine by its commands, and every two steps, as their definition says: from one node to the next.
fn by_definition<D>(
    model: &D,
    commands: impl Fn(&D::State) -> Vec<D::Command>,
    of: impl Fn(&D::State) -> String,
) -> [usize; 3]
where
    D: Decider<
            State: Clone + PartialEq,
            Command: serde::Serialize,
            Event: std::fmt::Debug,
            Rejection: std::fmt::Debug,
        >,
{
    let first_word = |text: String| text.split(['(', ' ', '{']).next().unwrap_or_default().to_string();
    let mut states = vec![model.initial_state()];
    let (mut cells, mut steps) = (BTreeSet::new(), 0);
    let mut cells_of: Vec<BTreeSet<_>> = Vec::new();
    let mut followed = Vec::new();
    let mut at = 0;
    while at < states.len() {
        let state = states[at].clone();
        cells_of.push(BTreeSet::new());
        for command in commands(&state) {
            let outcome = model.decide(&command, &state);
            let names = match &outcome {
                Ok(events) => events.iter().map(|event| first_word(format!("{event:?}"))).collect(),
                Err(rejection) => vec!["refused".into(), first_word(format!("{rejection:?}"))],
            };
            let command = serde_json::to_value(&command).unwrap();
            let name = command.as_str().map(str::to_string);
            let name = name.unwrap_or_else(|| command.as_object().unwrap().keys().next().unwrap().clone());
            let cell = (of(&state), name, names);
            let after = model.fold_from(state.clone(), outcome.iter().flatten());
            let number = states.iter().position(|known| *known == after).unwrap_or_else(|| {
                states.push(after);
                states.len() - 1
            });
            steps += 1;
            cells.insert(cell.clone());
            cells_of[at].insert(cell.clone());
            followed.push((cell, number));
        }
        at += 1;
    }
    let pairs: BTreeSet<_> = followed
        .iter()
        .flat_map(|(one, after)| cells_of[*after].iter().map(move |other| (one, other)))
        .collect();
    [cells.len(), steps, pairs.len()]
}

#[test]
fn cells_steps_and_pairs_are_counted_as_their_definitions_say() {
    let counts = by_definition(&account::Account, account::commands, class);
    for chained in [false, true] {
        assert_eq!(ALL.map(|covering| account_suite(covering, chained).covered), counts);
    }
    let taken = |suite: &AccountSuite, number: usize| {
        let cell = |step: &leftfold::check::SuiteStep<_, _, _>| {
            let first = |text: String| text.split(['(', ' ', '{']).next().unwrap_or_default().to_string();
            let command: &account::Command = &step.command;
            let came: String = match &step.outcome {
                Ok(events) => {
                    events.iter().map(|event: &account::Event| first(format!("{event:?}"))).collect()
                }
                Err(rejection) => {
                    format!("refused {}", first(format!("{:?}", rejection as &account::Rejection)))
                }
            };
            (step.before.clone(), first(format!("{command:?}")), came)
        };
        let lists = suite.stories.iter().map(|story| story.steps.iter().map(cell).collect::<Vec<_>>());
        let lists: Vec<Vec<_>> = lists.collect();
        lists.iter().flat_map(|cells| cells.windows(number).map(<[_]>::to_vec)).collect::<BTreeSet<_>>().len()
    };
    for chained in [false, true] {
        assert_eq!(taken(&account_suite(Covering::Cells, chained), 1), counts[0]);
        assert_eq!(taken(&account_suite(Covering::Pairs, chained), 2), counts[2]);
    }
}

#[test]
fn a_story_for_people_is_the_shortest_and_has_a_name_of_its_own() {
    let cells = account_suite(Covering::Cells, false);
    let (shortest, _) = explore(&account::Account, account::commands).coverage(class, &Specification::new());
    let by_name: BTreeMap<String, usize> = shortest
        .regression_suite(&account::Account)
        .iter()
        .zip(&shortest.cells)
        .map(|(scenario, cell)| (scenario.name().to_string(), cell.story.len()))
        .collect();
    let own: BTreeMap<String, usize> =
        cells.stories.iter().map(|story| (story.name.clone(), story.steps.len())).collect();
    assert_eq!(own, by_name);
    for covering in ALL {
        for suite in [account_suite(covering, false), account_suite(covering, true)] {
            let names: BTreeSet<&str> = suite.stories.iter().map(|story| story.name.as_str()).collect();
            assert_eq!(names.len(), suite.stories.len());
        }
    }
}

#[test]
fn a_suite_is_a_file_and_comes_back() {
    for suite in [account_suite(Covering::Pairs, false), account_suite(Covering::Steps, true)] {
        let text = suite.to_json().unwrap();
        assert_eq!(serde_json::from_str::<AccountSuite>(&text).unwrap(), suite);
        assert_eq!(text.replace('\n', ""), serde_json::to_string(&suite).unwrap());
    }
    let suite = contract_suite(Covering::Cells, true);
    assert_eq!(serde_json::from_str::<ContractSuite>(&suite.to_json().unwrap()).unwrap(), suite);

    let text = account_suite(Covering::Cells, true).to_json().unwrap();
    let refused = |from: &str, to: &str| {
        serde_json::from_str::<AccountSuite>(&text.replacen(from, to, 1)).unwrap_err().to_string()
    };
    let other = refused("\"format\":1", "\"format\":7");
    assert!(
        other.starts_with("the suite is written in format 7, and this version of leftfold reads format 1"),
        "{other}"
    );
    assert!(refused("\"leftfold\":\"suite\"", "\"leftfold\":\"machine\"").starts_with("this is not a suite"));
    assert!(refused("{\"events\":", "{\"omens\":").starts_with("unknown variant `omens`"));
    assert!(refused("\"AccountClosed\"", "\"AccountLost\"").starts_with("unknown variant `AccountLost`"));
}

#[test]
fn one_class_for_everything_and_a_bound_are_said() {
    let machine = account_machine();
    let any = |_| "any".to_string();
    let cells = suite(&machine, any).covering(Covering::Cells);
    assert!(cells.notes[0].starts_with("all states share one class, \"any\""), "{:?}", cells.notes);
    let page = cells.to_string();
    assert!(page.contains("\nnote      all states share one class"), "{page}");
    assert!(page.lines().all(|line| line.len() <= 80), "{page}");
    // What a class is does not matter to steps.
    assert!(suite(&machine, any).covering(Covering::Steps).notes.is_empty());
    assert!(suite(&machine, label(&machine)).covering(Covering::Pairs).notes.is_empty());

    let bounded = explore(&account::Account, account::commands).depth(2).machine_with(class).unwrap();
    let steps = suite(&bounded, label(&bounded)).chained().covering(Covering::Steps);
    assert_eq!(steps.notes, ["a bound ended the exploration: what lies beyond it is not covered"]);
    steps.specification().assert(&account::Account);
}

#[test]
fn a_suite_after_a_history_begins_with_it() {
    let opened = || account::Event::AccountOpened { owner: "Petra".into() };
    let machine = explore(&account::Account, account::commands).from([opened()]).machine_with(class).unwrap();
    let cells = suite(&machine, label(&machine)).from([opened()]).chained().covering(Covering::Cells);
    cells.specification().assert(&account::Account);
    assert!(cells.to_json().unwrap().contains("\"given\":[{\"AccountOpened\":{\"owner\":\"Petra\"}}]"));
    assert!(cells.code().contains(".given(["));
}

#[test]
fn a_chain_is_as_long_as_the_way_to_a_step() {
    let counter = decider(
        || 0u8,
        |up: &u8, sum: &u8| if *sum == 30 { Err("full".to_string()) } else { Ok(vec![*up]) },
        |sum, up: &u8| sum + up,
    );
    let machine = explore(&counter, |_: &u8| [1u8]).machine().unwrap();
    let steps = suite(&machine, |_| "a sum".into()).chained().covering(Covering::Steps);
    // The way to the last step takes all others, so that shorter chains are not needed.
    assert_eq!((steps.covered, size(&steps)), (31, (1, 31)));
    let pairs = suite(&machine, |_| "a sum".into()).covering(Covering::Pairs);
    assert_eq!((pairs.covered, size(&pairs).0), (3, 3));
}

#[test]
fn the_text_of_a_suite_and_its_code_say_the_same() {
    let suite = account_suite(Covering::Pairs, false);
    let specification: Specification<account::Account> = suite.specification();
    let text = specification.document("account").to_gherkin();
    let read = Specification::<account::Account>::new().read("account.feature", &text).unwrap();
    assert_eq!(specification.unlike(&read), None);

    let story = |covering| account_suite(covering, false);
    let named = |suite: &AccountSuite, name: &str| -> SuiteStory<_, _, _> {
        suite.stories.iter().find(|story| story.name == name).unwrap().clone()
    };
    let mut suite = story(Covering::Pairs);
    suite.stories =
        vec![named(&suite, "Open: Deposit Deposited; then Open: CloseAccount is refused, NotEmpty")];
    assert_eq!(
        suite.code(),
        "\
Scenario::named(\"Open: Deposit Deposited; then Open: CloseAccount is refused, NotEmpty\")
    .given_commands([
        Command::OpenAccount { owner: \"Petra\".into() },
    ])
    .when(Command::Deposit(1))
    .then([
        Event::Deposited(1),
    ])
    .and_when(Command::CloseAccount)
    .then_rejected(Rejection::NotEmpty { balance: 1 }),
"
    );
}

/// The name of Python here, if it is there.
fn python() -> Option<&'static str> {
    ["python3", "python"].into_iter().find(|name| {
        let version =
            Program::new(name).args(["-c", "import sys; sys.exit(sys.version_info < (3, 6))"]).output();
        version.is_ok_and(|output| output.status.success())
    })
}

#[test]
fn an_account_in_python_is_driven_by_the_fixtures_alone() {
    let Some(python) = python() else {
        assert!(std::env::var_os("CI").is_none(), "there is no Python 3, and CI has to have it");
        println!("skipped: there is no Python 3 here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("account.json");
    let run = |fault: &str| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suites/account.py");
        let output = Program::new(python).arg(script).arg(&file).arg(fault).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), text, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let suite = account_suite(Covering::Steps, true);
    std::fs::write(&file, suite.to_json().unwrap()).unwrap();
    let (stories, steps) = size(&suite);
    assert_eq!(run(""), (Some(0), format!("{steps} steps in {stories} stories hold\n"), String::new()));

    let (code, text, _) = run("overdraft");
    assert_eq!(code, Some(1));
    let mut lines = text.lines();
    let step = lines.next().unwrap();
    assert!(
        step.starts_with("chain ") && step.contains(", step ") && step.ends_with("{\"Withdraw\": 1}:"),
        "{text}"
    );
    assert!(
        text.contains("expected {\"rejection\": {\"InsufficientFunds\": {\"balance\": 0}}}, then Open"),
        "{text}"
    );
    assert!(text.contains("was      {\"events\": [{\"Withdrawn\": 1}]}, then Open"), "{text}");
    let (code, text, _) = run("forgets");
    assert_eq!(code, Some(1), "{text}");
}

/// Whether some step of a suite has another outcome than it says: what its scenarios find as well, without their care for the reader.
fn is_noticed<D>(suite: &Suite<D::Command, D::Event, D::Rejection>, wrong: &D) -> bool
where
    D: Decider<Event: PartialEq, Rejection: PartialEq>,
{
    suite.stories.iter().any(|story| {
        let mut state = wrong.initial_state();
        story.steps.iter().any(|step| {
            let outcome = wrong.decide(&step.command, &state);
            let is_other = outcome != step.outcome;
            let before = std::mem::replace(&mut state, wrong.initial_state());
            state = wrong.fold_from(before, outcome.iter().flatten());
            is_other
        })
    })
}

/// Of the mutants that answer some story otherwise than the model, how many a suite of each kind notices.
fn noticed<'d, D: Mutable>(
    model: &'d D,
    mutants: Vec<Wrong<'d, D>>,
    suites: [Suite<D::Command, D::Event, D::Rejection>; 3],
    commands: impl Fn(&D::State) -> Vec<D::Command> + Sync + Copy,
) -> (usize, [usize; 3]) {
    let (mut all, mut noticed) = (0, [0; 3]);
    for wrong in mutants {
        let by = suites.each_ref().map(|suite| is_noticed(suite, &wrong));
        if by.contains(&true) || !compare(model, &wrong, commands).run().is_same() {
            all += 1;
            noticed.iter_mut().zip(by).for_each(|(times, by)| *times += usize::from(by));
            if !by[1] {
                println!("not noticed by all steps: {wrong}");
            }
        }
    }
    (all, noticed)
}

#[test]
fn a_suite_of_all_steps_notices_nine_of_ten_mutants() {
    let model = account::Account;
    let wrong = mutants(&model, &account_machine(), class);
    let suites = ALL.map(|covering| account_suite(covering, true));
    let (all, [cells, steps, pairs]) = noticed(&model, wrong, suites, account::commands);
    println!("account: steps notice {steps} of {all}, pairs {pairs}, cells {cells}");
    assert!(all >= 12 && steps * 10 >= all * 9, "{steps} of {all}");

    let model = contract::whole();
    let wrong = mutants(&model, &contract_machine(), stage);
    let suites = ALL.map(|covering| contract_suite(covering, true));
    let (all, [cells, steps, pairs]) = noticed(&model, wrong, suites, contract_commands);
    println!("contract: steps notice {steps} of {all}, pairs {pairs}, cells {cells}");
    assert!(all >= 100 && steps * 10 >= all * 9, "{steps} of {all}");
}

/// Of the kit's own mutants that are neither equal nor stillborn, how many the scenarios of a suite notice.
fn noticed_by_scenarios<
    D: Modelled + leftfold::check::Mutable<State: leftfold::check::explore::Explorable> + 'static,
>(
    model: Model<D>,
) -> (usize, usize) {
    let report = model.mutated().mutate().unwrap();
    assert_eq!((&report.fault, &report.bounded), (&None, &None));
    let live = |mutant: &&MutantResult| !matches!(mutant.fate, MutantFate::Equal | MutantFate::Stillborn);
    let noticed = |mutant: &&MutantResult| matches!(mutant.fate, MutantFate::Noticed(_));
    let all = report.mutants.iter().filter(live);
    all.clone().filter(|mutant| !noticed(mutant)).for_each(|mutant| println!("not noticed: {}", mutant.name));
    (all.clone().filter(noticed).count(), all.count())
}

#[test]
fn a_suite_of_all_steps_notices_nine_of_ten_mutants_of_the_kit_on_the_account() {
    let by = |covering| {
        let scenarios =
            account_suite(covering, true).specification::<account::Account>().of_decider().to_vec();
        let model = Model::new("account", account::Account).alphabet(account::commands).scenarios(scenarios);
        noticed_by_scenarios(model)
    };
    let ((cells, _), (steps, all)) = (by(Covering::Cells), by(Covering::Steps));
    println!("account: steps notice {steps} of {all}, cells {cells}");
    assert!(all >= 12 && steps * 10 >= all * 9, "{steps} of {all}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "takes minutes without optimization")]
fn a_suite_of_all_steps_notices_nine_of_ten_mutants_of_the_kit_on_the_contract() {
    let by = |covering| {
        let model = Model::new("contract", contract::whole());
        let scenarios = of_same_messages(&model, contract_suite(covering, true));
        noticed_by_scenarios(model.alphabet(contract_commands).label(stage).scenarios(scenarios))
    };
    let ((cells, _), (steps, all)) = (by(Covering::Cells), by(Covering::Steps));
    println!("contract: steps notice {steps} of {all}, cells {cells}");
    assert!(all >= 80 && steps * 10 >= all * 9, "{steps} of {all}");
}

/// The scenarios of a suite, of the decider of this model.
fn of_same_messages<D: Modelled>(
    _: &Model<D>,
    suite: Suite<D::Command, D::Event, D::Rejection>,
) -> Vec<leftfold::Scenario<D>> {
    suite.specification::<D>().of_decider().to_vec()
}
