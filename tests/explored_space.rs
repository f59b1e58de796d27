//! Diagrams and tables of the explored space show what the specification has not said.

#[path = "models/reserve.rs"]
mod reserve;

use leftfold::check::{NamedOutcome, Property, explore};
use leftfold::spec::class;
use leftfold::{Scenario, Specification};
use reserve::{Command, Event, Rejection, Reserve, State, alphabet};

fn label(state: &State) -> String {
    state.contracts.values().next().map_or("Absent".to_string(), class)
}

fn specification() -> Specification<Reserve> {
    Specification::new().scenarios([
        Scenario::named("a contract begins as a draft").when(Command::Open(0)).then([Event::Opened(0)]),
        Scenario::named("there is one for each customer")
            .given([Event::Opened(0)])
            .when(Command::Open(0))
            .then_rejected(Rejection::AlreadyOpen),
    ])
}

#[test]
fn a_diagram_has_every_edge_and_names_the_scenarios_that_take_it() {
    let (graph, found) = explore(&Reserve::of(1), alphabet(1)).graph(label, &specification());
    assert_eq!(found.states, 132);
    assert!(graph.whole);
    assert_eq!(graph.first, "Absent");
    let states: Vec<_> = graph.states.iter().map(String::as_str).collect();
    assert_eq!(states, ["Absent", "Active", "Draft", "Offered", "Suspended", "Terminated"]);
    let edges = graph.edges.iter().filter(|edge| !edge.came.is_refused());
    assert_eq!(edges.map(|edge| edge.times).sum::<u64>(), found.accepted);
    let covered: Vec<_> = graph.edges.iter().filter(|edge| !edge.scenarios.is_empty()).collect();
    assert_eq!(covered.len(), 2);
    assert_eq!((covered[0].from.as_str(), covered[0].to.as_str()), ("Absent", "Draft"));
    assert_eq!(covered[0].scenarios, ["a contract begins as a draft"]);
    assert!(covered[1].came.is_refused());
    assert_eq!(graph.uncovered().count() + 2, graph.edges.len());
}

#[test]
fn dot_is_solid_where_a_scenario_goes_and_dashed_elsewhere() {
    let (graph, _) = explore(&Reserve::of(1), alphabet(1)).graph(label, &specification());
    let dot = graph.to_dot(false);
    let solid: Vec<_> = dot.lines().filter(|line| line.contains("style=solid")).collect();
    assert_eq!(solid, [r#"    s0 -> s2 [label="Open / Opened\na contract begins as a draft", style=solid]"#]);
    assert!(dot.contains("style=dashed") && !dot.contains("refused"));
    assert!(graph.to_dot(true).contains("refused: NotPossibleNow"));
    assert!(graph.to_mermaid(false).starts_with("stateDiagram-v2\n    [*] --> s0\n"));
}

#[test]
fn the_regression_suite_covers_every_cell_and_holds() {
    let model = Reserve::of(1);
    let overdrawn = || Property::sometimes("overdrawn", |state: &State| state.reserve > 6);
    let explored = || explore(&model, alphabet(1)).property(overdrawn());
    let (coverage, found) = explored().coverage(label, &specification());
    assert_eq!(coverage.cells.iter().map(|cell| cell.times).sum::<u64>(), found.accepted + found.refused);
    assert_eq!(coverage.never_applied, ["overdrawn"]);
    // With one customer the reserve is always enough.
    assert_eq!(coverage.rejections_never_seen, ["TooDear"]);
    let refused = coverage
        .cells
        .iter()
        .find(|cell| cell.state == "Terminated" && cell.came == NamedOutcome::Refused("AlreadyOpen".into()));
    assert_eq!(refused.map(|cell| cell.story.len()), Some(3));
    assert!(coverage.to_string().contains("scenarios touch 2 of"), "{coverage}");

    let suite = coverage.regression_suite(&Reserve::of(1));
    let whole = specification().scenarios(suite);
    whole.assert(&Reserve::of(1));
    let (coverage, _) = explored().coverage(label, &whole);
    assert_eq!(coverage.untouched().count(), 0, "{coverage}");
}

#[test]
fn classes_are_the_same_for_any_number_of_threads() {
    let rows = |threads| {
        let (coverage, _) = explore(&Reserve::of(2), alphabet(2))
            .states(3_000)
            .threads(threads)
            .coverage(|state: &State| format!("{}", state.reserve), &specification());
        assert!(!coverage.whole);
        let row = |cell: leftfold::check::SpaceCell<Reserve>| {
            (cell.state, cell.came, cell.times, cell.story.commands)
        };
        coverage.cells.into_iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(rows(1), rows(2));
    assert!(rows(1).iter().all(|(_, _, times, _)| *times > 0));
}
