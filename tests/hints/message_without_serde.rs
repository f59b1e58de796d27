//~ `Command` has no name that leftfold can read: derive `serde::Serialize` and `serde::Deserialize` on it
use leftfold::{Model, decider};

#[derive(Clone, Debug)]
pub enum Command {
    Ring,
}

pub fn model() {
    let bell = decider(|| 0u8, |_: &Command, _: &u8| Ok::<_, u8>(vec![1u8]), |sum, n: &u8| sum + n);
    let _ = Model::new("bell", bell);
}
