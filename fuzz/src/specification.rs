use crate::case_study::model;
use leftfold::message::{self, Words};
use leftfold::{Model, Modelled};

/// The text of a specification of the case study: Gherkin, Markdown, or a phrase, by the first byte. Faults with places in the text, or a
/// specification that is written and read back as the same, and runs without a panic.
pub fn specification(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    match first % 3 {
        0 => whole(&model::model(), "fuzz.feature", &text),
        1 => whole(&model::model(), "fuzz.md", &text),
        _ => phrase(&text),
    }
}

fn whole<D: Modelled>(model: &Model<D>, file: &str, text: &str) {
    let specification = model.specification();
    let (read, faults) = specification.read_what_can_be(file, text);
    let lines = text.lines().count() + 1;
    for fault in &faults {
        assert!((1..=lines).contains(&(fault.place.line as usize)), "{fault}");
        assert!(!fault.message.is_empty() && fault.message.len() < 4_000, "{fault}");
    }
    for case in read.cases(model.decider()) {
        let _ = case.run();
    }
    let document = read.document("fuzz");
    for (file, text) in [("again.feature", document.to_gherkin()), ("again.md", document.to_markdown())] {
        match specification.read(file, &text) {
            Ok(again) => assert_eq!(read.unlike(&again), None, "{text}"),
            Err(faults) => panic!("{faults}\n\n{text}"),
        }
    }
}

fn phrase(text: &str) {
    let words = Words::default();
    if let Ok(command) = message::read::<model::Command>(text, &words) {
        let said = message::say(&command, &words);
        assert_eq!(message::read::<model::Command>(&said, &words).as_ref(), Ok(&command), "{said}");
    }
    let _ = message::read::<model::Event>(text, &words);
}

/// The specification of the case study, as the present version writes it.
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let document = model::model().document();
    let [gherkin, markdown] = [document.to_gherkin(), document.to_markdown()];
    let pieces = |first: u8, text: &str, mark: &str| -> Vec<Vec<u8>> {
        // Whole it is longer than a fuzzer tries.
        let piece = |piece: &str| [vec![first], mark.as_bytes().to_vec(), piece.as_bytes().to_vec()].concat();
        text.split(mark).skip(1).step_by(7).take(12).map(piece).collect()
    };
    let phrases = gherkin.lines().filter_map(|line| line.trim().strip_prefix("When ")).step_by(5).take(12);
    let phrases = phrases.map(|phrase| [vec![2], phrase.as_bytes().to_vec()].concat());
    let all = pieces(0, &gherkin, "Scenario:").into_iter().chain(pieces(1, &markdown, "### ")).chain(phrases);
    (1..).zip(all).map(|(number, bytes): (u32, _)| (number.to_string(), bytes)).collect()
}
