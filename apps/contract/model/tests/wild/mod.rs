//! Questions that nobody would ask, and many that somebody might: the same ones for the same seed.

use contract_model::model::contract::{ContractCommand, ContractEvent, Negotiation, SpecialConditions};
use contract_model::model::customer::CustomerNumber;
use jiff::civil::date;
use leftfold::{Decider, Fold};
use serde_json::{Map, Value, json};

/// `SplitMix64`: enough chance for tests, and the same everywhere.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn one<'o, T>(&mut self, of: &'o [T]) -> &'o T {
        &of[self.below(of.len())]
    }
}

const TEXTS: &[&str] = &[
    "",
    " ",
    "Alex",
    "Ruth, Olga",
    "a: b",
    "\"in quotation marks\"",
    "{supervisor}",
    "and",
    "none",
    "Größe 38 — „ja“",
    "👩‍👩‍👧 Café",
    "e\u{301}",
    "\u{202e}gnirts",
    "a\0b",
    "\r\n\t",
    "\\",
    "Kunde 7",
    "customer 7",
    "null",
];

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "7",
    "10",
    "499",
    "500",
    "5000",
    "9999",
    "20000",
    "20001",
    "10000000",
    "4294967295",
    "4294967296",
    "9007199254740992",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "-1",
    "+5",
    "007",
    "1e3",
    "1.5",
    "1,000",
    " 12 ",
    "٣",
    "２",
    "0x10",
    "∞",
];

const DAYS: &[&str] = &[
    "2026-12-01",
    "2026-12-02",
    " 2026-12-03 ",
    "2026-02-30",
    "9999-12-31",
    "10000-01-01",
    "-009999-01-01",
    "20261201",
    "2026-W49-2",
    "01.12.2026",
    "2026-12-01T09:30:00Z",
    "Monday",
];

const FIELDS: &[&str] = &[
    "customer",
    "on",
    "account_manager",
    "sales_area",
    "planned_sales",
    "decision",
    "supervisor",
    "reason",
    "abandon",
    "colour",
    "",
    "on ",
];

pub fn text(chance: &mut Chance) -> String {
    match chance.below(40) {
        0 => "x".repeat(chance.below(9_999)),
        1 => (0..chance.below(30)).filter_map(|_| char::from_u32(chance.next() as u32 % 0x11_0000)).collect(),
        _ => (*chance.one(TEXTS)).to_string(),
    }
}

fn answer(field: &str, chance: &mut Chance) -> String {
    if chance.once_in(8) {
        return text(chance);
    }
    match field {
        "customer" | "sales_area" | "planned_sales" => (*chance.one(NUMBERS)).to_string(),
        "on" => (*chance.one(DAYS)).to_string(),
        "decision" => (*chance.one(&["accept", "reject", "Accept", "accept ", "yes"])).to_string(),
        _ => text(chance),
    }
}

/// What may have been filled in: often the fields of one step, sometimes anything.
pub fn answers(chance: &mut Chance) -> Value {
    let asked: &[&str] = match chance.below(6) {
        0 => &["customer", "on"],
        1 => &["account_manager", "sales_area", "planned_sales"],
        2 => &["decision", "supervisor"],
        3 => &["decision", "supervisor", "reason"],
        4 => &["abandon"],
        _ => &[],
    };
    let mut answers = Map::new();
    for field in asked {
        if !chance.once_in(10) {
            answers.insert((*field).to_string(), answer(field, chance).into());
        }
    }
    while chance.once_in(4) {
        let field = *chance.one(FIELDS);
        answers.insert(field.to_string(), answer(field, chance).into());
    }
    Value::Object(answers)
}

pub fn command(chance: &mut Chance) -> ContractCommand {
    let on = *chance.one(&[date(2026, 12, 1), date(2026, 12, 2), date(9999, 12, 31), date(-9999, 1, 1)]);
    match chance.below(10) {
        0 | 1 => ContractCommand::MakeAppointment { customer: CustomerNumber(*chance.one(&[7, 8])), on },
        2 => ContractCommand::RequestSpecialConditions(SpecialConditions {
            account_manager: text(chance),
            sales_area: *chance.one(&[0, 1, 120, 20_000, u32::MAX]),
            planned_sales: *chance.one(&[0, 60_000, 10_000_000, (1 << 53) + 1, u64::MAX]),
        }),
        3 => ContractCommand::AcceptConditions { supervisor: text(chance) },
        4 => ContractCommand::RejectConditions { supervisor: text(chance), reason: text(chance) },
        5 => ContractCommand::ConfirmSending,
        6 => ContractCommand::ConfirmStart,
        7 => chance
            .one(&[ContractCommand::ConfirmInternalSignature, ContractCommand::ConfirmExternalSignature])
            .clone(),
        8 => ContractCommand::CompleteContract,
        _ => ContractCommand::AbandonNegotiation { reason: text(chance) },
    }
}

/// A contract in any stage: the usual way up to somewhere, then whatever is accepted.
pub fn history(chance: &mut Chance) -> Vec<ContractEvent> {
    let conditions = SpecialConditions {
        account_manager: "Alex".to_string(),
        sales_area: 120,
        planned_sales: *chance.one(&[60_000, (1 << 53) + 1, u64::MAX]),
    };
    let usual = [
        ContractCommand::MakeAppointment { customer: CustomerNumber(7), on: date(2026, 12, 1) },
        ContractCommand::RequestSpecialConditions(conditions),
        ContractCommand::AcceptConditions { supervisor: "Ruth".to_string() },
        ContractCommand::ConfirmSending,
        ContractCommand::ConfirmStart,
        ContractCommand::ConfirmInternalSignature,
        ContractCommand::ConfirmExternalSignature,
        ContractCommand::CompleteContract,
    ];
    let upto = chance.below(usual.len() + 1);
    let any: Vec<ContractCommand> = (0..chance.below(3)).map(|_| command(chance)).collect();
    happened(&[], usual[..upto].iter().chain(&any))
}

/// The events of commands, without those that are rejected.
pub fn happened<'c>(
    before: &[ContractEvent],
    commands: impl IntoIterator<Item = &'c ContractCommand>,
) -> Vec<ContractEvent> {
    let mut history = before.to_vec();
    for command in commands {
        history.extend(Negotiation.decide(command, &Negotiation.fold(&history)).unwrap_or_default());
    }
    history
}

/// What a page asks on a keystroke.
pub fn form(chance: &mut Chance) -> String {
    let language = *chance.one(&["en", "de"]);
    let history = history(chance);
    let question = if chance.once_in(2) {
        json!({ "ask": "judge", "language": language, "history": history, "answers": answers(chance) })
    } else {
        let drafts: Vec<Value> = (0..chance.below(5)).map(|_| answers(chance)).collect();
        json!({ "ask": "steps", "language": language, "history": history, "drafts": drafts })
    };
    question.to_string()
}
