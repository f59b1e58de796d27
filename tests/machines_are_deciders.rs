//! A machine is walked, drawn, covered and specified as the model that it was made of, and its nodes have labels.

use account::{Account, Command, Event, Rejection, State};
use leftfold::check::{
    Covering, Machine, MachineError, MachineNode, MachineRejection, NodeMark, Property, explore, suite, walks,
};
use leftfold::spec::class;
use leftfold::{Fold, Scenario, Specification, decider};

#[allow(dead_code)]
#[path = "../examples/account/model.rs"]
mod account;
#[path = "models/reserve.rs"]
mod reserve;

type AccountMachine = Machine<Command, Event, Rejection>;

fn labelled() -> AccountMachine {
    explore(&Account, account::commands).machine_with(class).unwrap().named("account")
}

fn commands(machine: &AccountMachine) -> impl Fn(&MachineNode) -> Vec<Command> + '_ {
    |node| machine.commands(*node).cloned().collect()
}

fn label(machine: &AccountMachine) -> impl Fn(&MachineNode) -> String + '_ {
    |node| machine.label(*node).unwrap_or_default().to_string()
}

#[test]
fn a_label_is_kept_in_the_file_and_by_the_quotient_and_changes_nothing_else() {
    let machine = labelled();
    assert_eq!(machine.label(machine.initial_state()), Some("New"));
    assert_eq!(machine.label(MachineNode::NotInTable), None);
    let read: AccountMachine = Machine::from_json(&machine.to_json()).unwrap();
    assert_eq!(read, machine);
    assert!(
        machine.nodes().all(|node| machine.label(node).is_some() && read.label(node) == machine.label(node))
    );

    let plain = explore(&Account, account::commands).machine().unwrap().named("account");
    assert!(plain.nodes().all(|node| plain.label(node).is_none()));
    assert_ne!(plain, machine);
    let text = machine.to_json();
    let without: Vec<String> =
        ["New", "Open", "Closed"].iter().fold(text.lines().map(str::to_string).collect(), |lines, label| {
            lines.iter().map(|line| line.replace(&format!("\"label\":\"{label}\","), "")).collect()
        });
    let plain = plain.to_json();
    // All but the last line, which is the checksum.
    let body = plain.lines().count() - 1;
    assert!(without.iter().take(body).eq(plain.lines().take(body)));

    // One node for what is alike, by the label of the first.
    let light = decider(|| 0u8, |up: &u8, _: &u8| Ok::<_, ()>(vec![*up]), |sum: u8, up: &u8| (sum + up) % 4);
    let light = explore(&light, |_: &u8| [1u8]).machine_with(|sum| format!("light {sum}")).unwrap();
    assert_eq!((light.nodes().len(), light.quotient().nodes().len()), (4, 1));
    let quotient = light.quotient();
    assert_eq!(quotient.label(quotient.initial_state()), Some("light 0"));
}

#[test]
fn a_label_that_panics_is_an_error_about_the_label() {
    let label = |state: &State| match state {
        State::Closed => panic!("no word for it"),
        other => class(other),
    };
    let error = explore(&Account, account::commands).machine_with(label).unwrap_err();
    assert!(matches!(error, MachineError::LabelPanicked { .. }), "{error}");
    assert!(error.to_string().contains("no word for it"), "{error}");
}

#[test]
fn a_machine_is_walked_and_what_is_wrong_is_found_in_it() {
    let machine = labelled();
    let (own, names) = (machine.clone(), machine.clone());
    let found = walks(&machine)
        .alphabet(move |node: &MachineNode| own.commands(*node).cloned().collect::<Vec<_>>())
        .property(Property::always("it is never closed", move |node| names.label(*node) != Some("Closed")))
        .seed(1)
        .walks(200)
        .run();
    assert!(found.accepted > 0 && found.refused > 0);
    let [finding] = &found.findings[..] else { panic!("{found}") };
    let owner = || "Petra".to_string();
    assert_eq!(finding.story.commands, [Command::OpenAccount { owner: owner() }, Command::CloseAccount]);
}

#[test]
fn a_machine_is_drawn_and_covered_as_its_model() {
    let machine = labelled();
    let cells = suite(&machine, |node| label(&machine)(&node)).covering(Covering::Cells);
    let half: Specification<Account> =
        Specification::new().scenarios(cells.specification().of_decider()[..10].iter().cloned());
    let half_of_machine: Specification<AccountMachine> =
        Specification::new().scenarios(cells.specification().of_decider()[..10].iter().cloned());

    let (drawn, _) = explore(&Account, account::commands).graph(class, &half);
    let (again, _) = explore(&machine, commands(&machine)).graph(label(&machine), &half_of_machine);
    assert_eq!(again, drawn);
    assert!(drawn.uncovered().count() > 0 && drawn.states.len() == 3);

    let (covered, _) = explore(&Account, account::commands).coverage(class, &half);
    let (again, _) = explore(&machine, commands(&machine)).coverage(label(&machine), &half_of_machine);
    let cells = covered
        .cells
        .iter()
        .map(|cell| (&cell.state, &cell.command, &cell.came, cell.times, &cell.scenarios));
    let cells_again =
        again.cells.iter().map(|cell| (&cell.state, &cell.command, &cell.came, cell.times, &cell.scenarios));
    assert!(cells.eq(cells_again));
    assert_eq!((covered.cells.len(), covered.untouched().count()), (20, 10));
    assert!(again.never_accepted.is_empty() && again.rejections_never_seen.is_empty());
}

#[test]
fn a_machine_is_specified_as_any_decider() {
    let machine = labelled();
    let petra = || "Petra".to_string();
    let open =
        Scenario::<AccountMachine>::named("an open account").given([Event::AccountOpened { owner: petra() }]);
    let specification = Specification::new().scenarios([
        open.fork("money can be paid in").when(Command::Deposit(4)).then([Event::Deposited(4)]),
        open.fork("once").when(Command::OpenAccount { owner: petra() }).then_rejected(Rejection::AlreadyOpen),
        open.fork("nobody has asked for five")
            .when(Command::Deposit(5))
            .then_rejected(MachineRejection::NotInTable),
    ]);
    specification.assert(&machine);
    let wrong = open.fork("it is never closed").when(Command::CloseAccount).then_nothing();
    assert!(wrong.run(&machine).is_err());
    let text = specification.document("the machine").to_gherkin();
    assert!(text.contains("already open"), "{text}");
    let story = leftfold::check::Story::<AccountMachine>::of([Command::Deposit(1)]);
    assert!(
        story.code(&machine, "no").contains(".then_rejected(MachineRejection::Rejected(Rejection::NotOpen))")
    );
}

#[test]
fn the_reserve_of_two_customers_is_explored_as_its_model() {
    let model = reserve::Reserve::of(2);
    let machine = explore(&model, reserve::alphabet(2)).machine().unwrap();
    assert!(machine.is_whole());
    let states = machine.nodes().filter(|node| machine.mark(*node) == Some(NodeMark::Followed)).count();
    assert_eq!((states, machine.nodes().len()), (14_288, 14_288));
    let again =
        explore(&machine, |node: &MachineNode| machine.commands(*node).cloned().collect::<Vec<_>>()).run();
    assert_eq!(again.states, 14_288);
    assert_eq!(again.accepted + again.refused, 428_640);
    let own = explore(&model, reserve::alphabet(2)).run();
    assert_eq!((again.accepted, again.refused), (own.accepted, own.refused));
}
