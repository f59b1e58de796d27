//~ the state `Ledger` has to be copied here: derive `Clone` on the state of the decider and on that of its process manager
use leftfold::WithProcess;
use leftfold::{Decider, Owed, decider, process_manager};

pub struct Ledger;

pub fn shop() {
    let orders = decider(|| Ledger, |n: &u8, _: &Ledger| Ok::<_, ()>(vec![*n]), |ledger, _: &u8| ledger);
    let shipping = process_manager(|| false, |_, _: &u8| true, |_: &bool| Vec::<Owed<u8>>::new());
    let _ = orders.with_process(shipping).many::<u32>();
}
