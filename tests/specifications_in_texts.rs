//! A specification that is written as text reads back as the specification, and holds.

use leftfold::{Model, Modelled};

#[path = "../examples/account/model.rs"]
#[allow(dead_code)]
mod account;
#[path = "../examples/order/model.rs"]
#[allow(dead_code)]
mod order;
#[path = "../examples/registration/model.rs"]
#[allow(dead_code)]
mod registration;

fn goes_to_text_and_back<D: Modelled>(model: &Model<D>) -> usize {
    let specification = model.specification();
    let document = specification.document(model.name());
    for (name, text) in [("x.feature", document.to_gherkin()), ("x.md", document.to_markdown())] {
        let read = match specification.read(name, &text) {
            Ok(read) => read,
            Err(faults) => panic!("{faults}\n\n{text}"),
        };
        assert_eq!(specification.unlike(&read), None, "{text}");
        read.assert(model.decider());
        assert_eq!(read.cases(model.decider()).len(), specification.cases(model.decider()).len());
    }
    specification.cases(model.decider()).len()
}

#[test]
fn the_examples_go_to_text_and_back() {
    let number = goes_to_text_and_back(&account::model())
        + goes_to_text_and_back(&order::model())
        + goes_to_text_and_back(&registration::model());
    println!("{number} scenarios");
}
