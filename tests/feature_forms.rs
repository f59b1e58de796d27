//! Files in the forms that public feature files have: each parses, and what does not fit the model is said with its place.

use leftfold::spec::Specification;
use std::fs;

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;

#[test]
fn what_does_not_fit_the_model_is_said_at_its_step() {
    let model = account::model();
    let mut files: Vec<_> =
        fs::read_dir("tests/features").expect("the files").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() >= 10, "{files:?}");
    for path in files {
        let text = fs::read_to_string(&path).expect("a text");
        let name = path.to_string_lossy();
        let specification: &Specification<_> = model.specification();
        let faults =
            specification.read(&name, &text).expect_err("they are about other things than an account").faults;
        let lines: Vec<&str> = text.lines().collect();
        for fault in &faults {
            // No keyword, table or tag is misunderstood: each fault is about what a step says, or about a scenario that says nothing.
            let line = lines[fault.place.line as usize - 1];
            match &fault.step {
                Some(step) => {
                    let from_here: String = line.chars().skip(fault.column as usize - 1).collect();
                    let in_step: String = step.chars().skip(fault.in_step).collect();
                    let first = |text: &str| text.split([' ', '|']).next().unwrap_or_default().to_string();
                    // What an outline fills in stands in its row.
                    assert!(
                        in_step.starts_with(&first(&from_here)) || from_here.starts_with(&first(&in_step)),
                        "{fault}"
                    );
                    let understood = [
                        "nothing in the vocabulary",
                        "expected",
                        "a table under a step",
                        "a text under it",
                        "is it meant",
                    ];
                    assert!(understood.iter().any(|said| fault.message.contains(said)), "{fault}");
                }
                None => assert!(fault.message.starts_with("this scenario expects nothing"), "{fault}"),
            }
        }
    }
}
