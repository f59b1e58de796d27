//! The last seat sold twice, and how an expected version prevents it: `cargo run --example tickets`, with `serve` for its
//! page in a browser, which has both ways of selling, and with `page --out FILE` for the mistaken one in a file.

mod model;
#[path = "../shared/page.rs"]
mod page;

use leftfold::Model;
use leftfold::check::{Exploration, Property, explore};
use model::{BoxOffice, State};
use std::process::ExitCode;

fn sale(office: &BoxOffice) -> Exploration<BoxOffice> {
    let seats = office.seats;
    explore(office, |_: &State| model::alphabet())
        .property(Property::always("no seat is sold twice", move |state: &State| state.sold <= seats))
        .property(Property::always_possible("every seat can still be sold", move |state: &State| {
            state.sold >= seats
        }))
        .within("a sale beyond the last seat ends the story", move |state: &State| state.sold <= seats)
        .run()
}

/// Each way of selling, to be played with.
fn playable() -> [Model<BoxOffice>; 2] {
    WAYS.map(|(title, expects_version)| {
        Model::new(title, BoxOffice { seats: 2, expects_version })
            .alphabet(|_| model::alphabet())
            .properties([Property::always("no seat is sold twice", |state: &State| state.sold <= 2)])
            .label(|state| match state.sold {
                0 => "all seats free",
                1 => "one seat left",
                2 => "sold out",
                _ => "sold twice",
            })
            .explored(1_000)
    })
}

const WAYS: [(&str, bool); 2] = [("decided on what was seen", false), ("with an expected version", true)];

fn main() -> ExitCode {
    let [seen, expected] = playable();
    match std::env::args_os().nth(1) {
        Some(task) if task == "serve" => return seen.desk().and(expected.desk()).main(),
        // A file has one model: the one with the mistake.
        Some(_) => return seen.main_with_page(),
        None => {}
    }
    let mut page = String::new();
    for (title, expects_version) in WAYS {
        page += &format!("{title}\n\n{}\n\n", sale(&BoxOffice { seats: 2, expects_version }));
    }
    page::printed("tickets", &page)
}

#[cfg(test)]
mod tests {
    use super::model::{BoxOffice, Command};
    use super::sale;
    use leftfold::check::{ExplorationVerdict, PropertyAnswer};

    #[test]
    fn a_sale_decided_on_a_stale_plan_sells_the_last_seat_twice() {
        let found = sale(&BoxOffice { seats: 1, expects_version: false });
        let story = found.answer("no seat is sold twice").and_then(PropertyAnswer::story).expect("it is");
        assert_eq!(
            story.commands,
            [
                Command::LookAtPlan { clerk: 1 },
                Command::LookAtPlan { clerk: 2 },
                Command::SellSeat { clerk: 1 },
                Command::SellSeat { clerk: 2 },
            ]
        );
    }

    #[test]
    fn with_an_expected_version_no_seat_is_sold_twice_and_none_is_left() {
        for seats in 1..4 {
            let found = sale(&BoxOffice { seats, expects_version: true });
            assert_eq!(found.verdict, ExplorationVerdict::Exhausted);
            assert!(matches!(found.answer("no seat is sold twice"), Some(PropertyAnswer::Holds)));
            assert!(matches!(found.answer("every seat can still be sold"), Some(PropertyAnswer::Holds)));
        }
    }
}
