//! The account's specification as text: it is what the model writes, reads back as the same, and holds.

use leftfold_as_a_service::account;
use std::fs;

#[test]
fn the_text_beside_the_account_is_its_specification() {
    let model = account::model();
    let (written, path) = (model.document().to_gherkin(), "src/account.feature");
    if std::env::var_os("LEFTFOLD_ACCEPT").is_some() {
        fs::write(path, &written).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap(), written);
    for (file, text) in [("account.feature", written), ("account.md", model.document().to_markdown())] {
        let read = model.specification().read(file, &text).unwrap();
        assert_eq!(model.specification().unlike(&read), None, "{text}");
        read.assert(model.decider());
        assert_eq!(read.of_decider().len(), model.specification().of_decider().len());
    }
}
