//! Die Hard's riddle, solved by claiming that it cannot be: `cargo run --example water_jugs`, with
//! `serve` for its page in a browser.

mod model;
#[path = "../shared/page.rs"]
mod page;

use leftfold::Model;
use leftfold::check::{Exploration, Property, PropertyAnswer, explore};
use model::{Jugs, State};
use std::process::ExitCode;

/// Explores everything that can be done, holding that there are never four gallons in the big jug. The shortest history
/// that shows the claim wrong is the solution.
fn riddle() -> Exploration<Jugs> {
    explore(&Jugs, |_: &State| model::moves()).property(claim()).run()
}

fn claim() -> Property<Jugs> {
    Property::always("there are never four gallons in the big jug", |state: &State| state.big != 4)
}

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 {
        return Model::new("water jugs", Jugs)
            .alphabet(|_| model::moves())
            .properties([claim()])
            .label(|jugs| format!("{} + {}", jugs.small, jugs.big))
            .explored(100)
            .main_with_page();
    }
    let found = riddle();
    let mut page = format!("{found}\n");
    if let Some(PropertyAnswer::Violated(solution)) = found.findings.first().map(|finding| &finding.answer) {
        page += &format!("\nAs a scenario:\n\n{}", solution.code(&Jugs, "four gallons"));
    }
    page::printed("water_jugs", &page)
}

#[cfg(test)]
mod tests {
    use super::model::{Command, Jug, Jugs};
    use super::riddle;
    use leftfold::check::ExplorationVerdict;

    #[test]
    fn the_solution_has_six_steps() {
        let found = riddle();
        let solution = found.findings[0].answer.story().expect("there is a solution");
        assert_eq!(
            solution.commands,
            [
                Command::Fill(Jug::Big),
                Command::PourFrom(Jug::Big),
                Command::Empty(Jug::Small),
                Command::PourFrom(Jug::Big),
                Command::Fill(Jug::Big),
                Command::PourFrom(Jug::Big),
            ]
        );
        assert_eq!(solution.state(&Jugs).big, 4);
        solution.scenario(&Jugs, "four gallons").assert(&Jugs);
    }

    #[test]
    fn sixteen_ways_to_hold_water_can_be_reached() {
        let found = riddle();
        assert_eq!((found.verdict, found.states), (ExplorationVerdict::Exhausted, 16));
    }
}
