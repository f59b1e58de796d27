//! A story of a composed model is said in the words of a specification, and a story over a network is drawn as a chart.

use leftfold::check::explore::Explorable;
use leftfold::check::{Arrival, ChartRow, Property, Story};
use leftfold::delivery::{Delivery, DeliveryCommand, NetworkMessage};
use leftfold::message::Words;
use leftfold::{
    Decider, Keyed, Model, Modelled, Owed, ProcessManager, Scenario, decider, keyed, process_manager, sum,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum VisitCommand {
    Book { hour: u8 },
    Cancel,
}
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum VisitEvent {
    VisitBooked { hour: u8 },
    VisitCancelled,
}
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum MailCommand {
    SendMail,
}
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum MailEvent {
    MailSent,
}
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Rejection {
    HourIsTaken,
    NothingBooked,
}

type Doctor<M> = Keyed<u32, M>;

sum! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Command { Doctor(Doctor<VisitCommand>), Mail(MailCommand) }
}
sum! {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    enum Event { Doctor(Doctor<VisitEvent>), Mail(MailEvent) }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
struct Calendar {
    booked: Option<u8>,
    cancellations: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
struct Letterbox {
    mails: u8,
}

fn clinic()
-> impl Modelled<Command = Command, Event = Event, Rejection = Rejection, State: Explorable> + 'static {
    let calendar = decider(
        Calendar::default,
        |command: &VisitCommand, calendar: &Calendar| match command {
            VisitCommand::Book { .. } if calendar.booked.is_some() => Err(Rejection::HourIsTaken),
            VisitCommand::Book { hour } => Ok(vec![VisitEvent::VisitBooked { hour: *hour }]),
            VisitCommand::Cancel if calendar.booked.is_none() => Err(Rejection::NothingBooked),
            VisitCommand::Cancel => Ok(vec![VisitEvent::VisitCancelled]),
        },
        |calendar: Calendar, event: &VisitEvent| match event {
            VisitEvent::VisitBooked { hour } => Calendar { booked: Some(*hour), ..calendar },
            VisitEvent::VisitCancelled => {
                Calendar { booked: None, cancellations: calendar.cancellations + 1 }
            }
        },
    );
    let mail = decider(
        Letterbox::default,
        |_: &MailCommand, _: &Letterbox| Ok::<_, Rejection>(vec![MailEvent::MailSent]),
        |letterbox: Letterbox, _: &MailEvent| Letterbox { mails: letterbox.mails + 1 },
    );
    calendar.many::<u32>().part_of().merge(mail.part_of())
}

/// After a cancellation, a mail is owed.
fn mails() -> impl ProcessManager<Event = Event, Command = Command, State = Vec<u32>> + Clone {
    process_manager(
        Vec::new,
        |owed: Vec<u32>, event: &Event| match event {
            Event::Doctor(Keyed { key, message: VisitEvent::VisitCancelled }) => [owed, vec![*key]].concat(),
            Event::Doctor(_) => owed,
            Event::Mail(_) => owed.into_iter().skip(1).collect(),
        },
        |owed: &Vec<u32>| {
            owed.iter().map(|key| Owed::now(format!("mail {key}"), MailCommand::SendMail.into())).collect()
        },
    )
}

fn book(doctor: u32, hour: u8) -> Command {
    keyed(doctor, VisitCommand::Book { hour }).into()
}

fn cancel(doctor: u32) -> Command {
    keyed(doctor, VisitCommand::Cancel).into()
}

#[test]
fn a_story_of_parts_with_keys_is_said_in_words_and_shows_only_what_changed() {
    let story = Story::of([book(1, 9), book(2, 9), book(1, 10), cancel(1), MailCommand::SendMail.into()]);
    let words = Words::default().say("Cancel", "call it off");
    assert_eq!(story.in_words(&clinic(), &words).to_string(), include_str!("stories_in_words/story.txt"));
}

type Network = DeliveryCommand<Event, Command>;

fn over_a_network() -> Vec<Network> {
    let cancelled = NetworkMessage::Event(keyed(1, VisitEvent::VisitCancelled).into());
    let mail = NetworkMessage::Command { key: "mail 1".into(), command: MailCommand::SendMail.into() };
    vec![
        DeliveryCommand::Do(cancel(1)),
        DeliveryCommand::Do(book(1, 9)),
        DeliveryCommand::Do(cancel(1)),
        DeliveryCommand::DeliverAndKeep(cancelled.clone()),
        DeliveryCommand::Lose(mail.clone()),
        DeliveryCommand::IssueAgain("mail 1".into()),
        DeliveryCommand::Deliver(mail),
        DeliveryCommand::DeliverAndCrash(match cancelled {
            NetworkMessage::Event(event) => event,
            NetworkMessage::Command { .. } => unreachable!(),
        }),
        DeliveryCommand::Restart,
    ]
}

#[test]
fn a_story_over_a_network_says_what_is_carried_and_names_the_parts_of_the_decider() {
    let delivery = Delivery::of(clinic(), mails()).duplicating(1).losing(1).crashing(1).redelivering();
    let said = Story::of(over_a_network()).in_words(&delivery, &Words::default()).to_string();
    for line in [
        "     1    do: doctor 1: cancel\n",
        "  event   happened: doctor 1: visit booked, hour 9\n",
        "     5    lose command \"mail 1\": send mail\n",
        "  state   process  none → 1\n",
        "  refused nothing booked\n",
        "in flight: event (doctor 1: visit booked (hour 9))  1\n",
        "     9    restart\n",
    ] {
        assert!(said.contains(line), "{line}\nis not in\n{said}");
    }
    assert!(!said.contains("decider"), "{said}");
}

#[test]
fn a_chart_draws_duplicates_losses_and_crashes() {
    let delivery = Delivery::of(clinic(), mails()).duplicating(1).losing(1).crashing(1).redelivering();
    let chart = Story::of(over_a_network()).chart(&delivery, &Words::default());
    assert_eq!(chart.participants, ["outside", "doctor 1", "mail", "process manager"]);
    let arrivals: Vec<Arrival> = chart
        .rows
        .iter()
        .filter_map(|row| match row {
            ChartRow::Message { arrival, .. } => Some(*arrival),
            _ => None,
        })
        .collect();
    use Arrival::{Again, Answer, Arrived, Lost};
    assert_eq!(arrivals, [Arrived, Answer, Arrived, Arrived, Arrived, Lost, Arrived, Again]);
    assert_eq!(chart.to_string(), include_str!("stories_in_words/chart.txt"), "\n{chart}");
    assert_eq!(chart.to_mermaid(), include_str!("stories_in_words/chart.mmd"), "\n{}", chart.to_mermaid());
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pictures/network.svg");
    if std::env::var_os("LEFTFOLD_ACCEPT").is_some() {
        std::fs::write(picture, chart.to_svg()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(picture).unwrap(), chart.to_svg());
}

#[test]
fn a_report_of_a_model_tells_its_stories_in_the_models_words() {
    let report = Model::new("clinic", clinic())
        .words(Words::default().say("Cancel", "call it off"))
        .alphabet(|_| [book(1, 9), cancel(1)])
        .properties([Property::always_step("nothing is called off", |step| *step.command != cancel(1))])
        .walked(20)
        .check();
    let story = report.failures().next().and_then(|failure| failure.story.clone()).unwrap();
    assert!(story.contains("    1    doctor 1: call it off\n  refused nothing booked\n"), "{story}");
    assert!(story.contains(".when(Command::Doctor(keyed(1, VisitCommand::Cancel)))"), "{story}");
    let place = report.failures().next().and_then(|failure| failure.place.clone()).unwrap();
    assert!(place.file.ends_with("tests/stories_in_words.rs"), "{place}");
    assert!(report.coloured().contains(&format!("\n{place}\n")), "{}", report.coloured());
}

#[test]
fn a_failed_scenario_of_an_explored_model_names_the_parts_of_its_state() {
    let wrong =
        || Scenario::named("nothing is booked").given_commands([book(1, 9)]).when(cancel(1)).then_nothing();
    let plain = Model::new("clinic", clinic()).scenarios([wrong()]).check().to_string();
    assert!(plain.contains("Letterbox {"), "{plain}");
    let explored = Model::new("clinic", clinic())
        .alphabet(|_| [book(1, 9)])
        .explored(10)
        .scenarios([wrong()])
        .check()
        .to_string();
    let state = "state     calendar 1: booked  9\n          calendar 1: cancellations  0\n          letterbox: mails  0\n";
    assert!(explored.contains(state), "{explored}");
    assert!(
        explored.contains("when      Doctor(keyed(1, Cancel))"),
        "what can be compared with the code stays: {explored}"
    );
}

#[test]
fn a_text_from_outside_stays_in_its_row() {
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Said(String);
    let echo = decider(
        || 0u8,
        |said: &Said, _: &u8| Ok::<_, Rejection>(vec![said.clone()]),
        |said, _: &Said| said + 1,
    );
    let nobody = process_manager(|| (), |(), _: &Said| (), |()| Vec::<Owed<Said>>::new());
    let said = Said("a\nend; p0 ->> p1: b\u{1b}[0m".into());
    let delivery = Delivery::of(echo, nobody);
    let story = Story::<Delivery<_, _>>::of([DeliveryCommand::Do(said)]);
    let chart = story.chart(&delivery, &Words::default());
    assert_eq!(chart.to_mermaid().lines().count(), 6, "{}", chart.to_mermaid());
    assert!(!chart.to_string().contains('\u{1b}') && !chart.to_mermaid().contains('\u{1b}'));
    let svg = chart.to_svg();
    assert!(!svg.contains('\u{1b}') && !svg.contains("->>"), "{svg}");
}
