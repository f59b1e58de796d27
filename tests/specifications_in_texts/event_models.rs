//! The event models of the examples: what they hold of the scenarios, and how they are drawn.

use super::{account, contract, loan, order, registration, tool_library, two_phase_commit};
use leftfold::spec::{ChapterKind, EventModel, SliceKind};
use leftfold::{Decider, Model, Modelled, Scenario, ViewScenario, decider, view};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Whether every tag of a text is closed, in order.
fn is_well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else { return false };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) if open.pop() != Some(name) => return false,
            (false, false) => open.push(name),
            _ => {}
        }
    }
    open.is_empty()
}

/// The numbers of these attributes of each element of a name.
fn elements<const N: usize>(svg: &str, name: &str, attributes: [&str; N]) -> Vec<[f64; N]> {
    let begin = format!("<{name} ");
    let all = svg.split(&begin).skip(1).map(|rest| format!(" {}", rest.split('>').next().unwrap()));
    let number = |element: &str, attribute: &str| {
        let after = element.split(&format!(" {attribute}=\"")).nth(1)?;
        after.split('"').next()?.parse().ok()
    };
    all.filter(|element| number(element, attributes[0]).is_some())
        .map(|element| attributes.map(|attribute| number(&element, attribute).unwrap()))
        .collect()
}

/// No two boxes of a drawing overlap, no arrow goes through one, and everything is within its frame.
fn nothing_overlaps(svg: &str) {
    assert!(is_well_formed(svg), "{svg}");
    let [wide, high] = elements(svg, "svg", ["width", "height"])[0];
    let boxes = elements(svg, "rect", ["x", "y", "width", "height"]);
    for (at, [x, y, w, h]) in boxes.iter().enumerate() {
        assert!(*x >= 0.0 && *y >= 0.0 && x + w <= wide && y + h <= high, "box {at} is outside");
        for (other, [x2, y2, w2, h2]) in boxes.iter().enumerate().skip(at + 1) {
            let apart = x + w <= *x2 || x2 + w2 <= *x || y + h <= *y2 || y2 + h2 <= *y;
            assert!(apart, "boxes {at} and {other} overlap\n{svg}");
        }
    }
    let lines = elements(svg, "text", ["x", "y"]);
    assert!(lines.iter().all(|[x, y]| *x > 0.0 && *y > 0.0 && *x < wide && *y <= high), "a text is outside");
    let apart: BTreeSet<String> = lines.iter().map(|[x, y]| format!("{x} {y}")).collect();
    assert_eq!(apart.len(), lines.len(), "two texts begin at the same place");
    let arrows = svg.split("class=\"l\" marker-end=\"url(#a)\" d=\"M").skip(1);
    for arrow in arrows.map(|rest| rest.split('"').next().unwrap()) {
        let (x, ways) = arrow.split_once(' ').unwrap();
        let (from, to) = ways.split_once('V').unwrap();
        let [x, from, to]: [f64; 3] = [x, from, to].map(|number| number.parse().unwrap());
        let through = |[left, top, w, h]: &[f64; 4]| {
            *left < x && x < left + w && from.min(to) < top + h && *top < from.max(to)
        };
        assert!(!boxes.iter().any(through), "the arrow {arrow} goes through a box\n{svg}");
    }
}

/// What holds of the event model of every model; the event model.
fn examined<D: Modelled>(model: &Model<D>) -> EventModel {
    let lanes = model.event_model();
    let document = model.document();
    let slices = &lanes.slices;
    let examples = || slices.iter().flat_map(|slice| slice.examples.iter().chain(&slice.questions));

    // Every scenario is in exactly one slice: the one of its last moment. So is each of its other moments.
    let mut told: Vec<&str> =
        document.chapters.iter().flat_map(|chapter| &chapter.scenarios).map(|one| &*one.name).collect();
    let last = examples().filter(|example| example.step == example.steps).map(|example| &*example.scenario);
    let mut found: Vec<&str> = last.chain(lanes.questions.iter().map(String::as_str)).collect();
    told.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, told);
    let moments: BTreeSet<_> = examples().map(|example| (&example.scenario, example.step)).collect();
    let steps: usize =
        examples().filter(|example| example.step == example.steps).map(|example| example.steps).sum();
    assert_eq!((moments.len(), examples().count()), (steps, steps), "each moment is there once");

    // Every command with a scenario has a slice.
    for command in model.coverage().commands.iter().filter(|command| command.times > 0) {
        let of = |slice: &leftfold::spec::Slice| {
            slice.kind == SliceKind::Command && slice.commands.iter().any(|one| one.name == command.name)
        };
        assert!(slices.iter().any(of), "{} has no slice", command.name);
    }

    // The examples are those of the scenarios.
    for chapter in &document.chapters {
        for prose in &chapter.scenarios {
            let said: BTreeSet<&String> = prose.steps.iter().flat_map(|step| &step.when).collect();
            let expected: Vec<&Vec<String>> = prose.steps.iter().map(|step| &step.then).collect();
            for example in examples().filter(|example| example.scenario == prose.name) {
                for asked in &example.when {
                    assert!(said.contains(&asked.says), "{}: {}", prose.name, asked.says);
                }
                let alone = prose.steps.iter().all(|step| step.when.len() <= 1);
                assert!(!alone || expected.is_empty() || expected.contains(&&example.then), "{example:?}");
                let given = [&chapter.background[..], &prose.given[..]].concat();
                let before: Vec<&String> = example.given.iter().map(|event| &event.says).collect();
                if chapter.kind != ChapterKind::Decider {
                    assert!(before.iter().zip(&given).all(|(one, other)| *one == other), "{example:?}");
                }
            }
        }
    }

    let json = serde_json::to_string(&lanes).unwrap();
    serde_json::from_str::<serde_json::Value>(&json).unwrap();
    assert_eq!(serde_json::from_str::<EventModel>(&json).unwrap(), lanes);
    for message in examples().flat_map(|example| example.given.iter().chain(&example.when)) {
        serde_json::from_str::<serde_json::Value>(message.json.as_ref().unwrap()).unwrap();
    }
    let page = lanes.to_string();
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    nothing_overlaps(&lanes.to_svg());
    let mermaid = lanes.to_mermaid();
    let frames = mermaid.lines().filter(|line| line.trim_start().starts_with("subgraph ")).count();
    assert_eq!(
        (frames, mermaid.lines().filter(|line| line.trim() == "end").count()),
        (slices.len(), slices.len())
    );
    lanes
}

fn names(lanes: &EventModel) -> Vec<&str> {
    lanes.slices.iter().map(|slice| &*slice.name).collect()
}

#[test]
fn the_event_models_of_the_examples_hold_their_scenarios() {
    examined(&two_phase_commit::model());
    examined(&loan::model::model());
    examined(&contract::model::model());
    examined(&registration::model());
    examined(&tool_library::scenarios::model());
}

#[test]
fn the_slices_of_an_account_read_as_a_story() {
    let lanes = examined(&account::model());
    assert_eq!(names(&lanes), ["open account", "deposit", "withdraw", "turnover", "close account"]);
    assert_eq!(lanes.questions, ["Who may close an account whose owner has died?"]);
    let withdraw = &lanes.slices[2];
    let titles: Vec<&str> = withdraw.rejections.iter().map(|rejection| &*rejection.title).collect();
    assert_eq!(titles, ["not open", "nothing to move", "insufficient funds"]);
    let chain: Vec<(usize, usize)> = withdraw
        .examples
        .iter()
        .filter(|example| example.scenario == "what was taken out is gone")
        .map(|example| (example.step, example.given.len()))
        .collect();
    assert_eq!(chain, [(1, 2), (2, 3)], "the second moment knows what the first has led to");
    let owner = &lanes.slices[0].commands[0].fields[0];
    assert_eq!((&*owner.name, &*owner.kind), ("owner", "text"));
}

#[test]
fn the_slices_of_an_order_have_a_lane_for_each_part() {
    let lanes = examined(&order::model());
    assert_eq!(names(&lanes), ["place order", "pay order", "shipping", "cancel order", "ship order"]);
    let pay = &lanes.slices[1];
    let events: Vec<_> =
        pay.events.iter().map(|event| (event.lane.as_deref().unwrap(), &*event.title)).collect();
    assert_eq!(events, [("payment", "order paid"), ("shipment", "order shipped")]);
    let shipping = &lanes.slices[2];
    assert_eq!((shipping.kind, shipping.commands[0].title.as_str()), (SliceKind::Automation, "ship order"));
    assert_eq!(shipping.examples.len(), 4);
}

/// The picture of the order in the book is what it draws. `LEFTFOLD_ACCEPT=1` writes it.
#[test]
fn the_picture_of_the_lanes_is_what_the_order_draws() {
    let drawn = order::model().event_model().to_svg();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures/order-lanes.svg");
    if std::env::var_os("LEFTFOLD_ACCEPT").is_some() {
        fs::write(&file, &drawn).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap_or_default(), drawn);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Switch {
    On,
    Off,
    Blink,
    Break,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Switched {
    On,
    Off,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Refused {
    AlreadySo,
}

#[test]
fn what_waits_for_each_other_questions_and_panics_have_their_slices() {
    let lamp = decider(
        || false,
        |switch: &Switch, on: &bool| match (switch, on) {
            (Switch::On, false) => Ok(vec![Switched::On]),
            (Switch::Off, true) => Ok(vec![Switched::Off]),
            (Switch::Blink, false) => Ok(vec![Switched::On, Switched::Off]),
            (Switch::Blink, true) => Ok(vec![Switched::Off, Switched::On]),
            (Switch::Break, _) => panic!("it is broken"),
            _ => Err(Refused::AlreadySo),
        },
        |_, switched: &Switched| *switched == Switched::On,
    );
    let lanes = examined(
        &Model::new("lamp", lamp).scenarios([
            Scenario::named("off again").given([Switched::On]).when(Switch::Off).then([Switched::Off]),
            Scenario::named("on again").given([Switched::Off]).when(Switch::On).then([Switched::On]),
            Scenario::named("it blinks").when(Switch::Blink).then([Switched::On, Switched::Off]),
            Scenario::named("the other way")
                .given([Switched::On])
                .when(Switch::Blink)
                .then([Switched::Off, Switched::On]),
            Scenario::named("it breaks").when(Switch::Break).then_matches("it panics", |_| false),
            Scenario::named("it is off").then_state("off", |on| !on),
            Scenario::named("many at once")
                .given_commands([Switch::On])
                .when_all([Switch::Off, Switch::Off, Switch::Blink])
                .then_state("off", |on| !on),
            Scenario::open_question("For how long?").given([Switched::On]),
            Scenario::open_question("May it be switched off twice?")
                .given([Switched::Off])
                .when(Switch::Off)
                .then_nothing(),
            Scenario::open_question("Who pays?"),
        ]),
    );
    assert_eq!(names(&lanes), ["blink: on, off", "blink: off, on", "break", "it is off", "off", "on"]);
    let off = &lanes.slices[4];
    let many: Vec<_> = off.examples.iter().filter(|one| one.scenario == "many at once").collect();
    assert_eq!(
        (many.len(), many[0].refused, many[1].refused),
        (2, false, true),
        "after a refusal nothing is asked"
    );
    assert_eq!(
        (&many[0].given[0].says[..], &many[1].then[..]),
        ("on", &["it is refused: already so".to_string()][..])
    );
    let asked =
        |slice: usize| lanes.slices[slice].questions.iter().map(|one| &*one.scenario).collect::<Vec<_>>();
    assert_eq!(asked(4), ["May it be switched off twice?"]);
    assert_eq!(asked(5), ["For how long?"]);
    assert_eq!(lanes.questions, ["Who pays?"]);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Said {
    #[serde(rename = "<script>alert(1)</script> \"] end")]
    Markup(String),
    #[serde(
        rename = "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww漢字漢字漢字漢字"
    )]
    Long,
}

/// A model whose words are markup, hidden characters and very long.
fn hostile() -> Model<impl Modelled + Decider<Command = Said, Event = Said, Rejection = Said>> {
    let wild = ["</text><script>\"&amp;'", "a\nb\u{202e}\u{0}\u{1b}[31m", "\"]:::x\nend; %% subgraph"];
    let long = "long ".repeat(400);
    let echo = decider(
        || 0u8,
        |said: &Said, count: &u8| if *count > 3 { Err(said.clone()) } else { Ok(vec![said.clone()]) },
        |count: u8, _: &Said| count + 1,
    );
    let said = |text: &str| Said::Markup(text.to_string());
    let told = |text: &str| Scenario::named(text).when(said(text)).then([said(text)]);
    let refused =
        Scenario::named(long.clone()).given(vec![Said::Long; 4]).when(Said::Long).then_rejected(Said::Long);
    let length = view(|| 0usize, |sum: usize, _: &Said| sum + 1);
    Model::new(wild[0], echo)
        .scenarios(wild.iter().map(|text| told(text)))
        .scenarios([
            told(&long),
            refused,
            Scenario::named(wild[1]).when_all([Said::Long, said("")]).then_state(long, |_| true),
        ])
        .scenarios(wild.iter().map(|text| Scenario::open_question(*text)))
        .scenarios([Scenario::open_question(wild[2]).given([Said::Long])])
        .view(wild[0], length, [ViewScenario::named(wild[1]).given([said(wild[0])]).then(1)])
}

#[test]
fn no_text_of_a_model_leaves_its_place_in_lanes() {
    let lanes = hostile().event_model();
    let svg = lanes.to_svg();
    nothing_overlaps(&svg);
    assert!(!svg.contains("<script") && svg.lines().all(|line| line.len() < 2_200), "{svg}");
    for text in [&svg, &lanes.to_mermaid(), &lanes.to_string()] {
        assert!(
            !text.contains(|char: char| char.is_control() && char != '\n' || char == '\u{202e}'),
            "{text}"
        );
    }
    let mermaid = lanes.to_mermaid();
    for line in mermaid.lines().filter(|line| line.contains('"')) {
        assert_eq!(line.matches('"').count(), 2, "{line}");
    }
    let frames = mermaid.lines().filter(|line| line.trim_start().starts_with("subgraph ")).count();
    assert_eq!(frames, mermaid.lines().filter(|line| line.trim() == "end").count());
}

#[test]
fn a_model_without_scenarios_has_an_empty_event_model() {
    let nothing = decider(
        || 0u8,
        |said: &Said, _: &u8| Err::<Vec<Said>, Said>(said.clone()),
        |count: u8, _: &Said| count,
    );
    let lanes = Model::new("nothing", nothing).event_model();
    assert!(lanes.slices.is_empty() && lanes.questions.is_empty());
    nothing_overlaps(&lanes.to_svg());
    assert_eq!(lanes.to_string(), "nothing\n");
}
